use std::time::Duration;

use crate::Kairos;
use crate::store::StoreError;

/// The timeout of the health check.
const PATIENCE: Duration = Duration::from_secs(5);

impl Kairos {
    /// Checks that the store answers, and returns the name of its kind.
    ///
    /// # Errors
    /// The error of the store, or [`StoreError::Unavailable`] if the database does not answer within five
    /// seconds.
    pub async fn health(&self) -> Result<&'static str, StoreError> {
        match tokio::time::timeout(PATIENCE, self.store.ping()).await {
            Ok(Ok(())) => Ok(self.store.kind()),
            Ok(Err(StoreError::Failed(cause))) => Err(StoreError::Unavailable(cause)),
            Ok(Err(error)) => Err(error),
            Err(elapsed) => Err(StoreError::Unavailable(elapsed.into())),
        }
    }
}
