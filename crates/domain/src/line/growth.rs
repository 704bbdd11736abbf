//! The growth of a track by single positions.

use std::collections::HashSet;
use std::fmt;

use chrono::{DateTime, Days, NaiveTime, Utc};

use super::{Line, LineBuilder, LinePosition, LineTooLarge};

/// The longest pause within a segment.
const MAX_PAUSE_MILLIS: u64 = 12 * 3_600_000;

/// The first time that a position of a track may have, in milliseconds since 1970: 1990.
const EARLIEST_MILLIS: i64 = 631_152_000_000;

/// The numbers of positions that a track took in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Growth {
    /// The positions that are new.
    pub added: usize,
    /// The positions whose time the track already had.
    pub unchanged: usize,
}

/// Why a track does not take a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectedPosition {
    /// The position has no time.
    NoTime,
    /// The time is before 1990.
    BeforeGps,
    /// The time is after the end of tomorrow (UTC).
    AfterTomorrow,
    /// The position is at exactly 0/0, where a device without a fix is.
    NullIsland,
}

impl RejectedPosition {
    /// Checks a position that is to be added at this time.
    #[must_use]
    pub fn check(position: LinePosition, now: DateTime<Utc>) -> Option<Self> {
        let Some(millis) = position.time_millis() else {
            return Some(Self::NoTime);
        };
        let end = now.date_naive().checked_add_days(Days::new(2));
        let end = end.map(|day| day.and_time(NaiveTime::MIN).and_utc().timestamp_millis());
        if millis < EARLIEST_MILLIS {
            Some(Self::BeforeGps)
        } else if end.is_some_and(|end| millis >= end) {
            Some(Self::AfterTomorrow)
        } else {
            position.is_null_island().then_some(Self::NullIsland)
        }
    }
}

impl fmt::Display for RejectedPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoTime => "the time is missing",
            Self::BeforeGps => "the time is before 1990",
            Self::AfterTomorrow => "the time is after tomorrow",
            Self::NullIsland => "the position is at exactly 0/0",
        })
    }
}

/// Adds positions with times to a track.
///
/// A position goes into the segment whose times enclose it, else into the segment that is nearest in time. It
/// stands before the first position of the segment with a later time. If the nearest segment is more than 12
/// hours away, the position begins a segment. A position whose time the track already has changes nothing.
///
/// A segment needs two positions. The line keeps a lone position as a segment of two equal positions, and
/// [`Line::without_lone_positions`] leaves it out.
///
/// # Errors
/// [`LineTooLarge`] if the grown line breaks its bounds.
pub fn add_positions(line: &Line, positions: &[LinePosition]) -> Result<(Line, Growth), LineTooLarge> {
    let times = line
        .positions()
        .iter()
        .filter_map(|position| position.time_millis());
    let mut times: HashSet<_> = times.collect();
    let mut growth = Growth::default();
    let mut new: Vec<(i64, LinePosition)> = Vec::new();
    for position in positions {
        match position.time_millis() {
            Some(millis) if times.insert(millis) => new.push((millis, *position)),
            _ => growth.unchanged += 1,
        }
    }
    growth.added = new.len();
    new.sort_by_key(|(millis, _)| *millis);
    let mut segments: Vec<_> = line.segments().map(Segment::of).collect();
    for (millis, position) in new {
        let nearest = segments.iter_mut().min_by_key(|segment| segment.distance(millis));
        match nearest.filter(|segment| segment.distance(millis) <= MAX_PAUSE_MILLIS) {
            Some(segment) => segment.add(millis, position),
            None => {
                let later = |segment: &Segment<'_>| segment.times.is_some_and(|(first, _)| first > millis);
                let at = segments.iter().position(later).unwrap_or(segments.len());
                segments.insert(at, Segment::begun_by(millis, position));
            }
        }
    }
    let mut builder = LineBuilder::default();
    for segment in segments {
        segment.write(&mut builder)?;
    }
    let grown = builder.finish();
    grown.check_length()?;
    Ok((grown, growth))
}

/// Checks whether a segment stands for a lone position.
pub(super) fn is_lone(segment: &[LinePosition]) -> bool {
    matches!(segment, [first, second] if first == second && first.time_millis().is_some())
}

/// A segment that grows.
struct Segment<'a> {
    positions: &'a [LinePosition],
    /// The earliest and the latest time.
    times: Option<(i64, i64)>,
    /// The new positions, in order of their times.
    new: Vec<(i64, LinePosition)>,
}

impl<'a> Segment<'a> {
    fn of(positions: &'a [LinePosition]) -> Self {
        let positions = if is_lone(positions) {
            positions.get(..1).unwrap_or(positions)
        } else {
            positions
        };
        let times = positions.iter().filter_map(|position| position.time_millis());
        Self {
            positions,
            times: times.clone().min().zip(times.max()),
            new: Vec::new(),
        }
    }

    fn begun_by(millis: i64, position: LinePosition) -> Self {
        Self {
            positions: &[],
            times: Some((millis, millis)),
            new: vec![(millis, position)],
        }
    }

    /// Returns the time between an instant and the times of the segment; 0 if they enclose it.
    fn distance(&self, millis: i64) -> u64 {
        match self.times {
            None => u64::MAX,
            Some((first, _)) if millis < first => first.abs_diff(millis),
            Some((_, last)) if millis > last => last.abs_diff(millis),
            Some(_) => 0,
        }
    }

    fn add(&mut self, millis: i64, position: LinePosition) {
        let (first, last) = self.times.unwrap_or((millis, millis));
        self.times = Some((first.min(millis), last.max(millis)));
        self.new.push((millis, position));
    }

    /// Writes the positions, each new one before the first with a later time.
    fn write(self, builder: &mut LineBuilder) -> Result<(), LineTooLarge> {
        let mut new = self.new.into_iter().peekable();
        let mut count = 0;
        for position in self.positions {
            if let Some(millis) = position.time_millis() {
                while let Some((_, earlier)) = new.next_if(|(earlier, _)| *earlier < millis) {
                    builder.push(earlier)?;
                    count += 1;
                }
            }
            builder.push(*position)?;
            count += 1;
        }
        for (_, position) in new {
            builder.push(position)?;
            count += 1;
        }
        if count == 1
            && let Some(lone) = builder.last_mut().copied()
        {
            builder.push(lone)?;
        }
        builder.end_segment();
        Ok(())
    }
}
