//! Whose a journey is, and for whom it exists. Every act on a journey begins here.

use crate::Kairos;
use crate::id::JourneyId;
use crate::journey::Journey;
use crate::store::StoreError;
use crate::user::User;

/// Why a journey was not shown.
#[derive(Debug, thiserror::Error)]
pub enum ViewJourneyError {
    /// There is none that the reader may know of.
    #[error("no such journey")]
    JourneyNotFound,
    /// The store could not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an owner's act on a journey was refused.
#[derive(Debug, thiserror::Error)]
pub enum OwnJourneyError {
    /// There is none that the rider may know of.
    #[error("no such journey")]
    JourneyNotFound,
    /// It is another rider's.
    #[error("another rider's journey")]
    NotYourJourney,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ViewJourneyError> for OwnJourneyError {
    fn from(error: ViewJourneyError) -> Self {
        match error {
            ViewJourneyError::JourneyNotFound => Self::JourneyNotFound,
            ViewJourneyError::Store(error) => Self::Store(error),
        }
    }
}

impl Kairos {
    /// Shows a journey to a rider. A private one exists for its owner only.
    ///
    /// # Errors
    /// [`ViewJourneyError`].
    pub async fn view_journey(&self, reader: &User, id: JourneyId) -> Result<Journey, ViewJourneyError> {
        let journey = self.store.journey(id).await?;
        journey
            .filter(|journey| journey.is_visible_to(reader.id))
            .ok_or(ViewJourneyError::JourneyNotFound)
    }

    /// The journey, if it is the rider's own.
    pub(crate) async fn own_journey(&self, rider: &User, id: JourneyId) -> Result<Journey, OwnJourneyError> {
        let journey = self.view_journey(rider, id).await?;
        if journey.user_id == rider.id {
            Ok(journey)
        } else {
            Err(OwnJourneyError::NotYourJourney)
        }
    }
}
