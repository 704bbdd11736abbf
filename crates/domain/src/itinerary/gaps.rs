//! The days between two consecutive fixed days.

use chrono::{NaiveDate, TimeDelta};

use super::{DaySource, Itinerary, ItineraryDay, Plan};
use crate::geo::{Distance, along_great_circle};
use crate::schedule::Schedule;

/// Returns fixed days, given in order, and the days between them.
///
/// One gap is filled at a time, since ten thousand of them can have millions of days.
pub(super) fn with_days_between<'a>(
    fixed: &'a [ItineraryDay],
    plan: Option<Plan<'a>>,
) -> impl Iterator<Item = ItineraryDay> {
    let next = fixed.iter().skip(1).map(Some).chain([None]);
    fixed.iter().zip(next).flat_map(move |(from, to)| {
        let mut days = vec![*from];
        if let Some(to) = to {
            fill(from, to, plan, &mut days);
        }
        days
    })
}

/// Adds the days between two fixed days; none if the gap is too long.
fn fill(from: &ItineraryDay, to: &ItineraryDay, plan: Option<Plan<'_>>, days: &mut Vec<ItineraryDay>) {
    let gap = (to.date - from.date).num_days();
    let dates = || (1..gap).map(move |day| from.date + TimeDelta::days(day));
    if let Some(plan) = plan
        && let (Some(start), Some(end)) = (from.place, to.place)
    {
        if gap <= longest_gap_on_route(plan) {
            fill_on_route(dates(), start, end, plan, days);
        }
    } else if gap <= Itinerary::LONGEST_FILLED_GAP_DAYS {
        days.extend((1..).zip(dates()).map(|(day, date)| ItineraryDay {
            date,
            position: along_great_circle(from.position, to.position, f64::from(day) / gap as f64),
            source: DaySource::Between,
            place: None,
        }));
    }
}

/// Returns the longest gap that is filled between two fixed days on the route.
///
/// With a schedule, the limit is the longest ride of a schedule. Without a limit, a plan for the year 9999
/// would give millions of days.
const fn longest_gap_on_route(plan: Plan<'_>) -> i64 {
    if plan.schedule.is_some() {
        Schedule::MAX_DAYS as i64
    } else {
        Itinerary::LONGEST_FILLED_GAP_DAYS
    }
}

/// Adds days along the route, which ends at `end` on the day after the last date.
fn fill_on_route(
    dates: impl Iterator<Item = NaiveDate> + Clone,
    start: Distance,
    end: Distance,
    plan: Plan<'_>,
    days: &mut Vec<ItineraryDay>,
) {
    let is_riding = |date: &NaiveDate| !plan.is_rest(*date);
    // The day of `end` counts as a riding day, whatever it is.
    let riding_days = (1..)
        .zip(dates.clone().filter(is_riding))
        .last()
        .map_or(1, |(days, _)| days + 1);
    let mut ridden = 0;
    for date in dates {
        ridden += u64::from(is_riding(&date));
        days.extend(plan.day_at(date, start.towards(end, ridden, riding_days)));
    }
}
