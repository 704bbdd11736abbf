//! The places of fixed days along the route, and the start of the schedule as a fixed day.

use chrono::NaiveDate;

use super::choice::{OpenDay, choose};
use super::route_index::Candidate;
use super::{DaySource, ItineraryDay, Plan};
use crate::geo::Distance;
use crate::schedule::Schedule;

/// The edges of the route that may be examined for all days together.
///
/// A hundred thousand positions beside thousands of days would take minutes. No ride comes near this limit.
/// Beyond it, days have no place.
const MAX_WORK: usize = 20_000_000;

/// Gives fixed days their places, adds the start of the schedule, and drops plan days that fit no choice.
pub(super) fn with_places(mut days: Vec<ItineraryDay>, plan: Plan<'_>) -> Vec<ItineraryDay> {
    let mut work = MAX_WORK;
    let timetable = plan
        .schedule
        .map(|schedule| Timetable::new(schedule, plan.route.length()));
    let mut open_days: Vec<_> = days
        .iter()
        .map(|day| OpenDay {
            date: day.date,
            candidates: plan.route.candidates(day.position, &mut work),
            scheduled: timetable.as_ref().map(|timetable| timetable.place_on(day.date)),
            must_have_place: false,
        })
        .collect();
    if let Some(date) = plan.schedule.map(Schedule::start_date)
        && let Some(index) = index_of_start(date, &days, &open_days)
        && let Some(start) = plan.day_at(date, Distance::default())
    {
        days.insert(index, start);
        let start = OpenDay {
            date,
            candidates: vec![Candidate::default()],
            scheduled: None,
            must_have_place: true,
        };
        open_days.insert(index, start);
    }
    let places = choose(&open_days);
    let days = days.into_iter().zip(&open_days).zip(places);
    let placed = days.filter_map(|((day, open_day), place)| {
        let is_obsolete =
            day.source == DaySource::PlanMarker && place.is_none() && !open_day.candidates.is_empty();
        (!is_obsolete).then_some(ItineraryDay { place, ..day })
    });
    placed.collect()
}

/// Returns the index that the start date has among the fixed days, or `None` if it is no fixed day.
fn index_of_start(start_date: NaiveDate, days: &[ItineraryDay], open_days: &[OpenDay]) -> Option<usize> {
    let index = days.partition_point(|day| day.date < start_date);
    let (before, after) = (open_days.get(..index)?, days.get(index..)?);
    let is_fixed = after.first().is_some_and(|day| day.date == start_date);
    let is_past = |day: &ItineraryDay| matches!(day.source, DaySource::PastMarker | DaySource::Track);
    let is_under_way =
        after.iter().any(is_past) || before.iter().any(|open_day| !open_day.candidates.is_empty());
    (!is_fixed && !is_under_way).then_some(index)
}

/// The places of a rider who follows the schedule alone.
struct Timetable {
    start_date: NaiveDate,
    places: Vec<Distance>,
}

impl Timetable {
    fn new(schedule: &Schedule, route_length: Distance) -> Self {
        let start_date = schedule.start_date();
        let days = schedule.ride((start_date, Distance::default()), route_length);
        Self {
            start_date,
            places: days.map(|(_, place)| place).collect(),
        }
    }

    /// Returns the place on a day: the start before the first day, the end after the last.
    fn place_on(&self, date: NaiveDate) -> Distance {
        let Ok(days) = usize::try_from((date - self.start_date).num_days()) else {
            return Distance::default();
        };
        let place = self.places.get(days).or(self.places.last());
        place.copied().unwrap_or_default()
    }
}
