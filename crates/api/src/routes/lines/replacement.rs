//! The replacement of a line by that of a file.

use axum::response::{IntoResponse as _, Response};
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;
use kairos_domain::line::LineKind;
use kairos_domain::user::User;
use kairos_formats::assign::TakeAs;

use crate::error::ApiResult;
use crate::etag::{IfMatch, with_line_tag};
use crate::extract::{FileBody, Json, Taking, file_without_line};
use crate::schemas::LineSummary;

pub(super) async fn put_line(
    kairos: &Kairos,
    rider: &User,
    journey_id: JourneyId,
    kind: LineKind,
    if_match: IfMatch,
    file: FileBody,
) -> ApiResult<Response> {
    let file = file.receive(kairos, rider, None).await?;
    let taking = Taking {
        take_as: match kind {
            LineKind::Route => TakeAs::Plan,
            LineKind::Track => TakeAs::Past,
        },
        with_waypoints: false,
    };
    let content = file.read(kairos, taking).await?;
    kairos.check_own_journey(rider, journey_id).await?;
    let content = content.judged()?;
    let taken = match kind {
        LineKind::Route => content.route,
        LineKind::Track => content.track,
    };
    let line = taken.ok_or_else(file_without_line)?.line;
    let (version, figures) = kairos
        .put_line(rider, journey_id, kind, &if_match.line_precondition(), line)
        .await?;
    let summary = Json(LineSummary::new(figures, content.skipped));
    Ok(with_line_tag(summary.into_response(), version, 0.0))
}
