use chrono::{DateTime, NaiveDate, Utc};
use kairos_domain::geo::Position;
use kairos_domain::marker;
use serde::Serialize;
use utoipa::ToSchema;

use super::date_time::rfc_3339_millis;

/// A marker on a journey.
#[derive(Serialize, ToSchema)]
pub(crate) struct Marker {
    #[serde(rename = "_id")]
    #[schema(example = "665f1c2ab8e4d90012a4c7e3")]
    id: String,
    #[schema(example = "665f1c2ab8e4d90012a4c7e2")]
    journey_id: String,
    #[schema(example = "665f1c2ab8e4d90012a4c7e1")]
    owner_id: String,
    name: String,
    notes: String,
    marker_type: MarkerType,
    coordinates: Coordinates,
    /// The day the rider was there.
    timestamp: Option<NaiveDate>,
    /// The day the rider means to be there.
    estimated_time: Option<NaiveDate>,
    #[serde(serialize_with = "rfc_3339_millis")]
    created_at: DateTime<Utc>,
}

/// `past`: the rider has been there; `plan`: the rider means to be.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MarkerType {
    Past,
    Plan,
}

/// A GeoJSON point.
#[derive(Serialize, ToSchema)]
pub(crate) struct Coordinates {
    #[serde(rename = "type")]
    kind: GeometryType,
    /// Longitude and latitude in degrees and, if it was given, an elevation in metres.
    #[schema(min_items = 2, max_items = 3, example = json!([13.43, 48.57]))]
    coordinates: Vec<f64>,
}

/// A GeoJSON point, as it comes in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `read::point` reads")]
pub(crate) struct CoordinatesInput {
    /// Absent or `Point`.
    r#type: Option<GeometryType>,
    /// Longitude (−180 to 180) and latitude (−90 to 90) in degrees (WGS 84) and, if known, an elevation in metres.
    #[schema(min_items = 2, max_items = 3, example = json!([13.43, 48.57]))]
    coordinates: Vec<f64>,
}

#[derive(Serialize, ToSchema)]
pub(crate) enum GeometryType {
    Point,
}

impl From<Position> for Coordinates {
    fn from(position: Position) -> Self {
        let mut coordinates = vec![position.longitude(), position.latitude()];
        coordinates.extend(position.elevation());
        Self {
            kind: GeometryType::Point,
            coordinates,
        }
    }
}

impl From<marker::MarkerKind> for MarkerType {
    fn from(kind: marker::MarkerKind) -> Self {
        match kind {
            marker::MarkerKind::Past => Self::Past,
            marker::MarkerKind::Plan => Self::Plan,
        }
    }
}

impl From<marker::Marker> for Marker {
    fn from(marker: marker::Marker) -> Self {
        let details = marker.details;
        Self {
            id: marker.id.to_string(),
            journey_id: marker.journey_id.to_string(),
            owner_id: marker.owner_id.to_string(),
            name: details.name.as_str().to_owned(),
            notes: details.notes.as_str().to_owned(),
            marker_type: details.kind.into(),
            coordinates: details.position.into(),
            timestamp: details.timestamp,
            estimated_time: details.estimated_time,
            created_at: marker.created_at,
        }
    }
}
