use std::sync::Arc;

use axum::extract::State;
use chrono::NaiveDate;
use kairos_domain::Kairos;
use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, MarkerId};
use kairos_domain::journeys::MarkerChange;
use kairos_domain::marker::MarkerKind;
use kairos_domain::text::{Name, Prose};
use utoipa::ToSchema;

use super::marker_input::check_journey;
use super::stored_texts::stored_texts;
use crate::error::ApiResult;
use crate::etag::{IfMatch, IfMatchParams, Tagged};
use crate::extract::{Amendment, CurrentRider, Fields, Input, Path, parsers};
use crate::openapi::documented_errors;
use crate::schemas::{CoordinatesPatch, Marker, MarkerType};

/// A JSON merge patch (RFC 7396) of a marker. A field that is absent stays as it is.
#[derive(ToSchema)]
#[schema(as = MarkerPatch, example = json!({"estimated_time": "2027-06-07", "notes": null}))]
pub(crate) struct MarkerPatchInput {
    /// New name of the place, with at least one visible character.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = "\\S")]
    name: Option<Name>,
    #[schema(value_type = MarkerType, inline, required = false)]
    marker_type: Option<MarkerKind>,
    /// New position of the place.
    #[schema(value_type = CoordinatesPatch, required = false)]
    coordinates: Option<Position>,
    /// Day (UTC) on which the rider was there; of a past marker not later than tomorrow. Null for none. A
    /// date-time is accepted if its time is exactly midnight.
    #[schema(value_type = Option<NaiveDate>)]
    timestamp: Option<Option<NaiveDate>>,
    /// Day (UTC) on which the rider means to be there. Null for none. A date-time is accepted if its time is
    /// exactly midnight.
    #[schema(value_type = Option<NaiveDate>)]
    estimated_time: Option<Option<NaiveDate>>,
    /// New notes of the owner. Null empties them.
    #[schema(value_type = Option<String>, max_length = 10000)]
    notes: Option<Option<Prose>>,
    /// Not needed: the path names the journey. The id of another journey is rejected.
    #[schema(value_type = String, required = false, deprecated)]
    #[expect(dead_code, reason = "compared when it is read")]
    journey_id: Option<JourneyId>,
}

impl Input for MarkerPatchInput {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.optional("name", parsers::name);
        let marker_type = fields.optional("marker_type", parsers::one_of(&MarkerKind::ALL));
        let coordinates = fields.optional("coordinates", parsers::point_patch);
        let timestamp = fields.optional("timestamp", parsers::or_null(parsers::date));
        let estimated_time = fields.optional("estimated_time", parsers::or_null(parsers::date));
        let notes = fields.optional("notes", parsers::or_null(parsers::prose));
        let journey_id = fields.optional("journey_id", parsers::id);
        check_journey(fields, journey_id.flatten());
        if let (Some(Some(MarkerKind::Past)), Some(Some(Some(day)))) = (marker_type, timestamp) {
            fields.check_past_day("timestamp", day);
        }
        Some(Self {
            name: name?,
            marker_type: marker_type?,
            coordinates: coordinates?.flatten(),
            timestamp: timestamp?,
            estimated_time: estimated_time?,
            notes: notes?,
            journey_id: journey_id?,
        })
    }
}

impl From<MarkerPatchInput> for MarkerChange {
    fn from(patch: MarkerPatchInput) -> Self {
        Self {
            name: patch.name,
            notes: patch.notes.map(Option::unwrap_or_default),
            kind: patch.marker_type,
            position: patch.coordinates,
            timestamp: patch.timestamp,
            estimated_time: patch.estimated_time,
        }
    }
}

documented_errors!(
    NotYourJourney,
    JourneyNotFound,
    MarkerNotFound,
    JourneyFull,
    AccountFull,
    RateLimited
);

/// Change some fields of a marker
///
/// Sets the fields that the body names. The marker that comes of it has to be one that `PUT` accepts.
#[utoipa::path(
    patch,
    path = "/api/v1/journeys/{journey_id}/markers/{marker_id}",
    operation_id = "patch_marker",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), ("marker_id" = String, Path), IfMatchParams),
    request_body(content(
        (MarkerPatchInput = "application/json"),
        (MarkerPatchInput = "application/merge-patch+json"),
    )),
    responses(
        (status = 200, description = "The marker as it is now", body = Marker),
        Errors,
    )
)]
pub(crate) async fn patch(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path((journey_id, marker_id)): Path<(JourneyId, MarkerId)>,
    if_match: IfMatch,
    patch: Amendment<MarkerPatchInput>,
) -> ApiResult<Tagged<Marker>> {
    let patch = patch
        .judged(stored_texts(&kairos, &rider, journey_id, marker_id))
        .await?;
    let precondition = if_match.precondition::<Marker, _>();
    let marker = kairos
        .change_marker(&rider, journey_id, marker_id, &precondition, &patch.into())
        .await?;
    Ok(Tagged::new(marker.into()))
}
