use super::OwnJourneyError;
use crate::Kairos;
use crate::id::{JourneyId, MarkerId};
use crate::marker::{Marker, MarkerDetails};
use crate::store::StoreError;
use crate::user::User;

/// Why a marker was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddMarkerError {
    /// The journey is not the rider's to mark.
    #[error(transparent)]
    Access(#[from] OwnJourneyError),
    /// The journey has [`Marker::MAX_PER_JOURNEY`] already.
    #[error("too many markers")]
    TooManyMarkers,
}

impl From<StoreError> for AddMarkerError {
    fn from(error: StoreError) -> Self {
        Self::Access(OwnJourneyError::Store(error))
    }
}

impl Kairos {
    /// Puts a marker on a rider's own journey.
    ///
    /// # Errors
    /// [`AddMarkerError`].
    pub async fn add_marker(
        &self,
        rider: &User,
        journey_id: JourneyId,
        details: MarkerDetails,
    ) -> Result<Marker, AddMarkerError> {
        let journey = self.own_journey(rider, journey_id).await?;
        if self.store.count_markers(journey_id).await? >= Marker::MAX_PER_JOURNEY {
            return Err(AddMarkerError::TooManyMarkers);
        }
        let now = self.clock.now();
        let id = MarkerId(self.new_id(now));
        let marker = Marker {
            id,
            journey_id,
            owner_id: journey.user_id,
            created_at: now,
            details,
        };
        if !self.store.insert_marker(&marker).await? {
            return Err(OwnJourneyError::JourneyNotFound.into());
        }
        Ok(marker)
    }
}
