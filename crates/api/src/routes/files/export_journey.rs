use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_DISPOSITION;
use axum::response::Response;
use futures_util::{Stream, stream};
use kairos_domain::Kairos;
use kairos_domain::id::JourneyId;
use kairos_domain::journeys::{ExportedJourney, PackedLine, ReadOnError};
use kairos_domain::line::{Line, LineKind};
use kairos_domain::marker::Marker;
use kairos_formats::Cursor;
use kairos_formats::export::{Format, Writer};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use utoipa::{IntoParams, ToSchema};

use crate::error::ApiResult;
use crate::extract::{CurrentRider, Fields, Input, Path, Query, parsers};
use crate::openapi::documented_errors;
use crate::openapi::file_examples::{JOURNEY_GEOJSON, JOURNEY_GPX, JOURNEY_KML};
use crate::streaming;

/// The bytes that `filename*` writes as escapes (RFC 8187, 3.2.1).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// A format of files.
#[derive(Clone, Copy, ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "describes the words of `Format`")]
pub(crate) enum ExportFormat {
    Gpx,
    GeoJson,
    Kml,
}

/// The file that the client asks for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// The format; `gpx` if absent. GPX and GeoJSON can be imported again without a loss. KML is for looking at.
    #[param(value_type = ExportFormat, inline, required = false, nullable = false)]
    format: Format,
}

impl Input for ExportQuery {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let format = fields.optional("format", parsers::one_of(&Format::ALL));
        Some(Self {
            format: format?.unwrap_or_default(),
        })
    }
}

documented_errors!(JourneyNotFound, WholeAnswerTooLarge);

/// Export a journey as a file
///
/// The file has the name, the description, the markers and the lines of the journey.
#[utoipa::path(
    get,
    path = "/api/v1/journeys/{journey_id}/export",
    operation_id = "export_journey",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), ExportQuery),
    responses(
        (
            status = 200,
            description = "The file",
            content(
                (String = "application/gpx+xml", example = json!(JOURNEY_GPX)),
                (String = "application/geo+json", example = json!(JOURNEY_GEOJSON)),
                (String = "application/vnd.google-earth.kml+xml", example = json!(JOURNEY_KML)),
            ),
            headers(("content-disposition" = String, description = "`attachment` with the name of the file"))
        ),
        Errors,
    )
)]
pub(crate) async fn export_journey(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    Query(ExportQuery { format }): Query<ExportQuery>,
) -> ApiResult<Response> {
    let exported = kairos.export_journey(&rider, journey_id).await?;
    let disposition = disposition(exported.journey.name.as_str(), format);
    let mut response = streaming::answer_as(format.media_type(), parts(exported, format)).await?;
    if let Ok(disposition) = HeaderValue::try_from(disposition) {
        response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

/// Returns the header that names the file.
fn disposition(name: &str, format: Format) -> String {
    let ending = Format::ALL.iter().find(|(_, known)| *known == format);
    let ending = ending.map_or("", |(ending, _)| ending);
    let is_of_paths = |character: char| character.is_control() || "/\\:".contains(character);
    let name = name.replace(is_of_paths, "-");
    let name = utf8_percent_encode(name.trim(), ESCAPED);
    format!("attachment; filename*=UTF-8''{name}.{ending}")
}

/// The parts of a file that are yet to be written.
enum Stage {
    Markers,
    Lines(Cursor),
    End,
}

/// Returns the file in parts. Each page of markers is read when it is written.
fn parts(
    exported: ExportedJourney,
    format: Format,
) -> impl Stream<Item = Result<Vec<u8>, ReadOnError>> + Send {
    let ExportedJourney {
        journey,
        mut markers,
        schedule,
        route,
        track,
    } = exported;
    let mut writer = Writer::new(format);
    let mut head = Vec::new();
    // A `Vec` takes every write.
    writer
        .head(
            journey.name.as_str(),
            journey.description.as_str(),
            schedule.as_ref(),
            &mut head,
        )
        .ok();
    write_markers(&mut writer, markers.take_first(), &mut head);
    let lines = [(LineKind::Track, track), (LineKind::Route, route)];
    // The last one is written first.
    let lines: Vec<(LineKind, PackedLine)> = lines
        .into_iter()
        .filter_map(|(kind, line)| Some((kind, line?)))
        .collect();
    let rest = stream::try_unfold(
        (Some(Stage::Markers), writer, markers, lines),
        async |(stage, mut writer, mut markers, mut lines)| {
            let Some(stage) = stage else { return Ok(None) };
            let mut part = Vec::new();
            let next = match stage {
                Stage::Markers => match markers.read_on().await? {
                    Some(items) => {
                        write_markers(&mut writer, items, &mut part);
                        Some(Stage::Markers)
                    }
                    None => Some(Stage::Lines(Cursor::default())),
                },
                Stage::Lines(cursor) => match lines.pop() {
                    None => Some(Stage::End),
                    Some((kind, line)) => {
                        let written = line.read(move |line| write_line(writer, line, kind, cursor));
                        let cursor;
                        (writer, cursor, part) = written.await?;
                        if cursor.is_some() {
                            lines.push((kind, line));
                        }
                        Some(Stage::Lines(cursor.unwrap_or_default()))
                    }
                },
                Stage::End => {
                    writer.end(&mut part).ok();
                    None
                }
            };
            Ok(Some((part, (next, writer, markers, lines))))
        },
    );
    futures_util::StreamExt::chain(stream::iter([Ok(head)]), rest)
}

fn write_markers(writer: &mut Writer, markers: Vec<Marker>, part: &mut Vec<u8>) {
    for marker in markers {
        writer.marker(&marker.details, part).ok();
    }
}

/// Writes a part of a line. Returns the writer, and the cursor if more is left.
fn write_line(
    mut writer: Writer,
    line: &Line,
    kind: LineKind,
    mut cursor: Cursor,
) -> (Writer, Option<Cursor>, Vec<u8>) {
    let mut part = Vec::new();
    let mut has_more = true;
    while has_more && part.len() < streaming::PART_OF_LINE_BYTES {
        has_more = writer
            .line(line, kind, &mut cursor, &mut part)
            .unwrap_or_default();
    }
    (writer, has_more.then_some(cursor), part)
}
