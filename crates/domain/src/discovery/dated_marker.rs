use chrono::{DateTime, NaiveDate, Utc};

use crate::geo::Position;
use crate::id::MarkerId;
use crate::marker::{Marker, MarkerKind};

/// The part of a dated marker that an [`Itinerary`](super::Itinerary) needs.
///
/// It is small, since a journey may have ten thousand markers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DatedMarker {
    /// The marker's id.
    pub id: MarkerId,
    /// When it was created, to the millisecond.
    pub created_at: DateTime<Utc>,
    /// Whether the rider was there or means to be.
    pub kind: MarkerKind,
    /// The [day that counts](crate::marker::MarkerDetails::day) for it.
    pub date: NaiveDate,
    /// Where it is.
    pub position: Position,
}

impl DatedMarker {
    /// Returns the dated marker; `None` if the marker has no day.
    #[must_use]
    pub fn of(marker: &Marker) -> Option<Self> {
        Some(Self {
            id: marker.id,
            created_at: marker.created_at,
            kind: marker.details.kind,
            date: marker.details.day()?,
            position: marker.details.position,
        })
    }
}
