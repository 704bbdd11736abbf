use chrono::{DateTime, NaiveDate, Utc};
use kairos_domain::id::{JourneyId, MarkerId, UserId};
use kairos_domain::marker;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Coordinates, text};

/// A marker on a journey.
#[derive(Serialize, ToSchema)]
pub(crate) struct Marker {
    #[serde(rename = "_id", serialize_with = "text::id")]
    #[schema(value_type = String, example = "665f1c2ab8e4d90012a4c7e3")]
    id: MarkerId,
    #[serde(serialize_with = "text::id")]
    #[schema(value_type = String, example = "665f1c2ab8e4d90012a4c7e2")]
    journey_id: JourneyId,
    #[serde(serialize_with = "text::id")]
    #[schema(value_type = String, example = "665f1c2ab8e4d90012a4c7e1")]
    owner_id: UserId,
    name: String,
    notes: String,
    marker_type: MarkerType,
    coordinates: Coordinates,
    /// The day on which the rider was there.
    #[serde(serialize_with = "text::optional_day")]
    timestamp: Option<NaiveDate>,
    /// The day on which the rider means to be there.
    #[serde(serialize_with = "text::optional_day")]
    estimated_time: Option<NaiveDate>,
    #[serde(serialize_with = "text::instant")]
    created_at: DateTime<Utc>,
}

/// `past`: the rider has been there; `plan`: the rider means to be.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MarkerType {
    Past,
    Plan,
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
            id: marker.id,
            journey_id: marker.journey_id,
            owner_id: marker.owner_id,
            name: details.name.into_string(),
            notes: details.notes.into_string(),
            marker_type: details.kind.into(),
            coordinates: details.position.into(),
            timestamp: details.timestamp,
            estimated_time: details.estimated_time,
            created_at: marker.created_at,
        }
    }
}
