//! The days after the last fixed day.

use super::{ItineraryDay, Plan};
use crate::geo::Distance;

/// The greatest distance from the route at which a rider goes on from the nearest place of it.
const REJOINING_DISTANCE: Distance = Distance::from_millimetres(25_000_000);

/// Returns the days after the last fixed day: the rider follows the schedule to the end of the route.
pub(super) fn days_after(fixed: &[ItineraryDay], plan: Plan<'_>) -> Vec<ItineraryDay> {
    let (Some(last), Some(schedule)) = (fixed.last(), plan.schedule) else {
        return Vec::new();
    };
    let last_place = || fixed.iter().rev().find_map(|day| day.place).unwrap_or_default();
    let rejoining = || {
        plan.route
            .nearest_from(last_place(), last.position, REJOINING_DISTANCE)
    };
    let Some(place) = last.place.or_else(rejoining) else {
        return Vec::new();
    };
    let days = schedule.ride((last.date, place), plan.route.length()).skip(1);
    days.filter_map(|(date, place)| plan.day_at(date, place))
        .collect()
}
