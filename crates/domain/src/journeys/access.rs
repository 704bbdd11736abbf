//! Authorisation for journeys: visibility and ownership. Every act on a journey begins with these checks.

use crate::Kairos;
use crate::accounts::{AccessToken, AuthenticateError, TokenActError};
use crate::id::JourneyId;
use crate::journey::Journey;
use crate::store::StoreError;
use crate::user::User;
use crate::writes::WriteRefused;

/// Why a journey was not shown.
#[derive(Debug, thiserror::Error)]
pub enum ViewJourneyError {
    /// No journey that the reader may see has this id.
    #[error("no such journey")]
    JourneyNotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an act on a journey was rejected.
#[derive(Debug, thiserror::Error)]
pub enum ChangeJourneyError {
    /// No journey that the rider may see has this id.
    #[error("no such journey")]
    JourneyNotFound,
    /// The journey belongs to another rider.
    #[error("the journey belongs to another rider")]
    NotYourJourney,
    /// The journey would be active and completed at once.
    #[error("a completed journey cannot be active")]
    CompletedAndActive,
    /// The write was refused.
    #[error(transparent)]
    Write(#[from] WriteRefused),
}

impl From<StoreError> for ChangeJourneyError {
    fn from(error: StoreError) -> Self {
        Self::Write(error.into())
    }
}

impl Kairos {
    /// Returns a journey that the reader may see. A private journey exists for its owner only.
    ///
    /// # Errors
    /// [`ViewJourneyError`].
    pub async fn view_journey(&self, reader: &User, id: JourneyId) -> Result<Journey, ViewJourneyError> {
        self.store
            .journey(id, reader.id)
            .await?
            .ok_or(ViewJourneyError::JourneyNotFound)
    }

    /// Returns a journey to the rider of a token. One call to the store reads both.
    ///
    /// # Errors
    /// [`AuthenticateError`], then [`ViewJourneyError`].
    pub async fn view_journey_by_token(
        &self,
        token: AccessToken,
        id: JourneyId,
    ) -> Result<Journey, TokenActError<ViewJourneyError>> {
        let read = self.store.rider_and_journey(token.user_id(), id).await;
        let (rider, journey) = read.map_err(AuthenticateError::Store)?;
        token.admit(rider)?;
        journey.ok_or(TokenActError::Act(ViewJourneyError::JourneyNotFound))
    }

    /// Checks that a journey is the rider's own, before the rider's file is judged.
    ///
    /// # Errors
    /// [`ChangeJourneyError`].
    pub async fn check_own_journey(&self, rider: &User, id: JourneyId) -> Result<(), ChangeJourneyError> {
        self.own_journey(rider, id).await.map(drop)
    }

    /// Returns the journey, if it is the rider's own.
    pub(crate) async fn own_journey(
        &self,
        rider: &User,
        id: JourneyId,
    ) -> Result<Journey, ChangeJourneyError> {
        match self.store.journey(id, rider.id).await? {
            None => Err(ChangeJourneyError::JourneyNotFound),
            Some(journey) if journey.user_id != rider.id => Err(ChangeJourneyError::NotYourJourney),
            Some(journey) => Ok(journey),
        }
    }
}
