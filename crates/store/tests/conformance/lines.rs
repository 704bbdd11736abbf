//! Routes, tracks and schedules.

use futures_util::future::join_all;
use kairos_domain::geo::Position;
use kairos_domain::id::JourneyId;
use kairos_domain::journey::{Journey, Visibility};
use kairos_domain::line::{EncodedLine, Line, LineBuilder, LineKind, LinePosition, LineSummary, simplify};
use kairos_domain::store::{OfJourney, SimplifiedLine, WriteError};
use kairos_domain::user::User;
use kairos_store::administration::RecordKind;

use crate::fixtures::World;
use crate::fixtures::lines::{line_change, line_of_kind, route, schedule, track};

/// Several segments at the ends of the globe and of the calendar, in the finest units.
fn odd_line() -> Line {
    let mut builder = LineBuilder::default();
    let places = [
        [
            (179.999_999_9, 0.0, Some(-430.5)),
            (-180.0, 1e-7, None),
            (180.0, -1e-7, Some(8_848.9)),
        ],
        [
            (0.0, 90.0, None),
            (123.456_789_1, 89.999_999_9, None),
            (0.0, -90.0, None),
        ],
    ];
    let times = [
        Some(-62_135_596_800_000),
        None,
        Some(253_402_300_799_999),
        Some(1),
        Some(0),
        Some(-1),
    ];
    let mut times = times.into_iter();
    for segment in places {
        for (longitude, latitude, elevation) in segment {
            let position = Position::new(longitude, latitude, elevation).unwrap();
            let time = times
                .next()
                .flatten()
                .and_then(chrono::DateTime::from_timestamp_millis);
            builder.push(LinePosition::new(position, time)).unwrap();
        }
        builder.end_segment();
    }
    builder.finish()
}

pub(crate) async fn a_line_comes_back_as_it_was_written(world: &World) {
    let rider = world.rider().await;
    for kind in LineKind::ALL {
        for line in [odd_line(), line_of_kind(kind, 0..100)] {
            let journey = world.journey(&rider).await;
            assert_eq!(world.line(&journey, kind).await, None);
            world.put_line(&journey, kind, &line).await;
            assert_eq!(world.line(&journey, kind).await, Some(line.clone()));
            let encoded = EncodedLine::of(&line, kind);
            let OfJourney::Present(parts) = world.store.line(journey.id, kind, rider.id).await.unwrap()
            else {
                panic!("the line is there");
            };
            assert_eq!(parts.version, encoded.version);
            assert_eq!(parts.parts.len(), encoded.parts.len());
            let figures = world.store.lines_of(journey.id, rider.id).await.unwrap().unwrap();
            for other in LineKind::ALL {
                let expected = (other == kind).then_some((encoded.version, LineSummary::of(&line).length));
                let found = figures.of(other).map(|figures| (figures.version, figures.length));
                assert_eq!(found, expected);
                assert_eq!(world.line(&journey, other).await.is_some(), other == kind);
            }
        }
    }
}

pub(crate) async fn lines_are_there_for_readers_who_may_know_of_the_journey(world: &World) {
    let (owner, other) = (world.rider().await, world.rider().await);
    let private = |journey: &mut Journey| journey.visibility = Visibility::Private;
    let hidden = world.journey_with(&owner, private).await;
    let shown = world.journey(&owner).await;
    let bare = world.journey(&owner).await;
    let unknown = world.new_journey(&owner);
    for journey in [&hidden, &shown] {
        world.put_lines(journey).await;
    }
    // A line is present, absent, or on no journey that the reader knows of.
    let seen = async |journey: &Journey, reader: &User| {
        let store = &world.store;
        let mut seen = Vec::new();
        for kind in LineKind::ALL {
            seen.push(match store.line(journey.id, kind, reader.id).await.unwrap() {
                OfJourney::NoJourney => None,
                OfJourney::Absent => Some(false),
                OfJourney::Present(_) => Some(true),
            });
            let figures = store.lines_of(journey.id, reader.id).await.unwrap();
            seen.push(figures.map(|figures| figures.of(kind).is_some()));
        }
        seen.push(match store.schedule(journey.id, reader.id).await.unwrap() {
            OfJourney::NoJourney => None,
            OfJourney::Absent => Some(false),
            OfJourney::Present(_) => Some(true),
        });
        assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
        seen[0]
    };
    assert_eq!(seen(&hidden, &owner).await, Some(true));
    assert_eq!(seen(&hidden, &other).await, None);
    assert_eq!(seen(&unknown, &owner).await, None);
    assert_eq!(seen(&shown, &other).await, Some(true));
    assert_eq!(seen(&bare, &other).await, Some(false));
}

