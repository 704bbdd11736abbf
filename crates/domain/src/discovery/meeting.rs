use std::iter;

use chrono::{Days, NaiveDate};

use super::{DayPosition, Track};
use crate::geo::{Distance, EARTH_RADIUS_METRES, Position, UnitVector};

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

/// Looks for meetings of one rider's days with the tracks of any number of others.
#[derive(Debug, Clone)]
pub struct MeetingSearch {
    mine: Vec<Waypoint>,
    within_days: u32,
    max_distance_metres: f64,
    /// No two points within the distance are further apart than this, straight through the sphere and squared.
    max_chord_squared: f64,
}

/// A day's position, made ready for being compared with many.
#[derive(Debug, Clone, Copy)]
struct Waypoint {
    date: NaiveDate,
    position: Position,
    vector: UnitVector,
}

impl MeetingSearch {
    /// Takes the searching rider's days in order, each at most once, and how many days and metres apart still counts.
    #[must_use]
    pub fn new(mine: &[DayPosition], within_days: u32, max_distance_metres: f64) -> Self {
        Self {
            mine: waypoints(mine),
            within_days,
            max_distance_metres,
            max_chord_squared: max_chord_squared(max_distance_metres),
        }
    }

    /// The closest meeting with another track: fewest days apart, then nearest, then the earliest of my days, then the
    /// earliest of theirs. `None` when they never come close enough.
    ///
    /// It takes time in proportion to the days of both, not to their product.
    #[must_use]
    pub fn closest(&self, theirs: &Track) -> Option<Meeting> {
        let (first, last) = (self.mine.first()?, self.mine.last()?);
        let reach = Days::new(u64::from(self.within_days));
        // What lies beyond the calendar is as good as open.
        let (from, to) = (
            first.date.checked_sub_days(reach),
            last.date.checked_add_days(reach),
        );
        let theirs = waypoints(theirs.between(from, to));
        // Fewest days apart comes first: whoever has met need not be looked for any further away.
        (0..=self.within_days).find_map(|days_apart| {
            let shift = i64::from(days_apart);
            let earlier = days_shifted(&self.mine, &theirs, -shift);
            let later = (days_apart > 0).then(|| days_shifted(&self.mine, &theirs, shift));
            earlier
                .chain(later.into_iter().flatten())
                .filter_map(|(mine, theirs)| self.meeting(mine, theirs, days_apart))
                .min_by_key(|meeting| (meeting.distance, meeting.mine.date, meeting.theirs.date))
        })
    }

    fn meeting(&self, mine: &Waypoint, theirs: &Waypoint, days_apart: u32) -> Option<Meeting> {
        // Three multiplications spare almost every pair the arctangent.
        if mine.vector.chord_squared_to(theirs.vector) > self.max_chord_squared {
            return None;
        }
        let distance = mine.vector.distance_to(theirs.vector);
        (distance.metres() <= self.max_distance_metres).then(|| Meeting {
            mine: mine.day_position(),
            theirs: theirs.day_position(),
            days_apart,
            distance,
        })
    }
}

impl Waypoint {
    fn day_position(&self) -> DayPosition {
        DayPosition {
            date: self.date,
            position: self.position,
        }
    }
}

fn waypoints(days: &[DayPosition]) -> Vec<Waypoint> {
    days.iter()
        .map(|day| Waypoint {
            date: day.date,
            position: day.position,
            vector: day.position.unit_vector(),
        })
        .collect()
}

/// Pairs each of my days with theirs that is `shift` days later, where there is one, going once through both.
fn days_shifted<'a>(
    mine: &'a [Waypoint],
    theirs: &'a [Waypoint],
    shift: i64,
) -> impl Iterator<Item = (&'a Waypoint, &'a Waypoint)> {
    let mut theirs = theirs.iter().peekable();
    mine.iter().filter_map(move |mine| {
        let days_later = |theirs: &&Waypoint| (theirs.date - mine.date).num_days();
        iter::from_fn(|| theirs.next_if(|theirs| days_later(theirs) < shift)).for_each(drop);
        theirs
            .next_if(|theirs| days_later(theirs) == shift)
            .map(|theirs| (mine, theirs))
    })
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

#[cfg(test)]
mod tests;
