//! Records that a write failed because of a full disk or a broken file, until one succeeds.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kairos_domain::store::StoreError;
use tokio::time::Instant;

/// Minimum interval between two writes of the health check.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// The result of the latest writes.
#[derive(Debug, Default)]
pub(crate) struct WriteHealth(Mutex<Option<FailedWrite>>);

#[derive(Debug)]
struct FailedWrite {
    cause: String,
    is_disk_full: bool,
    next_probe: Instant,
}

impl WriteHealth {
    /// Records that a write failed for a reason that affects all writes.
    pub(crate) fn failed(&self, error: &StoreError) {
        let mut state = self.state();
        *state = Some(FailedWrite {
            cause: error.to_string(),
            is_disk_full: matches!(error, StoreError::DiskFull(_)),
            next_probe: state
                .as_ref()
                .map_or_else(Instant::now, |failed| failed.next_probe),
        });
    }

    /// Records that a write succeeded.
    pub(crate) fn succeeded(&self) {
        *self.state() = None;
    }

    /// Tries a write if one has failed, at most once a second. In between, returns the latest failure.
    pub(crate) async fn check(
        &self,
        probe: impl Future<Output = Result<(), StoreError>>,
    ) -> Result<(), StoreError> {
        if !self.is_probe_due()? {
            return Ok(());
        }
        let outcome = probe.await;
        match &outcome {
            Ok(()) => {
                self.succeeded();
                tracing::info!("the database accepts writes again");
            }
            Err(error) => self.failed(error),
        }
        outcome
    }

    fn is_probe_due(&self) -> Result<bool, StoreError> {
        let mut state = self.state();
        let Some(failed) = &mut *state else {
            return Ok(false);
        };
        let now = Instant::now();
        if now < failed.next_probe {
            let cause = failed.cause.clone().into();
            return Err(if failed.is_disk_full {
                StoreError::DiskFull(cause)
            } else {
                StoreError::Unavailable(cause)
            });
        }
        failed.next_probe = now + PROBE_INTERVAL;
        Ok(true)
    }

    fn state(&self) -> MutexGuard<'_, Option<FailedWrite>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn no_room() -> StoreError {
        StoreError::DiskFull("no room".into())
    }

    #[tokio::test]
    async fn nothing_is_tried_as_long_as_writes_succeed() {
        let health = WriteHealth::default();
        health.check(async { Err(no_room()) }).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_failure_a_write_is_tried_once_a_second() {
        let (health, probes) = (WriteHealth::default(), Cell::new(0));
        for tried in 1..4 {
            for _ in 0..10 {
                health.failed(&no_room());
                let probe = async {
                    probes.set(probes.get() + 1);
                    Err(no_room())
                };
                let checked = health.check(probe).await;
                assert!(matches!(checked, Err(StoreError::DiskFull(_))), "{checked:?}");
                assert_eq!(probes.get(), tried);
            }
            tokio::time::advance(PROBE_INTERVAL).await;
        }
    }

    #[tokio::test]
    async fn a_write_that_succeeds_ends_it() {
        let health = WriteHealth::default();
        health.failed(&StoreError::Unavailable("disk I/O error".into()));
        health.check(async { Ok(()) }).await.unwrap();
        health.check(async { Err(no_room()) }).await.unwrap();
        health.failed(&no_room());
        health.succeeded();
        health.check(async { Err(no_room()) }).await.unwrap();
    }
}
