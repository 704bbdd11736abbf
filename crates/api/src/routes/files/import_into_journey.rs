use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;
use kairos_formats::assign::TakeAs;
use utoipa::IntoParams;

use super::import_query::{ImportAs, read_take_as};
use super::report::{ImportReport, split};
use crate::error::ApiResult;
use crate::extract::{
    CurrentRider, Fields, FileBody, FileForm, IdempotencyKeyParams, Input, Json, Path, Query, RawFile,
    Taking, parsers,
};
use crate::openapi::documented_errors;
use crate::openapi::file_examples::JOURNEY_GPX;

/// The use of the file.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportIntoQuery {
    /// `plan`: all lines are the route and waypoints planned markers; `past`: the track and past markers; `auto`: each
    /// is judged by its times. `auto` if absent.
    #[param(rename = "as", value_type = ImportAs, inline, required = false, nullable = false)]
    take_as: TakeAs,
    /// Whether lines of the file replace those of the journey; `false` if absent.
    #[param(required = false, nullable = false)]
    replace: bool,
}

impl Input for ImportIntoQuery {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let take_as = read_take_as(fields);
        let replace = fields.optional("replace", parsers::boolean);
        Some(Self {
            take_as: take_as?,
            replace: replace?.unwrap_or_default(),
        })
    }
}

documented_errors!(
    NotYourJourney,
    JourneyNotFound,
    LineExists,
    ScheduleTooLong,
    TooManyMarkers,
    JourneyFull,
    AccountFull,
    RateLimited
);

/// Add a file to a journey
///
/// The lines of the file become the route and the track, its waypoints markers. A marker is not added if the journey
/// has one with the same name, kind, dates and coordinates. The name, the description and the visibility of the
/// journey stay.
#[utoipa::path(
    post,
    path = "/api/v1/journeys/{journey_id}/import",
    operation_id = "import_into_journey",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), ImportIntoQuery, IdempotencyKeyParams),
    request_body(
        description = "A file: GPX 1.0 or 1.1, GeoJSON, KML, KMZ or FIT, at most 32 MiB. It is the whole body, or the field `file` of a form. The type is taken from the content.",
        content(
            (FileForm = "multipart/form-data", example = json!({"file": JOURNEY_GPX})),
            (RawFile = "application/octet-stream", example = json!(JOURNEY_GPX)),
        )
    ),
    responses(
        (status = 200, description = "The report", body = ImportReport),
        Errors,
    )
)]
pub(crate) async fn import_into_journey(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    Query(query): Query<ImportIntoQuery>,
    file: FileBody,
) -> ApiResult<Json<ImportReport>> {
    let file = file.receive(&kairos, &rider, Some(StatusCode::OK)).await?;
    let taking = Taking {
        take_as: query.take_as,
        with_waypoints: true,
    };
    let content = file.read(&kairos, taking).await?;
    kairos.check_own_journey(&rider, journey_id).await?;
    let (contents, reasons) = split(content.judged()?);
    let imported = kairos
        .import_into_journey(&rider, journey_id, contents, query.replace, file.key.as_ref())
        .await?;
    Ok(Json(ImportReport::new(imported, reasons)))
}
