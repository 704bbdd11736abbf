//! Lines: the route that a journey is planned along, and the track that was ridden.
//!
//! A line is a GeoJSON `MultiLineString` whose positions may have an elevation and a time. Its numbers are fixed-point
//! (1e-7 degrees, 0.1 m, 1 ms), so that a line compares, encodes and reads back exactly.

mod bounding_box;
mod days;
mod encoded;
pub mod encoding;
mod growth;
mod nearby;
mod position;
mod simplify;
mod summary;
mod version;

pub use bounding_box::BoundingBox;
pub use days::{DayPart, InconsistentParts, Piece, join_days, split_by_day};
pub use encoded::{EncodedLine, EncodedPart, LineParts, decode_parts};
pub use growth::{Growth, RejectedPosition, add_positions};
pub use nearby::{NEARBY_SPACING_METRES, nearby_positions};
pub use position::LinePosition;
pub use simplify::simplify;
pub use summary::LineSummary;
pub use version::LineVersion;

/// The most positions of a line.
pub const MAX_POSITIONS: usize = 100_000;

/// The greatest length of a line, in metres.
pub const MAX_METRES: f64 = 20_000_000.0;

/// The use of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LineKind {
    /// The planned line.
    Route,
    /// The recorded line.
    Track,
}

impl LineKind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Route, Self::Track];

    /// Returns the name of the kind.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Route => "route",
            Self::Track => "track",
        }
    }
}

/// Segments of positions, in order. No segment has fewer than two positions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    positions: Vec<LinePosition>,
    /// For each segment the index behind its last position.
    segment_ends: Vec<u32>,
}

/// The bound that a line breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineTooLarge {
    /// More than [`MAX_POSITIONS`] positions.
    #[error("a line may have at most {MAX_POSITIONS} positions")]
    Positions,
    /// Longer than [`MAX_METRES`].
    #[error("a line may be at most {kilometres} km long", kilometres = MAX_METRES / 1000.0)]
    Length,
}

impl Line {
    /// Returns the segments in order.
    pub fn segments(&self) -> impl Iterator<Item = &[LinePosition]> + Clone {
        self.segment_ends.iter().scan(0, |start, end| {
            let range = std::mem::replace(start, *end as usize)..*end as usize;
            self.positions.get(range)
        })
    }

    /// Returns the positions of all segments in order.
    #[must_use]
    pub fn positions(&self) -> &[LinePosition] {
        &self.positions
    }

    /// Returns for each segment the index behind its last position.
    #[must_use]
    pub fn segment_ends(&self) -> &[u32] {
        &self.segment_ends
    }

    /// Returns the line without its [lone positions](add_positions).
    #[must_use]
    pub fn without_lone_positions(self) -> Self {
        self.without_segments(growth::is_lone)
    }

    /// Returns the line without segments that don't leave their first position.
    #[must_use]
    pub fn without_still_segments(self) -> Self {
        self.without_segments(|segment| {
            segment
                .windows(2)
                .all(|pair| matches!(pair, [first, second] if first == second))
        })
    }

    fn without_segments(self, is_left_out: impl Fn(&[LinePosition]) -> bool) -> Self {
        if !self.segments().any(&is_left_out) {
            return self;
        }
        let mut line = Self::default();
        for segment in self.segments().filter(|segment| !is_left_out(segment)) {
            line.positions.extend_from_slice(segment);
            #[expect(clippy::cast_possible_truncation, reason = "at most `MAX_POSITIONS`")]
            line.segment_ends.push(line.positions.len() as u32);
        }
        line
    }

    /// Returns the number of segments.
    #[must_use]
    pub const fn segment_count(&self) -> usize {
        self.segment_ends.len()
    }

    /// Whether the line has no segment at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.segment_ends.is_empty()
    }

    /// Returns the line without its times.
    #[must_use]
    pub fn without_times(mut self) -> Self {
        for position in &mut self.positions {
            *position = position.without_time();
        }
        self
    }

    /// Checks that the line is no longer than [`MAX_METRES`].
    ///
    /// # Errors
    /// [`LineTooLarge::Length`] if the line is longer.
    pub fn check_length(&self) -> Result<(), LineTooLarge> {
        if summary::length(self).metres() > MAX_METRES {
            return Err(LineTooLarge::Length);
        }
        Ok(())
    }
}

/// Builds a [`Line`] position by position.
#[derive(Debug, Clone, Default)]
pub struct LineBuilder {
    line: Line,
}

impl LineBuilder {
    /// Adds a position to the segment at hand.
    ///
    /// # Errors
    /// [`LineTooLarge::Positions`] if the line is full.
    pub fn push(&mut self, position: LinePosition) -> Result<(), LineTooLarge> {
        if self.line.positions.len() >= MAX_POSITIONS {
            return Err(LineTooLarge::Positions);
        }
        self.line.positions.push(position);
        Ok(())
    }

    /// Ends the segment at hand and returns the number of positions that were dropped: a single one is no segment.
    pub fn end_segment(&mut self) -> usize {
        let start = self.line.segment_ends.last().map_or(0, |end| *end as usize);
        let count = self.line.positions.len() - start;
        if count < 2 {
            self.line.positions.truncate(start);
            return count;
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most `MAX_POSITIONS`")]
        self.line.segment_ends.push(self.line.positions.len() as u32);
        0
    }

    /// Adds the segments of a line.
    ///
    /// # Errors
    /// [`LineTooLarge::Positions`] if they are too many together.
    pub fn append(&mut self, line: &Line) -> Result<(), LineTooLarge> {
        for segment in line.segments() {
            for position in segment {
                self.push(*position)?;
            }
            self.end_segment();
        }
        Ok(())
    }

    /// Returns the last position of the segment at hand.
    #[must_use]
    pub fn last_mut(&mut self) -> Option<&mut LinePosition> {
        self.line.positions.last_mut()
    }

    /// Ends the segment at hand and returns the line.
    #[must_use]
    pub fn finish(mut self) -> Line {
        self.end_segment();
        self.line.positions.shrink_to_fit();
        self.line.segment_ends.shrink_to_fit();
        self.line
    }
}

#[cfg(test)]
mod tests;
