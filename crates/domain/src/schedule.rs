//! Schedules: when and how fast a route is to be ridden.

use std::ops::RangeInclusive;

use chrono::{Datelike as _, NaiveDate};

use crate::geo::Distance;

/// A start date, a pace, and the rest days.
///
/// Equal schedules compare equal: the rest days are in order, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    start_date: NaiveDate,
    metres_per_day: u32,
    rest_dates: Vec<NaiveDate>,
    rest_weekdays: Vec<u8>,
}

/// The bound that a schedule breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSchedule {
    /// The pace is out of [`Schedule::METRES_PER_DAY`].
    #[error(
        "a schedule may have {min} to {max} metres per day",
        min = Schedule::METRES_PER_DAY.start(),
        max = Schedule::METRES_PER_DAY.end()
    )]
    MetresPerDay,
    /// More than [`Schedule::MAX_REST_DATES`] rest dates.
    #[error("a schedule may have at most {max} rest dates", max = Schedule::MAX_REST_DATES)]
    RestDates,
    /// A rest weekday is not a number from 1 to 7.
    #[error("a weekday is a number from 1 (Monday) to 7")]
    Weekday,
    /// All weekdays are rest days.
    #[error("a schedule needs a weekday that is not a rest day")]
    OnlyRest,
}

/// Why a schedule doesn't reach the end of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleTooLong {
    /// The end of the route is more than [`Schedule::MAX_DAYS`] days after the start date.
    #[error("the schedule would take more than {max} days", max = Schedule::MAX_DAYS)]
    Days,
    /// The end date would be after 9999-12-31.
    #[error("the schedule would end after the year 9999")]
    Calendar,
}

impl Schedule {
    /// The paces that a schedule may have, in metres for each riding day.
    pub const METRES_PER_DAY: RangeInclusive<u32> = 1_000..=500_000;

    /// The most rest dates.
    pub const MAX_REST_DATES: usize = 366;

    /// The most days from the start date to the end date.
    pub const MAX_DAYS: usize = 1_000;

    /// Returns a schedule. Weekdays are numbers from 1 (Monday) to 7; the order of the rest days is ignored.
    ///
    /// # Errors
    /// [`InvalidSchedule`] for the first bound that is broken.
    pub fn new(
        start_date: NaiveDate,
        metres_per_day: u32,
        mut rest_dates: Vec<NaiveDate>,
        mut rest_weekdays: Vec<u8>,
    ) -> Result<Self, InvalidSchedule> {
        if !Self::METRES_PER_DAY.contains(&metres_per_day) {
            return Err(InvalidSchedule::MetresPerDay);
        }
        if rest_dates.len() > Self::MAX_REST_DATES {
            return Err(InvalidSchedule::RestDates);
        }
        if rest_weekdays.iter().any(|weekday| !(1..=7).contains(weekday)) {
            return Err(InvalidSchedule::Weekday);
        }
        rest_dates.sort_unstable();
        rest_dates.dedup();
        rest_weekdays.sort_unstable();
        rest_weekdays.dedup();
        if rest_weekdays.len() == 7 {
            return Err(InvalidSchedule::OnlyRest);
        }
        Ok(Self {
            start_date,
            metres_per_day,
            rest_dates,
            rest_weekdays,
        })
    }

    /// Returns the day that the rider ends at the start of the route.
    #[must_use]
    pub const fn start_date(&self) -> NaiveDate {
        self.start_date
    }

    /// Returns the metres of a riding day.
    #[must_use]
    pub const fn metres_per_day(&self) -> u32 {
        self.metres_per_day
    }

    /// Returns the rest dates, earliest first, each once.
    #[must_use]
    pub fn rest_dates(&self) -> &[NaiveDate] {
        &self.rest_dates
    }

    /// Returns the rest weekdays, 1 (Monday) to 7, in order, each once.
    #[must_use]
    pub fn rest_weekdays(&self) -> &[u8] {
        &self.rest_weekdays
    }

    /// Checks whether a day is a rest day.
    #[must_use]
    pub fn is_rest(&self, day: NaiveDate) -> bool {
        let weekday = day.weekday().number_from_monday();
        self.rest_weekdays.iter().any(|rest| u32::from(*rest) == weekday)
            || self.rest_dates.binary_search(&day).is_ok()
    }

    /// Returns the day on which a rider who follows this schedule alone reaches the end of a route.
    ///
    /// # Errors
    /// [`ScheduleTooLong`] if that day is too far from the start date, or beyond the calendar.
    pub fn end_date(&self, route_length: Distance) -> Result<NaiveDate, ScheduleTooLong> {
        let start = (self.start_date, Distance::default());
        let (date, place) = self.ride(start, route_length).fold(start, |_, day| day);
        if place >= route_length {
            Ok(date)
        } else if day_after(date).is_none() {
            Err(ScheduleTooLong::Calendar)
        } else {
            Err(ScheduleTooLong::Days)
        }
    }

    /// Returns `start`, a day and a place along the route, and each later day with its place.
    ///
    /// The days end with the first at `end`, at the latest [`Self::MAX_DAYS`] after the start.
    pub(crate) fn ride(
        &self,
        start: (NaiveDate, Distance),
        end: Distance,
    ) -> impl Iterator<Item = (NaiveDate, Distance)> {
        let day_length = Distance::from_metres(f64::from(self.metres_per_day));
        let days = std::iter::successors(Some(start), move |(date, place)| {
            let next = day_after(*date).filter(|_| *place < end)?;
            let ridden = if self.is_rest(next) {
                Distance::default()
            } else {
                day_length
            };
            Some((next, (*place + ridden).min(end)))
        });
        days.take(Self::MAX_DAYS + 1)
    }
}

/// Returns the next day, or `None` after the year 9999, the last year of the API.
fn day_after(day: NaiveDate) -> Option<NaiveDate> {
    day.succ_opt().filter(|next| next.year() <= 9999)
}

#[cfg(test)]
mod tests;
