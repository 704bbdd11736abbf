use async_trait::async_trait;

use super::StoreError;
use crate::geo::Distance;
use crate::id::{JourneyId, UserId};
use crate::line::{Line, LineKind, LineParts, LineVersion};
use crate::schedule::Schedule;

/// The routes, tracks and schedules of journeys. [`Contents`](super::Contents) writes them.
///
/// The store keeps an [`EncodedLine`](crate::line::EncodedLine) part by part, so that a track that grows rewrites
/// the parts of the changed days only.
#[async_trait]
pub trait Lines: Send + Sync {
    /// Returns the parts of a line, all of the same version. The read takes its turn at the fence.
    async fn line(
        &self,
        journey_id: JourneyId,
        kind: LineKind,
        reader: UserId,
    ) -> Result<OfJourney<LineParts>, StoreError>;

    /// Returns the figures of a journey's lines without reading the lines.
    ///
    /// Returns `None` if `reader` may not see the journey.
    async fn lines_of(
        &self,
        journey_id: JourneyId,
        reader: UserId,
    ) -> Result<Option<LinesOfJourney>, StoreError>;

    /// Returns the simplified lines of journeys that `reader` may see, by journey id, routes first.
    async fn simplified_lines(
        &self,
        journeys: &[JourneyId],
        reader: UserId,
    ) -> Result<Vec<SimplifiedLine>, StoreError>;

    /// Returns a journey's schedule.
    async fn schedule(
        &self,
        journey_id: JourneyId,
        reader: UserId,
    ) -> Result<OfJourney<Schedule>, StoreError>;
}

/// The result of looking for a part of a journey.
#[derive(Debug, Clone, PartialEq)]
pub enum OfJourney<T> {
    /// No journey that the reader may see has this id.
    NoJourney,
    /// The journey has no such part.
    Absent,
    /// The part.
    Present(T),
}

/// The figures of a journey's lines.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LinesOfJourney {
    /// The route.
    pub route: Option<LineFigures>,
    /// The track.
    pub track: Option<LineFigures>,
}

/// The figures of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LineFigures {
    /// The version.
    pub version: LineVersion,
    /// The great-circle length along the segments.
    pub length: Distance,
}

/// The simplification of a line, as [`EncodedLine`](crate::line::EncodedLine) has it.
#[derive(Debug, Clone, PartialEq)]
pub struct SimplifiedLine {
    /// The journey.
    pub journey_id: JourneyId,
    /// The use of the line.
    pub kind: LineKind,
    /// The simplified line.
    pub line: Line,
}

impl<T> OfJourney<T> {
    /// Returns the part, if the journey has it; `None` if no such journey can be seen.
    pub fn of_seen(self) -> Option<Option<T>> {
        match self {
            Self::NoJourney => None,
            Self::Absent => Some(None),
            Self::Present(part) => Some(Some(part)),
        }
    }
}

impl LinesOfJourney {
    /// Returns the figures of one line.
    #[must_use]
    pub const fn of(&self, kind: LineKind) -> Option<LineFigures> {
        match kind {
            LineKind::Route => self.route,
            LineKind::Track => self.track,
        }
    }
}
