use std::time::Duration;

use crate::Kairos;
use crate::store::StoreError;

/// How long the store may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(5);

impl Kairos {
    /// Asks the store for a sign of life and gives its kind.
    ///
    /// # Errors
    /// That of the store; [`StoreError::Unavailable`] if the database is broken, or says nothing for five
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
