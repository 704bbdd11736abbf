//! The progress of a line that is written piece by piece.

use kairos_domain::line::{Line, LinePosition};

/// The progress of writing a line. A writer may pass over a line, or over each segment, several times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    pub(crate) pass: u8,
    segment: usize,
    position: usize,
}

/// A position with its place in the line.
pub(crate) struct Placed<'a> {
    pub(crate) position: LinePosition,
    /// The positions of its segment.
    pub(crate) segment: &'a [LinePosition],
    pub(crate) begins_line: bool,
    pub(crate) begins_segment: bool,
    pub(crate) ends_segment: bool,
    pub(crate) ends_line: bool,
    start: usize,
}

impl Cursor {
    /// Returns the position that comes next.
    pub(crate) fn place<'a>(&self, line: &'a Line) -> Option<Placed<'a>> {
        let ends = line.segment_ends();
        let end_of = |segment: usize| ends.get(segment).map(|end| *end as usize);
        let end = end_of(self.segment)?;
        let start = self.segment.checked_sub(1).and_then(end_of).unwrap_or(0);
        Some(Placed {
            position: *line.positions().get(self.position)?,
            segment: line.positions().get(start..end)?,
            begins_line: self.position == 0,
            begins_segment: self.position == start,
            ends_segment: self.position + 1 == end,
            ends_line: self.position + 1 == line.positions().len(),
            start,
        })
    }

    pub(crate) const fn advance(&mut self, placed: &Placed<'_>) {
        self.position += 1;
        if placed.ends_segment {
            self.segment += 1;
        }
    }

    /// Begins another pass over the segment.
    pub(crate) const fn repeat_segment(&mut self, placed: &Placed<'_>) {
        self.position = placed.start;
        self.pass += 1;
    }

    /// Begins another pass over the line.
    pub(crate) const fn repeat_line(&mut self) {
        *self = Self {
            pass: self.pass + 1,
            segment: 0,
            position: 0,
        };
    }
}
