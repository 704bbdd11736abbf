//! A line as stores keep it.

use chrono::NaiveDate;

use super::encoding::{CorruptLine, decode_pieces, encode, encode_pieces};
use super::{DayPart, Line, LineKind, LineVersion, join_days, simplify, split_by_day, summary};
use crate::geo::Distance;

/// A line as stores keep it: encoded, with its figures and its simplification.
///
/// Encoding 100 000 positions takes tens of milliseconds, so callers do it off the async threads.
#[derive(Debug, Clone, PartialEq)]
pub struct EncodedLine {
    /// The version of the line.
    pub version: LineVersion,
    /// The great-circle length along the segments.
    pub length: Distance,
    /// The encoded parts, in order of their days: a route has one, a track one for each UTC day.
    pub parts: Vec<EncodedPart>,
    /// The [simplification](Self::SIMPLIFIED_TO_METRES), encoded by [`encode`].
    pub simplified: Vec<u8>,
}

/// The parts of a line as a store has kept them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineParts {
    /// The version of the line.
    pub version: LineVersion,
    /// All parts, in any order.
    pub parts: Vec<EncodedPart>,
}

/// An encoded part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedPart {
    /// The day; `None` for a route, and for the segments of a track without any time.
    pub day: Option<NaiveDate>,
    /// The positions, encoded by [`encode_pieces`].
    pub bytes: Vec<u8>,
}

impl EncodedLine {
    /// The greatest distance of a position that the simplification leaves out from the simplified line.
    pub const SIMPLIFIED_TO_METRES: f64 = 500.0;

    /// Encodes a line.
    #[must_use]
    pub fn of(line: &Line, kind: LineKind) -> Self {
        let parts = match kind {
            LineKind::Route => vec![EncodedPart {
                day: None,
                bytes: encode(line),
            }],
            LineKind::Track => split_by_day(line).iter().map(EncodedPart::of).collect(),
        };
        Self {
            version: LineVersion::of(line),
            length: summary::length(line),
            parts,
            simplified: encode(&simplify(line, Self::SIMPLIFIED_TO_METRES).without_times()),
        }
    }

    /// Returns the bytes that count towards the rider's bound: those of all parts.
    #[must_use]
    pub fn bytes(&self) -> i64 {
        let bytes: usize = self.parts.iter().map(|part| part.bytes.len()).sum();
        i64::try_from(bytes).unwrap_or(i64::MAX)
    }
}

impl LineParts {
    /// Decodes the line.
    ///
    /// # Errors
    /// [`CorruptLine`] if the parts, in any order, are not those of the line with this version.
    pub fn decode(&self) -> Result<Line, CorruptLine> {
        let line = decode_parts(&self.parts)?;
        if LineVersion::of(&line) == self.version {
            Ok(line)
        } else {
            Err(CorruptLine::Segments)
        }
    }
}

/// Decodes a line from its parts, in any order.
///
/// # Errors
/// [`CorruptLine`] if there is no part, or if the parts don't make up a line.
pub fn decode_parts(parts: &[EncodedPart]) -> Result<Line, CorruptLine> {
    if parts.is_empty() {
        return Err(CorruptLine::Truncated);
    }
    let days = parts.iter().map(|part| {
        Ok(DayPart {
            day: part.day,
            pieces: decode_pieces(&part.bytes)?,
        })
    });
    let days = days.collect::<Result<_, CorruptLine>>()?;
    join_days(days).map_err(|_| CorruptLine::Segments)
}

impl EncodedPart {
    fn of(part: &DayPart) -> Self {
        Self {
            day: part.day,
            bytes: encode_pieces(part),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone as _, Utc};

    use super::*;
    use crate::geo::Position;
    use crate::line::{LineBuilder, LinePosition};

    /// Two segments over three days, one of them without times.
    fn line() -> Line {
        let mut builder = LineBuilder::default();
        for hour in 0..50 {
            let position = Position::new(7.0 + f64::from(hour) / 100.0, 47.0, Some(400.0)).unwrap();
            let time =
                Utc.with_ymd_and_hms(2026, 6, 1, 0, 0, 0).unwrap() + chrono::TimeDelta::hours(hour.into());
            builder.push(LinePosition::new(position, Some(time))).unwrap();
        }
        builder.end_segment();
        for step in 0..3 {
            let position = Position::new(9.0, 47.0 + f64::from(step), None).unwrap();
            builder.push(LinePosition::new(position, None)).unwrap();
        }
        builder.finish()
    }

    fn parts(line: &Line, kind: LineKind) -> LineParts {
        let EncodedLine { version, parts, .. } = EncodedLine::of(line, kind);
        LineParts { version, parts }
    }

    #[test]
    fn a_line_comes_back_from_its_parts_in_any_order() {
        let line = line();
        for (kind, count) in [(LineKind::Route, 1), (LineKind::Track, 4)] {
            let mut encoded = parts(&line, kind);
            assert_eq!(encoded.parts.len(), count);
            encoded.parts.reverse();
            assert_eq!(encoded.decode().unwrap(), line);
        }
    }

    #[test]
    fn a_missing_or_repeated_part_is_corrupt() {
        let encoded = parts(&line(), LineKind::Track);
        for index in 0..encoded.parts.len() {
            let mut missing = encoded.clone();
            let taken = missing.parts.remove(index);
            assert!(missing.decode().is_err(), "{index}");
            let mut repeated = encoded.clone();
            repeated.parts.push(taken);
            assert!(repeated.decode().is_err(), "{index}");
        }
        assert_eq!(decode_parts(&[]), Err(CorruptLine::Truncated));
    }

    #[test]
    fn equal_lines_have_the_same_version_and_others_have_not() {
        let line = line();
        assert_eq!(LineVersion::of(&line), LineVersion::of(&line.clone()));
        assert_ne!(LineVersion::of(&line), LineVersion::of(&line.without_times()));
    }
}
