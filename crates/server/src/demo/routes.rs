//! The built-in routes: towns in riding order, and the day a rider reaches each.

use anyhow::Context as _;
use chrono::{NaiveDate, TimeDelta};
use serde::Deserialize;

/// Real long-distance routes, WGS 84 degrees rounded to 0.01.
const ROUTES: &str = include_str!("../../assets/demo-routes.json");

/// Days since the rider of the first route left.
const DAYS_ON_THE_ROAD: TimeDelta = TimeDelta::days(10);

#[derive(Deserialize)]
struct RouteFile {
    routes: Vec<Route>,
}

/// A route as one rider rides it.
#[derive(Deserialize)]
pub(super) struct Route {
    /// The name of the route.
    pub(super) name: String,
    /// The towns in riding order.
    pub(super) waypoints: Vec<Waypoint>,
}

/// A town on a route.
#[derive(Deserialize)]
pub(super) struct Waypoint {
    /// The name of the town.
    pub(super) name: String,
    /// Longitude and latitude in degrees.
    pub(super) coordinates: [f64; 2],
    /// The day on which the rider is there.
    pub(super) date: NaiveDate,
}

/// Returns the routes, with their dates moved to around `today`.
///
/// The rider of the first route left ten days before `today`. All dates move by the same number of days, so
/// that the meetings stay.
pub(super) fn routes_around(today: NaiveDate) -> anyhow::Result<Vec<Route>> {
    let RouteFile { mut routes } = serde_json::from_str(ROUTES).context("the demo's routes")?;
    let departure = routes
        .first()
        .and_then(|route| route.waypoints.first())
        .context("the demo has no route")?;
    let shift = today - DAYS_ON_THE_ROAD - departure.date;
    for waypoint in routes.iter_mut().flat_map(|route| &mut route.waypoints) {
        waypoint.date += shift;
    }
    Ok(routes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_dates_move_by_the_same_number_of_days() {
        let today = NaiveDate::from_ymd_opt(2031, 1, 5).unwrap();
        let here = routes_around(today).unwrap();
        let there = routes_around(today + TimeDelta::days(100)).unwrap();
        assert_eq!(here[0].waypoints[0].date, today - DAYS_ON_THE_ROAD);
        for (a, b) in here.iter().zip(&there) {
            for (a, b) in a.waypoints.iter().zip(&b.waypoints) {
                assert_eq!(b.date - a.date, TimeDelta::days(100), "{}", a.name);
            }
        }
    }

    #[test]
    fn the_first_rider_still_has_meetings_ahead() {
        let today = NaiveDate::from_ymd_opt(2031, 1, 5).unwrap();
        let routes = routes_around(today).unwrap();
        let (first, others) = routes.split_first().unwrap();
        for town in ["Besançon", "Basel", "Tuttlingen", "Passau"] {
            let mine = first
                .waypoints
                .iter()
                .find(|waypoint| waypoint.name == town)
                .unwrap();
            let theirs = others.iter().flat_map(|route| &route.waypoints);
            let met = theirs
                .filter(|waypoint| waypoint.name == town && waypoint.date == mine.date)
                .count();
            assert!(mine.date > today && met > 0, "{town}");
        }
    }
}
