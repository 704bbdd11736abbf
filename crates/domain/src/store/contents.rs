use async_trait::async_trait;

use super::{LineFigures, Write, WriteError};
use crate::id::{JourneyId, MarkerId};
use crate::journey::Journey;
use crate::line::{EncodedLine, LineKind, LineVersion};
use crate::marker::Marker;
use crate::schedule::Schedule;

/// Changes of several parts of a journey in one transaction: markers, lines and the schedule.
#[async_trait]
pub trait Contents: Send + Sync {
    /// Adds a journey together with its parts. Fails with [`WriteError::ParentGone`] if the rider is gone.
    ///
    /// Every marker of `contents` is inserted; neither a line nor a schedule is there before. An active journey
    /// deactivates the rider's other active journey in the same transaction.
    async fn insert_journey_with(
        &self,
        journey: &Journey,
        contents: &ContentsChange,
        write: &Write,
    ) -> Result<(), WriteError>;

    /// Changes parts of a journey: all of them, or none.
    ///
    /// The store rejects the change with [`WriteError::Changed`] if a part differs from its `before`, and with
    /// [`WriteError::ParentGone`] if the journey is gone (with either of them if both hold). The bounds are
    /// judged by the state after the whole change, which counts as one write.
    ///
    /// A line whose version stays the same is not written.
    async fn change_contents(&self, contents: &ContentsChange, write: &Write) -> Result<(), WriteError>;
}

/// A change of the parts of a journey. `None` leaves a part as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct ContentsChange {
    /// The journey.
    pub journey_id: JourneyId,
    /// The changes of markers. No marker is named twice.
    pub markers: Vec<MarkerChange>,
    /// The change of the route.
    pub route: Option<LineChange>,
    /// The change of the track.
    pub track: Option<LineChange>,
    /// The change of the schedule.
    pub schedule: Option<ScheduleChange>,
}

/// A change of one marker.
#[derive(Debug, Clone, PartialEq)]
pub enum MarkerChange {
    /// Adds a marker.
    Insert(Marker),
    /// Replaces the details of `before` by those of `after`.
    Replace {
        /// The marker as the caller saw it.
        before: Marker,
        /// The marker as it is to be.
        after: Marker,
    },
    /// Removes a marker.
    Delete(Marker),
}

/// A change of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct LineChange {
    /// The version that the caller saw; `None` if there was no line.
    pub before: Option<LineVersion>,
    /// The line as it is to be; `None` removes it.
    pub after: Option<EncodedLine>,
}

/// A change of the schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleChange {
    /// The schedule that the caller saw.
    pub before: Option<Schedule>,
    /// The schedule as it is to be; `None` removes it.
    pub after: Option<Schedule>,
}

impl ContentsChange {
    /// Returns the change that changes nothing.
    #[must_use]
    pub const fn none(journey_id: JourneyId) -> Self {
        Self {
            journey_id,
            markers: Vec::new(),
            route: None,
            track: None,
            schedule: None,
        }
    }

    /// Returns the changes of lines.
    pub fn lines(&self) -> impl Iterator<Item = (LineKind, &LineChange)> {
        let route = self.route.iter().map(|change| (LineKind::Route, change));
        route.chain(self.track.iter().map(|change| (LineKind::Track, change)))
    }
}

impl LineChange {
    /// Returns the change that keeps a line, and that the store rejects if the line has another version by then.
    #[must_use]
    pub const fn kept(line: LineFigures) -> Self {
        Self {
            before: Some(line.version),
            // A line whose version stays the same is not written.
            after: Some(EncodedLine {
                version: line.version,
                length: line.length,
                parts: Vec::new(),
                simplified: Vec::new(),
            }),
        }
    }

    /// Returns the bytes that the change adds to a line that holds so many; less than zero if it removes some.
    #[must_use]
    pub fn bytes_added(&self, held: i64) -> i64 {
        if self.is_none() {
            return 0;
        }
        self.after.as_ref().map_or(0, EncodedLine::bytes) - held
    }

    /// Checks whether the line stays the same.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.after.as_ref().map(|line| line.version) == self.before
    }
}

impl MarkerChange {
    /// Returns the id of the marker.
    #[must_use]
    pub const fn id(&self) -> MarkerId {
        match self {
            Self::Insert(marker) | Self::Replace { after: marker, .. } | Self::Delete(marker) => marker.id,
        }
    }

    /// Returns the marker before the change.
    #[must_use]
    pub const fn before(&self) -> Option<&Marker> {
        match self {
            Self::Insert(_) => None,
            Self::Replace { before, .. } | Self::Delete(before) => Some(before),
        }
    }

    /// Returns the marker after the change.
    #[must_use]
    pub const fn after(&self) -> Option<&Marker> {
        match self {
            Self::Insert(after) | Self::Replace { after, .. } => Some(after),
            Self::Delete(_) => None,
        }
    }
}
