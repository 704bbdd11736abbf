//! Journeys that are near on the same days.

mod brute_force;
mod itineraries;
mod visibility;

use chrono::NaiveDate;
use kairos_domain::geo::Position;
use kairos_domain::id::JourneyId;
use kairos_domain::journey::Journey;
use kairos_domain::marker::{Marker, MarkerKind};
use kairos_domain::store::{EncounterMatch, EncounterSearch};
use kairos_domain::user::User;

pub(crate) use brute_force::*;
pub(crate) use itineraries::*;
pub(crate) use visibility::*;

use crate::fixtures::{World, day};

/// A search along all days of a rider's journey.
pub(crate) fn search(own: &Journey, within_days: u32, max_distance_metres: f64) -> EncounterSearch {
    EncounterSearch {
        journey_id: own.id,
        rider: own.user_id,
        today: NaiveDate::MAX,
        from: NaiveDate::MIN,
        to: None,
        within_days,
        max_distance_metres,
    }
}

/// A journey of a rider who stays at a place for some days.
pub(crate) async fn staying(
    world: &World,
    rider: &User,
    place: Position,
    days: std::ops::RangeInclusive<i64>,
) -> Journey {
    let journey = world.journey(rider).await;
    for number in days {
        world.plan(&journey, place, day(number)).await;
    }
    journey
}

/// All encounters, in order.
pub(crate) async fn encounters(world: &World, search: &EncounterSearch) -> Vec<EncounterMatch> {
    world.store.encounters(search, u32::MAX).await.unwrap()
}

/// The journeys that are met, in the order of the answer.
pub(crate) async fn met(world: &World, search: &EncounterSearch) -> Vec<JourneyId> {
    let encounters = encounters(world, search).await.into_iter();
    encounters.map(|encounter| encounter.journey.id).collect()
}

fn dated(marker: &mut Marker, kind: MarkerKind, number: Option<i64>) {
    let date = number.map(day);
    marker.details.kind = kind;
    (marker.details.timestamp, marker.details.estimated_time) = match kind {
        MarkerKind::Past => (date, None),
        MarkerKind::Plan => (None, date),
    };
}
