use chrono::NaiveDate;

use crate::geo::Position;

/// Where a journey is on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DayPosition {
    /// The day, in UTC.
    pub date: NaiveDate,
    /// The place: a marker's own, or one between two markers.
    pub position: Position,
}
