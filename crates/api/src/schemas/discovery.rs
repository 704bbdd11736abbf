use chrono::NaiveDate;
use kairos_domain::discovery;
use kairos_domain::store::NearbyMatch;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Coordinates, PublicUser};

/// A journey that comes near a point.
#[derive(Serialize, ToSchema)]
pub(crate) struct NearbyJourney {
    #[schema(example = "665f1c2ab8e4d90012a4c7e2")]
    journey_id: String,
    name: String,
    /// Whose it is.
    #[schema(example = "665f1c2ab8e4d90012a4c7e1")]
    user_id: String,
    /// From the point to the journey's nearest marker, great circle.
    distance_meters: f64,
    /// That marker.
    #[schema(example = "665f1c2ab8e4d90012a4c7e3")]
    marker_id: String,
}

/// Somebody who will be near on the same days: the closest meeting with one other journey.
#[derive(Serialize, ToSchema)]
pub(crate) struct Encounter {
    /// The other journey.
    #[schema(example = "665f1c2ab8e4d90012a4c7e2")]
    journey_id: String,
    /// What it is called.
    name: String,
    /// Who rides it.
    rider: PublicUser,
    /// My day.
    date: NaiveDate,
    /// Theirs.
    their_date: NaiveDate,
    /// Between the two days.
    days_apart: u32,
    /// Between the two positions, great circle.
    distance_meters: f64,
    /// Where I am on my day.
    position: Coordinates,
    /// Where they are on theirs.
    their_position: Coordinates,
}

impl From<NearbyMatch> for NearbyJourney {
    fn from(found: NearbyMatch) -> Self {
        Self {
            journey_id: found.journey.id.to_string(),
            name: found.journey.name.as_str().to_owned(),
            user_id: found.journey.user_id.to_string(),
            distance_meters: found.distance.metres(),
            marker_id: found.marker_id.to_string(),
        }
    }
}

impl From<discovery::Encounter> for Encounter {
    fn from(encounter: discovery::Encounter) -> Self {
        Self {
            journey_id: encounter.journey.id.to_string(),
            name: encounter.journey.name.as_str().to_owned(),
            rider: encounter.rider.into(),
            date: encounter.date,
            their_date: encounter.their_date,
            days_apart: encounter.days_apart,
            distance_meters: encounter.distance.metres(),
            position: encounter.position.into(),
            their_position: encounter.their_position.into(),
        }
    }
}
