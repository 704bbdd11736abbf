use super::OwnJourneyError;
use crate::Kairos;
use crate::id::JourneyId;
use crate::user::User;

impl Kairos {
    /// Deletes a rider's own journey with its markers.
    ///
    /// # Errors
    /// [`OwnJourneyError`].
    pub async fn delete_journey(&self, rider: &User, id: JourneyId) -> Result<(), OwnJourneyError> {
        self.own_journey(rider, id).await?;
        if !self.store.delete_journey_with_markers(id).await? {
            return Err(OwnJourneyError::JourneyNotFound);
        }
        Ok(())
    }
}
