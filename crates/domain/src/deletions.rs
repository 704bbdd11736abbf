//! The worker that finishes deletions that are too large for one transaction.

use std::sync::Arc;
use std::time::Duration;

use crate::Kairos;
use crate::store::StoreError;

/// The longest wait for a signal. Another instance may have marked a deletion and crashed.
const BETWEEN_LOOKS: Duration = Duration::from_secs(3600);

/// The delay before the worker retries after the store has failed.
const RETRY_PAUSE: Duration = Duration::from_secs(30);

impl Kairos {
    /// Finishes marked deletions at each signal, and at least hourly, until `stop` is ready.
    pub async fn finish_deletions(self: Arc<Self>, stop: impl Future<Output = ()>) {
        let deletions = async {
            loop {
                let pause = match self.delete_all_that_is_marked().await {
                    Ok(()) => BETWEEN_LOOKS,
                    Err(error) => {
                        tracing::warn!(%error, "deletion interrupted, continuing later");
                        RETRY_PAUSE
                    }
                };
                tokio::select! {
                    () = self.deletion_is_due.notified() => {}
                    () = tokio::time::sleep(pause) => {}
                }
            }
        };
        // Dropping the future is safe: a batch is one transaction.
        tokio::select! {
            () = stop => {}
            () = deletions => {}
        }
    }

    /// Finishes marked deletions, batch after batch.
    ///
    /// # Errors
    /// [`StoreError`]. The batches before it stay removed.
    pub async fn delete_all_that_is_marked(&self) -> Result<(), StoreError> {
        while self.store.delete_next_batch().await? {}
        Ok(())
    }
}
