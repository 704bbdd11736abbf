use kairos_domain::Kairos;
use kairos_domain::id::{JourneyId, MarkerId};
use kairos_domain::journeys::{ViewJourneyError, ViewMarkerError};
use kairos_domain::user::User;

use crate::error::ApiResult;
use crate::extract::StoredTexts;

/// Returns the texts of a marker on a rider's own journey.
pub(super) async fn stored_texts(
    kairos: &Kairos,
    rider: &User,
    journey_id: JourneyId,
    id: MarkerId,
) -> ApiResult<Option<StoredTexts>> {
    match kairos.view_journey(rider, journey_id).await {
        Ok(journey) if journey.user_id == rider.id => {}
        Ok(_) | Err(ViewJourneyError::JourneyNotFound) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    match kairos.view_marker(rider, journey_id, id).await {
        Ok(marker) => Ok(Some(StoredTexts::from(&marker))),
        Err(ViewMarkerError::Store(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}
