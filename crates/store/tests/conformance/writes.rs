//! Rules of all writes of riders: keys and the rate.

use chrono::TimeDelta;
use futures_util::future::join_all;
use kairos_domain::journey::Journey;
use kairos_domain::line::LineKind;
use kairos_domain::store::{ContentsChange, IdempotencyRecord, UserChange, Write, WriteError};
use kairos_domain::text::{Name, Prose};
use kairos_domain::usage::WriteRate;
use kairos_domain::user::User;

use crate::fixtures::lines::{line_change, route};
use crate::fixtures::{World, at, day, now};

/// A write that makes something under a key.
fn keyed(mut write: Write, key: &str, ids: &[kairos_domain::id::ObjectId]) -> Write {
    write.key = Some(IdempotencyRecord {
        key: key.to_owned(),
        request: [7; 32],
        status: 201,
        ids: ids.to_vec(),
    });
    write
}

fn limited(world: &World, rider: &User) -> Write {
    Write {
        is_limited: true,
        ..world.write(rider.id)
    }
}

async fn record(world: &World, rider: &User, key: &str) -> Option<IdempotencyRecord> {
    let record = world.store.idempotency_record(rider.id, key, now()).await;
    record.unwrap()
}

/// Carries out as many writes as the rate admits in a minute.
async fn write_all_that_is_admitted(world: &World, rider: &User) -> Journey {
    let mut before = world.journey(rider).await;
    for number in 0..WriteRate::MAX_A_MINUTE {
        let after = Journey {
            name: Name::parse(&number.to_string()).unwrap(),
            ..before.clone()
        };
        let write = limited(world, rider);
        world
            .store
            .replace_journey(&before, &after, &write)
            .await
            .unwrap();
        before = after;
    }
    before
}

pub(crate) async fn a_key_is_remembered_with_what_was_made(world: &World) {
    let (rider, other) = (world.rider().await, world.rider().await);
    let journey = world.new_journey(&rider);
    let ids = [journey.id.0, world.id(), world.id()];
    let write = keyed(world.write(rider.id), "a key ~!", &ids);
    assert_eq!(record(world, &rider, "a key ~!").await, None);
    world.store.insert_journey(&journey, &write).await.unwrap();
    assert_eq!(record(world, &rider, "a key ~!").await, write.key);
    assert_eq!(record(world, &rider, "A key ~!").await, None);
    // Another rider's keys are their own.
    assert_eq!(record(world, &other, "a key ~!").await, None);
    let theirs = world.new_journey(&other);
    let write = keyed(world.write(other.id), "a key ~!", &[]);
    world.store.insert_journey(&theirs, &write).await.unwrap();
    assert_eq!(record(world, &other, "a key ~!").await, write.key);
    let marker = world.new_marker(&journey, at(1.0, 2.0));
    let long = "k".repeat(255);
    let write = keyed(world.write(rider.id), &long, &[marker.id.0]);
    world.store.insert_marker(&marker, &write).await.unwrap();
    assert_eq!(record(world, &rider, &long).await, write.key);
}

pub(crate) async fn of_many_writes_at_once_under_one_key_one_acts(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let journeys = join_all((0..10).map(|_| async {
        let journey = world.new_journey(&rider);
        let write = keyed(world.write(rider.id), "journeys", &[journey.id.0]);
        world.store.insert_journey(&journey, &write).await
    }));
    let markers = join_all((0..10).map(|_| async {
        let marker = world.new_marker(&journey, at(1.0, 2.0));
        let write = keyed(world.write(rider.id), "markers", &[marker.id.0]);
        world.store.insert_marker(&marker, &write).await
    }));
    let (journeys, markers) = tokio::join!(journeys, markers);
    for outcomes in [journeys, markers] {
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        for refused in outcomes.into_iter().filter_map(Result::err) {
            assert!(
                matches!(refused, WriteError::KeyTaken | WriteError::KeyBusy),
                "{refused}"
            );
        }
    }
    let made = world.journeys_of(&rider).await;
    assert_eq!(made.len(), 2);
    let record = record(world, &rider, "journeys").await.unwrap();
    assert_eq!(record.ids, [made[1].id.0]);
    assert_eq!(world.markers_of(&journey).await.len(), 1);
    // Later it is taken, whatever is asked for.
    let write = keyed(world.write(rider.id), "journeys", &[]);
    let again = world
        .store
        .insert_journey(&world.new_journey(&rider), &write)
        .await;
    assert!(matches!(again, Err(WriteError::KeyTaken)));
    assert_eq!(world.journeys_of(&rider).await.len(), 2);
}

pub(crate) async fn a_refused_write_remembers_no_key_and_counts_nowhere(world: &World) {
    let rider = world.rider().await;
    let never = world.new_journey(&rider);
    for _ in 0..WriteRate::MAX_A_MINUTE {
        let marker = world.new_marker(&never, at(1.0, 2.0));
        let write = keyed(limited(world, &rider), "key", &[marker.id.0]);
        let refused = world.store.insert_marker(&marker, &write).await;
        assert!(matches!(refused, Err(WriteError::ParentGone)));
    }
    assert_eq!(record(world, &rider, "key").await, None);
    let write = keyed(limited(world, &rider), "key", &[never.id.0]);
    world.store.insert_journey(&never, &write).await.unwrap();
    assert_eq!(record(world, &rider, "key").await, write.key);
}

