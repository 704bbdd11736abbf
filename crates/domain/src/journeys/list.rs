use std::sync::Arc;

use async_trait::async_trait;

use super::paged_list::{PagedList, Pages};
use crate::Kairos;
use crate::id::{JourneyId, UserId};
use crate::journey::{Journey, JourneyAge};
use crate::store::{Batch, Listed as _, Page, Store, StoreError};
use crate::user::User;

/// Why a rider's journeys were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListJourneysError {
    /// There is no such rider.
    #[error("no such rider")]
    UserNotFound,
    /// The journey after which the page should begin is not in the list.
    #[error("no such place in the list")]
    NotInList,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a rider's active journey was not shown.
#[derive(Debug, thiserror::Error)]
pub enum ActiveJourneyError {
    /// There is no such rider.
    #[error("no such rider")]
    UserNotFound,
    /// The rider has no active journey that the reader may see.
    #[error("no active journey")]
    NoActiveJourney,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Lists the journeys of a rider that the reader may see, oldest first.
    ///
    /// The list has at most `limit` journeys after the journey `after`.
    ///
    /// # Errors
    /// [`ListJourneysError`].
    pub async fn list_journeys(
        &self,
        reader: &User,
        user_id: UserId,
        after: Option<JourneyId>,
        limit: Option<u32>,
    ) -> Result<PagedList<Journey>, ListJourneysError> {
        if !self.exists(reader, user_id).await? {
            return Err(ListJourneysError::UserNotFound);
        }
        let mut place = None;
        if let Some(after) = after {
            let last = self.store.journey(after, reader.id).await?;
            let last = last.filter(|last| last.user_id == user_id);
            place = Some(last.ok_or(ListJourneysError::NotInList)?.place());
        }
        let pages = JourneyPages {
            store: Arc::clone(&self.store),
            user_id,
            reader: reader.id,
        };
        PagedList::open(Arc::new(pages), place, limit)
            .await?
            .ok_or(ListJourneysError::UserNotFound)
    }

    /// Returns the active journey of a rider, if the reader may see it.
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

struct JourneyPages {
    store: Arc<dyn Store>,
    user_id: UserId,
    reader: UserId,
}

#[async_trait]
impl Pages<Journey> for JourneyPages {
    async fn read(&self, page: Page<JourneyAge>) -> Result<Option<Batch<Journey>>, StoreError> {
        let journeys = self.store.journeys_of(self.user_id, self.reader, page).await;
        journeys.map(Some)
    }
}
