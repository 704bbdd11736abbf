use async_trait::async_trait;

use super::{NotInList, Page, StoreError};
use crate::id::{JourneyId, UserId};
use crate::journey::{Journey, Visibility};
use crate::text::{Name, Prose};

/// Journeys.
#[async_trait]
pub trait Journeys: Send + Sync {
    /// Adds a journey. An active one switches off whichever other journey of its rider was active, in the same act: at no
    /// time are two active. Says `false`, and adds nothing, if its rider is gone.
    async fn insert_journey(&self, journey: &Journey) -> Result<bool, StoreError>;

    /// Finds a journey, whoever may see it.
    async fn journey(&self, id: JourneyId) -> Result<Option<Journey>, StoreError>;

    /// How many journeys a rider has.
    async fn count_journeys(&self, user_id: UserId) -> Result<u64, StoreError>;

    /// A rider's journeys as `reader` may see them, oldest first (then by id). `Err(NotInList)` when the page should
    /// begin after a journey that is not among them.
    async fn journeys_of(
        &self,
        user_id: UserId,
        reader: UserId,
        page: Page<JourneyId>,
    ) -> Result<Result<Vec<Journey>, NotInList>, StoreError>;

    /// The journey that a rider is on, whoever may see it.
    async fn active_journey(&self, user_id: UserId) -> Result<Option<Journey>, StoreError>;

    /// Overwrites what the update names and returns the journey as it is then; `None` when it does not exist.
    /// Completing a journey ends its being active in the same act; un-completing one leaves it inactive.
    async fn update_journey(
        &self,
        id: JourneyId,
        update: &JourneyUpdate,
    ) -> Result<Option<Journey>, StoreError>;

    /// Makes a journey completed and no longer active; says whether it exists.
    async fn complete_journey(&self, id: JourneyId) -> Result<bool, StoreError>;

    /// Makes an inactive journey the active one, switching off any other of its rider in the same act, or an active
    /// one inactive. A lost race is tried again inside: of any number of calls at once, each toggles.
    async fn toggle_active_journey(&self, id: JourneyId) -> Result<Toggled, StoreError>;

    /// Removes a journey with its markers; says whether it was there. Whatever a crash leaves, neither is visible
    /// any more, and a second call finishes the work.
    async fn delete_journey_with_markers(&self, id: JourneyId) -> Result<bool, StoreError>;
}

/// What changes of a journey; `None` keeps what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JourneyUpdate {
    /// The new name.
    pub name: Name,
    /// The new description.
    pub description: Option<Prose>,
    /// The new visibility.
    pub visibility: Option<Visibility>,
    /// Whether it is over.
    pub completed: Option<bool>,
}

/// How toggling ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toggled {
    /// It is the active one now.
    Active,
    /// It is inactive now.
    Inactive,
    /// It is completed and stays so.
    Completed,
    /// There is no such journey.
    NoSuchJourney,
}
