use super::OwnJourneyError;
use crate::Kairos;
use crate::id::JourneyId;
use crate::user::User;

impl Kairos {
    /// Says that a rider's own journey is over; it is no longer active then.
    ///
    /// # Errors
    /// [`OwnJourneyError`].
    pub async fn complete_journey(&self, rider: &User, id: JourneyId) -> Result<(), OwnJourneyError> {
        self.own_journey(rider, id).await?;
        if !self.store.complete_journey(id).await? {
            return Err(OwnJourneyError::JourneyNotFound);
        }
        Ok(())
    }
}
