use super::OwnJourneyError;
use crate::Kairos;
use crate::id::JourneyId;
use crate::journey::Journey;
use crate::store::JourneyUpdate;
use crate::user::User;

impl Kairos {
    /// Changes a rider's own journey.
    ///
    /// # Errors
    /// [`OwnJourneyError`].
    pub async fn update_journey(
        &self,
        rider: &User,
        id: JourneyId,
        update: &JourneyUpdate,
    ) -> Result<Journey, OwnJourneyError> {
        self.own_journey(rider, id).await?;
        self.store
            .update_journey(id, update)
            .await?
            .ok_or(OwnJourneyError::JourneyNotFound)
    }
}
