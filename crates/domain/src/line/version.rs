//! The version of a line: a hash of its positions.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::Line;

/// The first 16 bytes of the SHA-256 of a line's segments and positions. Equal lines have the same version.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LineVersion([u8; 16]);

impl LineVersion {
    /// Computes the version of a line.
    #[must_use]
    pub fn of(line: &Line) -> Self {
        let mut hash = Sha256::new();
        for segment in line.segments() {
            hash.update((segment.len() as u64).to_le_bytes());
            for position in segment {
                hash.update(position.longitude_units().to_le_bytes());
                hash.update(position.latitude_units().to_le_bytes());
                hash.update(position.elevation_units().unwrap_or(i32::MIN).to_le_bytes());
                hash.update(position.time_millis().unwrap_or(i64::MIN).to_le_bytes());
            }
        }
        let hash: [u8; 32] = hash.finalize().into();
        let (first, _) = hash.split_first_chunk().unwrap_or((&[0; 16], &[]));
        Self(*first)
    }

    /// Returns the version with these bytes, as a store has kept them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn bytes(self) -> [u8; 16] {
        self.0
    }
}

/// Writes the version as 32 hex digits.
impl fmt::Display for LineVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for LineVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LineVersion({self})")
    }
}
