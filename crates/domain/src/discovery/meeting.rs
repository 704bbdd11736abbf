use std::sync::Arc;

use chrono::{Datelike as _, Days, NaiveDate};

use super::{DayPosition, Itinerary};
use crate::geo::{Distance, EARTH_RADIUS_METRES, UnitVector};

/// A pair of days on which two journeys come close.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Meeting {
    /// The searching rider's day and position.
    pub mine: DayPosition,
    /// The other rider's day and position.
    pub theirs: DayPosition,
    /// The days between the two dates.
    pub days_apart: u32,
    /// The distance between the two positions.
    pub distance: Distance,
}

impl Meeting {
    /// Returns the sort key of a meeting; the closest meeting has the least.
    ///
    /// It compares days apart, then distance, then the searching rider's day, then the other rider's day.
    #[must_use]
    pub fn closeness(&self) -> impl Ord + use<> {
        (self.days_apart, self.distance, self.mine.date, self.theirs.date)
    }
}

/// A search for meetings of one rider's days with the days of other riders.
#[derive(Debug, Clone)]
pub struct MeetingSearch {
    mine: Arc<[Waypoint]>,
    within_days: u32,
    max_distance_metres: f64,
    /// The square of the longest chord between two points within the distance.
    max_chord_squared: f64,
    /// The largest difference of latitude between two points within the distance, in degrees.
    max_latitudes: f64,
}

/// A day's position in a form that is fast to compare.
#[derive(Debug, Clone, Copy)]
struct Waypoint {
    day: DayPosition,
    /// The date as a number, since a search mostly compares dates.
    number: i32,
    vector: UnitVector,
}

impl MeetingSearch {
    /// Prepares a search from the searching rider's days, given in order, each at most once.
    ///
    /// Days up to `within_days` and positions up to `max_distance_metres` apart count as a meeting.
    #[must_use]
    pub fn new(mine: &[DayPosition], within_days: u32, max_distance_metres: f64) -> Self {
        Self {
            mine: mine.iter().copied().map(Waypoint::of).collect(),
            within_days,
            max_distance_metres,
            max_chord_squared: max_chord_squared(max_distance_metres),
            max_latitudes: max_latitudes(max_distance_metres),
        }
    }

    /// Returns the searching rider's day at an index, in the order of days.
    #[must_use]
    pub fn day(&self, index: usize) -> Option<DayPosition> {
        self.mine.get(index).map(|mine| mine.day)
    }

    /// Returns the first and the last of the searching rider's days.
    #[must_use]
    pub fn first_and_last(&self) -> Option<(NaiveDate, NaiveDate)> {
        Some((self.mine.first()?.day.date, self.mine.last()?.day.date))
    }

    /// Returns the most days between the two days of a meeting.
    #[must_use]
    pub const fn within_days(&self) -> u32 {
        self.within_days
    }

    /// Returns the longest distance between the two positions of a meeting.
    #[must_use]
    pub const fn max_distance_metres(&self) -> f64 {
        self.max_distance_metres
    }

    /// Returns the [closest](Meeting::closeness) meeting with another itinerary, if there is any.
    #[must_use]
    pub fn closest(&self, theirs: &Itinerary) -> Option<Meeting> {
        let (first, last) = (self.mine.first()?, self.mine.last()?);
        let reach = Days::new(u64::from(self.within_days));
        // A day beyond the range of the calendar means an open end.
        let (from, to) = (
            first.day.date.checked_sub_days(reach),
            last.day.date.checked_add_days(reach),
        );
        let theirs = theirs.between(from, to).iter();
        theirs
            .filter_map(|theirs| self.closest_on(*theirs))
            .min_by_key(Meeting::closeness)
    }

    /// Returns the [closest](Meeting::closeness) meeting with a rider at a position on a day.
    ///
    /// Returns `None` if no position is close enough.
    #[must_use]
    pub fn closest_on(&self, theirs: DayPosition) -> Option<Meeting> {
        let latitude = theirs.position.latitude();
        let may_be_near =
            |mine: &&Waypoint| (mine.day.position.latitude() - latitude).abs() <= self.max_latitudes;
        let mut mine = self
            .days_around(theirs.date.num_days_from_ce())
            .iter()
            .filter(may_be_near)
            .peekable();
        // The difference of latitudes rules out most candidates without trigonometry.
        mine.peek()?;
        let theirs = Waypoint::of(theirs);
        mine.filter_map(|mine| self.meeting(mine, &theirs))
            .min_by_key(Meeting::closeness)
    }

    /// Returns the searching rider's days that are not too far from a day.
    fn days_around(&self, number: i32) -> &[Waypoint] {
        let within = i32::try_from(self.within_days).unwrap_or(i32::MAX);
        let (first, last) = (number.saturating_sub(within), number.saturating_add(within));
        let start = self.mine.partition_point(|mine| mine.number < first);
        let end = self.mine.partition_point(|mine| mine.number <= last);
        self.mine.get(start..end).unwrap_or_default()
    }

    fn meeting(&self, mine: &Waypoint, theirs: &Waypoint) -> Option<Meeting> {
        // The squared chord rules out most pairs without the arctangent.
        if mine.vector.chord_squared_to(theirs.vector) > self.max_chord_squared {
            return None;
        }
        let distance = mine.vector.distance_to(theirs.vector);
        (distance.metres() <= self.max_distance_metres).then(|| Meeting {
            mine: mine.day,
            theirs: theirs.day,
            days_apart: mine.number.abs_diff(theirs.number),
            distance,
        })
    }
}

impl Waypoint {
    fn of(day: DayPosition) -> Self {
        Self {
            day,
            number: day.date.num_days_from_ce(),
            vector: day.position.unit_vector(),
        }
    }
}

/// Returns the square of the chord of an arc of this length, an upper bound.
fn max_chord_squared(metres: f64) -> f64 {
    // One millimetre is added because distances are rounded before they are compared.
    let angle = (metres + 0.001) / EARTH_RADIUS_METRES;
    if angle < 1.0 {
        (2.0 * (angle / 2.0).sin()).powi(2)
    } else {
        // Near the antipodes, chords of different arcs are almost equal. The filter would be imprecise there
        // and save little.
        f64::INFINITY
    }
}

/// Returns an upper bound for the difference of latitude within a distance, in degrees.
fn max_latitudes(metres: f64) -> f64 {
    // The shortest path from one parallel to another runs along a meridian. One millimetre and a relative
    // error are added for rounding.
    ((metres + 0.001) / EARTH_RADIUS_METRES).to_degrees() * (1.0 + 1e-9) + 1e-9
}

#[cfg(test)]
mod tests;
