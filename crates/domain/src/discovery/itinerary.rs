use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Bound;

use chrono::{NaiveDate, TimeDelta};

use super::{DatedMarker, DayPosition};
use crate::geo::along_great_circle;
use crate::marker::{MarkerKind, is_after_tomorrow};

/// A journey as a line in space and time: where it is on each day from its first dated marker to its last.
///
/// Days further apart than [`Itinerary::LONGEST_FILLED_GAP_DAYS`] leave a gap. This bounds the length of an
/// itinerary by the number of its markers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Itinerary {
    days: Vec<DayPosition>,
}

impl Itinerary {
    /// The most days from one dated marker to the next between which a rider is taken to be on the way.
    pub const LONGEST_FILLED_GAP_DAYS: i64 = 30;

    /// Computes the itinerary of a journey's dated markers, which may come in any order.
    #[must_use]
    pub fn from_markers(markers: &[DatedMarker]) -> Self {
        Self {
            days: line_through(markers_by_day(markers).into_values()),
        }
    }

    /// Computes the itinerary that counts on a day: past markers of a day later than tomorrow have no part in it.
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

    /// Computes the part of an itinerary that a change of dated markers affects; `None` if there is none.
    #[must_use]
    pub fn changed_part(before: &[DatedMarker], after: &[DatedMarker]) -> Option<ChangedPart> {
        let (before, after) = (markers_by_day(before), markers_by_day(after));
        let changed = before.keys().chain(after.keys());
        let changed = changed.filter(|date| before.get(date) != after.get(date));
        let (first, last) = (changed.clone().min()?, changed.max()?);
        // The line bends at markers only: what lies beyond the next ones stays.
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

    /// Returns the itinerary with these days, which may come in any order, each once.
    #[must_use]
    pub fn from_days(mut days: Vec<DayPosition>) -> Self {
        days.sort_unstable_by_key(|day| day.date);
        Self { days }
    }

    /// Each day with its position, earliest first, each day at most once.
    #[must_use]
    pub fn days(&self) -> &[DayPosition] {
        &self.days
    }

    /// The days from `from` to `to`, both included; `None` is open.
    #[must_use]
    pub fn between(&self, from: Option<NaiveDate>, to: Option<NaiveDate>) -> &[DayPosition] {
        let start = from.map_or(0, |from| self.days.partition_point(|day| day.date < from));
        let end = to.map_or(self.days.len(), |to| {
            self.days.partition_point(|day| day.date <= to)
        });
        // Where `from` is after `to`, the start lies behind the end: nothing is between them.
        self.days.get(start..end).unwrap_or_default()
    }
}

/// A part of an itinerary that replaces the former one.
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

/// The one marker that says where the journey is, for each day that has any.
fn markers_by_day(markers: &[DatedMarker]) -> BTreeMap<NaiveDate, &DatedMarker> {
    let past = markers.iter().filter(|marker| marker.kind == MarkerKind::Past);
    let last_past = past.map(|marker| marker.date).max();
    let mut by_day = BTreeMap::new();
    for marker in markers {
        // A plan for a time from which the past is told already: that is not how it went.
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

/// Which of two markers of one day counts, the greater one: the past before a plan, then the later created.
fn precedence(marker: &DatedMarker) -> impl Ord {
    (Reverse(marker.kind), marker.created_at, marker.id)
}

/// The positions on all days through markers of different days, which come in order.
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

/// The positions on the days between two dated markers; none if they are too far apart.
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
