use crate::Kairos;
use crate::id::{JourneyId, UserId};
use crate::journey::{Journey, JourneyStatus, Visibility};
use crate::store::StoreError;
use crate::text::{Name, Prose};
use crate::user::User;

/// A journey to be.
#[derive(Debug, Clone)]
pub struct CreateJourney {
    /// Whose it should be, if the client says so: nobody creates journeys for others.
    pub user_id: Option<UserId>,
    /// What it is called.
    pub name: Name,
    /// What there is to say about it.
    pub description: Prose,
    /// Whether the rider is on it; that ends being on any other.
    pub active: bool,
    /// Whether it is over.
    pub completed: bool,
    /// Who may know of it.
    pub visibility: Visibility,
}

/// Why a journey was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateJourneyError {
    /// It would have been another rider's.
    #[error("for another rider")]
    NotYourAccount,
    /// It would have been active and completed at once.
    #[error("active and completed at once")]
    CompletedAndActive,
    /// The rider has [`Journey::MAX_PER_RIDER`] already.
    #[error("too many journeys")]
    TooManyJourneys,
    /// The rider's account is gone since a moment ago.
    #[error("no such rider")]
    UserNotFound,
    /// The store could not keep it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Creates a journey of the rider's.
    ///
    /// # Errors
    /// [`CreateJourneyError`].
    pub async fn create_journey(
        &self,
        rider: &User,
        create: CreateJourney,
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
        if self.store.count_journeys(rider.id).await? >= Journey::MAX_PER_RIDER {
            return Err(CreateJourneyError::TooManyJourneys);
        }
        let now = self.clock.now();
        let journey = Journey {
            id: JourneyId(self.new_id(now)),
            user_id: rider.id,
            name: create.name,
            description: create.description,
            created_at: now,
            status,
            visibility: create.visibility,
        };
        if !self.store.insert_journey(&journey).await? {
            return Err(CreateJourneyError::UserNotFound);
        }
        Ok(journey)
    }
}
