use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;
use kairos_domain::journeys::ViewJourneyError;
use kairos_domain::user::User;

use crate::error::ApiResult;
use crate::extract::StoredTexts;

/// Returns the texts of a rider's own journey.
pub(super) async fn stored_texts(
    kairos: &Kairos,
    rider: &User,
    id: JourneyId,
) -> ApiResult<Option<StoredTexts>> {
    match kairos.view_journey(rider, id).await {
        Ok(journey) => Ok((journey.user_id == rider.id).then(|| StoredTexts::from(&journey))),
        Err(ViewJourneyError::JourneyNotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
