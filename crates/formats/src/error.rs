//! Why a file can't be read.

use std::fmt;

use kairos_domain::line::{LineTooLarge, MAX_POSITIONS};

use crate::{MAX_ARCHIVE_ENTRIES, MAX_DEPTH, MAX_TEXT_BYTES, MAX_UNPACKED_BYTES, SUPPORTED};

/// Why a file can't be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ReadError {
    /// The kind of the fault.
    pub kind: ReadErrorKind,
    /// The place of the fault.
    pub place: Option<Place>,
}

/// A place in a file, counted from 1 for lines and from 0 for bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A line of a text.
    Line(u64),
    /// A byte of a binary file.
    Byte(usize),
}

/// The fault of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadErrorKind {
    /// The content is of no known type.
    #[error("the file is none of {SUPPORTED}")]
    UnsupportedType,
    /// The text is in an encoding that isn't supported.
    #[error("the encoding {0} is not supported; the file must be one of {SUPPORTED}")]
    UnsupportedEncoding(String),
    /// There is nothing in the file.
    #[error("the file is empty")]
    Empty,
    /// The bytes are not text in the file's encoding.
    #[error("the bytes are not valid {0}")]
    InvalidText(&'static str),
    /// The file breaks its format.
    #[error("the file is not well-formed: {0}")]
    Malformed(String),
    /// The file ends too early.
    #[error("the file is truncated")]
    Truncated,
    /// The file has a document type declaration.
    #[error("a DOCTYPE is not allowed")]
    Doctype,
    /// Elements, objects or arrays are nested too deep.
    #[error("the nesting is deeper than {MAX_DEPTH}")]
    TooDeep,
    /// A name or a description is too long.
    #[error("a name or description has more than {MAX_TEXT_BYTES} bytes")]
    TextTooLong,
    /// A tag, a comment or a string is too long.
    #[error("a tag, comment or string has more than {MAX_TOKEN_BYTES} bytes")]
    TokenTooLong,
    /// A line breaks its bounds.
    #[error(transparent)]
    Line(#[from] LineTooLarge),
    /// All lines together have too many positions.
    #[error("the lines have more than {MAX_FILE_POSITIONS} positions together")]
    TooManyPositions,
    /// There are too many lines.
    #[error("the file has more than {MAX_LINES} lines")]
    TooManyLines,
    /// There are more waypoints than a journey may have markers.
    #[error("the file has more than {MAX_WAYPOINTS} waypoints")]
    TooManyWaypoints,
    /// The texts are more than a journey may have.
    #[error("the texts have more than {MAX_TEXTS_BYTES} bytes together")]
    TooMuchText,
    /// A KMZ archive is broken.
    #[error("the archive can't be read: {0}")]
    Archive(String),
    /// A KMZ archive has too many entries.
    #[error("the archive has more than {MAX_ARCHIVE_ENTRIES} entries")]
    TooManyEntries,
    /// A KMZ archive unpacks to too much.
    #[error("the archive unpacks to more than {MAX_UNPACKED_BYTES} bytes")]
    UnpacksToTooMuch,
    /// The caller stopped reading.
    #[error("reading the file took too long")]
    Cancelled,
}

/// The longest tag, comment, CDATA section or JSON string: the parsers hold each as a whole.
pub(crate) const MAX_TOKEN_BYTES: usize = 2 * 1024 * 1024;

/// The most positions of all lines of a file. A position takes 24 bytes.
pub(crate) const MAX_FILE_POSITIONS: usize = 5 * MAX_POSITIONS;

/// The most lines of a file.
pub(crate) const MAX_LINES: usize = 10_000;

/// The most waypoints of a file: a journey has at most as many markers.
pub(crate) const MAX_WAYPOINTS: usize = 10_000;

/// The most bytes of all texts: a journey holds at most as many.
pub(crate) const MAX_TEXTS_BYTES: usize = 8 * 1024 * 1024;

impl ReadErrorKind {
    /// Whether the file is of a type or in an encoding that isn't read at all.
    #[must_use]
    pub const fn is_unsupported(&self) -> bool {
        matches!(self, Self::UnsupportedType | Self::UnsupportedEncoding(_))
    }

    pub(crate) const fn nowhere(self) -> ReadError {
        ReadError {
            kind: self,
            place: None,
        }
    }

    pub(crate) const fn at_line(self, line: u64) -> ReadError {
        ReadError {
            kind: self,
            place: Some(Place::Line(line)),
        }
    }

    pub(crate) const fn at_byte(self, byte: usize) -> ReadError {
        ReadError {
            kind: self,
            place: Some(Place::Byte(byte)),
        }
    }
}

impl From<ReadErrorKind> for ReadError {
    fn from(kind: ReadErrorKind) -> Self {
        kind.nowhere()
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some(Place::Line(line)) => write!(f, "line {line}: ")?,
            Some(Place::Byte(byte)) => write!(f, "byte {byte}: ")?,
            None => {}
        }
        self.kind.fmt(f)
    }
}
