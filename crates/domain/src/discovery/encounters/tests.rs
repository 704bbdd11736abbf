use std::future::ready;
use std::ops::RangeInclusive;

use chrono::Days;
use futures_util::FutureExt as _;
use proptest::prelude::*;

use super::*;
use crate::discovery::fixtures::*;
use crate::marker::Marker;

fn candidate(number: u8, owner: u8, markers: &[Marker]) -> EncounterCandidate {
    EncounterCandidate {
        journey: journey(number, owner),
        rider: rider(owner),
        track: track(markers),
    }
}

/// Somebody who rides east along the equator, a degree a day, from day 0 to day 10.
fn meetings() -> MeetingSearch {
    let mine = track(&[plan(0, 0.0, 0.0), plan(10, 10.0, 0.0)]);
    MeetingSearch::new(mine.days(), 1, 25_000.0)
}

#[test]
fn an_unverified_rider_is_refused_before_a_private_journey_is() {
    let mut journey = journey(1, 1);
    let mut rider = rider(1);
    assert!(check_can_be_seen(&rider, &journey).is_ok());
    journey.visibility = Visibility::Private;
    assert!(matches!(
        check_can_be_seen(&rider, &journey),
        Err(EncountersError::JourneyIsPrivate)
    ));
    rider.is_verified = false;
    assert!(matches!(
        check_can_be_seen(&rider, &journey),
        Err(EncountersError::EmailNotVerified)
    ));
}

#[test]
fn an_encounter_tells_both_sides_of_the_closest_meeting() {
    let reader = rider(1);
    let theirs = candidate(7, 2, &[plan(4, 3.0, 0.1)]);
    let encounter = encounter_with(theirs.clone(), &reader, &meetings()).unwrap();
    // On the same day they are a degree apart; only a day earlier I am where they will be.
    assert_eq!((encounter.date, encounter.their_date), (day(3), day(4)));
    assert_eq!(encounter.days_apart, 1);
    assert_eq!(encounter.distance.metres(), 11_131.885);
    assert_eq!(encounter.their_position, at(3.0, 0.1));
    assert!(crate::geo::distance(encounter.position, at(3.0, 0.0)).metres() < 0.01);
    assert_eq!(encounter.journey, theirs.journey);
    assert_eq!(encounter.rider, theirs.rider.public_profile(&reader));
}

#[test]
fn a_candidate_whose_track_bears_out_no_meeting_is_dropped() {
    for markers in [&[][..], &[plan(4, 4.0, 1.0)], &[plan(20, 4.0, 0.0)]] {
        assert_eq!(
            encounter_with(candidate(7, 2, markers), &rider(1), &meetings()),
            None
        );
    }
}

#[test]
fn nobody_meets_a_private_a_completed_or_their_own_journey() {
    let met = |change: fn(&mut Journey)| {
        let mut candidate = candidate(7, 2, &[plan(4, 4.0, 0.0)]);
        change(&mut candidate.journey);
        encounter_with(candidate, &rider(1), &meetings()).is_some()
    };
    assert!(met(|_| {}));
    assert!(met(|journey| journey.status = JourneyStatus::Active));
    assert!(!met(|journey| journey.status = JourneyStatus::Completed));
    assert!(!met(|journey| journey.visibility = Visibility::Private));
    assert!(!met(|journey| journey.user_id = rider(1).id));
}

/// A journey that is met on a day of mine, so many degrees aside, and what its track tells of that.
fn met(number: u8, on_day: i64, aside: f64) -> (Encounter, LikelyEncounter) {
    let theirs = candidate(number, 2, &[plan(on_day, on_day as f64, aside)]);
    let likely = LikelyEncounter {
        journey_id: theirs.journey.id,
        meeting: meetings().closest(&theirs.track).unwrap(),
    };
    (encounter_with(theirs, &rider(1), &meetings()).unwrap(), likely)
}