pub(crate) async fn simplified_lines_come_by_journey_and_routes_first(world: &World) {
    let (owner, other) = (world.rider().await, world.rider().await);
    let private = |journey: &mut Journey| journey.visibility = Visibility::Private;
    let journeys = [
        world.journey(&owner).await,
        world.journey_with(&owner, private).await,
        world.journey(&owner).await,
        world.journey(&owner).await,
    ];
    let lines = [odd_line(), track(0..500)];
    for journey in &journeys[..3] {
        for (kind, line) in [LineKind::Track, LineKind::Route].into_iter().zip(&lines) {
            world.put_line(journey, kind, line).await;
        }
    }
    let simplified = |journey: &Journey| {
        let [route, track] = [&lines[1], &lines[0]].map(|line| simplify(line, 500.0).without_times());
        assert!(route.positions().len() < 500);
        [(LineKind::Route, route), (LineKind::Track, track)].map(|(kind, line)| SimplifiedLine {
            journey_id: journey.id,
            kind,
            line,
        })
    };
    let [first, hidden, third, bare] = &journeys;
    let asked = [third, bare, hidden, first, &world.new_journey(&owner), third];
    let asked: Vec<JourneyId> = asked.iter().map(|journey| journey.id).collect();
    let found = world.store.simplified_lines(&asked, owner.id).await.unwrap();
    let expected: Vec<_> = [first, hidden, third].into_iter().flat_map(simplified).collect();
    assert_eq!(found, expected);
    let found = world.store.simplified_lines(&asked, other.id).await.unwrap();
    let expected: Vec<_> = [first, third].into_iter().flat_map(simplified).collect();
    assert_eq!(found, expected);
    assert_eq!(world.store.simplified_lines(&[], owner.id).await.unwrap(), []);
}

pub(crate) async fn a_line_that_was_changed_meanwhile_is_neither_replaced_nor_removed(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    for kind in LineKind::ALL {
        let lines = [0..50, 0..51, 3..60].map(|hours| line_of_kind(kind, hours));
        let versions = lines.clone().map(|line| EncodedLine::of(&line, kind).version);
        let is_refused = async |before, after: Option<&Line>| {
            let stored = world.line(&journey, kind).await;
            let change = line_change(&journey, kind, before, after);
            let refused = world.change(&journey, &change).await;
            assert!(matches!(refused, Err(WriteError::Changed)), "{refused:?}");
            assert_eq!(world.line(&journey, kind).await, stored);
        };
        is_refused(Some(versions[0]), Some(&lines[1])).await;
        is_refused(Some(versions[0]), None).await;
        world.put_line(&journey, kind, &lines[0]).await;
        is_refused(None, Some(&lines[1])).await;
        is_refused(None, None).await;
        world.put_line(&journey, kind, &lines[1]).await;
        is_refused(Some(versions[0]), Some(&lines[2])).await;
        is_refused(Some(versions[0]), Some(&lines[0])).await;
        is_refused(Some(versions[0]), None).await;
    }
}

