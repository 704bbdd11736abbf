//! Gathers lines and waypoints while a file is read, and keeps the bounds.

use chrono::{DateTime, Days, NaiveTime, Utc};
use kairos_domain::geo::Position;
use kairos_domain::line::{LineBuilder, LinePosition};
use kairos_domain::text::{Name, Prose};

use crate::error::{MAX_FILE_POSITIONS, MAX_LINES, MAX_TEXTS_BYTES, MAX_WAYPOINTS};
use crate::numbers::BadPosition;
use crate::{File, FileLine, ReadErrorKind, ReadOptions, Waypoint};

/// The first moment that a track may have, in milliseconds since 1970: 1990.
const EARLIEST_MILLIS: i64 = 631_152_000_000;

/// The times that the position of a track or a past waypoint may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeBounds {
    end_millis: i64,
}

impl TimeBounds {
    /// From 1990 to the end of tomorrow.
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        let end = now.date_naive().checked_add_days(Days::new(2));
        let end = end.map(|day| day.and_time(NaiveTime::MIN).and_utc().timestamp_millis());
        Self {
            end_millis: end.unwrap_or(i64::MAX),
        }
    }

    /// Why a time is skipped.
    pub(crate) const fn fault(self, millis: i64) -> Option<&'static str> {
        if millis < EARLIEST_MILLIS {
            Some("the time is before 1990")
        } else if millis >= self.end_millis {
            Some("the time is after tomorrow")
        } else {
            None
        }
    }
}

/// The file as far as it was read.
pub(crate) struct Collector<'a> {
    file: File,
    bounds: TimeBounds,
    with_waypoints: bool,
    is_cancelled: &'a dyn Fn() -> bool,
    /// Whether this service wrote the file: then texts and positions are kept as they are.
    pub(crate) is_own: bool,
    positions: usize,
    text_bytes: usize,
}

/// A line as far as it was read.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) line: FileLine,
    builder: LineBuilder,
    count: usize,
}

impl Draft {
    /// Whether the segment at hand has any position.
    pub(crate) const fn has_positions(&self) -> bool {
        self.count > 0
    }
}

impl<'a> Collector<'a> {
    pub(crate) fn new(options: &ReadOptions<'a>) -> Self {
        Self {
            file: File::default(),
            bounds: TimeBounds::new(options.now),
            with_waypoints: options.with_waypoints,
            is_cancelled: options.is_cancelled,
            is_own: false,
            positions: 0,
            text_bytes: 0,
        }
    }

    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    pub(crate) fn finish(self) -> File {
        self.file
    }

    pub(crate) const fn with_waypoints(&self) -> bool {
        self.with_waypoints
    }

    pub(crate) fn skip_at(&mut self, place: impl Fn() -> String, reason: &impl ToString) {
        self.file.skipped.add_at(place, reason);
    }

    pub(crate) fn skip(&mut self, place: impl Into<String>, reason: impl Into<String>) {
        self.file.skipped.add(place, reason);
    }

    /// Fails once the caller has lost its patience.
    pub(crate) fn check_cancelled(&self) -> Result<(), ReadErrorKind> {
        if (self.is_cancelled)() {
            Err(ReadErrorKind::Cancelled)
        } else {
            Ok(())
        }
    }

    /// Keeps a name: trimmed, cut, `None` if nothing of it is visible.
    pub(crate) fn name(
        &mut self,
        text: &str,
        place: impl Into<String>,
    ) -> Result<Option<String>, ReadErrorKind> {
        let text = self.keep(text, "name", Name::MAX_CHARS, place)?;
        Ok(Name::parse(&text).is_ok().then_some(text))
    }

    /// Keeps a description: trimmed and cut.
    pub(crate) fn prose(&mut self, text: &str, place: impl Into<String>) -> Result<String, ReadErrorKind> {
        self.keep(text, "description", Prose::MAX_CHARS, place)
    }

    fn keep(
        &mut self,
        text: &str,
        what: &str,
        max_chars: usize,
        place: impl Into<String>,
    ) -> Result<String, ReadErrorKind> {
        let text = if self.is_own { text } else { text.trim() };
        let end = text.char_indices().nth(max_chars).map(|(end, _)| end);
        if end.is_some() {
            self.skip(place, format!("the {what} was cut to {max_chars} characters"));
        }
        let kept = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
        self.text_bytes += kept.len();
        if self.text_bytes > MAX_TEXTS_BYTES {
            return Err(ReadErrorKind::TooMuchText);
        }
        Ok(kept.to_owned())
    }

    /// Keeps a waypoint.
    pub(crate) fn waypoint(&mut self, waypoint: Waypoint) -> Result<(), ReadErrorKind> {
        if let Some(reason) = self.fault(LinePosition::new(waypoint.position, None)) {
            self.skip(waypoint.place, reason);
            return Ok(());
        }
        if self.file.waypoints.len() >= MAX_WAYPOINTS {
            return Err(ReadErrorKind::TooManyWaypoints);
        }
        self.file.waypoints.push(waypoint);
        Ok(())
    }

    /// Adds a position to a line, or says why it is left out.
    pub(crate) fn position(
        &mut self,
        draft: &mut Draft,
        position: Result<Position, BadPosition>,
        time: Option<DateTime<Utc>>,
        place: impl Fn() -> String,
    ) -> Result<(), ReadErrorKind> {
        match position {
            Ok(position) => self.line_position(draft, LinePosition::new(position, time), place),
            Err(reason) => {
                self.skip_at(place, &reason);
                Ok(())
            }
        }
    }

    pub(crate) fn line_position(
        &mut self,
        draft: &mut Draft,
        position: LinePosition,
        place: impl Fn() -> String,
    ) -> Result<(), ReadErrorKind> {
        if let Some(reason) = self.fault(position) {
            self.skip_at(place, &reason);
            return Ok(());
        }
        if let Some(reason) = position
            .time_millis()
            .and_then(|millis| self.bounds.fault(millis))
        {
            draft.line.skipped_in_track.add_at(&place, &reason);
        }
        draft.builder.push(position)?;
        draft.count += 1;
        self.positions += 1;
        if self.positions > MAX_FILE_POSITIONS {
            return Err(ReadErrorKind::TooManyPositions);
        }
        Ok(())
    }

    fn fault(&self, position: LinePosition) -> Option<&'static str> {
        let is_null = position.is_null_island() && !self.is_own;
        is_null.then_some("the position is at 0/0, as of a device without a fix")
    }

    /// Ends a segment.
    pub(crate) fn end_segment(&mut self, draft: &mut Draft, place: impl Into<String>) {
        if draft.builder.end_segment() > 0 || draft.count == 0 {
            self.skip(place, TOO_SHORT);
        }
        draft.count = 0;
    }

    /// Keeps a line, unless no segment is left.
    pub(crate) fn line(&mut self, draft: Draft) -> Result<(), ReadErrorKind> {
        let line = FileLine {
            line: draft.builder.finish(),
            ..draft.line
        };
        if line.line.is_empty() {
            return Ok(());
        }
        if self.file.lines.len() >= MAX_LINES {
            return Err(ReadErrorKind::TooManyLines);
        }
        self.file.lines.push(line);
        Ok(())
    }
}

/// Why a segment is skipped.
pub(crate) const TOO_SHORT: &str = "the segment has fewer than two positions";
