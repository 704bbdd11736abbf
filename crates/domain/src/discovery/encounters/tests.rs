use super::*;
use crate::discovery::fixtures::*;
use crate::marker::Marker;

fn candidate(number: u8, owner: u8, markers: Vec<Marker>) -> EncounterCandidate {
    EncounterCandidate {
        journey: journey(number, owner),
        rider: rider(owner),
        markers,
    }
}

/// Somebody who rides east along the equator, a degree a day, from day 0 to day 10.
fn meetings() -> MeetingSearch {
    let mine = Track::from_markers(&[plan(0, 0.0, 0.0), plan(10, 10.0, 0.0)]);
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
    let theirs = candidate(7, 2, vec![plan(4, 3.0, 0.1)]);
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
fn a_candidate_whose_markers_bear_out_no_meeting_is_dropped() {
    for markers in [vec![], vec![plan(4, 4.0, 1.0)], vec![plan(20, 4.0, 0.0)]] {
        assert_eq!(
            encounter_with(candidate(7, 2, markers), &rider(1), &meetings()),
            None
        );
    }
}

#[test]
fn nobody_meets_a_private_a_completed_or_their_own_journey() {
    let met = |change: fn(&mut Journey)| {
        let mut candidate = candidate(7, 2, vec![plan(4, 4.0, 0.0)]);
        change(&mut candidate.journey);
        encounter_with(candidate, &rider(1), &meetings()).is_some()
    };
    assert!(met(|_| {}));
    assert!(met(|journey| journey.status = JourneyStatus::Active));
    assert!(!met(|journey| journey.status = JourneyStatus::Completed));
    assert!(!met(|journey| journey.visibility = Visibility::Private));
    assert!(!met(|journey| journey.user_id = rider(1).id));
}

#[test]
fn encounters_come_by_my_day_then_distance_then_journey_up_to_the_limit() {
    let decided = || {
        [
            (4, 5, 0.0),
            (3, 2, 0.1),
            (2, 2, 0.1),
            (1, 2, 0.2),
            (5, 2, 0.0),
            (6, 1, 0.2),
        ]
        .into_iter()
        .map(|(number, on_day, aside)| {
            let theirs = candidate(number, 2, vec![plan(on_day, on_day as f64, aside)]);
            encounter_with(theirs, &rider(1), &meetings()).unwrap()
        })
        .collect::<Vec<_>>()
    };
    let ids = |encounters: Vec<Encounter>| {
        encounters
            .into_iter()
            .map(|met| met.journey.id.0)
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(in_order(decided(), 50)), [6, 5, 2, 3, 1, 4].map(id));
    assert_eq!(ids(in_order(decided(), 3)), [6, 5, 2].map(id));
}
