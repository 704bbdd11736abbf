use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Bound;

use chrono::{NaiveDate, TimeDelta};

use super::{DatedMarker, DayPosition};
use crate::geo::along_great_circle;
use crate::marker::{MarkerKind, is_after_tomorrow};

/// The positions of a journey on the days from its first dated marker to its last.
///
/// Two dated markers that are more than [`Itinerary::LONGEST_FILLED_GAP_DAYS`] apart leave a gap. The number
/// of markers therefore bounds the length of an itinerary.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Itinerary {
    days: Vec<DayPosition>,
}

impl Itinerary {
    /// The most days between two dated markers for which the days between them are interpolated.
    pub const LONGEST_FILLED_GAP_DAYS: i64 = 30;

    /// Computes the itinerary of a journey's dated markers, given in any order.
    #[must_use]
    pub fn from_markers(markers: &[DatedMarker]) -> Self {
        Self {
            days: line_through(markers_by_day(markers).into_values()),
        }
    }

    /// Computes the itinerary as of a day, without past markers that are dated later than tomorrow.
    #[must_use]
    pub fn as_of(today: NaiveDate, markers: &[DatedMarker]) -> Self {
        let is_in_future =
            |marker: &DatedMarker| marker.kind == MarkerKind::Past && is_after_tomorrow(marker.date, today);
        let counting: Vec<_> = markers
            .iter()
            .filter(|marker| !is_in_future(marker))
            .copied()
            .collect();
        Self::from_markers(&counting)
    }

    /// Computes the part of an itinerary that a change of dated markers affects, or `None` if none.
    #[must_use]
    pub fn changed_part(before: &[DatedMarker], after: &[DatedMarker]) -> Option<ChangedPart> {
        let (before, after) = (markers_by_day(before), markers_by_day(after));
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
        Some(ChangedPart {
            first,
            last,
            days: line_through(after.range(first..=last).map(|(_, marker)| *marker)),
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

impl DatedMarker {
    fn day_position(&self) -> DayPosition {
        DayPosition {
            date: self.date,
            position: self.position,
        }
    }
}

/// Returns the marker that sets the position, for each day that has a marker.
fn markers_by_day(markers: &[DatedMarker]) -> BTreeMap<NaiveDate, &DatedMarker> {
    let past = markers.iter().filter(|marker| marker.kind == MarkerKind::Past);
    let last_past = past.map(|marker| marker.date).max();
    let mut by_day = BTreeMap::new();
    for marker in markers {
        // A plan for a day before the last past marker is obsolete: the past markers show the actual route.
        if marker.kind == MarkerKind::Plan && last_past.is_some_and(|last| marker.date < last) {
            continue;
        }
        let holder = by_day.entry(marker.date).or_insert(marker);
        if precedence(marker) > precedence(holder) {
            *holder = marker;
        }
    }
    by_day
}

/// Returns the rank of a marker among those of its day; the greatest sets the position.
///
/// A past marker outranks a plan, then a later created marker outranks an earlier one.
fn precedence(marker: &DatedMarker) -> impl Ord {
    (Reverse(marker.kind), marker.created_at, marker.id)
}

/// Returns the position on each day along markers of different days, given in order.
fn line_through<'a>(markers: impl Iterator<Item = &'a DatedMarker>) -> Vec<DayPosition> {
    let mut days = Vec::new();
    let mut markers = markers.map(DatedMarker::day_position).peekable();
    while let Some(here) = markers.next() {
        days.push(here);
        days.extend(
            markers
                .peek()
                .into_iter()
                .flat_map(|next| days_between(here, *next)),
        );
    }
    days
}

/// Returns the positions on the days between two dated markers; none if the gap is too long.
fn days_between(from: DayPosition, to: DayPosition) -> impl Iterator<Item = DayPosition> {
    let gap = (to.date - from.date).num_days();
    let last = if gap > Itinerary::LONGEST_FILLED_GAP_DAYS {
        0
    } else {
        gap
    };
    (1..last).map(move |day| DayPosition {
        date: from.date + TimeDelta::days(day),
        position: along_great_circle(from.position, to.position, day as f64 / gap as f64),
    })
}

#[cfg(test)]
mod tests;
