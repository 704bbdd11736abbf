//! A track in parts, one for each UTC day, so that a new position changes one part only.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Line, LineBuilder, LinePosition};

/// The part of a track on one UTC day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayPart {
    /// The day; `None` for segments without any time.
    pub day: Option<NaiveDate>,
    /// The pieces of segments, in order of the line.
    pub pieces: Vec<Piece>,
}

/// Consecutive positions of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The number of the segment within the line.
    pub segment: u32,
    /// The number of the piece within the segment.
    pub number: u32,
    /// The positions, at least one.
    pub positions: Vec<LinePosition>,
}

/// The parts don't make up a line: a piece is missing, or there twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the parts of the line are inconsistent")]
pub struct InconsistentParts;

/// Splits a line into one part for each UTC day; [`join_days`] is the inverse.
///
/// A position without a time belongs to the day of the one before it in its segment, or of the first that has a
/// time. Times that go backwards give a day several pieces.
#[must_use]
pub fn split_by_day(line: &Line) -> Vec<DayPart> {
    let mut days: BTreeMap<Option<NaiveDate>, Vec<Piece>> = BTreeMap::new();
    for (segment, positions) in (0..).zip(line.segments()) {
        let day_of = |position: &LinePosition| position.time().map(|time| time.date_naive());
        let mut day = positions.iter().find_map(day_of);
        let mut rest = positions;
        let mut number = 0;
        while !rest.is_empty() {
            let is_other = |position: &LinePosition| day_of(position).is_some_and(|other| Some(other) != day);
            let end = rest.iter().position(is_other).unwrap_or(rest.len());
            let (piece, others) = rest.split_at(end);
            if !piece.is_empty() {
                let pieces = days.entry(day).or_default();
                pieces.push(Piece {
                    segment,
                    number,
                    positions: piece.to_vec(),
                });
                number += 1;
            }
            day = others.first().and_then(day_of);
            rest = others;
        }
    }
    days.into_iter()
        .map(|(day, pieces)| DayPart { day, pieces })
        .collect()
}

/// Joins the parts of all days, in any order.
///
/// # Errors
/// [`InconsistentParts`] if a piece is missing or there twice, or the whole breaks a rule of [`Line`].
pub fn join_days(parts: Vec<DayPart>) -> Result<Line, InconsistentParts> {
    let mut pieces: Vec<_> = parts.into_iter().flat_map(|part| part.pieces).collect();
    pieces.sort_by_key(|piece| (piece.segment, piece.number));
    let mut builder = LineBuilder::default();
    let mut expected = (0, 0);
    for piece in pieces {
        if (piece.segment, piece.number) == (expected.0 + 1, 0) && expected.1 > 0 {
            if builder.end_segment() > 0 {
                return Err(InconsistentParts);
            }
        } else if (piece.segment, piece.number) != expected {
            return Err(InconsistentParts);
        }
        for position in piece.positions {
            builder.push(position).map_err(|_| InconsistentParts)?;
        }
        expected = (piece.segment, piece.number + 1);
    }
    if builder.end_segment() > 0 {
        return Err(InconsistentParts);
    }
    Ok(builder.finish())
}
