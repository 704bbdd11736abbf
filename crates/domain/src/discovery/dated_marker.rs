use chrono::{DateTime, NaiveDate, Utc};

use crate::geo::Position;
use crate::id::MarkerId;
use crate::marker::{Marker, MarkerKind};

/// What a dated marker tells of where its journey is: all that a [`Track`](super::Track) needs of it, and small, since a journey may have ten
/// thousand.
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
    /// What a marker tells; `None` if it has no day.
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
