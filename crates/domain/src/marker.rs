//! Markers: the places where a rider was or plans to be.

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
    /// The journey of the marker.
    pub journey_id: JourneyId,
    /// The journey's owner.
    pub owner_id: UserId,
    /// The time of creation, to the millisecond.
    pub created_at: DateTime<Utc>,
    /// The part that its owner may change.
    pub details: MarkerDetails,
}

/// The part of a marker that its owner writes.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkerDetails {
    /// The name of the place.
    pub name: Name,
    /// The rider's own description; possibly empty.
    pub notes: Prose,
    /// Whether the rider was there or plans to be there.
    pub kind: MarkerKind,
    /// The position of the marker.
    pub position: Position,
    /// The day on which the rider was there.
    pub timestamp: Option<NaiveDate>,
    /// The day on which the rider plans to be there.
    pub estimated_time: Option<NaiveDate>,
}

/// The kind of a marker. Past markers come first in riding order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkerKind {
    /// The rider was there.
    Past,
    /// The rider plans to be there.
    Plan,
}

impl MarkerKind {
    /// Every value, with its word in the API and in the stores.
    pub const ALL: [(&'static str, Self); 2] = [("past", Self::Past), ("plan", Self::Plan)];

    /// Returns the word for this value in the API and in the stores.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Past => "past",
            Self::Plan => "plan",
        }
    }
}

impl MarkerDetails {
    /// Returns the effective day: `timestamp` of a past marker, `estimated_time` of a planned one.
    #[must_use]
    pub const fn day(&self) -> Option<NaiveDate> {
        match self.kind {
            MarkerKind::Past => self.timestamp,
            MarkerKind::Plan => self.estimated_time,
        }
    }
}

impl MarkerDetails {
    /// Checks whether this is a past marker that is dated in the future.
    ///
    /// A day later than tomorrow (UTC) is in the future in every time zone.
    #[must_use]
    pub fn is_past_in_future(&self, today: NaiveDate) -> bool {
        self.kind == MarkerKind::Past && self.timestamp.is_some_and(|day| is_after_tomorrow(day, today))
    }
}

/// Checks whether a day is later than the day after `today`.
#[must_use]
pub fn is_after_tomorrow(day: NaiveDate, today: NaiveDate) -> bool {
    today.succ_opt().is_some_and(|tomorrow| day > tomorrow)
}

/// The position of a marker in the list of its journey.
///
/// Past markers come first, then planned ones. Each kind is sorted by day, with undated markers last, then by
/// creation, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RidingOrder {
    /// Whether the rider was there or plans to be there.
    pub kind: MarkerKind,
    /// The [effective day](MarkerDetails::day).
    pub day: Option<NaiveDate>,
    /// The time of creation, to the millisecond.
    pub created_at: DateTime<Utc>,
    /// The marker's id.
    pub id: MarkerId,
}

impl RidingOrder {
    /// Checks whether this is a [past marker in the future](MarkerDetails::is_past_in_future).
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

/// The position of a marker, and its place in riding order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MarkerPlace {
    /// The place in riding order.
    pub order: RidingOrder,
    /// The position of the marker.
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