/// The numbers of the journeys in the answer, and how many of them were asked about. `real` says what the markers tell. What is likely is told in
/// parts of so many of my days.
fn answer_in_parts(
    likely: &[LikelyEncounter],
    days_a_part: u64,
    limit: u32,
    real: &[Encounter],
) -> (Vec<u8>, usize) {
    let mut asked = 0;
    let find = |from, _| {
        let until = from + Days::new(days_a_part - 1);
        let is_told = |likely: &&LikelyEncounter| (from..=until).contains(&likely.meeting.mine.date);
        ready(Ok(LikelyEncounters {
            encounters: likely.iter().filter(is_told).copied().collect(),
            until: Some(until).filter(|until| *until < day(10)),
        }))
    };
    let decide = |journeys: Vec<JourneyId>| {
        assert!(journeys.len() <= CANDIDATES_AT_ONCE);
        asked += journeys.len();
        let real = real.iter().filter(|real| journeys.contains(&real.journey.id));
        ready(Ok(real.cloned().collect()))
    };
    let first = first_encounters(Some(day(0)), limit, find, decide);
    let first = first.now_or_never().unwrap().unwrap().into_iter();
    let numbers = first
        .map(|encounter| encounter.journey.id.0.bytes()[11])
        .collect();
    (numbers, asked)
}

fn answer(likely: &[LikelyEncounter], limit: u32, real: &[Encounter]) -> (Vec<u8>, usize) {
    answer_in_parts(likely, 11, limit, real)
}

#[test]
fn encounters_come_by_my_day_then_distance_then_journey_up_to_the_limit() {
    let (real, likely): (Vec<_>, Vec<_>) = [
        met(4, 5, 0.0),
        met(3, 2, 0.1),
        met(2, 2, 0.1),
        met(1, 2, 0.2),
        met(5, 2, 0.0),
        met(6, 1, 0.2),
    ]
    .into_iter()
    .unzip();
    assert_eq!(answer(&likely, 50, &real).0, [6, 5, 2, 3, 1, 4]);
    assert_eq!(answer(&likely, 3, &real).0, [6, 5, 2]);
}

#[test]
fn only_journeys_that_may_be_among_the_first_are_asked_about() {
    let (real, likely): (Vec<_>, Vec<_>) = (0..200)
        .map(|number| met(number, 5, f64::from(number) / 1_000.0))
        .unzip();
    assert_eq!(answer(&likely, 30, &real), ((0..30).collect(), 38));
    assert_eq!(answer(&likely, 25, &real), ((0..25).collect(), 33));
}

#[test]
fn what_markers_tell_otherwise_than_the_track_is_told_as_they_do() {
    // The first forty are gone, private, or were moved to later days; others then take their places.
    let (mut real, likely): (Vec<_>, Vec<_>) = (0..100)
        .map(|number| met(number, 5, f64::from(number) / 1_000.0))
        .unzip();
    real.drain(..30);
    for number in 30..40 {
        real.retain(|encounter| encounter.journey.id != journey(number, 2).id);
        real.push(met(number, 6, f64::from(number) / 1_000.0).0);
    }
    assert_eq!(answer(&likely, 10, &real).0, (40..50).collect::<Vec<_>>());
    assert_eq!(
        answer(&likely, 62, &real).0,
        (40..100).chain(30..32).collect::<Vec<_>>()
    );
}

#[test]
fn the_days_after_those_that_are_enough_are_not_looked_at() {
    let (real, likely): (Vec<_>, Vec<_>) = (0..200)
        .map(|number| met(number, i64::from(number / 20), f64::from(number % 20) / 1_000.0))
        .unzip();
    let mut looked_at = Vec::new();
    let find = |from: NaiveDate, enough| {
        looked_at.push((from, enough));
        let until = from.succ_opt();
        let encounters = likely
            .iter()
            .filter(|likely| Some(likely.meeting.mine.date) <= until);
        ready(Ok(LikelyEncounters {
            encounters: encounters.copied().collect(),
            until,
        }))
    };
    let decide = |journeys: Vec<JourneyId>| {
        let real = real.iter().filter(|real| journeys.contains(&real.journey.id));
        ready(Ok(real.cloned().collect()))
    };
    let first = first_encounters(Some(day(0)), 50, find, decide);
    assert_eq!(first.now_or_never().unwrap().unwrap(), real[..50]);
    // The first two days have forty, which do not do.
    assert_eq!(looked_at, [(day(0), 61), (day(2), 160)]);
}

/// What a crowd is asked for an answer. Each journey is near on all of my days, so many thousandths of a degree aside, and is told of where it is
/// nearest on the days that are told of.
struct Crowd {
    aside: Vec<[u16; 11]>,
}

