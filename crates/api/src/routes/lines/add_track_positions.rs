use std::sync::Arc;

use axum::extract::State;
use chrono::{DateTime, Utc};
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;
use kairos_domain::line::{LinePosition, RejectedPosition};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::{ApiError, ApiResult};
use crate::extract::{
    CurrentRider, IdempotencyKeyParams, Json, KeyedDocument, Objection, Path, ValidationError, parsers,
};
use crate::openapi::documented_errors;

/// The most positions of a request.
const MAX_POSITIONS: usize = 1_000;

/// A position with its time. The body is a list of them, or a GeoJSON `FeatureCollection` of Points with
/// `properties.time`; at most 1000.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `position` reads")]
pub(crate) struct TimedPosition {
    /// Longitude, latitude and, if it is known, an elevation in metres. A GeoJSON Point counts, too.
    #[schema(min_items = 2, max_items = 3, example = json!([13.43, 48.57, 312.5]))]
    coordinates: Vec<f64>,
    /// From 1990 to the end of tomorrow (UTC).
    time: DateTime<Utc>,
}

/// The outcome of adding positions.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"added": 2, "unchanged": 0, "rejected": []}))]
pub(crate) struct AddedPositions {
    /// The positions that are new.
    added: usize,
    /// The positions whose time the track already had.
    unchanged: usize,
    /// The positions that were not taken.
    rejected: Vec<RejectedItem>,
}

/// A position that was not taken.
#[derive(Serialize, ToSchema)]
pub(crate) struct RejectedItem {
    /// The index in the list, from 0.
    index: usize,
    /// The fault of the position.
    reason: String,
}

documented_errors!(
    NotYourJourney,
    JourneyNotFound,
    LineTooLarge,
    AccountFull,
    RateLimited
);

/// Add positions to the track of a journey
///
/// A position goes into the segment whose times enclose it, else into the segment that is nearest in time. More than
/// 12 hours away from all of them it begins a segment, which is given once it has two positions. A position whose
/// time the track already has is `unchanged`, so a request can be repeated.
#[utoipa::path(
    post,
    path = "/api/v1/journeys/{journey_id}/track/positions",
    operation_id = "add_track_positions",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), IdempotencyKeyParams),
    request_body(
        content = Vec<TimedPosition>,
        example = json!([
            {"coordinates": [13.43, 48.57, 312.5], "time": "2026-06-01T08:00:00Z"},
            {"coordinates": [13.44, 48.56], "time": "2026-06-01T08:05:00Z"}
        ])
    ),
    responses(
        (status = 200, description = "The outcome", body = AddedPositions),
        Errors,
    )
)]
pub(crate) async fn add_track_positions(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    KeyedDocument { document, key }: KeyedDocument,
) -> ApiResult<Json<AddedPositions>> {
    let items = items(&document)
        .map_err(|objection| ApiError::validation(vec![ValidationError::no_positions(objection)]))?;
    let now = kairos.now();
    let mut positions = Vec::with_capacity(items.len());
    let mut rejected = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let judged = position(item).and_then(|position| match RejectedPosition::check(position, now) {
            None => Ok(position),
            Some(reason) => Err(reason.to_string()),
        });
        match judged {
            Ok(position) => positions.push(position),
            Err(reason) => rejected.push(RejectedItem { index, reason }),
        }
    }
    let growth = kairos
        .add_track_positions(&rider, journey_id, &positions, key.as_ref())
        .await?;
    Ok(Json(AddedPositions {
        added: growth.added,
        unchanged: growth.unchanged,
        rejected,
    }))
}

fn items(document: &Value) -> Result<&[Value], Objection> {
    let items = match document {
        Value::Array(items) => Some(items),
        Value::Object(object) => object.get("features").and_then(Value::as_array),
        _ => None,
    };
    let items = items.ok_or_else(Objection::no_list_of_positions)?;
    if items.len() > MAX_POSITIONS {
        return Err(Objection::too_many("List", MAX_POSITIONS));
    }
    Ok(items)
}

/// Reads an item of a list, or a feature.
fn position(item: &Value) -> Result<LinePosition, String> {
    let (place, time) = match item.get("geometry") {
        Some(geometry) => (
            Some(geometry),
            item.get("properties").and_then(|it| it.get("time")),
        ),
        None => (item.get("coordinates"), item.get("time")),
    };
    let place = place.ok_or("the coordinates are missing")?;
    let coordinates = match place.get("coordinates") {
        Some(coordinates) if place.get("type").is_none_or(|kind| kind == "Point") => coordinates,
        Some(_) => return Err("the geometry is not a Point".to_owned()),
        None => place,
    };
    let position = parsers::position(coordinates).map_err(|objections| {
        let first = objections.first().map(Objection::msg);
        format!("coordinates: {}", first.unwrap_or_default())
    })?;
    let time = match time {
        None | Some(Value::Null) => return Err(RejectedPosition::NoTime.to_string()),
        Some(time) => time
            .as_str()
            .and_then(|text| DateTime::parse_from_rfc3339(text).ok()),
    };
    let time = time.ok_or("the time is no date-time of RFC 3339")?;
    Ok(LinePosition::new(position, Some(time.to_utc())))
}
