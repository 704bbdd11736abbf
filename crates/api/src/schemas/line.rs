use chrono::{DateTime, Utc};
use kairos_domain::line;
use kairos_domain::line::BoundingBox;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::text;

/// The figures of a line that a file has brought.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "segments": 1,
    "positions": 2,
    "length_meters": 69668.432,
    "ascent_meters": null,
    "bbox": [13.43, 48.31, 14.29, 48.57],
    "first_time": null,
    "last_time": null,
    "skipped": {"count": 0, "entries": []},
}))]
pub(crate) struct LineSummary {
    #[serde(flatten)]
    figures: LineFigures,
    /// The parts of the file that were left out.
    skipped: Skipped,
}

/// The figures of a line.
#[derive(Serialize, ToSchema)]
pub(crate) struct LineFigures {
    /// The number of segments.
    segments: usize,
    /// The number of positions.
    positions: usize,
    /// Great-circle length along the segments, in metres. A gap between two segments has none.
    length_meters: f64,
    /// The climbs of 5 m and more, in metres; null without elevations.
    ascent_meters: Option<f64>,
    /// West, south, east, north, in degrees. West is greater than east across the antimeridian.
    #[serde(serialize_with = "corners")]
    #[schema(value_type = Vec<f64>, min_items = 4, max_items = 4, example = json!([13.43, 48.2, 16.37, 48.57]))]
    bbox: Option<BoundingBox>,
    /// The earliest time.
    #[serde(serialize_with = "optional_instant")]
    first_time: Option<DateTime<Utc>>,
    /// The latest time.
    #[serde(serialize_with = "optional_instant")]
    last_time: Option<DateTime<Utc>>,
}

/// The parts of a file that were left out.
#[derive(Serialize, ToSchema)]
pub(crate) struct Skipped {
    /// The number of parts.
    count: usize,
    /// The first 100 of them.
    entries: Vec<SkippedEntry>,
}

/// A part of a file that was left out.
#[derive(Serialize, ToSchema)]
pub(crate) struct SkippedEntry {
    /// The place in the file.
    #[schema(example = "line 812, trkpt")]
    r#where: String,
    /// Why the part was left out.
    reason: String,
}

/// A line as a GeoJSON feature.
#[derive(ToSchema)]
#[schema(example = json!({
    "type": "Feature",
    "properties": {},
    "geometry": {"type": "MultiLineString", "coordinates": [[[13.43, 48.57, 312.5], [14.29, 48.31]]]},
}))]
#[expect(dead_code, reason = "describes what `export::write_feature` writes")]
pub(crate) struct LineFeature {
    #[schema(inline)]
    r#type: FeatureType,
    /// The times of a track.
    properties: LineProperties,
    /// The segments.
    geometry: LineGeometry,
}

/// Always `Feature`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `export::write_feature` writes")]
pub(crate) enum FeatureType {
    Feature,
}

/// The properties of a line.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `export::write_feature` writes")]
pub(crate) struct LineProperties {
    /// The times of the positions, parallel to the coordinates; null for a position without a time. Absent for a line
    /// without times.
    #[schema(required = false)]
    times: Vec<Vec<Option<DateTime<Utc>>>>,
}

/// A GeoJSON geometry: segments of positions.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `export::write_feature` writes")]
pub(crate) struct LineGeometry {
    #[schema(inline)]
    r#type: LineGeometryType,
    /// Each position is longitude, latitude and, if it is known, an elevation in metres.
    #[schema(example = json!([[[13.43, 48.57, 312.5], [13.7, 48.51]]]))]
    coordinates: Vec<Vec<Vec<f64>>>,
}

/// Always `MultiLineString`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `export::write_feature` writes")]
pub(crate) enum LineGeometryType {
    MultiLineString,
}

impl LineSummary {
    pub(crate) fn new(figures: line::LineSummary, skipped: kairos_formats::Skipped) -> Self {
        Self {
            figures: figures.into(),
            skipped: skipped.into(),
        }
    }
}

impl From<line::LineSummary> for LineFigures {
    fn from(figures: line::LineSummary) -> Self {
        Self {
            segments: figures.segments,
            positions: figures.positions,
            length_meters: figures.length.metres(),
            ascent_meters: figures.ascent_metres,
            bbox: figures.bounding_box,
            first_time: figures.first_time,
            last_time: figures.last_time,
        }
    }
}

impl From<kairos_formats::Skipped> for Skipped {
    fn from(skipped: kairos_formats::Skipped) -> Self {
        let entries = skipped.entries.into_iter().map(|entry| SkippedEntry {
            r#where: entry.place,
            reason: entry.reason,
        });
        Self {
            count: skipped.count,
            entries: entries.collect(),
        }
    }
}

fn corners<S: Serializer>(bbox: &Option<BoundingBox>, serializer: S) -> Result<S::Ok, S::Error> {
    let corners = bbox.map(|bbox| [bbox.west, bbox.south, bbox.east, bbox.north]);
    corners.serialize(serializer)
}

fn optional_instant<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => text::instant(at, serializer),
        None => serializer.serialize_none(),
    }
}
