//! Compares the scan with brute force on a world in memory.

use std::collections::BTreeMap;

use chrono::DateTime;
use kairos_domain::email_address::EmailAddress;
use kairos_domain::geo::Position;
use kairos_domain::id::ObjectId;
use kairos_domain::journey::{JourneyStatus, Visibility};
use kairos_domain::password::PasswordHash;
use kairos_domain::text::{Name, Prose};
use kairos_domain::user::Contact;
use proptest::prelude::*;

use super::*;
use crate::itinerary::day_cell;

fn id(number: usize) -> ObjectId {
    let mut id = [0; 12];
    id[4..].copy_from_slice(&number.to_be_bytes());
    ObjectId::from_bytes(id)
}

fn rider(number: usize) -> User {
    User {
        id: UserId(id(number)),
        email: EmailAddress::stored("a@example.org".to_owned()),
        is_verified: true,
        name: Name::stored("Ann".to_owned()),
        contact: Contact::default(),
        password: PasswordHash::stored(String::new()),
        credential_version: 0,
        address_version: 0,
    }
}

fn journey(number: usize, owner: usize, visibility: Visibility) -> Journey {
    Journey {
        id: JourneyId(id(number)),
        user_id: UserId(id(owner)),
        name: Name::stored("To the sea".to_owned()),
        description: Prose::default(),
        created_at: DateTime::UNIX_EPOCH,
        status: JourneyStatus::Inactive,
        visibility,
    }
}

fn day(number: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 1).unwrap() + TimeDelta::days(number)
}

type Days = BTreeMap<i64, Position>;

fn positions(days: &Days) -> Vec<DayPosition> {
    let position = |(number, position): (&i64, &Position)| DayPosition {
        date: day(*number),
        position: *position,
    };
    days.iter().map(position).collect()
}

/// Few positions, so that many riders meet, and on many days.
fn days() -> impl Strategy<Value = Days> {
    let place = prop_oneof![
        4 => (0..4_u8, 0..3_u8).prop_map(|(x, y)| (10.0 + 0.1 * f64::from(x), 50.0 + 0.1 * f64::from(y))),
        1 => (-180.0..=180.0, 89.0..=90.0),
        1 => (prop_oneof![179.9..=180.0, -180.0..=-179.9], -0.1..0.1),
    ];
    let place = place.prop_map(|(longitude, latitude)| Position::new(longitude, latitude, None).unwrap());
    prop::collection::btree_map(0..40_i64, place, 0..25)
}

