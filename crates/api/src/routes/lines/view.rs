//! The view of a line.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;
use kairos_domain::journeys::ViewedLine;
use kairos_domain::line::{LineKind, LineVersion};
use kairos_domain::user::User;
use utoipa::IntoParams;

use crate::error::ApiResult;
use crate::etag::{IfNoneMatch, with_line_tag};
use crate::extract::{Fields, Input, parsers};
use crate::streaming;

/// The media type of GeoJSON.
const GEOJSON: &str = "application/geo+json";

/// The view of a line that the client asks for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LineQuery {
    /// Positions are left out such that each is within this many metres of the line that is given. The line is
    /// given as it is kept if the parameter is 0 or absent.
    #[param(required = false, nullable = false, minimum = 0, maximum = 10000)]
    tolerance_meters: f64,
}

impl Input for LineQuery {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let tolerance_meters = fields.optional("tolerance_meters", parsers::number(0.0..=10_000.0));
        Some(Self {
            tolerance_meters: tolerance_meters?.unwrap_or_default(),
        })
    }
}

pub(super) async fn view_line(
    kairos: &Kairos,
    reader: &User,
    journey_id: JourneyId,
    kind: LineKind,
    query: LineQuery,
    seen: IfNoneMatch,
) -> ApiResult<Response> {
    let tolerance = query.tolerance_meters;
    let seen = seen.of_line(tolerance);
    let is_seen = seen
        .as_ref()
        .map(|is_seen| is_seen as &(dyn Fn(LineVersion) -> bool + Send + Sync));
    let viewed = kairos
        .view_line(reader, journey_id, kind, tolerance, is_seen)
        .await?;
    let (version, response) = match viewed {
        ViewedLine::Seen(version) => (version, StatusCode::NOT_MODIFIED.into_response()),
        ViewedLine::Line(version, line) => {
            let response = streaming::answer_as(GEOJSON, streaming::feature(line)).await?;
            (version, response)
        }
    };
    Ok(with_line_tag(response, version, tolerance))
}
