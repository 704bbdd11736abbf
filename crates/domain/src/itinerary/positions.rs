use std::collections::BTreeMap;
use std::ops::Bound;

use chrono::NaiveDate;

use super::fixed_days::fixed_days;
use super::gaps::with_days_between;
use super::{DatedMarker, ItineraryDay, ItinerarySources};
use crate::geo::Position;

/// The position of a journey on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DayPosition {
    /// The day, in UTC.
    pub date: NaiveDate,
    /// The position at the end of the day.
    pub position: Position,
}

/// The positions of a journey on its days.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Itinerary {
    days: Vec<DayPosition>,
}

impl Itinerary {
    /// The most days between two dated markers for which the days between them are interpolated.
    pub const LONGEST_FILLED_GAP_DAYS: i64 = 30;

    /// Computes the positions from everything that a journey has.
    #[must_use]
    pub fn of(sources: &ItinerarySources<'_>) -> Self {
        Self {
            days: positions(sources.days()),
        }
    }

    /// Computes the itinerary of a journey without lines from its dated markers, given in any order.
    #[must_use]
    pub fn from_markers(markers: &[DatedMarker]) -> Self {
        Self::of(&ItinerarySources {
            markers,
            ..ItinerarySources::default()
        })
    }

    /// Computes the itinerary of a journey without lines as of a day.
    ///
    /// Past markers that are dated later than tomorrow don't count.
    #[must_use]
    pub fn as_of(today: NaiveDate, markers: &[DatedMarker]) -> Self {
        Self::of(&ItinerarySources {
            markers,
            today: Some(today),
            ..ItinerarySources::default()
        })
    }

    /// Computes the part of an itinerary that a change of dated markers affects, or `None` if none.
    ///
    /// The journey has no lines. With a route, a change of one marker can change every day.
    #[must_use]
    pub fn changed_part(before: &[DatedMarker], after: &[DatedMarker]) -> Option<ChangedPart> {
        let by_day = |markers| {
            let days = fixed_days(markers, &[], None).into_iter();
            days.map(|day| (day.date, day)).collect::<BTreeMap<_, _>>()
        };
        let (before, after) = (by_day(before), by_day(after));
        let changed = before.keys().chain(after.keys());
        let changed = changed.filter(|date| before.get(date) != after.get(date));
        let (first, last) = (changed.clone().min()?, changed.max()?);
        // Positions depend on the neighbouring markers only. Days beyond the next unchanged marker stay as
        // they are.
        let first = after.range(..first).next_back().map_or(*first, |(date, _)| *date);
        let last = after
            .range((Bound::Excluded(last), Bound::Unbounded))
            .next()
            .map_or(*last, |(date, _)| *date);
        let part: Vec<_> = after.range(first..=last).map(|(_, day)| *day).collect();
        Some(ChangedPart {
            first,
            last,
            days: positions(with_days_between(&part, None)),
        })
    }

    /// Returns the itinerary with these days, given in any order, each once.
    #[must_use]
    pub fn from_days(mut days: Vec<DayPosition>) -> Self {
        days.sort_unstable_by_key(|day| day.date);
        Self { days }
    }

    /// Returns the days with their positions, earliest first, each day at most once.
    #[must_use]
    pub fn days(&self) -> &[DayPosition] {
        &self.days
    }

    /// Returns the days from `from` to `to`, both included. `None` is an open end.
    #[must_use]
    pub fn between(&self, from: Option<NaiveDate>, to: Option<NaiveDate>) -> &[DayPosition] {
        let start = from.map_or(0, |from| self.days.partition_point(|day| day.date < from));
        let end = to.map_or(self.days.len(), |to| {
            self.days.partition_point(|day| day.date <= to)
        });
        // If `from` is after `to`, the start lies after the end and the result is empty.
        self.days.get(start..end).unwrap_or_default()
    }
}

/// A part of an itinerary that replaces the days from `first` to `last`.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedPart {
    /// The first day of the part.
    pub first: NaiveDate,
    /// The last day of the part.
    pub last: NaiveDate,
    /// The days of the part that have a position, in order.
    pub days: Vec<DayPosition>,
}

fn positions(days: impl IntoIterator<Item = ItineraryDay>) -> Vec<DayPosition> {
    let position = |day: ItineraryDay| DayPosition {
        date: day.date,
        position: day.position,
    };
    days.into_iter().map(position).collect()
}

#[cfg(test)]
mod tests;