impl Crowd {
    fn nearest_on(&self, days: RangeInclusive<i64>, number: usize) -> (Encounter, LikelyEncounter) {
        let aside = |day: &i64| self.aside[number][usize::try_from(*day).unwrap()];
        let nearest = days.min_by_key(aside).unwrap();
        let number = u8::try_from(number).unwrap();
        met(number, nearest, f64::from(aside(&nearest)) / 1_000.0)
    }

    fn told(&self, days: &RangeInclusive<i64>) -> Vec<LikelyEncounter> {
        (0..self.aside.len())
            .map(|number| self.nearest_on(days.clone(), number).1)
            .collect()
    }

    fn by_definition(&self, limit: usize) -> Vec<Encounter> {
        let all = (0..self.aside.len()).map(|number| self.nearest_on(0..=10, number).0);
        let mut all: Vec<_> = all.collect();
        all.sort_unstable_by_key(Encounter::place_in_order);
        all.truncate(limit);
        all
    }

    /// The answer, in how many parts likely ones were asked for, and about how many.
    fn asked(&self, limit: u32) -> (Vec<Encounter>, usize, usize) {
        let (mut parts, mut asked) = (0, 0);
        let find = |from: NaiveDate, enough| {
            parts += 1;
            let first = (from - day(0)).num_days();
            let last = (first..10).find(|last| self.told(&(first..=*last)).len() >= enough);
            ready(Ok(LikelyEncounters {
                encounters: self.told(&(first..=last.unwrap_or(10))),
                until: last.map(day),
            }))
        };
        let decide = |journeys: Vec<JourneyId>| {
            asked += journeys.len();
            let numbers = journeys.iter().map(|id| usize::from(id.0.bytes()[11]));
            ready(Ok(numbers
                .map(|number| self.nearest_on(0..=10, number).0)
                .collect()))
        };
        let first = first_encounters(Some(day(0)), limit, find, decide);
        (first.now_or_never().unwrap().unwrap(), parts, asked)
    }
}

#[test]
fn a_crowd_that_comes_nearer_is_not_asked_about_one_by_one() {
    let aside =
        (0..150).map(|number| std::array::from_fn(|day| 200 - 5 * u16::try_from(day).unwrap() - number % 5));
    let crowd = Crowd {
        aside: aside.collect(),
    };
    let (first, parts, asked) = crowd.asked(10);
    assert_eq!(first, crowd.by_definition(10));
    assert!(parts <= 2 && asked <= 60, "{parts} parts, {asked} asked about");
}

#[test]
fn companions_are_not_looked_for_day_by_day() {
    // All are near on each of my days, and nearest on the last.
    let aside = (0..30).map(|number| std::array::from_fn(|day| if day == 10 { 10 } else { 100 + number }));
    let crowd = Crowd {
        aside: aside.collect(),
    };
    let (first, parts, asked) = crowd.asked(20);
    assert_eq!(first, crowd.by_definition(20));
    assert!(parts <= 4 && asked <= 60, "{parts} parts, {asked} asked about");
}

proptest! {
    #[test]
    fn the_answer_is_the_same_in_however_many_parts_it_is_found(
        met_on in prop::collection::vec((0..11_i64, 0..4_i64, 0..5_u8), 0..60),
        days_a_part in 1..12_u64,
        limit in 1..40_u32,
    ) {
        // Each is likely on a day, and met on that or a later one.
        let (mut real, likely): (Vec<_>, Vec<_>) = met_on
            .iter()
            .zip(0..)
            .map(|((day, later, aside), number)| {
                let aside = f64::from(*aside) / 100.0;
                (met(number, (day + later).min(10), aside).0, met(number, *day, aside).1)
            })
            .unzip();
        real.sort_unstable_by_key(Encounter::place_in_order);
        let expected: Vec<_> = real.iter().take(limit as usize).map(|real| real.journey.id.0.bytes()[11]).collect();
        prop_assert_eq!(answer_in_parts(&likely, days_a_part, limit, &real).0, expected);
    }

    #[test]
    fn a_crowd_is_met_as_defined_wherever_it_is_nearest(
        aside in prop::collection::vec(prop::array::uniform11(0..200_u16), 0..60),
        limit in 1..40_u32,
    ) {
        let crowd = Crowd { aside };
        prop_assert_eq!(crowd.asked(limit).0, crowd.by_definition(limit as usize));
    }
}
