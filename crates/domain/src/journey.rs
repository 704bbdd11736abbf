//! Journeys: what a rider rides or means to ride.

use chrono::{DateTime, Utc};

use crate::id::{JourneyId, UserId};
use crate::store::Listed;
use crate::text::{Name, Prose};

/// A journey; its markers stand on their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journey {
    /// The journey's id.
    pub id: JourneyId,
    /// Whose it is.
    pub user_id: UserId,
    /// What it is called.
    pub name: Name,
    /// What there is to say about it.
    pub description: Prose,
    /// When it was created, to the millisecond.
    pub created_at: DateTime<Utc>,
    /// Where it stands.
    pub status: JourneyStatus,
    /// Who may know of it.
    pub visibility: Visibility,
}

/// Where a journey stands. A completed one is never active, so these are three cases and not two flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JourneyStatus {
    /// Neither being ridden nor over.
    Inactive,
    /// The one journey that its rider is on. A rider has at most one.
    Active,
    /// Over.
    Completed,
}

/// Who may know of a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Visibility {
    /// Every rider.
    #[default]
    Public,
    /// Its owner only. For everybody else it does not exist.
    Private,
}

impl Visibility {
    /// Every value with the word that stands for it in the API and in the stores.
    pub const ALL: [(&'static str, Self); 2] = [("public", Self::Public), ("private", Self::Private)];

    /// The word that stands for it in the API and in the stores.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
        }
    }
}

impl Journey {
    /// Whether it exists for this reader.
    #[must_use]
    pub fn is_visible_to(&self, reader: UserId) -> bool {
        self.visibility == Visibility::Public || self.user_id == reader
    }

    /// Checks whether discovery may show the journey to this rider: it must be public and another rider's.
    ///
    /// `with_completed` includes completed journeys.
    #[must_use]
    pub fn may_be_found_by(&self, rider: UserId, with_completed: bool) -> bool {
        self.visibility == Visibility::Public
            && self.user_id != rider
            && (with_completed || self.status != JourneyStatus::Completed)
    }
}

/// The place of a journey among those of its rider: the oldest first, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct JourneyAge {
    /// When the journey was created, to the millisecond.
    pub created_at: DateTime<Utc>,
    /// The journey's id.
    pub id: JourneyId,
}

impl Listed for Journey {
    type Place = JourneyAge;

    fn place(&self) -> JourneyAge {
        JourneyAge {
            created_at: self.created_at,
            id: self.id,
        }
    }

    fn text_bytes(&self) -> i64 {
        Self::text_bytes(self)
    }
}