/// Runs a scan on a world in memory. Also returns the number of verified journeys.
fn carry_out(mut scan: EncounterScan, others: &[(Journey, Days)]) -> (Vec<EncounterMatch>, usize) {
    let mut verified = 0;
    loop {
        match scan.next().unwrap() {
            Step::Read(cells) => {
                for (journey, days) in others {
                    for theirs in positions(days) {
                        let is_read = |(date, numbers): &(NaiveDate, Vec<i64>)| {
                            *date == theirs.date && numbers.contains(&day_cell(theirs))
                        };
                        if cells.iter().any(is_read) {
                            scan.offer(journey.id, theirs).unwrap();
                        }
                    }
                }
            }
            Step::Verify(candidates) => {
                assert!(!candidates.is_empty() && candidates.len() <= MOST_CANDIDATES);
                verified += candidates.len();
                for candidate in candidates {
                    let found = others
                        .iter()
                        .find(|(journey, _)| journey.id == candidate.journey_id);
                    let (journey, days) = found.unwrap();
                    let days = positions(days).into_iter();
                    let days = days.filter(|day| candidate.days.contains(&day.date)).collect();
                    scan.verify(journey.clone(), rider(2), days);
                }
            }
            Step::Done => return (scan.into_matches(), verified),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn matches_are_the_first_of_all_there_are(
        mine in days(),
        others in prop::collection::vec((days(), 0..10_u8), 0..40),
        within_days in 0..=14_u32,
        max_distance_metres in prop_oneof![Just(0.0), Just(12_000.0), Just(200_000.0)],
        bounds in (prop_oneof![Just(0_i64), 0..40_i64], prop::option::of(0..40_i64)),
        limit in prop_oneof![Just(1_u32), Just(3), 1..60_u32],
    ) {
        let others: Vec<_> = others.into_iter().enumerate().map(|(number, (days, kind))| {
            let visibility = if kind == 0 { Visibility::Private } else { Visibility::Public };
            let owner = if kind == 1 { 1 } else { 2 };
            (journey(100 + number, owner, visibility), days)
        }).collect();
        let search = EncounterSearch {
            journey_id: JourneyId(id(1)),
            rider: UserId(id(1)),
            today: NaiveDate::MAX,
            from: day(bounds.0),
            to: bounds.1.map(day),
            within_days,
            max_distance_metres,
        };
        let counting = Itinerary::from_days(positions(&mine));
        let meetings = MeetingSearch::new(counting.between(Some(search.from), search.to), within_days, max_distance_metres);
        let mut expected: Vec<_> = others
            .iter()
            .filter(|(journey, _)| journey.may_be_found_by(search.rider, false))
            .filter_map(|(journey, days)| {
                let meeting = meetings.closest(&Itinerary::from_days(positions(days)))?;
                Some(((meeting.mine.date, meeting.distance, journey.id), meeting))
            })
            .collect();
        expected.sort_by_key(|(place, _)| *place);
        expected.truncate(limit as usize);
        let scan = EncounterScan::new(&search, positions(&mine), limit, Effort::unlimited());
        let (matches, _) = carry_out(scan, &others);
        let matches: Vec<_> = matches.iter().map(|found| (rank_of(found), found.meeting)).collect();
        prop_assert_eq!(matches, expected);
    }
}

#[test]
fn in_a_crowd_the_first_are_found_without_the_rest() {
    let place = Position::new(10.0, 50.0, None).unwrap();
    let staying: Days = (0..200).map(|number| (number, place)).collect();
    // Another rider passes in each hour of each day.
    let others: Vec<_> = (0..2_000)
        .map(|number| {
            let days = Days::from([(i64::try_from(number / 10).unwrap(), place)]);
            (journey(100 + number, 2, Visibility::Public), days)
        })
        .collect();
    let search = EncounterSearch {
        journey_id: JourneyId(id(1)),
        rider: UserId(id(1)),
        today: NaiveDate::MAX,
        from: day(0),
        to: None,
        within_days: 1,
        max_distance_metres: 25_000.0,
    };
    let scan = EncounterScan::new(&search, positions(&staying), 20, Effort::unlimited());
    let (matches, verified) = carry_out(scan, &others);
    assert_eq!(matches.len(), 20);
    assert!(verified < 60, "{verified}");
}

#[test]
fn a_match_of_a_later_day_waits_until_that_day_was_read() {
    let [here, near, far] = [50.0, 50.01, 50.1].map(|latitude| Position::new(10.0, latitude, None).unwrap());
    let staying: Days = (0..20).map(|number| (number, here)).collect();
    let last_read = i64::try_from(FIRST_DAYS).unwrap() - 1;
    // The first days contain only one journey. Its closer meeting is on the day after them.
    let known_early = Days::from([(last_read, far), (last_read + 1, near)]);
    let known_late = Days::from([(last_read + 1, here)]);
    let others = [known_early, known_late].into_iter().enumerate();
    let others: Vec<_> = others
        .map(|(number, days)| (journey(100 + number, 2, Visibility::Public), days))
        .collect();
    let search = EncounterSearch {
        journey_id: JourneyId(id(1)),
        rider: UserId(id(1)),
        today: NaiveDate::MAX,
        from: day(0),
        to: None,
        within_days: 0,
        max_distance_metres: 25_000.0,
    };
    let scan = EncounterScan::new(&search, positions(&staying), 1, Effort::unlimited());
    let (matches, _) = carry_out(scan, &others);
    assert_eq!(matches[0].journey.id, JourneyId(id(101)));
}

#[test]
fn cells_positions_and_verified_journeys_are_efforts() {
    let somewhere = Position::new(10.0, 50.0, None).unwrap();
    let mine = vec![DayPosition {
        date: day(0),
        position: somewhere,
    }];
    let search = EncounterSearch {
        journey_id: JourneyId(id(1)),
        rider: UserId(id(1)),
        today: NaiveDate::MAX,
        from: day(0),
        to: None,
        within_days: 0,
        max_distance_metres: 1_000.0,
    };
    let begin = || {
        let mut scan = EncounterScan::new(&search, mine.clone(), 50, Effort::short());
        let Ok(Step::Read(days)) = scan.next() else {
            panic!("it reads first")
        };
        let cells: usize = days.iter().map(|(_, cells)| cells.len()).sum();
        (scan, 20_000 - cells)
    };
    let (mut scan, left) = begin();
    for number in 0..left {
        scan.offer(JourneyId(id(2 + number % 7)), mine[0]).unwrap();
    }
    assert!(matches!(
        scan.offer(JourneyId(id(2)), mine[0]),
        Err(StoreError::TooSlow)
    ));
    // Seven journeys are found, and each costs as much as ten positions.
    for (spare, is_enough) in [(70, true), (69, false)] {
        let (mut scan, left) = begin();
        for number in 0..left - spare {
            scan.offer(JourneyId(id(2 + number % 7)), mine[0]).unwrap();
        }
        assert_eq!(scan.next().is_ok(), is_enough);
    }
}
