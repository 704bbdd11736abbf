//! Markers: where a rider has been, and where they mean to be.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, Utc};

use crate::geo::Position;
use crate::id::{JourneyId, MarkerId, UserId};
use crate::store::Listed;
use crate::text::{Name, Prose};

/// A marker on a journey.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    /// The marker's id.
    pub id: MarkerId,
    /// The journey it is on.
    pub journey_id: JourneyId,
    /// The journey's owner.
    pub owner_id: UserId,
    /// When it was created, to the millisecond.
    pub created_at: DateTime<Utc>,
    /// What its owner may change.
    pub details: MarkerDetails,
}

/// The part of a marker that its owner writes.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkerDetails {
    /// What the place is called.
    pub name: Name,
    /// What there is to say about it.
    pub notes: Prose,
    /// Whether the rider was there or means to be.
    pub kind: MarkerKind,
    /// Where it is.
    pub position: Position,
    /// The day the rider was there.
    pub timestamp: Option<NaiveDate>,
    /// The day the rider means to be there.
    pub estimated_time: Option<NaiveDate>,
}

/// Whether a marker tells of the past or of a plan. Past ones come first in riding order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkerKind {
    /// The rider has been there.
    Past,
    /// The rider means to be there.
    Plan,
}

impl MarkerKind {
    /// Every value with the word that stands for it in the API and in the stores.
    pub const ALL: [(&'static str, Self); 2] = [("past", Self::Past), ("plan", Self::Plan)];

    /// The word that stands for it in the API and in the stores.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Past => "past",
            Self::Plan => "plan",
        }
    }
}

impl MarkerDetails {
    /// The day that counts for this marker: `timestamp` of a past one, `estimated_time` of a planned one.
    #[must_use]
    pub const fn day(&self) -> Option<NaiveDate> {
        match self.kind {
            MarkerKind::Past => self.timestamp,
            MarkerKind::Plan => self.estimated_time,
        }
    }
}

impl MarkerDetails {
    /// Returns whether this is a past marker of a day that has yet to come: one later than tomorrow, so that it is
    /// none in any time zone.
    #[must_use]
    pub fn is_past_in_future(&self, today: NaiveDate) -> bool {
        self.kind == MarkerKind::Past && self.timestamp.is_some_and(|day| is_after_tomorrow(day, today))
    }
}

/// Returns whether a day is later than the day after `today`.
#[must_use]
pub fn is_after_tomorrow(day: NaiveDate, today: NaiveDate) -> bool {
    today.succ_opt().is_some_and(|tomorrow| day > tomorrow)
}

/// The place of a marker among those of its journey: the past by its days, then the plan by its days, undated
/// markers after the dated ones of their kind, then by creation, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RidingOrder {
    /// Whether the rider was there or means to be.
    pub kind: MarkerKind,
    /// The [day that counts](MarkerDetails::day).
    pub day: Option<NaiveDate>,
    /// When the marker was created, to the millisecond.
    pub created_at: DateTime<Utc>,
    /// The marker's id.
    pub id: MarkerId,
}

impl RidingOrder {
    /// Returns whether this is the place of a [past marker of the future](MarkerDetails::is_past_in_future).
    #[must_use]
    pub fn is_past_in_future(&self, today: NaiveDate) -> bool {
        self.kind == MarkerKind::Past && self.day.is_some_and(|day| is_after_tomorrow(day, today))
    }
}

impl Ord for RidingOrder {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |order: &Self| {
            (
                order.kind,
                order.day.is_none(),
                order.day,
                order.created_at,
                order.id,
            )
        };
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for RidingOrder {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Where a marker is, in space and among the markers of its journey.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MarkerPlace {
    /// Its place in riding order.
    pub order: RidingOrder,
    /// Where it is.
    pub position: Position,
}

impl Marker {
    /// Returns the marker's place in riding order.
    #[must_use]
    pub fn riding_order(&self) -> RidingOrder {
        RidingOrder {
            kind: self.details.kind,
            day: self.details.day(),
            created_at: self.created_at,
            id: self.id,
        }
    }
}

impl Listed for Marker {
    type Place = RidingOrder;

    fn place(&self) -> RidingOrder {
        self.riding_order()
    }

    fn text_bytes(&self) -> i64 {
        Self::text_bytes(self)
    }
}
