//! The days whose positions markers and the track determine.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{DatedMarker, DayPosition, DaySource, ItineraryDay};
use crate::line::LinePosition;
use crate::marker::{MarkerKind, is_after_tomorrow};

/// Returns the fixed days, earliest first: a past marker outranks the track, and the track a plan marker.
pub(super) fn fixed_days(
    markers: &[DatedMarker],
    track: &[DayPosition],
    today: Option<NaiveDate>,
) -> Vec<ItineraryDay> {
    let is_past = |marker: &&DatedMarker| marker.kind == MarkerKind::Past;
    let is_in_future = |marker: &&DatedMarker| {
        is_past(marker) && today.is_some_and(|today| is_after_tomorrow(marker.date, today))
    };
    let markers = markers.iter().filter(|marker| !is_in_future(marker));
    let past_markers = markers.clone().filter(is_past).map(|marker| marker.date);
    let last_past = past_markers.chain(track.iter().map(|day| day.date)).max();
    // A plan for a day before the last past day is obsolete: the past days show the actual route.
    let markers = markers.filter(|marker| is_past(marker) || Some(marker.date) >= last_past);

    let mut by_day = BTreeMap::new();
    for marker in markers {
        let holder = by_day.entry(marker.date).or_insert(marker);
        if precedence(marker) > precedence(holder) {
            *holder = marker;
        }
    }
    let mut days: BTreeMap<_, _> = by_day
        .into_iter()
        .map(|(date, marker)| (date, fixed(marker)))
        .collect();
    for end in track {
        let day = ItineraryDay {
            date: end.date,
            position: end.position,
            source: DaySource::Track,
            place: None,
        };
        let holder = days.entry(end.date).or_insert(day);
        if holder.source == DaySource::PlanMarker {
            *holder = day;
        }
    }
    days.into_values().collect()
}

/// Returns the rank of a marker among those of its day; the greatest sets the position.
///
/// A past marker outranks a plan, then a later created marker outranks an earlier one.
fn precedence(marker: &DatedMarker) -> impl Ord {
    (Reverse(marker.kind), marker.created_at, marker.id)
}

fn fixed(marker: &DatedMarker) -> ItineraryDay {
    ItineraryDay {
        date: marker.date,
        position: marker.position,
        source: match marker.kind {
            MarkerKind::Past => DaySource::PastMarker,
            MarkerKind::Plan => DaySource::PlanMarker,
        },
        place: None,
    }
}

/// Returns the last position of each UTC day of a track, or of a part of it, earliest day first.
///
/// The last position is the one with the latest time, then the later one in the line. Positions without a
/// time don't count, and elevations are left out.
#[must_use]
pub fn day_ends<'a>(track: impl IntoIterator<Item = &'a LinePosition>) -> Vec<DayPosition> {
    let mut ends = BTreeMap::new();
    for position in track {
        if let Some(time) = position.time() {
            let end = ends.entry(time.date_naive()).or_insert((time, position));
            if time >= end.0 {
                *end = (time, position);
            }
        }
    }
    let day_position = |(date, (_, end)): (NaiveDate, (_, &LinePosition))| DayPosition {
        date,
        position: end.position(),
    };
    ends.into_iter().map(day_position).collect()
}