pub(crate) async fn a_key_is_forgotten_after_a_day(world: &World) {
    let rider = world.rider().await;
    let journey = world.new_journey(&rider);
    let write = keyed(world.write(rider.id), "key", &[journey.id.0]);
    world.store.insert_journey(&journey, &write).await.unwrap();
    let end = now() + TimeDelta::hours(IdempotencyRecord::HOURS);
    let moment = TimeDelta::milliseconds(1);
    let at = async |at| world.store.idempotency_record(rider.id, "key", at).await.unwrap();
    assert_eq!(at(end - moment).await, write.key);
    assert_eq!(at(end).await, None);
    // From then on it may be used anew, whether it was purged or not.
    for start in [end, end + TimeDelta::hours(IdempotencyRecord::HOURS)] {
        let journey = world.new_journey(&rider);
        let again = keyed(
            Write {
                now: start,
                ..world.write(rider.id)
            },
            "key",
            &[journey.id.0],
        );
        world.store.insert_journey(&journey, &again).await.unwrap();
        assert_eq!(at(start).await, again.key);
        world.store.purge_expired(start).await.unwrap();
        assert_eq!(at(start).await, again.key);
    }
    world.store.purge_expired(end + TimeDelta::days(9)).await.unwrap();
    assert_eq!(at(end).await, None);
}

pub(crate) async fn a_rider_writes_no_more_often_than_the_rate(world: &World) {
    let (rider, other) = (world.rider().await, world.rider().await);
    let last = write_all_that_is_admitted(world, &rider).await;
    let mut rate = WriteRate::default();
    for _ in 0..WriteRate::MAX_A_MINUTE {
        rate = rate.admit(now()).unwrap();
    }
    let until = rate.admit(now()).unwrap_err();
    let journey = world.new_journey(&rider);
    let write = limited(world, &rider);
    match world.store.insert_journey(&journey, &write).await {
        Err(WriteError::TooManyWrites(told)) => assert_eq!(told, until),
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!(world.journeys_of(&rider).await, [last]);
    // Neither writes that don't count nor other riders are held up.
    let unlimited = world.write(rider.id);
    world.store.insert_journey(&journey, &unlimited).await.unwrap();
    let theirs = world.new_journey(&other);
    let write = limited(world, &other);
    world.store.insert_journey(&theirs, &write).await.unwrap();
    let later = Write {
        now: until,
        ..limited(world, &rider)
    };
    let journey = world.new_journey(&rider);
    world.store.insert_journey(&journey, &later).await.unwrap();
}

pub(crate) async fn every_kind_of_write_counts_against_the_rate(world: &World) {
    let rider = world.rider().await;
    let (journey, marker) = {
        let journey = world.journey(&rider).await;
        let marker = world.marker(&journey, at(1.0, 2.0)).await;
        (journey, marker)
    };
    world.put_line(&journey, LineKind::Route, &route(0..9)).await;
    write_all_that_is_admitted(world, &rider).await;
    let write = limited(world, &rider);
    let version = world.version_of(&journey, LineKind::Route).await;
    let unchanged = line_change(&journey, LineKind::Route, version, Some(&route(0..9)));
    let added = world.new_journey(&rider);
    let renamed = Journey {
        name: Name::parse("Home").unwrap(),
        ..journey.clone()
    };
    let mut moved = marker.clone();
    moved.details.position = at(3.0, 4.0);
    let change = UserChange {
        before: rider.clone(),
        after: User {
            is_verified: true,
            ..rider.clone()
        },
        mails: Vec::new(),
    };
    let store = &world.store;
    for outcome in [
        store.insert_journey(&world.new_journey(&rider), &write).await,
        store.replace_journey(&journey, &renamed, &write).await,
        store.delete_journey(&journey, &write).await,
        store
            .insert_marker(&world.new_marker(&journey, at(1.0, 2.0)), &write)
            .await,
        store.replace_marker(&marker, &moved, &write).await,
        store.delete_marker(&marker, &write).await,
        store
            .insert_journey_with(&added, &ContentsChange::none(added.id), &write)
            .await,
        store.change_contents(&unchanged, &write).await,
        store.replace_user(&change, Some(&write)).await,
    ] {
        assert!(
            matches!(outcome, Err(WriteError::TooManyWrites(_))),
            "{outcome:?}"
        );
    }
    assert_eq!(world.journeys_of(&rider).await.len(), 2);
    assert_eq!(world.markers_of(&journey).await, [marker]);
    assert_eq!(store.user(rider.id).await.unwrap(), Some(rider));
    // An act that a mailed link allows is none of the rider's writes.
    store.replace_user(&change, None).await.unwrap();
}

pub(crate) async fn sixteen_writers_on_one_journey_all_succeed(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let shared = world.plan(&journey, at(1.0, 2.0), day(0)).await;
    let writers = (0..16_i64).map(|number| {
        let (journey, shared) = (&journey, &shared);
        async move {
            let marker = world.plan(journey, at(1.0, 2.0), day(number)).await;
            let letter = |text: &str| format!("{text}x");
            world
                .change_journey(journey, |journey| {
                    journey.description = Prose::stored(letter(journey.description.as_str()));
                })
                .await;
            world
                .change_marker(shared, |details| {
                    details.notes = Prose::stored(letter(details.notes.as_str()));
                    details.position = at(1.0, number as f64);
                })
                .await;
            if number % 2 == 0 {
                world.delete_marker(&marker).await;
            }
        }
    });
    join_all(writers).await;
    let xs = "x".repeat(16);
    let after = world.journeys_of(&rider).await;
    let description = journey.description.as_str();
    assert_eq!(after[0].description.as_str(), format!("{description}{xs}"));
    let markers = world.markers_of(&journey).await;
    assert_eq!(markers.len(), 9);
    let shared = markers.iter().find(|marker| marker.id == shared.id).unwrap();
    assert_eq!(shared.details.notes.as_str(), xs);
}
