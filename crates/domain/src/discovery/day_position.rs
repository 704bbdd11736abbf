use chrono::NaiveDate;

use crate::geo::Position;

/// The position of a journey on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DayPosition {
    /// The day, in UTC.
    pub date: NaiveDate,
    /// The position of a marker, or one interpolated between two markers.
    pub position: Position,
}
