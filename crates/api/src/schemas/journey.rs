use chrono::{DateTime, NaiveDate, Utc};
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::journey::{self, JourneyStatus};
use kairos_domain::journeys;
use serde::Serialize;
use utoipa::ToSchema;

use super::text;

/// A journey. Its markers are listed apart.
#[derive(Serialize, ToSchema)]
pub(crate) struct Journey {
    #[serde(rename = "_id", serialize_with = "text::id")]
    #[schema(value_type = String, example = "665f1c2ab8e4d90012a4c7e2")]
    id: JourneyId,
    /// The rider whose journey it is.
    #[serde(serialize_with = "text::id")]
    #[schema(value_type = String, example = "665f1c2ab8e4d90012a4c7e1")]
    user_id: UserId,
    name: String,
    description: String,
    #[serde(serialize_with = "text::instant")]
    created_at: DateTime<Utc>,
    /// Whether the rider is on this journey now. A rider is on at most one.
    active: bool,
    /// Whether the journey is over. A completed journey is never active.
    completed: bool,
    visibility: Visibility,
}

/// `private` journeys exist for their owner only.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Visibility {
    Public,
    Private,
}

/// A journey in figures.
#[derive(Serialize, ToSchema)]
pub(crate) struct JourneyStats {
    past_markers: usize,
    plan_markers: usize,
    /// The first day of any marker.
    first_date: Option<NaiveDate>,
    /// The last day of any marker.
    last_date: Option<NaiveDate>,
    /// Days from the first to the last, both counted; 0 without dates.
    days: u32,
    /// Great-circle length along the past markers in riding order, in metres.
    past_meters: f64,
    /// Great-circle length along the planned markers in riding order, in metres.
    plan_meters: f64,
}

impl From<journey::Visibility> for Visibility {
    fn from(visibility: journey::Visibility) -> Self {
        match visibility {
            journey::Visibility::Public => Self::Public,
            journey::Visibility::Private => Self::Private,
        }
    }
}

impl From<journey::Journey> for Journey {
    fn from(journey: journey::Journey) -> Self {
        Self {
            id: journey.id,
            user_id: journey.user_id,
            name: journey.name.into_string(),
            description: journey.description.into_string(),
            created_at: journey.created_at,
            active: journey.status == JourneyStatus::Active,
            completed: journey.status == JourneyStatus::Completed,
            visibility: journey.visibility.into(),
        }
    }
}

impl From<journeys::JourneyStats> for JourneyStats {
    fn from(stats: journeys::JourneyStats) -> Self {
        Self {
            past_markers: stats.past_markers,
            plan_markers: stats.plan_markers,
            first_date: stats.first_date,
            last_date: stats.last_date,
            days: stats.days,
            past_meters: stats.past_length.metres(),
            plan_meters: stats.plan_length.metres(),
        }
    }
}
