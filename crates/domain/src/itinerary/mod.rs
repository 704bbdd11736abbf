//! The itinerary: one position a day, where the rider is at its end.
//!
//! It comes from dated markers, the recorded track, and the route with its schedule ([`ItinerarySources`]).
//! `docs/ITINERARY.md` explains the rules with pictures. The steps, one file each:
//!
//! 1. Markers and the track fix days (`fixed_days`).
//! 2. Fixed days get places along the route (`places`). [`RouteIndex`] finds candidates, `choice` chooses.
//! 3. The start of the schedule is a fixed day, too (`places`).
//! 4. The days between fixed days are filled (`gaps`).
//! 5. The journey goes on after the last fixed day (`continuation`).

mod choice;
mod continuation;
mod dated_marker;
mod fixed_days;
mod gaps;
mod places;
mod positions;
mod route_index;

use chrono::NaiveDate;

pub use dated_marker::DatedMarker;
pub use fixed_days::day_ends;
pub use positions::{ChangedPart, DayPosition, Itinerary};
pub use route_index::RouteIndex;

use crate::geo::{Distance, Position};
use crate::schedule::Schedule;

/// Everything that determines a journey's itinerary.
#[derive(Debug, Clone, Copy, Default)]
pub struct ItinerarySources<'a> {
    /// The dated markers, in any order.
    pub markers: &'a [DatedMarker],
    /// The last position of the track on each day ([`day_ends`]), in any order.
    pub track: &'a [DayPosition],
    /// The route.
    pub route: Option<&'a RouteIndex>,
    /// The schedule of the route. It counts only with a route.
    pub schedule: Option<&'a Schedule>,
    /// The current day in UTC. Past markers dated later than tomorrow don't count; `None` counts them.
    pub today: Option<NaiveDate>,
}

/// A day of an itinerary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ItineraryDay {
    /// The day, in UTC.
    pub date: NaiveDate,
    /// The position at the end of the day.
    pub position: Position,
    /// The source of the position.
    pub source: DaySource,
    /// The distance from the start of the route along the route; `None` off the route.
    pub place: Option<Distance>,
}

/// The source of a day's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DaySource {
    /// A past marker.
    PastMarker,
    /// The last position of the track on that day.
    Track,
    /// A plan marker.
    PlanMarker,
    /// A place on the route: the start of the schedule, between two fixed days, or after the last one.
    Route,
    /// The great circle between two fixed days.
    Between,
}

impl DaySource {
    /// Every value, with its word in the API.
    pub const ALL: [(&'static str, Self); 5] = [
        ("past_marker", Self::PastMarker),
        ("track", Self::Track),
        ("plan_marker", Self::PlanMarker),
        ("route", Self::Route),
        ("between", Self::Between),
    ];

    /// Returns the word for this value in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PastMarker => "past_marker",
            Self::Track => "track",
            Self::PlanMarker => "plan_marker",
            Self::Route => "route",
            Self::Between => "between",
        }
    }
}

impl ItinerarySources<'_> {
    /// Computes the days of the itinerary, earliest first, each at most once.
    #[must_use]
    pub fn days(&self) -> Vec<ItineraryDay> {
        self.days_within(None, None, usize::MAX)
    }

    /// Computes the days from `from` to `to`, both included: the earliest `limit` of them.
    ///
    /// `None` is an open end.
    #[must_use]
    pub fn days_within(
        &self,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
        limit: usize,
    ) -> Vec<ItineraryDay> {
        let mut fixed = fixed_days::fixed_days(self.markers, self.track, self.today);
        let plan = self.route.map(|route| Plan {
            route,
            schedule: self.schedule,
        });
        let mut after = Vec::new();
        if let Some(plan) = plan {
            fixed = places::with_places(fixed, plan);
            after = continuation::days_after(&fixed, plan);
        }
        gaps::with_days_between(&fixed, plan)
            .chain(after)
            .skip_while(|day| from.is_some_and(|from| day.date < from))
            .take_while(|day| to.is_none_or(|to| day.date <= to))
            .take(limit)
            .collect()
    }
}

/// A route and its schedule.
#[derive(Clone, Copy)]
struct Plan<'a> {
    route: &'a RouteIndex,
    schedule: Option<&'a Schedule>,
}

impl Plan<'_> {
    /// Returns a day at a place of the route; `None` if the route has no positions.
    fn day_at(&self, date: NaiveDate, place: Distance) -> Option<ItineraryDay> {
        Some(ItineraryDay {
            date,
            position: self.route.position_at(place)?,
            source: DaySource::Route,
            place: Some(place),
        })
    }

    fn is_rest(&self, day: NaiveDate) -> bool {
        self.schedule.is_some_and(|schedule| schedule.is_rest(day))
    }
}

#[cfg(test)]
mod tests;
