//! Files of routes and tracks: GPX 1.0 and 1.1, GeoJSON, KML, KMZ and FIT in; GPX, GeoJSON and KML out.
//!
//! [`read`] turns the bytes of a file into a [`File`], [`assign`](assign::assign) decides what becomes the route, the track and the
//! markers of a journey, and [`write`](export::write) writes an [`Export`](export::Export).
//!
//! Reading is tolerant: unknown elements are passed over, and one bad position is one entry of [`Skipped`]. Reading is
//! safe: no entity is expanded, depth and texts are bounded, time is linear in the size, and memory is at most the file and
//! 32 MiB. The crate does no I/O and reads no clock.

pub mod assign;
mod collector;
mod cursor;
mod detect;
mod encoding;
mod error;
pub mod export;
mod file;
mod fit;
mod geojson;
mod gpx;
mod input;
mod kml;
mod numbers;
mod skipped;
mod xml;

use chrono::{DateTime, Utc};

pub use cursor::Cursor;
pub use error::{Place, ReadError, ReadErrorKind};
pub use file::{File, FileLine, LineOrigin, MarkerDates, Waypoint};
pub use skipped::{Skipped, SkippedEntry};

/// The deepest nesting of elements or arrays.
pub const MAX_DEPTH: usize = 64;

/// The longest name or description, in bytes.
pub const MAX_TEXT_BYTES: usize = 64 * 1024;

/// The media types of the files that [`read`] takes, for the answer to any other.
pub const SUPPORTED: &str =
    "GPX 1.0 and 1.1, GeoJSON, KML, KMZ and FIT in UTF-8, UTF-16, ISO-8859-1 or windows-1252";

/// The most bytes that the first KML file of a KMZ archive unpacks to.
pub const MAX_UNPACKED_BYTES: u64 = 64 * 1024 * 1024;

/// The most entries of a KMZ archive.
pub const MAX_ARCHIVE_ENTRIES: usize = 1_000;

/// The options for reading a file.
pub struct ReadOptions<'a> {
    /// The present: a time after the end of the next UTC day is skipped.
    pub now: DateTime<Utc>,
    /// The `charset` of the request's `Content-Type`; the file's own declaration counts more.
    pub charset: Option<&'a str>,
    /// Whether waypoints are kept or passed over.
    pub with_waypoints: bool,
    /// Asked every 16 KiB; reading stops with [`ReadErrorKind::Cancelled`] once it returns true.
    pub is_cancelled: &'a dyn Fn() -> bool,
}

/// Reads a file. The type is taken from the content.
///
/// # Errors
/// [`ReadError`] says what is wrong, and at which line or byte.
pub fn read(bytes: &[u8], options: &ReadOptions<'_>) -> Result<File, ReadError> {
    detect::read(bytes, options)
}