pub(crate) async fn of_many_changes_of_one_line_at_once_one_succeeds(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    for before in [None, Some(route(0..50))] {
        let version = before.map(|line| EncodedLine::of(&line, LineKind::Route).version);
        let lines: Vec<_> = (0..10).map(|number| route(number..100)).collect();
        let outcomes = join_all(lines.iter().map(|line| async {
            let change = line_change(&journey, LineKind::Route, version, Some(line));
            world.change(&journey, &change).await
        }));
        let outcomes = outcomes.await;
        let winners: Vec<_> = (0..10).filter(|index| outcomes[*index].is_ok()).collect();
        assert_eq!(winners.len(), 1, "{outcomes:?}");
        assert_eq!(
            world.line(&journey, LineKind::Route).await.as_ref(),
            Some(&lines[winners[0]])
        );
        for refused in outcomes.into_iter().filter_map(Result::err) {
            assert!(matches!(refused, WriteError::Changed), "{refused}");
        }
        world.put_line(&journey, LineKind::Route, &route(0..50)).await;
    }
}

pub(crate) async fn a_track_grows_shrinks_and_changes_day_by_day(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let with_late_segment = {
        let mut builder = LineBuilder::default();
        builder.append(&track(0..90)).unwrap();
        builder.append(&track(100..110).without_times()).unwrap();
        builder.append(&track(20..30)).unwrap();
        builder.finish()
    };
    let lines = [
        track(0..30),
        track(0..50),
        track(0..200),
        track(50..150),
        with_late_segment,
        track(0..2),
    ];
    for line in lines {
        world.put_line(&journey, LineKind::Track, &line).await;
        assert_eq!(world.line(&journey, LineKind::Track).await, Some(line));
        world.check().await;
    }
}

pub(crate) async fn a_line_that_is_read_during_writes_is_whole(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let lines = [track(0..24 * 20), track(12..24 * 10), track(6..24 * 30)];
    world.put_line(&journey, LineKind::Track, &lines[0]).await;
    let is_written = std::cell::Cell::new(false);
    let writing = async {
        for line in lines.iter().cycle().take(20) {
            world.put_line(&journey, LineKind::Track, line).await;
        }
        is_written.set(true);
    };
    let reading = async {
        while !is_written.get() {
            let read = world.line(&journey, LineKind::Track).await.unwrap();
            assert!(lines.contains(&read));
        }
    };
    tokio::join!(writing, reading);
}

pub(crate) async fn a_removed_line_is_gone_with_its_parts(world: &World) {
    let rider = world.rider().await;
    let (journey, other) = (world.journey(&rider).await, world.journey(&rider).await);
    for journey in [&journey, &other] {
        world.put_lines(journey).await;
    }
    for (kind, records) in [
        (LineKind::Route, RecordKind::Routes),
        (LineKind::Track, RecordKind::Tracks),
    ] {
        assert_eq!(world.store.count_records(records).await.unwrap(), 2);
        let before = world.version_of(&journey, kind).await;
        let remove = line_change(&journey, kind, before, None);
        world.change(&journey, &remove).await.unwrap();
        assert_eq!(world.line(&journey, kind).await, None);
        assert_eq!(world.version_of(&journey, kind).await, None);
        assert_eq!(world.store.count_records(records).await.unwrap(), 1);
        assert_eq!(world.line(&other, kind).await, Some(line_of_kind(kind, 0..60)));
        let again = world.change(&journey, &remove).await;
        assert!(matches!(again, Err(WriteError::Changed)), "{again:?}");
    }
    // The schedule is a part of its own.
    assert_eq!(world.schedule(&journey).await, Some(schedule(80_000)));
    assert_eq!(
        world
            .store
            .simplified_lines(&[journey.id], rider.id)
            .await
            .unwrap(),
        []
    );
}

pub(crate) async fn an_unchanged_line_stays_and_may_be_written_again(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    for kind in LineKind::ALL {
        let line = line_of_kind(kind, 0..50);
        for _ in 0..3 {
            world.put_line(&journey, kind, &line).await;
            assert_eq!(world.line(&journey, kind).await.as_ref(), Some(&line));
        }
    }
}
