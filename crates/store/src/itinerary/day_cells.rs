use std::collections::VecDeque;

use chrono::{Datelike as _, NaiveDate, TimeDelta};
use kairos_domain::discovery::{DayPosition, MeetingSearch};

use crate::spatial_index::{MortonCell, chord_of};

/// The level of the cells by which itineraries are indexed. They are 25 km wide.
///
/// A circle of 25 km is in some ten of them. Smaller cells would yield fewer false candidates, but need more
/// lookups.
const LEVEL: u32 = 9;

/// Bits of a cell at `LEVEL`.
const CELL_BITS: u32 = 3 * LEVEL;

/// Returns a day and the cell of its position as one number that sorts by day first.
///
/// The day is the number of days since 1 January of the year 1.
pub(crate) fn day_cell(day: DayPosition) -> i64 {
    joined(day.date, MortonCell::of(day.position, LEVEL))
}

fn joined(date: NaiveDate, cell: MortonCell) -> i64 {
    (i64::from(date.num_days_from_ce()) << CELL_BITS) | cell.path()
}

/// Iterates over the days on which other riders may be met, with the cells to search.
///
/// The cells are [numbers](day_cell) of the index. The iterator computes one day at a time, since a journey
/// may last a thousand years.
pub(crate) struct DayCells {
    search: MeetingSearch,
    /// The number of the searching rider's days that were read.
    taken: usize,
    within: TimeDelta,
    chord: f64,
    /// The searching rider's days that are within reach of `date`, with the cells around their positions.
    around: VecDeque<(NaiveDate, Vec<MortonCell>)>,
    /// The searching rider's first day after those in `around`.
    upcoming: Option<DayPosition>,
    date: NaiveDate,
}

impl DayCells {
    pub(crate) fn of(search: &MeetingSearch) -> Self {
        let mut cells = Self {
            search: search.clone(),
            taken: 0,
            within: TimeDelta::days(i64::from(search.within_days())),
            chord: chord_of(search.max_distance_metres()),
            around: VecDeque::new(),
            upcoming: None,
            date: NaiveDate::MIN,
        };
        cells.upcoming = cells.take_next();
        cells
    }

    fn take_next(&mut self) -> Option<DayPosition> {
        let next = self.search.day(self.taken);
        self.taken += 1;
        next
    }

    /// Returns the searching rider's last day whose whole surroundings were returned.
    ///
    /// Returns `None` once that holds for all days.
    pub(crate) fn through_until(&self) -> Option<NaiveDate> {
        let last_day = self.around.back().map(|(mine, _)| *mine + self.within);
        let goes_on = self.upcoming.is_some() || last_day > Some(self.date);
        goes_on.then(|| self.date - self.within)
    }

    /// Moves to a day, and updates the searching rider's days that are within reach of it.
    fn go_to(&mut self, date: NaiveDate) {
        while let Some(mine) = self.upcoming.filter(|mine| mine.date - self.within <= date) {
            let cells = MortonCell::covering(&[mine.position.unit_vector()], self.chord, LEVEL);
            self.around.push_back((mine.date, cells));
            self.upcoming = self.take_next();
        }
        while self
            .around
            .pop_front_if(|(mine, _)| *mine + self.within < date)
            .is_some()
        {}
        self.date = date;
    }
}

impl Iterator for DayCells {
    type Item = (NaiveDate, Vec<i64>);

    fn next(&mut self) -> Option<Self::Item> {
        self.go_to(self.date.succ_opt()?);
        if self.around.is_empty() {
            // Skip the days on which nobody can be met.
            self.go_to(self.upcoming?.date - self.within);
        }
        let mut cells: Vec<_> = self.around.iter().flat_map(|(_, cells)| cells).collect();
        cells.sort_unstable();
        cells.dedup();
        let numbers = cells.into_iter().map(|cell| joined(self.date, *cell)).collect();
        Some((self.date, numbers))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kairos_domain::geo::Position;
    use proptest::prelude::*;

    use super::*;

    fn day(number: i64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 6, 1).unwrap() + TimeDelta::days(number)
    }

    fn anywhere() -> impl Strategy<Value = Position> {
        prop_oneof![
            (-180.0..=180.0, -90.0..=90.0),
            (-180.0..=180.0, 89.0..=90.0),
            (prop_oneof![179.0..=180.0, -180.0..=-179.0], -1.0..=1.0),
            (10.0..12.0, 50.0..51.0),
        ]
        .prop_map(|(longitude, latitude)| Position::new(longitude, latitude, None).unwrap())
    }

    proptest! {
        #[test]
        fn whoever_is_met_is_looked_for_where_they_are(
            mine in prop::collection::btree_map(0..100_i64, anywhere(), 0..12),
            theirs in prop::collection::vec((-20..120_i64, anywhere()), 0..60),
            within_days in 0..=14_u32,
            max_distance_metres in prop_oneof![Just(0.0), 0.0..200_000.0],
        ) {
            let mine: Vec<_> = mine.into_iter().map(|(number, position)| DayPosition { date: day(number), position }).collect();
            let search = MeetingSearch::new(&mine, within_days, max_distance_metres);
            let cells: BTreeMap<_, _> = DayCells::of(&search).collect();
            let same_places = mine.iter().map(|mine| DayPosition { date: mine.date + TimeDelta::days(within_days.into()), ..*mine });
            let theirs = theirs.into_iter().map(|(number, position)| DayPosition { date: day(number), position });
            for theirs in theirs.chain(same_places) {
                if search.closest_on(theirs).is_some() {
                    prop_assert!(cells[&theirs.date].contains(&day_cell(theirs)));
                }
            }
            let mut coming = DayCells::of(&search);
            while let Some((date, _)) = coming.next() {
                let rest = cells.range(date..).skip(1).count();
                prop_assert_eq!(coming.through_until().is_none(), rest == 0);
                if let Some(until) = coming.through_until() {
                    prop_assert_eq!(until + coming.within, date);
                }
            }
            for (date, cells) in &cells {
                // Days far from all of mine are skipped, and each number is returned once.
                let is_near = |mine: &DayPosition| (mine.date - *date).num_days().abs() <= i64::from(within_days);
                prop_assert!(mine.iter().any(is_near));
                prop_assert!(cells.is_sorted_by(|cell, next| cell < next));
            }
        }
    }

    #[test]
    fn the_ends_of_the_calendar_are_days_like_any_other() {
        let at_the_ends = [(1, 1, 1), (9999, 12, 31)].map(|(year, month, day)| DayPosition {
            date: NaiveDate::from_ymd_opt(year, month, day).unwrap(),
            position: Position::new(1.0, 2.0, None).unwrap(),
        });
        let search = MeetingSearch::new(&at_the_ends, 14, 1_000.0);
        let cells: BTreeMap<_, _> = DayCells::of(&search).collect();
        assert_eq!(cells.len(), 2 * 29);
        for end in at_the_ends {
            assert_eq!(cells[&end.date], [day_cell(end)]);
        }
    }
}
