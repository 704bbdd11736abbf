use std::sync::Arc;

use chrono::{Datelike as _, Days, NaiveDate};

use super::{DayPosition, Itinerary};
use crate::geo::{Distance, EARTH_RADIUS_METRES, UnitVector};

/// Where one journey's days come closest to another's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Meeting {
    /// Where the one who searches is, and when.
    pub mine: DayPosition,
    /// Where the other one is, and when.
    pub theirs: DayPosition,
    /// How many days lie between the two.
    pub days_apart: u32,
    /// How far apart the two places are.
    pub distance: Distance,
}

impl Meeting {
    /// What makes one meeting closer than another, the lesser one: fewest days apart, then the shortest distance, then the earliest of my
    /// days, then the earliest of theirs.
    #[must_use]
    pub fn closeness(&self) -> impl Ord + use<> {
        (self.days_apart, self.distance, self.mine.date, self.theirs.date)
    }
}

/// Looks for meetings of one rider's days with the days of any number of others.
#[derive(Debug, Clone)]
pub struct MeetingSearch {
    mine: Arc<[Waypoint]>,
    within_days: u32,
    max_distance_metres: f64,
    /// No two points within the distance are further apart than this, straight through the sphere and squared.
    max_chord_squared: f64,
    /// Nor do their latitudes differ by more degrees than this.
    max_latitudes: f64,
}

/// A day's position, made ready for being compared with many.
#[derive(Debug, Clone, Copy)]
struct Waypoint {
    day: DayPosition,
    /// The date as a number: comparing those is what a search does most.
    number: i32,
    vector: UnitVector,
}

impl MeetingSearch {
    /// Takes the searching rider's days in order, each at most once, and how many days and metres apart still counts.
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

    /// How many days apart still counts.
    #[must_use]
    pub const fn within_days(&self) -> u32 {
        self.within_days
    }

    /// How far apart still counts.
    #[must_use]
    pub const fn max_distance_metres(&self) -> f64 {
        self.max_distance_metres
    }

    /// Returns the [closest](Meeting::closeness) meeting with another itinerary; `None` if they never come
    /// close enough.
    #[must_use]
    pub fn closest(&self, theirs: &Itinerary) -> Option<Meeting> {
        let (first, last) = (self.mine.first()?, self.mine.last()?);
        let reach = Days::new(u64::from(self.within_days));
        // What lies beyond the calendar is as good as open.
        let (from, to) = (
            first.day.date.checked_sub_days(reach),
            last.day.date.checked_add_days(reach),
        );
        let theirs = theirs.between(from, to).iter();
        theirs
            .filter_map(|theirs| self.closest_on(*theirs))
            .min_by_key(Meeting::closeness)
    }

    /// The [closest](Meeting::closeness) meeting with somebody who is at a place on a day. `None` when that is not close enough.
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
        // A subtraction spares almost everybody the trigonometry.
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
        // Three multiplications spare almost every pair the arctangent.
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

/// The square of the chord under an arc of so many metres: a bound that is never too narrow.
fn max_chord_squared(metres: f64) -> f64 {
    // A millimetre more than asked for, because distances are rounded before they are compared.
    let angle = (metres + 0.001) / EARTH_RADIUS_METRES;
    if angle < 1.0 {
        (2.0 * (angle / 2.0).sin()).powi(2)
    } else {
        // Towards the antipodes chords of different arcs are too alike to tell them apart, and nobody is spared much.
        f64::INFINITY
    }
}

/// By how many degrees the latitudes of two points within a distance differ at the most; never too few.
fn max_latitudes(metres: f64) -> f64 {
    // No way from one parallel to another is shorter than along a meridian. A millimetre, and a little for rounding.
    ((metres + 0.001) / EARTH_RADIUS_METRES).to_degrees() * (1.0 + 1e-9) + 1e-9
}

#[cfg(test)]
mod tests;
