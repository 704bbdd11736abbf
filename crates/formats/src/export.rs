//! A journey as a file.

use std::io::{self, Write};

use chrono::NaiveDate;
use kairos_domain::geo::Position;
use kairos_domain::line::Line;
use kairos_domain::marker::MarkerDetails;
use kairos_domain::schedule::Schedule;

use crate::{geojson, gpx, kml};

/// A journey that is written. Markers and days may come from a store page by page.
pub struct Export<'a, M, D> {
    /// The journey's name.
    pub name: &'a str,
    /// The journey's description.
    pub description: &'a str,
    /// The schedule.
    pub schedule: Option<&'a Schedule>,
    /// The markers, in riding order.
    pub markers: M,
    /// The days to come of the itinerary, which an import leaves out.
    pub days: D,
    /// The planned line.
    pub route: Option<&'a Line>,
    /// The recorded line.
    pub track: Option<&'a Line>,
}

/// A day of the itinerary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Day {
    /// The date.
    pub date: NaiveDate,
    /// The rider's position at the end of the day.
    pub position: Position,
}

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// GPX 1.1.
    #[default]
    Gpx,
    /// GeoJSON.
    GeoJson,
    /// KML 2.2.
    Kml,
}

impl Format {
    /// Every format with the word that stands for it in a query; the word is the file's ending, too.
    pub const ALL: [(&'static str, Self); 3] =
        [("gpx", Self::Gpx), ("geojson", Self::GeoJson), ("kml", Self::Kml)];

    /// Returns the media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Gpx => "application/gpx+xml",
            Self::GeoJson => "application/geo+json",
            Self::Kml => "application/vnd.google-earth.kml+xml",
        }
    }
}

/// Writes a journey piece by piece.
///
/// # Errors
/// Those of the writer.
pub fn write<M, D>(format: Format, export: Export<'_, M, D>, out: &mut dyn Write) -> io::Result<()>
where
    M: IntoIterator<Item = MarkerDetails>,
    D: IntoIterator<Item = Day>,
{
    match format {
        Format::Gpx => gpx::writer::write(export, out),
        Format::GeoJson => geojson::writer::write(export, out),
        Format::Kml => kml::writer::write(export, out),
    }
}

/// A text inside XML: escaped, and without the characters that XML 1.0 doesn't have.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use std::fmt::Write as _;
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                // A parser would turn it into a line feed.
                '\r' => f.write_str("&#13;")?,
                '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}
