use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;
use kairos_domain::line::LineKind;

use super::replacement::put_line;
use crate::error::ApiResult;
use crate::etag::{IfMatch, IfMatchParams};
use crate::extract::{CurrentRider, FileBody, FileForm, Path, RawFile};
use crate::openapi::documented_errors;
use crate::openapi::file_examples::LINE_GPX;
use crate::schemas::LineSummary;

documented_errors!(NotYourJourney, JourneyNotFound, AccountFull, RateLimited);

/// Replace the track of a journey
///
/// All lines of the file become the track, with their times; waypoints and names are passed over. `If-Match`
/// takes the tag of any tolerance.
#[utoipa::path(
    put,
    path = "/api/v1/journeys/{journey_id}/track",
    operation_id = "put_track",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), IfMatchParams),
    request_body(
        description = "A file: GPX 1.0 or 1.1, GeoJSON, KML, KMZ or FIT, at most 32 MiB. It is the whole body, or the field `file` of a form. The type is taken from the content.",
        content(
            (FileForm = "multipart/form-data", example = json!({"file": LINE_GPX})),
            (RawFile = "application/octet-stream", example = json!(LINE_GPX)),
        )
    ),
    responses(
        (status = 200, description = "The figures of the track", body = LineSummary),
        Errors,
    )
)]
pub(crate) async fn put_track(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    if_match: IfMatch,
    file: FileBody,
) -> ApiResult<Response> {
    put_line(&kairos, &rider, journey_id, LineKind::Track, if_match, file).await
}
