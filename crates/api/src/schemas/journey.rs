use chrono::{DateTime, NaiveDate, Utc};
use kairos_domain::geo::Distance;
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::journey::{self, JourneyStatus};
use kairos_domain::journeys;
use serde::Serialize;
use utoipa::ToSchema;

use super::text;

/// A journey. Its markers are listed apart.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "_id": "665f1c2ab8e4d90012a4c7e2",
    "user_id": "665f1c2ab8e4d90012a4c7e1",
    "name": "Down the Danube",
    "description": "From the source to the Black Sea.",
    "created_at": "2026-05-15T12:00:00.123Z",
    "active": true,
    "completed": false,
    "visibility": "public",
}))]
pub(crate) struct Journey {
    /// Id of the journey.
    #[serde(rename = "_id", serialize_with = "text::id")]
    #[schema(value_type = String)]
    id: JourneyId,
    /// Id of the rider whose journey it is.
    #[serde(serialize_with = "text::id")]
    #[schema(value_type = String)]
    user_id: UserId,
    /// Name of the journey.
    name: String,
    /// Description, in the owner's words. Empty if there is none.
    description: String,
    /// Time (UTC) at which the journey was created.
    #[serde(serialize_with = "text::instant")]
    created_at: DateTime<Utc>,
    /// Whether the rider is on this journey now. A rider is on at most one.
    active: bool,
    /// Whether the journey is over. A completed journey is never active.
    completed: bool,
    /// Who can see the journey.
    visibility: Visibility,
}

/// `public`: every rider can see the journey. `private`: the journey exists for its owner only.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Visibility {
    Public,
    Private,
}

/// A journey in figures.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "past_markers": 1,
    "plan_markers": 1,
    "first_date": "2026-05-04",
    "last_date": "2026-05-10",
    "days": 7,
    "past_meters": 0.0,
    "plan_meters": 0.0,
}))]
pub(crate) struct JourneyStats {
    /// Number of markers of places where the rider has been.
    past_markers: usize,
    /// Number of markers of places where the rider means to be.
    plan_markers: usize,
    /// First day (UTC) of any marker. Null without dates.
    first_date: Option<NaiveDate>,
    /// Last day (UTC) of any marker. Null without dates.
    last_date: Option<NaiveDate>,
    /// Number of days from the first to the last, both counted. 0 without dates.
    days: u32,
    /// Great-circle length of the track or, without one, along the past markers in riding order, in metres.
    past_meters: f64,
    /// Great-circle length along the planned markers in riding order, in metres.
    plan_meters: f64,
    /// Great-circle length of the route, in metres; null without a route.
    route_meters: Option<f64>,
    /// Great-circle length of the track, in metres; null without a track.
    track_meters: Option<f64>,
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
            route_meters: stats.route_length.map(Distance::metres),
            track_meters: stats.track_length.map(Distance::metres),
        }
    }
}
