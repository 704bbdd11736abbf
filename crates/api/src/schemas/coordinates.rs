use kairos_domain::geo::Position;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::text;

/// A GeoJSON point.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"type": "Point", "coordinates": [13.43, 48.57]}))]
pub(crate) struct Coordinates {
    #[serde(rename = "type")]
    #[schema(inline)]
    kind: GeometryType,
    /// Longitude and latitude in degrees (WGS 84) and, if it was given, an elevation in metres.
    #[serde(serialize_with = "numbers")]
    #[schema(value_type = Vec<f64>, min_items = 2, max_items = 3)]
    coordinates: Position,
}

/// A GeoJSON point, as it comes in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `parsers::point` reads")]
pub(crate) struct CoordinatesInput {
    /// `Point`, which is also meant if it is absent.
    #[schema(inline)]
    r#type: Option<GeometryType>,
    /// Longitude (−180 to 180) and latitude (−90 to 90) in degrees (WGS 84) and, if known, an elevation in
    /// metres.
    #[schema(min_items = 2, max_items = 3)]
    coordinates: Vec<f64>,
}

/// A change of a GeoJSON point.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `parsers::point_patch` reads")]
pub(crate) struct CoordinatesPatch {
    /// `Point`, which is also meant if it is absent.
    #[schema(inline)]
    r#type: Option<GeometryType>,
    /// The whole new position: longitude (−180 to 180) and latitude (−90 to 90) in degrees (WGS 84) and, if
    /// known, an elevation in metres.
    #[schema(required = false, min_items = 2, max_items = 3)]
    coordinates: Vec<f64>,
}

/// Always `Point`.
#[derive(Serialize, ToSchema)]
pub(crate) enum GeometryType {
    Point,
}

impl Coordinates {
    /// Appends the point to JSON, as `serde_json` would.
    pub(super) fn append(&self, json: &mut Vec<u8>) {
        json.extend_from_slice(br#"{"type":"Point","coordinates":["#);
        text::append(&self.coordinates.longitude(), json);
        json.push(b',');
        text::append(&self.coordinates.latitude(), json);
        if let Some(elevation) = self.coordinates.elevation() {
            json.push(b',');
            text::append(&elevation, json);
        }
        json.extend_from_slice(b"]}");
    }
}

impl From<Position> for Coordinates {
    fn from(position: Position) -> Self {
        Self {
            kind: GeometryType::Point,
            coordinates: position,
        }
    }
}

fn numbers<S: Serializer>(position: &Position, serializer: S) -> Result<S::Ok, S::Error> {
    let elevation = position.elevation();
    let mut numbers = serializer.serialize_seq(Some(2 + usize::from(elevation.is_some())))?;
    numbers.serialize_element(&position.longitude())?;
    numbers.serialize_element(&position.latitude())?;
    if let Some(elevation) = elevation {
        numbers.serialize_element(&elevation)?;
    }
    numbers.end()
}
