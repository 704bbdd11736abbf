//! A journey as a file.

use std::io::{self, Write};

use chrono::NaiveDate;
use kairos_domain::geo::Position;
use kairos_domain::line::{Line, LineKind};
use kairos_domain::marker::MarkerDetails;
use kairos_domain::schedule::Schedule;

use crate::{Cursor, geojson, gpx, kml};

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

/// Writes a journey.
///
/// # Errors
/// The errors of `out`.
pub fn write<M, D>(format: Format, export: Export<'_, M, D>, out: &mut dyn Write) -> io::Result<()>
where
    M: IntoIterator<Item = MarkerDetails>,
    D: IntoIterator<Item = Day>,
{
    let mut writer = Writer::new(format);
    writer.head(export.name, export.description, export.schedule, out)?;
    for marker in export.markers {
        writer.marker(&marker, out)?;
    }
    for day in export.days {
        writer.day(day, out)?;
    }
    for (line, kind) in [(export.route, LineKind::Route), (export.track, LineKind::Track)] {
        if let Some(line) = line {
            let mut cursor = Cursor::default();
            while writer.line(line, kind, &mut cursor, out)? {}
        }
    }
    writer.end(out)
}

/// Writes a journey part by part: its head, its markers, its days, its lines, and the end.
///
/// Each method fails as `out` does. A `Vec` never fails.
#[derive(Debug)]
pub struct Writer {
    format: Format,
    /// The text before the next feature of GeoJSON.
    separator: &'static str,
}

impl Writer {
    /// The most positions that one call of [`Self::line`] writes.
    const POSITIONS_A_PIECE: usize = 1_000;

    /// Creates a writer that has not written anything.
    #[must_use]
    pub const fn new(format: Format) -> Self {
        Self {
            format,
            separator: geojson::writer::BEFORE_FIRST,
        }
    }

    /// Writes everything before the first marker.
    pub fn head(
        &self,
        name: &str,
        description: &str,
        schedule: Option<&Schedule>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        match self.format {
            Format::Gpx => gpx::writer::head(name, description, schedule, out),
            Format::GeoJson => geojson::writer::head(name, description, schedule, out),
            Format::Kml => kml::writer::head(name, description, out),
        }
    }

    /// Writes a marker.
    pub fn marker(&mut self, marker: &MarkerDetails, out: &mut dyn Write) -> io::Result<()> {
        match self.format {
            Format::Gpx => gpx::writer::waypoint(marker, out),
            Format::GeoJson => {
                self.separate(out)?;
                geojson::writer::waypoint(marker, out)
            }
            Format::Kml => kml::writer::waypoint(marker, out),
        }
    }

    /// Writes a day to come.
    pub fn day(&mut self, day: Day, out: &mut dyn Write) -> io::Result<()> {
        match self.format {
            Format::Gpx => gpx::writer::day(day, out),
            Format::GeoJson => {
                self.separate(out)?;
                geojson::writer::day(day, out)
            }
            Format::Kml => kml::writer::day(day, out),
        }
    }

    /// Writes the next piece of a line. Returns whether more is left.
    pub fn line(
        &mut self,
        line: &Line,
        kind: LineKind,
        cursor: &mut Cursor,
        out: &mut dyn Write,
    ) -> io::Result<bool> {
        if self.format == Format::GeoJson && *cursor == Cursor::default() && !line.is_empty() {
            self.separate(out)?;
        }
        for _ in 0..Self::POSITIONS_A_PIECE {
            let has_more = match self.format {
                Format::Gpx => gpx::writer::track(line, kind, cursor, out),
                Format::GeoJson => geojson::writer::feature(line, Some(kind), cursor, out),
                Format::Kml => kml::writer::line(line, kind, cursor, out),
            }?;
            if !has_more {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes everything behind the last line.
    pub fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.format {
            Format::Gpx => writeln!(out, "</gpx>"),
            Format::GeoJson => writeln!(out, "\n]}}"),
            Format::Kml => writeln!(out, "</Document></kml>"),
        }
    }

    fn separate(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.separator.as_bytes())?;
        self.separator = geojson::writer::BETWEEN;
        Ok(())
    }
}

/// Writes the next piece of a line as a GeoJSON feature of its own. Returns whether more is left.
///
/// The only property is `times`, if the line has any.
///
/// # Errors
/// The errors of `out`.
pub fn write_feature(line: &Line, cursor: &mut Cursor, out: &mut dyn Write) -> io::Result<bool> {
    for _ in 0..Writer::POSITIONS_A_PIECE {
        if !geojson::writer::feature(line, None, cursor, out)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns the word for the use of a line in a file of this service.
pub(crate) const fn word(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Route => gpx::PLAN,
        LineKind::Track => gpx::PAST,
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
