//! The bounds of files that riders send: one of each rider, four in memory, two being read.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Kairos;
use crate::cpu_work::CpuWork;
use crate::id::UserId;
use crate::store::StoreError;
use crate::user::User;

/// The files that are received and read.
#[derive(Debug)]
pub(crate) struct FileTurns {
    /// The riders who have a file in progress.
    riders: Mutex<HashSet<UserId>>,
    /// The places of files in memory.
    held: Arc<Semaphore>,
    reading: CpuWork,
}

/// Why a file is not received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileRefused {
    /// Another file of the rider is in progress.
    #[error("another file of the rider is in progress")]
    RiderIsBusy,
    /// As many files are in progress as there may be.
    #[error("too many files are in progress")]
    TooManyFiles,
}

/// The turn of a rider's file. Dropping it makes room for another.
#[derive(Debug)]
pub struct FileTurn {
    turns: Arc<FileTurns>,
    rider: UserId,
    _place: OwnedSemaphorePermit,
}

impl Default for FileTurns {
    fn default() -> Self {
        Self {
            riders: Mutex::default(),
            held: Arc::new(Semaphore::new(FileTurn::MAX_HELD)),
            reading: CpuWork::new(FileTurn::MAX_READ_AT_ONCE),
        }
    }
}

impl FileTurns {
    fn riders(&self) -> MutexGuard<'_, HashSet<UserId>> {
        self.riders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(self: Arc<Self>, rider: UserId) -> Result<FileTurn, FileRefused> {
        let mut riders = self.riders();
        if riders.contains(&rider) {
            return Err(FileRefused::RiderIsBusy);
        }
        let place = Arc::clone(&self.held).try_acquire_owned();
        let place = place.map_err(|_| FileRefused::TooManyFiles)?;
        riders.insert(rider);
        drop(riders);
        Ok(FileTurn {
            turns: self,
            rider,
            _place: place,
        })
    }
}

impl FileTurn {
    /// The most files that are received or read at once.
    pub const MAX_HELD: usize = 4;
    /// The most files that are read at once.
    pub const MAX_READ_AT_ONCE: usize = 2;
    /// The longest time that reading a file takes.
    pub const MAX_READING: Duration = Duration::from_secs(5);

    /// Reads a received file on a blocking thread, once it is its turn.
    ///
    /// `read` asks its argument from time to time whether it has to stop: because it takes too long, or because
    /// the caller no longer waits.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`] if the file waits too long for its turn.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Fn() -> bool) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let abandoned = Abandoned(Arc::default());
        let is_abandoned = Arc::clone(&abandoned.0);
        let reading = self.turns.reading.run(move || {
            let begin = Instant::now();
            read(&|| is_abandoned.load(Ordering::Relaxed) || begin.elapsed() > Self::MAX_READING)
        });
        let result = reading.await;
        drop(abandoned);
        result
    }
}

/// Tells the reading thread that nobody waits for it any more.
struct Abandoned(Arc<AtomicBool>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Drop for FileTurn {
    fn drop(&mut self) {
        self.turns.riders().remove(&self.rider);
    }
}

impl Kairos {
    /// Begins to receive a file of a rider.
    ///
    /// # Errors
    /// [`FileRefused`].
    pub fn begin_file(&self, rider: &User) -> Result<FileTurn, FileRefused> {
        Arc::clone(&self.file_turns).begin(rider.id)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::id::ObjectId;

    fn rider(number: u8) -> UserId {
        UserId(ObjectId::from_bytes([number; 12]))
    }

    #[test]
    fn a_rider_has_one_file_and_all_riders_have_four() {
        let turns = Arc::new(FileTurns::default());
        let begin = |number| Arc::clone(&turns).begin(rider(number));
        let mut held: Vec<_> = (0..4).map(|number| begin(number).unwrap()).collect();
        assert_eq!(begin(0).err(), Some(FileRefused::RiderIsBusy));
        assert_eq!(begin(4).err(), Some(FileRefused::TooManyFiles));
        held.pop();
        let other = begin(4).unwrap();
        assert_eq!(begin(4).err(), Some(FileRefused::RiderIsBusy));
        drop((held, other));
        assert!(turns.riders().is_empty());
        assert!(begin(4).is_ok());
    }

    #[tokio::test]
    async fn a_reader_stops_once_nobody_waits_for_it() {
        let turn = Arc::new(FileTurns::default()).begin(rider(1)).unwrap();
        let (began, has_begun) = mpsc::channel();
        let (stopped, has_stopped) = mpsc::channel();
        let reading = tokio::spawn(async move {
            turn.read(move |is_cancelled| {
                began.send(()).unwrap();
                while !is_cancelled() {
                    std::thread::yield_now();
                }
                stopped.send(()).unwrap();
            })
            .await
        });
        tokio::task::spawn_blocking(move || has_begun.recv().unwrap())
            .await
            .unwrap();
        reading.abort();
        tokio::task::spawn_blocking(move || has_stopped.recv().unwrap())
            .await
            .unwrap();
    }
}
