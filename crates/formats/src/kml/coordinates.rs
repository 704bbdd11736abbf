//! The text of `coordinates`, read in pieces: it may be as long as the file.

use kairos_domain::geo::Position;

use crate::numbers::{self, BadPosition};

/// The longest tuple of coordinates that is looked at, in bytes.
const MAX_TUPLE_BYTES: usize = 200;

/// Splits pieces of text into tuples at white space.
#[derive(Default)]
pub(super) struct Tuples {
    rest: String,
}

impl Tuples {
    /// Hands each tuple over that ends in this piece.
    pub(super) fn piece<E>(
        &mut self,
        piece: &str,
        mut take: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        for part in piece.split_inclusive(|character: char| character.is_ascii_whitespace()) {
            let tuple = part.trim_ascii_end();
            let room = MAX_TUPLE_BYTES.saturating_sub(self.rest.len());
            self.rest.extend(tuple.chars().take(room));
            if tuple.len() < part.len() {
                self.end(&mut take)?;
            }
        }
        Ok(())
    }

    /// Hands the last tuple over.
    pub(super) fn end<E>(&mut self, mut take: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        if !self.rest.is_empty() {
            take(&self.rest)?;
            self.rest.clear();
        }
        Ok(())
    }
}

/// Reads `longitude,latitude[,elevation]`, or the same with spaces as `gx:coord` has them.
pub(super) fn position(tuple: &str, separator: char) -> Result<Position, BadPosition> {
    let mut numbers = tuple.split(separator).filter(|number| !number.trim().is_empty());
    let (Some(longitude), Some(latitude)) = (numbers.next(), numbers.next()) else {
        return Err(BadPosition::TooFewNumbers);
    };
    numbers::position(longitude, latitude, numbers.next())
}
