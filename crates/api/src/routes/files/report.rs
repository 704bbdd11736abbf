use kairos_domain::journeys::{Imported, ImportedContents};
use kairos_domain::line;
use kairos_formats::assign::{Assignment, TakenLine};
use serde::Serialize;
use utoipa::ToSchema;

use crate::schemas::{Journey, LineFigures, Skipped};

/// The outcome of an import.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "journey": {
        "_id": "665f1c2ab8e4d90012a4c7e2",
        "user_id": "665f1c2ab8e4d90012a4c7e1",
        "name": "Down the Danube",
        "description": "",
        "created_at": "2026-05-01T08:00:00.000Z",
        "active": false,
        "completed": false,
        "visibility": "public",
    },
    "route": {
        "segments": 1,
        "positions": 2,
        "length_meters": 69668.432,
        "ascent_meters": null,
        "bbox": [13.43, 48.31, 14.29, 48.57],
        "first_time": null,
        "last_time": null,
        "taken_as": "route",
        "why": "Few of its positions have times that are past; as=past takes it as the track.",
    },
    "track": null,
    "markers_created": 1,
    "skipped": {"count": 0, "entries": []},
}))]
pub(crate) struct ImportReport {
    /// The journey as it is after the import.
    journey: Journey,
    /// The route, if the file has one.
    route: Option<ImportedLine>,
    /// The track, if the file has one.
    track: Option<ImportedLine>,
    /// The number of markers that the import added.
    markers_created: usize,
    /// The parts of the file that were left out.
    skipped: Skipped,
}

/// A line of a file, with its figures.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportedLine {
    #[serde(flatten)]
    figures: LineFigures,
    #[schema(inline)]
    taken_as: TakenAs,
    /// Why the line became what it is, and the query that changes it. Null if the request said so.
    #[schema(value_type = Option<String>)]
    why: Option<&'static str>,
}

/// The use of the line.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TakenAs {
    Route,
    Track,
}

/// The part of an assignment that only the report needs.
pub(super) struct Reasons {
    route: Option<&'static str>,
    track: Option<&'static str>,
    skipped: kairos_formats::Skipped,
}

/// Splits an assignment into the contents of a journey and the reasons for the report.
pub(super) fn split(assignment: Assignment) -> (ImportedContents, Reasons) {
    let why = |taken: &Option<TakenLine>| taken.as_ref().and_then(|taken| taken.why);
    let reasons = Reasons {
        route: why(&assignment.route),
        track: why(&assignment.track),
        skipped: assignment.skipped,
    };
    let contents = ImportedContents {
        route: assignment.route.map(|taken| taken.line),
        track: assignment.track.map(|taken| taken.line),
        markers: assignment.markers,
        schedule: assignment.schedule,
    };
    (contents, reasons)
}

impl ImportReport {
    pub(super) fn new(imported: Imported, mut reasons: Reasons) -> Self {
        if imported.is_repetition {
            reasons.skipped.entries.clear();
        }
        let line = |figures: Option<line::LineSummary>, taken_as, why| {
            figures.map(|figures| ImportedLine {
                figures: figures.into(),
                taken_as,
                why,
            })
        };
        Self {
            journey: imported.journey.into(),
            route: line(imported.route, TakenAs::Route, reasons.route),
            track: line(imported.track, TakenAs::Track, reasons.track),
            markers_created: imported.markers_created,
            skipped: reasons.skipped.into(),
        }
    }
}
