use crate::Kairos;
use crate::id::{JourneyId, ObjectId, UserId};
use crate::journey::{Journey, JourneyStatus, Visibility};
use crate::store::StoreError;
use crate::text::{Name, Prose};
use crate::user::User;
use crate::writes::{IdempotencyKey, Retry, WriteRefused};

/// A request to create a journey.
#[derive(Debug, Clone)]
pub struct CreateJourney {
    /// The owner, if the client names one. A rider can create journeys for themselves only.
    pub user_id: Option<UserId>,
    /// The name that riders see.
    pub name: Name,
    /// The rider's own description; possibly empty.
    pub description: Prose,
    /// Whether the journey is active. An active journey deactivates the rider's other active journey.
    pub active: bool,
    /// Whether the journey is completed.
    pub completed: bool,
    /// The visibility; `None` is the operator's [default](crate::Settings::default_visibility).
    pub visibility: Option<Visibility>,
}

/// Why a journey was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateJourneyError {
    /// The journey would belong to another rider.
    #[error("the journey would belong to another rider")]
    NotYourAccount,
    /// The journey would be active and completed at once.
    #[error("a completed journey cannot be active")]
    CompletedAndActive,
    /// The rider's account has just been deleted.
    #[error("no such rider")]
    UserNotFound,
    /// An earlier request with the same key created the journey, which was deleted since.
    #[error("no such journey")]
    JourneyNotFound,
    /// The write was refused.
    #[error(transparent)]
    Write(#[from] WriteRefused),
}

impl From<StoreError> for CreateJourneyError {
    fn from(error: StoreError) -> Self {
        Self::Write(error.into())
    }
}

impl Kairos {
    /// Creates a journey of the rider.
    ///
    /// A repeated request with the same key returns the journey as it is now.
    ///
    /// # Errors
    /// [`CreateJourneyError`].
    pub async fn create_journey(
        &self,
        rider: &User,
        create: CreateJourney,
        key: Option<&IdempotencyKey>,
    ) -> Result<Journey, CreateJourneyError> {
        if create.user_id.is_some_and(|id| id != rider.id) {
            return Err(CreateJourneyError::NotYourAccount);
        }
        let status = match (create.active, create.completed) {
            (true, true) => return Err(CreateJourneyError::CompletedAndActive),
            (true, false) => JourneyStatus::Active,
            (false, true) => JourneyStatus::Completed,
            (false, false) => JourneyStatus::Inactive,
        };
        let now = self.clock.now();
        let journey = Journey {
            id: JourneyId(self.new_id(now)),
            user_id: rider.id,
            name: create.name,
            description: create.description,
            created_at: now,
            status,
            visibility: create.visibility.unwrap_or(self.settings.default_visibility),
        };
        let _turn = self.write_turns.turn(rider.id).await?;
        loop {
            if let Some(made) = self.made_before(rider.id, key).await? {
                return self.journey_made_before(rider, made.first()).await;
            }
            let write = self.keyed_write_of(rider.id, key, &[journey.id.0]);
            match self.store.insert_journey(&journey, &write).await {
                Ok(()) => return Ok(journey),
                Err(error) => match self.retry_after(error)? {
                    Retry::Again => {}
                    Retry::ParentGone => return Err(CreateJourneyError::UserNotFound),
                },
            }
        }
    }

    async fn journey_made_before(
        &self,
        rider: &User,
        id: Option<&ObjectId>,
    ) -> Result<Journey, CreateJourneyError> {
        let journey = match id {
            Some(id) => self.store.journey(JourneyId(*id), rider.id).await?,
            None => None,
        };
        journey.ok_or(CreateJourneyError::JourneyNotFound)
    }
}
