use super::{ChangeJourneyError, PackedLine, ViewJourneyError};
use crate::Kairos;
use crate::id::JourneyId;
use crate::line::{EncodedLine, Line, LineKind, LineSummary, LineTooLarge, LineVersion};
use crate::schedule::ScheduleTooLong;
use crate::store::{ContentsChange, LineChange, LineFigures, OfJourney, ScheduleChange, StoreError};
use crate::user::User;
use crate::writes::{IdempotencyKey, Precondition, Retry, WriteRefused};

/// A line as a rider sees it.
#[derive(Debug, Clone)]
pub enum ViewedLine {
    /// The rider has seen this version.
    Seen(LineVersion),
    /// The line, simplified as requested.
    Line(LineVersion, PackedLine),
}

/// Why a line was not shown.
#[derive(Debug, thiserror::Error)]
pub enum ViewLineError {
    /// The journey cannot be seen.
    #[error(transparent)]
    Journey(#[from] ViewJourneyError),
    /// The journey has no such line.
    #[error("the journey has no {0:?}")]
    NoLine(LineKind),
}

/// Why a line was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeLineError {
    /// The rider may not change the journey.
    #[error(transparent)]
    Journey(#[from] ChangeJourneyError),
    /// The journey has no such line.
    #[error("the journey has no {0:?}")]
    NoLine(LineKind),
    /// The given line has no segment.
    #[error("the line has no segment")]
    Empty,
    /// The grown line would break a bound.
    #[error(transparent)]
    TooLarge(#[from] LineTooLarge),
    /// The schedule would not reach the end of the route in time.
    #[error(transparent)]
    ScheduleTooLong(#[from] ScheduleTooLong),
    /// The write was refused.
    #[error(transparent)]
    Write(#[from] WriteRefused),
}

impl From<StoreError> for ViewLineError {
    fn from(error: StoreError) -> Self {
        Self::Journey(error.into())
    }
}

impl From<StoreError> for ChangeLineError {
    fn from(error: StoreError) -> Self {
        Self::Write(error.into())
    }
}

impl Kairos {
    /// Returns a line of a journey that the reader may see, simplified to a tolerance in metres.
    ///
    /// A line that `is_seen` knows is not read.
    ///
    /// # Errors
    /// [`ViewLineError`].
    pub async fn view_line(
        &self,
        reader: &User,
        journey_id: JourneyId,
        kind: LineKind,
        tolerance_metres: f64,
        is_seen: Option<&(dyn Fn(LineVersion) -> bool + Send + Sync)>,
    ) -> Result<ViewedLine, ViewLineError> {
        if let Some(is_seen) = is_seen {
            let lines = self.store.lines_of(journey_id, reader.id).await?;
            let lines = lines.ok_or(ViewJourneyError::JourneyNotFound)?;
            if let Some(figures) = lines.of(kind).filter(|figures| is_seen(figures.version)) {
                return Ok(ViewedLine::Seen(figures.version));
            }
        }
        let parts = match self.store.line(journey_id, kind, reader.id).await? {
            OfJourney::NoJourney => return Err(ViewJourneyError::JourneyNotFound.into()),
            OfJourney::Absent => return Err(ViewLineError::NoLine(kind)),
            OfJourney::Present(parts) => parts,
        };
        let version = parts.version;
        let line = self.packed(journey_id, parts, tolerance_metres).await?;
        let line = line.ok_or(ViewLineError::NoLine(kind))?;
        Ok(ViewedLine::Line(version, line))
    }

    /// Returns the simplified lines of a journey: none if the reader may not see it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn simplified_lines(
        &self,
        reader: &User,
        journey_id: JourneyId,
    ) -> Result<Vec<(LineKind, PackedLine)>, StoreError> {
        let mut packed = Vec::new();
        for line in self.store.simplified_lines(&[journey_id], reader.id).await? {
            let kind = line.kind;
            let line = self.packed_simplified(journey_id, line.line).await?;
            packed.extend(line.map(|line| (kind, line)));
        }
        Ok(packed)
    }

    /// Replaces a line of a rider's own journey and returns its version and figures.
    ///
    /// # Errors
    /// [`ChangeLineError`].
    pub async fn put_line(
        &self,
        rider: &User,
        journey_id: JourneyId,
        kind: LineKind,
        precondition: &Precondition<Option<LineVersion>>,
        line: Line,
    ) -> Result<(LineVersion, LineSummary), ChangeLineError> {
        self.own_journey(rider, journey_id).await?;
        let (encoded, summary) = self.encoded(line, kind).await?;
        if summary.segments == 0 {
            return Err(ChangeLineError::Empty);
        }
        let version = encoded.version;
        let _turn = self.write_turns.turn(rider.id).await?;
        loop {
            let before = self.own_figures(rider, journey_id, kind).await?;
            let before = before.map(|figures| figures.version);
            precondition.check(&before)?;
            if before == Some(version) {
                return Ok((version, summary));
            }
            let change = LineChange {
                before,
                after: Some(encoded.clone()),
            };
            if self.change_line(rider, journey_id, kind, change).await? {
                return Ok((version, summary));
            }
        }
    }

    /// Removes a line from a rider's own journey. The schedule goes with the route.
    ///
    /// # Errors
    /// [`ChangeLineError`].
    pub async fn delete_line(
        &self,
        rider: &User,
        journey_id: JourneyId,
        kind: LineKind,
        precondition: &Precondition<Option<LineVersion>>,
    ) -> Result<(), ChangeLineError> {
        let _turn = self.write_turns.turn(rider.id).await?;
        loop {
            let figures = self.own_figures(rider, journey_id, kind).await?;
            let before = figures.ok_or(ChangeLineError::NoLine(kind))?.version;
            precondition.check(&Some(before))?;
            let change = LineChange {
                before: Some(before),
                after: None,
            };
            if self.change_line(rider, journey_id, kind, change).await? {
                return Ok(());
            }
        }
    }

    /// Encodes a line without its lone positions, and computes its figures.
    pub(super) async fn encoded(
        &self,
        line: Line,
        kind: LineKind,
    ) -> Result<(EncodedLine, LineSummary), StoreError> {
        let encoded = self.line_work.run(move || {
            let line = line.without_lone_positions();
            (EncodedLine::of(&line, kind), LineSummary::of(&line))
        });
        encoded.await
    }

    /// Returns the figures of a line of the rider's own journey.
    async fn own_figures(
        &self,
        rider: &User,
        journey_id: JourneyId,
        kind: LineKind,
    ) -> Result<Option<LineFigures>, ChangeLineError> {
        self.own_journey(rider, journey_id).await?;
        let lines = self.store.lines_of(journey_id, rider.id).await?;
        Ok(lines.ok_or(ChangeJourneyError::JourneyNotFound)?.of(kind))
    }

    /// Changes a line. Returns `false` if the act must be retried.
    async fn change_line(
        &self,
        rider: &User,
        journey_id: JourneyId,
        kind: LineKind,
        change: LineChange,
    ) -> Result<bool, ChangeLineError> {
        let mut contents = ContentsChange::none(journey_id);
        match kind {
            LineKind::Track => contents.track = Some(change),
            LineKind::Route => {
                let before = self
                    .store
                    .schedule(journey_id, rider.id)
                    .await?
                    .of_seen()
                    .flatten();
                // A schedule without a route has no meaning.
                let after = before.clone().filter(|_| change.after.is_some());
                if let (Some(route), Some(schedule)) = (&change.after, &after) {
                    schedule.end_date(route.length)?;
                }
                // A schedule that has come meanwhile would not be judged.
                contents.schedule = Some(ScheduleChange { before, after });
                contents.route = Some(change);
            }
        }
        Ok(self.change_own_contents(rider, &contents, None).await?)
    }

    /// Changes parts of a rider's own journey. Returns `false` if the act must be retried.
    pub(super) async fn change_own_contents(
        &self,
        rider: &User,
        contents: &ContentsChange,
        key: Option<&IdempotencyKey>,
    ) -> Result<bool, ChangeJourneyError> {
        let ids: Vec<_> = contents
            .markers
            .iter()
            .filter_map(|marker| marker.after().map(|marker| marker.id.0))
            .collect();
        let write = self.keyed_write_of(rider.id, key, &ids);
        match self.store.change_contents(contents, &write).await {
            Ok(()) => Ok(true),
            Err(error) => match self.retry_after(error)? {
                Retry::Again => Ok(false),
                Retry::ParentGone => Err(ChangeJourneyError::JourneyNotFound),
            },
        }
    }
}
