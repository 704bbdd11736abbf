use super::ChangeMarkerError;
use crate::Kairos;
use crate::id::{JourneyId, MarkerId};
use crate::user::User;

impl Kairos {
    /// Removes a marker from a rider's own journey.
    ///
    /// # Errors
    /// [`ChangeMarkerError`].
    pub async fn delete_marker(
        &self,
        rider: &User,
        journey_id: JourneyId,
        id: MarkerId,
    ) -> Result<(), ChangeMarkerError> {
        self.check_own_marker(rider, journey_id, id).await?;
        if !self.store.delete_marker(journey_id, id).await? {
            return Err(ChangeMarkerError::MarkerNotFound);
        }
        Ok(())
    }
}
