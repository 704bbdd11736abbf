use crate::Kairos;
use crate::id::{JourneyId, UserId};
use crate::journey::Journey;
use crate::store::{Page, StoreError};
use crate::user::User;

/// Why a rider's journeys were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListJourneysError {
    /// There is no such rider.
    #[error("no such rider")]
    UserNotFound,
    /// The page should begin after a journey that is not in the list.
    #[error("no such place in the list")]
    NotInList,
    /// The store could not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a rider's active journey was not shown.
#[derive(Debug, thiserror::Error)]
pub enum ActiveJourneyError {
    /// There is no such rider.
    #[error("no such rider")]
    UserNotFound,
    /// The rider is on none that the reader may know of.
    #[error("no active journey")]
    NoActiveJourney,
    /// The store could not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Lists a rider's journeys, oldest first, without the private ones of others.
    ///
    /// # Errors
    /// [`ListJourneysError`].
    pub async fn list_journeys(
        &self,
        reader: &User,
        user_id: UserId,
        page: Page<JourneyId>,
    ) -> Result<Vec<Journey>, ListJourneysError> {
        if !self.exists(reader, user_id).await? {
            return Err(ListJourneysError::UserNotFound);
        }
        let journeys = self.store.journeys_of(user_id, reader.id, page).await?;
        journeys.map_err(|_| ListJourneysError::NotInList)
    }

    /// Shows the journey that a rider is on.
    ///
    /// # Errors
    /// [`ActiveJourneyError`].
    pub async fn active_journey(
        &self,
        reader: &User,
        user_id: UserId,
    ) -> Result<Journey, ActiveJourneyError> {
        if !self.exists(reader, user_id).await? {
            return Err(ActiveJourneyError::UserNotFound);
        }
        let journey = self.store.active_journey(user_id, reader.id).await?;
        journey.ok_or(ActiveJourneyError::NoActiveJourney)
    }

    async fn exists(&self, reader: &User, user_id: UserId) -> Result<bool, StoreError> {
        Ok(user_id == reader.id || self.store.user(user_id).await?.is_some())
    }
}
