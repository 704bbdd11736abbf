use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use kairos_domain::Kairos;
use kairos_domain::journey::Visibility;
use kairos_domain::journeys::ImportJourney;
use kairos_domain::text::Name;
use kairos_formats::assign::TakeAs;
use utoipa::IntoParams;

use super::import_query::{ImportAs, read_take_as};
use super::report::{ImportReport, split};
use crate::error::ApiResult;
use crate::extract::{
    CurrentRider, Fields, FileBody, FileForm, IdempotencyKeyParams, Input, Json, Query, RawFile, Taking,
    parsers,
};
use crate::openapi::documented_errors;
use crate::openapi::file_examples::JOURNEY_GPX;

/// The journey that the file becomes.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportQuery {
    /// The name of the journey. Without it, the name in the file, else the name of the file.
    #[param(value_type = String, required = false, nullable = false, min_length = 1, max_length = 200)]
    name: Option<Name>,
    /// Who can see the journey. The operator chooses the default, usually `public`.
    #[param(value_type = crate::schemas::Visibility, inline, required = false, nullable = false)]
    visibility: Option<Visibility>,
    /// `plan`: all lines are the route and waypoints planned markers; `past`: the track and past markers; `auto`: each
    /// is judged by its times. `auto` if absent.
    #[param(rename = "as", value_type = ImportAs, inline, required = false, nullable = false)]
    take_as: TakeAs,
}

impl Input for ImportQuery {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.optional("name", parsers::name);
        let visibility = fields.optional("visibility", parsers::one_of(&Visibility::ALL));
        let take_as = read_take_as(fields);
        Some(Self {
            name: name?,
            visibility: visibility?,
            take_as: take_as?,
        })
    }
}

documented_errors!(
    JourneyNotFound,
    TooManyJourneys,
    TooManyMarkers,
    JourneyFull,
    AccountFull,
    RateLimited
);

/// Create a journey from a file
///
/// The lines of the file become the route and the track, its waypoints markers. The report says what was taken as
/// what, and what was left out. A repeated request with the same `Idempotency-Key` gives a report of the journey as
/// it is now, without the entries of `skipped`.
#[utoipa::path(
    post,
    path = "/api/v1/journeys/import",
    operation_id = "import_journey",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(ImportQuery, IdempotencyKeyParams),
    request_body(
        description = "A file: GPX 1.0 or 1.1, GeoJSON, KML, KMZ or FIT, at most 32 MiB. It is the whole body, or the field `file` of a form. The type is taken from the content.",
        content(
            (FileForm = "multipart/form-data", example = json!({"file": JOURNEY_GPX})),
            (RawFile = "application/octet-stream", example = json!(JOURNEY_GPX)),
        )
    ),
    responses(
        (status = 201, description = "The report", body = ImportReport),
        Errors,
    )
)]
pub(crate) async fn import_journey(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Query(query): Query<ImportQuery>,
    file: FileBody,
) -> ApiResult<Response> {
    let file = file.receive(&kairos, &rider, Some(StatusCode::CREATED)).await?;
    let taking = Taking {
        take_as: query.take_as,
        with_waypoints: true,
    };
    let assignment = file.read(&kairos, taking).await?.judged()?;
    let (name, description) = (assignment.name.clone(), assignment.description.clone());
    let (contents, reasons) = split(assignment);
    let import = ImportJourney {
        name: query.name.unwrap_or(name),
        description,
        visibility: query.visibility,
        contents,
    };
    let imported = kairos.import_journey(&rider, import, file.key.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(ImportReport::new(imported, reasons))).into_response())
}
