use chrono::NaiveDate;
use kairos_domain::discovery;
use kairos_domain::id::{JourneyId, MarkerId, UserId};
use kairos_domain::store::NearbyMatch;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Coordinates, LineFeature, Marker, Null, PublicUser, text};

/// A journey that comes near a point, or near another journey.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "journey_id": "665f1c2ab8e4d90012a4c7f2",
    "name": "Up the Danube",
    "user_id": "665f1c2ab8e4d90012a4c7f1",
    "distance_meters": 3912.4,
    "marker_id": "665f1c2ab8e4d90012a4c7f3",
    "position": {"type": "Point", "coordinates": [13.45, 48.6]},
    "rider": null,
    "markers": null,
    "lines": null,
}))]
pub(crate) struct NearbyJourney {
    /// Id of the other journey.
    #[serde(serialize_with = "text::id")]
    #[schema(value_type = String)]
    journey_id: JourneyId,
    /// Name of the other journey.
    name: String,
    /// Id of the rider whose journey it is.
    #[serde(serialize_with = "text::id")]
    #[schema(value_type = String)]
    user_id: UserId,
    /// Great-circle distance to the marker `marker_id`, in metres.
    distance_meters: f64,
    /// Id of the nearest marker of the other journey.
    #[serde(serialize_with = "text::id")]
    #[schema(value_type = String)]
    marker_id: MarkerId,
    /// Position of that marker, without an elevation.
    position: Coordinates,
    /// The rider. Null unless `include` asks for it.
    rider: Option<PublicUser>,
    /// The journey's markers in riding order. Null unless `include` asks for them.
    #[schema(value_type = Option<Vec<Marker>>)]
    markers: Null,
    /// The journey's lines, simplified to 500 m. Null unless `include` asks for them.
    #[schema(value_type = Option<NearbyLines>)]
    lines: Null,
}

/// The lines of a nearby journey, simplified to 500 m.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `list_nearby` writes")]
pub(crate) struct NearbyLines {
    /// The route, or null.
    route: Option<LineFeature>,
    /// The track, or null.
    track: Option<LineFeature>,
}

impl NearbyJourney {
    /// Writes the journey in JSON up to the value of `markers`.
    ///
    /// That value, `lines` and the closing brace are yet to come.
    pub(crate) fn write_up_to_markers(&self, json: &mut Vec<u8>) {
        const NO_MORE: &str = "null,\"lines\":null}";
        if serde_json::to_writer(&mut *json, self).is_ok() {
            json.truncate(json.len() - NO_MORE.len());
        }
    }
}

/// The closest meeting with one other journey.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "journey_id": "665f1c2ab8e4d90012a4c7f2",
    "name": "Up the Danube",
    "rider": {
        "_id": "665f1c2ab8e4d90012a4c7f1",
        "name": "Ben",
        "country": "DE",
        "is_verified": true,
        "phonenumber": null,
        "instagram": "ben.rides.upstream",
    },
    "date": "2027-06-06",
    "their_date": "2027-06-07",
    "days_apart": 1,
    "distance_meters": 3912.4,
    "position": {"type": "Point", "coordinates": [13.43, 48.57]},
    "their_position": {"type": "Point", "coordinates": [13.45, 48.6]},
}))]
pub(crate) struct Encounter {
    /// Id of the other journey.
    #[serde(serialize_with = "text::id")]
    #[schema(value_type = String)]
    journey_id: JourneyId,
    /// Name of the other journey.
    name: String,
    /// The other rider.
    rider: PublicUser,
    /// Day (UTC) on which the rider is at `position`.
    date: NaiveDate,
    /// Day (UTC) on which the other rider is at `their_position`.
    their_date: NaiveDate,
    /// Number of days between `date` and `their_date`.
    days_apart: u32,
    /// Great-circle distance between the two positions, in metres.
    distance_meters: f64,
    /// Position of the rider on `date`.
    position: Coordinates,
    /// Position of the other rider on `their_date`.
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
