//! The content of a file, before it is assigned to route, track and markers.

use chrono::{DateTime, NaiveDate, Utc};
use kairos_domain::geo::Position;
use kairos_domain::line::{Line, LineKind};
use kairos_domain::marker::MarkerKind;
use kairos_domain::schedule::Schedule;

use crate::Skipped;

/// The content of a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct File {
    /// The file's name for itself.
    pub name: Option<String>,
    /// The file's description of itself.
    pub description: Option<String>,
    /// The schedule of a file that this service wrote.
    pub schedule: Option<Schedule>,
    /// The lines, in order of the file.
    pub lines: Vec<FileLine>,
    /// The waypoints, in order of the file.
    pub waypoints: Vec<Waypoint>,
    /// The parts that were left out.
    pub skipped: Skipped,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FileLine {
    /// The place where the line begins, such as `line 12, trk`.
    pub place: String,
    /// The file's name for the line.
    pub name: Option<String>,
    /// The kind of the line, if the file states it.
    pub kind: Option<LineKind>,
    /// The element from which the line comes.
    pub origin: LineOrigin,
    /// The positions.
    pub line: Line,
    /// What is left out if the line becomes a track: positions of the far past and of the future.
    pub skipped_in_track: Skipped,
}

/// The element from which a line comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineOrigin {
    /// A `trk` of a GPX file. All of them that become the same are one line.
    GpxTrack,
    /// Any other: each is a line of its own.
    #[default]
    Other,
}

/// A named place of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Waypoint {
    /// The waypoint's place in the file.
    pub place: String,
    /// The name.
    pub name: Option<String>,
    /// The description.
    pub notes: String,
    /// The position.
    pub position: Position,
    /// The time.
    pub time: Option<DateTime<Utc>>,
    /// The kind, if the file says so itself.
    pub kind: Option<MarkerKind>,
    /// Both dates, in a file that this service wrote.
    pub dates: Option<MarkerDates>,
}

/// Both dates of a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MarkerDates {
    /// The day the rider was there.
    pub timestamp: Option<NaiveDate>,
    /// The day the rider means to be there.
    pub estimated_time: Option<NaiveDate>,
}
