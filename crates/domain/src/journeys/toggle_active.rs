use super::OwnJourneyError;
use crate::Kairos;
use crate::id::JourneyId;
use crate::store::{StoreError, Toggled};
use crate::user::User;

/// Why a journey was not switched on or off.
#[derive(Debug, thiserror::Error)]
pub enum ToggleActiveError {
    /// It is not the rider's to switch.
    #[error(transparent)]
    Access(#[from] OwnJourneyError),
    /// It is over.
    #[error("a completed journey")]
    Completed,
}

impl From<StoreError> for ToggleActiveError {
    fn from(error: StoreError) -> Self {
        Self::Access(OwnJourneyError::Store(error))
    }
}

impl Kairos {
    /// Switches a rider's own journey on, and any other of theirs off, or switches it off if it is on.
    ///
    /// # Errors
    /// [`ToggleActiveError`].
    pub async fn toggle_active_journey(&self, rider: &User, id: JourneyId) -> Result<(), ToggleActiveError> {
        self.own_journey(rider, id).await?;
        match self.store.toggle_active_journey(id).await? {
            Toggled::Active | Toggled::Inactive => Ok(()),
            Toggled::Completed => Err(ToggleActiveError::Completed),
            Toggled::NoSuchJourney => Err(OwnJourneyError::JourneyNotFound.into()),
        }
    }
}
