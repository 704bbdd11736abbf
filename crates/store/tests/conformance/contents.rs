//! Changes of several parts of a journey at once.

use kairos_domain::journey::{Journey, JourneyStatus};
use kairos_domain::line::{EncodedLine, Line, LineKind, LineVersion};
use kairos_domain::marker::Marker;
use kairos_domain::schedule::Schedule;
use kairos_domain::store::{
    ContentsChange, LineChange, MarkerChange, ScheduleChange, StoreError, Unique, Write, WriteError,
};
use kairos_domain::text::Name;
use kairos_domain::usage::WriteRate;
use kairos_store::administration::RecordKind;

use crate::fixtures::lines::{line_change, route, schedule, schedule_change, track};
use crate::fixtures::{World, at, day};

pub(crate) fn inserts(journey: &Journey, markers: &[Marker]) -> ContentsChange {
    ContentsChange {
        markers: markers.iter().cloned().map(MarkerChange::Insert).collect(),
        ..ContentsChange::none(journey.id)
    }
}

/// All parts of a journey, to compare.
pub(crate) async fn parts(
    world: &World,
    journey: &Journey,
) -> (Vec<Marker>, [Option<Line>; 2], Option<Schedule>) {
    (
        world.markers_of(journey).await,
        [
            world.line(journey, LineKind::Route).await,
            world.line(journey, LineKind::Track).await,
        ],
        world.schedule(journey).await,
    )
}

/// A change of every part of a journey: three markers, the lines and the schedule.
pub(crate) fn change_of_everything(
    world: &World,
    journey: &Journey,
    [moved, removed]: [&Marker; 2],
) -> ContentsChange {
    let mut after = moved.clone();
    after.details.estimated_time = Some(day(8));
    let line = |line, kind| {
        Some(LineChange {
            before: None,
            after: Some(EncodedLine::of(line, kind)),
        })
    };
    ContentsChange {
        markers: vec![
            MarkerChange::Insert(world.new_marker(journey, at(1.0, 2.0))),
            MarkerChange::Replace {
                before: moved.clone(),
                after,
            },
            MarkerChange::Delete(removed.clone()),
        ],
        route: line(&route(0..50), LineKind::Route),
        track: line(&track(0..50), LineKind::Track),
        schedule: Some(ScheduleChange {
            before: None,
            after: Some(schedule(80_000)),
        }),
        ..ContentsChange::none(journey.id)
    }
}

pub(crate) async fn a_change_is_carried_out_wholly_or_not_at_all(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let moved = world.plan(&journey, at(3.0, 4.0), day(1)).await;
    let removed = world.plan(&journey, at(5.0, 6.0), day(2)).await;
    let whole = change_of_everything(world, &journey, [&moved, &removed]);
    let stale = EncodedLine::of(&route(0..9), LineKind::Route).version;
    let before = parts(world, &journey).await;
    let spoilt: [fn(&mut ContentsChange, LineVersion); 5] = [
        |change, _| {
            if let MarkerChange::Replace { before, .. } = &mut change.markers[1] {
                before.details.name = Name::parse("Stale").unwrap();
            }
        },
        |change, _| {
            if let MarkerChange::Delete(before) = &mut change.markers[2] {
                before.details.position = at(0.0, 0.0);
            }
        },
        |change, stale| change.route.as_mut().unwrap().before = Some(stale),
        |change, stale| change.track.as_mut().unwrap().before = Some(stale),
        |change, _| change.schedule.as_mut().unwrap().before = Some(schedule(1_234)),
    ];
    for spoil in spoilt {
        let mut change = whole.clone();
        spoil(&mut change, stale);
        let refused = world.change(&journey, &change).await;
        assert!(matches!(refused, Err(WriteError::Changed)), "{refused:?}");
        assert_eq!(parts(world, &journey).await, before);
    }
    let mut change = whole.clone();
    let there = MarkerChange::Insert(moved.clone());
    change.markers.push(there);
    change.markers.remove(1);
    let refused = world.change(&journey, &change).await;
    let is_taken = matches!(refused, Err(WriteError::Store(StoreError::Conflict(Unique::Id))));
    assert!(is_taken, "{refused:?}");
    assert_eq!(parts(world, &journey).await, before);

    world.change(&journey, &whole).await.unwrap();
    let (markers, lines, kept) = parts(world, &journey).await;
    let [
        MarkerChange::Insert(added),
        MarkerChange::Replace { after, .. },
        _,
    ] = whole.markers.as_slice()
    else {
        panic!("{whole:?}");
    };
    assert_eq!(markers, [after.clone(), added.clone()]);
    assert_eq!(lines, [Some(route(0..50)), Some(track(0..50))]);
    assert_eq!(kept, Some(schedule(80_000)));
}

