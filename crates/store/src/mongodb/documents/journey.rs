use bson::oid::ObjectId as Oid;
use bson::{Document, RawDocument, doc};
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::journey::{Journey, JourneyAge, JourneyStatus, Visibility};
use kairos_domain::store::StoreError;
use kairos_domain::text::{Name, Prose};
use kairos_domain::usage::JourneyUsage;
use serde::Deserialize;

use super::{corrupt, created_at, id_of, instant, object_id, oid, read, word};

#[derive(Debug, Deserialize)]
pub(in crate::mongodb) struct JourneyDocument {
    #[serde(rename = "_id")]
    id: Oid,
    user_id: Oid,
    name: Option<String>,
    description: Option<String>,
    created_at: Option<bson::DateTime>,
    active: Option<bool>,
    completed: Option<bool>,
    visibility: Option<String>,
    usage: Option<JourneyUsageDocument>,
    /// Whether the usage, the itinerary and the markers' derived fields exist. Absent until the migration.
    is_derived: Option<bool>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct JourneyUsageDocument {
    markers: i64,
    bytes: i64,
    line_bytes: i64,
}

impl JourneyDocument {
    pub(in crate::mongodb) fn read(document: &RawDocument) -> Result<Self, StoreError> {
        read("journey", document)
    }

    /// Returns the usage; `None` if the journey has yet to be migrated.
    pub(in crate::mongodb) fn usage(&self) -> Option<JourneyUsage> {
        let usage = self.usage.filter(|_| self.is_derived == Some(true))?;
        Some(JourneyUsage {
            markers: usage.markers,
            bytes: usage.bytes,
            line_bytes: usage.line_bytes,
        })
    }

    pub(in crate::mongodb) fn user_id(&self) -> UserId {
        UserId(object_id(self.user_id))
    }

    /// Returns the size of the journey's own texts in bytes, even if its other fields are unreadable.
    pub(in crate::mongodb) fn text_bytes(&self) -> i64 {
        let texts = [&self.name, &self.description];
        let bytes: usize = texts.into_iter().flatten().map(String::len).sum();
        i64::try_from(bytes).unwrap_or(i64::MAX)
    }
}

pub(in crate::mongodb) fn journey(document: &RawDocument) -> Result<Journey, StoreError> {
    let fields = JourneyDocument::read(document)?;
    let status = match (fields.completed, fields.active) {
        (Some(true), _) => JourneyStatus::Completed,
        (_, Some(true)) => JourneyStatus::Active,
        _ => JourneyStatus::Inactive,
    };
    let visibility = match fields.visibility.as_deref() {
        None => Some(Visibility::default()),
        Some(name) => word(name, &Visibility::ALL),
    };
    Ok(Journey {
        id: JourneyId(object_id(fields.id)),
        user_id: fields.user_id(),
        name: Name::stored(fields.name.unwrap_or_default()),
        description: Prose::stored(fields.description.unwrap_or_default()),
        created_at: created_at(fields.created_at, fields.id)
            .ok_or_else(|| corrupt("journey", document, "created_at is outside the calendar"))?,
        status,
        visibility: visibility.ok_or_else(|| corrupt("journey", document, "visibility is no known word"))?,
    })
}

/// Reads the key that orders a journey among those of its rider.
pub(in crate::mongodb) fn journey_age(document: &RawDocument) -> Result<JourneyAge, StoreError> {
    let id = id_of(document, "journey")?;
    let instant = document.get_datetime("created_at").ok();
    Ok(JourneyAge {
        created_at: created_at(instant, oid(id))
            .ok_or_else(|| corrupt("journey", document, "created_at is outside the calendar"))?,
        id: JourneyId(id),
    })
}

/// Returns the value of the field `usage`.
pub(in crate::mongodb) fn usage_document(usage: JourneyUsage) -> Document {
    doc! { "markers": usage.markers, "bytes": usage.bytes, "line_bytes": usage.line_bytes }
}

/// Returns the document of a new journey, which has no markers.
pub(in crate::mongodb) fn journey_document(journey: &Journey) -> Document {
    let mut document = doc! {
        "_id": oid(journey.id.0),
        "user_id": oid(journey.user_id.0),
        "created_at": instant(journey.created_at),
        "usage": usage_document(JourneyUsage {
            bytes: journey.text_bytes(),
            ..JourneyUsage::default()
        }),
        "is_derived": true,
    };
    document.extend(changing_fields(journey));
    document
}

/// Returns the fields that the rider may change.
pub(in crate::mongodb) fn changing_fields(journey: &Journey) -> Document {
    doc! {
        "name": journey.name.as_str(),
        "description": journey.description.as_str(),
        "active": journey.status == JourneyStatus::Active,
        "completed": journey.status == JourneyStatus::Completed,
        "visibility": journey.visibility.as_str(),
    }
}
