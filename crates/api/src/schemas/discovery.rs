use chrono::NaiveDate;
use kairos_domain::discovery;
use kairos_domain::id::{JourneyId, MarkerId, UserId};
use kairos_domain::store::NearbyMatch;
use serde::Serialize;
use utoipa::{PartialSchema, ToSchema};

use super::{Coordinates, Marker, Null, PublicUser, text};

/// A journey that comes near a point, or near another journey.
#[derive(Serialize, ToSchema)]
pub(crate) struct NearbyJourney {
    #[serde(serialize_with = "text::id")]
    #[schema(value_type = String, example = "665f1c2ab8e4d90012a4c7e2")]
    journey_id: JourneyId,
    name: String,
    /// The rider whose journey it is.
    #[serde(serialize_with = "text::id")]
    #[schema(value_type = String, example = "665f1c2ab8e4d90012a4c7e1")]
    user_id: UserId,
    /// Great-circle distance to `marker_id`, in metres.
    distance_meters: f64,
    /// The marker of this journey that is nearest.
    #[serde(serialize_with = "text::id")]
    #[schema(value_type = String, example = "665f1c2ab8e4d90012a4c7e3")]
    marker_id: MarkerId,
    /// The place of that marker, without an elevation.
    position: Coordinates,
    /// The rider, if `include` asks for it.
    rider: Option<PublicUser>,
    /// The journey's markers in riding order, if `include` asks for them.
    #[schema(value_type = Option<Vec<Marker>>)]
    markers: Null,
    /// Always null: journeys have no lines yet.
    #[schema(schema_with = Null::schema)]
    lines: Null,
}

impl NearbyJourney {
    /// The end of a journey in JSON whose markers were written one after the other.
    pub(crate) const AFTER_MARKERS: &str = "],\"lines\":null}";

    /// Writes the journey in JSON up to its markers. They and [`Self::AFTER_MARKERS`] are yet to come.
    pub(crate) fn write_up_to_markers(&self, json: &mut Vec<u8>) {
        const NO_MARKERS: &str = "null,\"lines\":null}";
        if serde_json::to_writer(&mut *json, self).is_ok() {
            json.truncate(json.len() - NO_MARKERS.len());
            json.push(b'[');
        }
    }
}

/// The closest meeting with one other journey.
#[derive(Serialize, ToSchema)]
pub(crate) struct Encounter {
    /// The other journey.
    #[serde(serialize_with = "text::id")]
    #[schema(value_type = String, example = "665f1c2ab8e4d90012a4c7e2")]
    journey_id: JourneyId,
    /// The name of the other journey.
    name: String,
    /// The other rider.
    rider: PublicUser,
    /// Day (UTC) on which the rider is at `position`.
    date: NaiveDate,
    /// Day (UTC) on which the other rider is at `their_position`.
    their_date: NaiveDate,
    /// Days between `date` and `their_date`.
    days_apart: u32,
    /// Great-circle distance between the two positions, in metres.
    distance_meters: f64,
    /// The rider's position at `date`.
    position: Coordinates,
    /// The other rider's position at `their_date`.
    their_position: Coordinates,
}

impl From<NearbyMatch> for NearbyJourney {
    fn from(found: NearbyMatch) -> Self {
        Self {
            journey_id: found.journey.id,
            name: found.journey.name.into_string(),
            user_id: found.journey.user_id,
            distance_meters: found.distance.metres(),
            marker_id: found.marker_id,
            position: found.position.into(),
            rider: None,
            markers: Null,
            lines: Null,
        }
    }
}

impl From<discovery::NearbyJourney> for NearbyJourney {
    fn from(nearby: discovery::NearbyJourney) -> Self {
        Self {
            rider: nearby.rider.map(PublicUser::from),
            ..nearby.found.into()
        }
    }
}

impl From<discovery::Encounter> for Encounter {
    fn from(encounter: discovery::Encounter) -> Self {
        Self {
            journey_id: encounter.journey.id,
            name: encounter.journey.name.into_string(),
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