pub(crate) async fn a_part_that_is_not_named_stays(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    world.put_lines(&journey).await;
    world.plan(&journey, at(1.0, 2.0), day(1)).await;
    let before = parts(world, &journey).await;
    let nothing = ContentsChange::none(journey.id);
    world.change(&journey, &nothing).await.unwrap();
    assert_eq!(parts(world, &journey).await, before);
    let added = world.new_marker(&journey, at(1.0, 2.0));
    world
        .change(&journey, &inserts(&journey, &[added]))
        .await
        .unwrap();
    let after = parts(world, &journey).await;
    assert_eq!((after.0.len(), &after.1, &after.2), (2, &before.1, &before.2));
}

pub(crate) async fn a_journey_is_added_with_its_parts_or_not_at_all(world: &World) {
    let rider = world.rider().await;
    let active = |journey: &mut Journey| journey.status = JourneyStatus::Active;
    let other = world.journey_with(&rider, active).await;
    let there = world.marker(&other, at(1.0, 2.0)).await;
    let mut journey = world.new_journey(&rider);
    journey.status = JourneyStatus::Active;
    let added = world.new_marker(&journey, at(1.0, 2.0));
    let clashing = Marker {
        id: there.id,
        ..world.new_marker(&journey, at(1.0, 2.0))
    };
    let write = world.write(rider.id);
    let store = &world.store;
    let nobody = world.user("nobody@example.org");
    let theirs = Journey {
        user_id: nobody.id,
        ..journey.clone()
    };
    let contents = inserts(&journey, std::slice::from_ref(&added));
    let refused = store
        .insert_journey_with(&theirs, &contents, &world.write(nobody.id))
        .await;
    assert!(matches!(refused, Err(WriteError::ParentGone)), "{refused:?}");
    let refused = inserts(&journey, &[added.clone(), clashing]);
    let refused = store.insert_journey_with(&journey, &refused, &write).await;
    let is_taken = matches!(refused, Err(WriteError::Store(StoreError::Conflict(Unique::Id))));
    assert!(is_taken, "{refused:?}");
    assert_eq!(world.journeys_of(&rider).await, std::slice::from_ref(&other));
    assert_eq!(store.count_records(RecordKind::Markers).await.unwrap(), 1);

    store
        .insert_journey_with(&journey, &contents, &write)
        .await
        .unwrap();
    let switched_off = Journey {
        status: JourneyStatus::Inactive,
        ..other
    };
    assert_eq!(world.journeys_of(&rider).await, [switched_off, journey.clone()]);
    assert_eq!(world.markers_of(&journey).await, [added]);
}

pub(crate) async fn nothing_is_added_to_a_journey_that_is_gone(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    world.put_lines(&journey).await;
    let marker = world.plan(&journey, at(1.0, 2.0), day(1)).await;
    let version = world.version_of(&journey, LineKind::Route).await;
    world.delete_journey(&journey).await;
    let added = inserts(&journey, &[world.new_marker(&journey, at(1.0, 2.0))]);
    for change in [
        added,
        line_change(&journey, LineKind::Route, None, Some(&route(0..9))),
        line_change(&journey, LineKind::Track, None, Some(&track(0..9))),
        schedule_change(&journey, None, Some(schedule(80_000))),
        ContentsChange::none(journey.id),
    ] {
        let refused = world.change(&journey, &change).await;
        assert!(matches!(refused, Err(WriteError::ParentGone)), "{refused:?}");
    }
    for change in [
        ContentsChange {
            markers: vec![MarkerChange::Delete(marker)],
            ..ContentsChange::none(journey.id)
        },
        line_change(&journey, LineKind::Route, version, Some(&route(0..9))),
        schedule_change(&journey, Some(schedule(80_000)), None),
    ] {
        let refused = world.change(&journey, &change).await;
        let is_refused = matches!(refused, Err(WriteError::ParentGone | WriteError::Changed));
        assert!(is_refused, "{refused:?}");
    }
    for kind in [
        RecordKind::Markers,
        RecordKind::Routes,
        RecordKind::Tracks,
        RecordKind::Schedules,
    ] {
        assert_eq!(world.store.count_records(kind).await.unwrap(), 0);
    }
}

pub(crate) async fn a_change_of_many_parts_counts_as_one_write(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let write = Write {
        is_limited: true,
        ..world.write(rider.id)
    };
    let change = async |number: u32| {
        let change = ContentsChange {
            schedule: schedule_change(
                &journey,
                (number > 0).then(|| schedule(10_000 + number - 1)),
                Some(schedule(10_000 + number)),
            )
            .schedule,
            ..inserts(
                &journey,
                &[0, 1].map(|_| world.new_marker(&journey, at(1.0, 2.0))),
            )
        };
        world.store.change_contents(&change, &write).await
    };
    for number in 0..WriteRate::MAX_A_MINUTE {
        change(number).await.unwrap();
    }
    let refused = change(WriteRate::MAX_A_MINUTE).await;
    assert!(
        matches!(refused, Err(WriteError::TooManyWrites(_))),
        "{refused:?}"
    );
    let held = world.markers_of(&journey).await.len();
    assert_eq!(held, 2 * WriteRate::MAX_A_MINUTE as usize);
}
