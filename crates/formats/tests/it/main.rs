//! Files in every format: the rules, hostile ones, real ones, and round trips.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a test can't prepare, it can't check"
)]

mod geojson;
mod gpx;
mod hostile;
mod kml_and_fit;
mod real_files;
mod round_trip;

use chrono::{DateTime, Utc};
use kairos_domain::line::Line;
use kairos_formats::{File, ReadError, ReadErrorKind, ReadOptions, read};

fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-06-01T12:00:00Z")
        .unwrap()
        .to_utc()
}

fn try_read(bytes: &[u8]) -> Result<File, ReadError> {
    read(bytes, &options())
}

fn options() -> ReadOptions<'static> {
    ReadOptions {
        now: now(),
        charset: None,
        with_waypoints: true,
        is_cancelled: &|| false,
    }
}

#[track_caller]
fn file(text: impl AsRef<[u8]>) -> File {
    try_read(text.as_ref()).unwrap()
}

#[track_caller]
fn fault(text: impl AsRef<[u8]>) -> ReadErrorKind {
    try_read(text.as_ref()).unwrap_err().kind
}

/// The entries of what was left out, each as `place: reason`.
fn skipped(file: &File) -> Vec<String> {
    file.skipped
        .entries
        .iter()
        .map(|entry| format!("{}: {}", entry.place, entry.reason))
        .collect()
}

/// Longitude and latitude of each position, by segments.
fn degrees(line: &Line) -> Vec<Vec<(f64, f64)>> {
    let segment = |segment: &[kairos_domain::line::LinePosition]| {
        segment
            .iter()
            .map(|position| (position.longitude(), position.latitude()))
            .collect()
    };
    line.segments().map(segment).collect()
}
