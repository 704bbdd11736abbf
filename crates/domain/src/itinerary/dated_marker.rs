use chrono::{DateTime, NaiveDate, Utc};

use crate::geo::Position;
use crate::id::MarkerId;
use crate::marker::{Marker, MarkerKind, MarkerPlace};

/// The part of a dated marker that an [`Itinerary`](super::Itinerary) needs.
///
/// The type is small, since a journey may have ten thousand markers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DatedMarker {
    /// The marker's id.
    pub id: MarkerId,
    /// The time of creation, to the millisecond.
    pub created_at: DateTime<Utc>,
    /// Whether the rider was there or plans to be there.
    pub kind: MarkerKind,
    /// The [effective day](crate::marker::MarkerDetails::day) of the marker.
    pub date: NaiveDate,
    /// The marker's position.
    pub position: Position,
}

impl DatedMarker {
    /// Returns the dated part of a marker, or `None` if the marker has no day.
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

    /// Returns the dated part of a marker without its elevation, or `None` if the marker has no day.
    #[must_use]
    pub fn of_place(place: &MarkerPlace) -> Option<Self> {
        let position = place.position;
        Some(Self {
            id: place.order.id,
            created_at: place.order.created_at,
            kind: place.order.kind,
            date: place.order.day?,
            position: Position::at_valid_degrees(position.longitude(), position.latitude()),
        })
    }
}
