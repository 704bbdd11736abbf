//! Journeys, which a rider rides or plans to ride.

use chrono::{DateTime, Utc};

use crate::id::{JourneyId, UserId};
use crate::store::Listed;
use crate::text::{Name, Prose};

/// A journey, without its markers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journey {
    /// The journey's id.
    pub id: JourneyId,
    /// The owner.
    pub user_id: UserId,
    /// The name that riders see.
    pub name: Name,
    /// The rider's own description; possibly empty.
    pub description: Prose,
    /// The time of creation, to the millisecond.
    pub created_at: DateTime<Utc>,
    /// Whether the journey is inactive, active or completed.
    pub status: JourneyStatus,
    /// The riders who may see the journey.
    pub visibility: Visibility,
}

/// The status of a journey. A completed journey is never active, so two flags would allow an invalid state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JourneyStatus {
    /// Neither active nor completed.
    Inactive,
    /// The journey that its rider is on. A rider has at most one active journey.
    Active,
    /// The rider has finished the journey.
    Completed,
}

/// The riders who may see a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Visibility {
    /// Every rider.
    #[default]
    Public,
    /// Its owner only. For all other riders the journey does not exist.
    Private,
}

impl Visibility {
    /// Every value, with its word in the API and in the stores.
    pub const ALL: [(&'static str, Self); 2] = [("public", Self::Public), ("private", Self::Private)];

    /// Returns the word for this value in the API and in the stores.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
        }
    }
}

impl Journey {
    /// Checks whether the journey exists for this reader.
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

/// The position of a journey in its rider's list: oldest first, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct JourneyAge {
    /// The time of creation, to the millisecond.
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
