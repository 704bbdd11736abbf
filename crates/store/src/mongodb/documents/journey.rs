use bson::{Document, RawDocument, doc};
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::journey::{Journey, JourneyStatus, Visibility};
use kairos_domain::store::StoreError;
use kairos_domain::text::{Name, Prose};

use super::{Fields, instant, oid, whole_number};

pub(in crate::mongodb) fn journey(document: &RawDocument) -> Result<Journey, StoreError> {
    let fields = Fields::of("journey", document)?;
    let status = match (fields.bool("completed")?, fields.bool("active")?) {
        (true, _) => JourneyStatus::Completed,
        (false, true) => JourneyStatus::Active,
        (false, false) => JourneyStatus::Inactive,
    };
    let user_id = fields.object_id("user_id")?;
    Ok(Journey {
        id: JourneyId(fields.id),
        user_id: UserId(fields.required("user_id", user_id)?),
        name: Name::stored(fields.text("name")?.unwrap_or_default()),
        description: Prose::stored(fields.text("description")?.unwrap_or_default()),
        created_at: fields.created_at()?,
        status,
        visibility: fields.word("visibility", &Visibility::ALL)?.unwrap_or_default(),
    })
}

pub(in crate::mongodb) fn journey_document(journey: &Journey) -> Document {
    doc! {
        "_id": oid(journey.id.0),
        "user_id": oid(journey.user_id.0),
        "name": journey.name.as_str(),
        "description": journey.description.as_str(),
        "created_at": instant(journey.created_at),
        "active": journey.status == JourneyStatus::Active,
        "completed": journey.status == JourneyStatus::Completed,
        "visibility": journey.visibility.as_str(),
    }
}

/// How far the drawing of a journey's track is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mongodb) enum Drawing {
    /// It was not begun: there is nothing to draw, or nobody came to it yet.
    NotBegun,
    /// Somebody is at it, or was when they were interrupted.
    Unfinished,
    /// This revision, the latest, was drawn.
    Done(i64),
}

pub(in crate::mongodb) fn drawing(journey: &RawDocument) -> Drawing {
    let has_track = journey.get_bool("has_track").unwrap_or_default();
    match whole_number(journey, "track_revision").filter(|_| has_track) {
        None => Drawing::NotBegun,
        Some(latest) if whole_number(journey, "drawn_revision") == Some(latest) => Drawing::Done(latest),
        Some(_) => Drawing::Unfinished,
    }
}

/// The fields that [`drawing`] reads.
pub(in crate::mongodb) fn fields_of_drawing() -> Document {
    doc! { "has_track": 1, "track_revision": 1, "drawn_revision": 1 }
}
