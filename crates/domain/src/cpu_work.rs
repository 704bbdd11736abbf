//! Work that takes the processor for milliseconds, off the async threads.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::store::StoreError;

/// The places of work that runs at once. More work waits for its turn.
#[derive(Debug, Clone)]
pub(crate) struct CpuWork {
    places: Arc<Semaphore>,
}

impl CpuWork {
    /// The longest wait for a place.
    const MAX_WAIT: Duration = Duration::from_secs(5);

    /// Creates this many places.
    pub(crate) fn new(places: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places)),
        }
    }

    /// Runs a piece of work on a blocking thread.
    ///
    /// The place stays taken until the work is done, even if the caller has stopped waiting.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = timeout(Self::MAX_WAIT, Arc::clone(&self.places).acquire_owned()).await;
        let place = place.map_err(|_| StoreError::TooSlow)?;
        let place = place.map_err(|error| StoreError::Failed(error.into()))?;
        let work = move || {
            let result = work();
            drop(place);
            result
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| StoreError::Failed(error.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn work_waits_for_a_place_and_gives_up_after_a_while() {
        let work = CpuWork::new(1);
        let place = work.places.try_acquire().unwrap();
        assert!(matches!(work.run(|| ()).await, Err(StoreError::TooSlow)));
        drop(place);
        assert_eq!(work.run(|| 7).await.unwrap(), 7);
    }
}
