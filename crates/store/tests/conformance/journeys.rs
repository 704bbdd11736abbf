use futures_util::future::join_all;
use kairos_domain::id::JourneyId;
use kairos_domain::journey::{Journey, JourneyStatus, Visibility};
use kairos_domain::store::{Listed as _, Page, WriteError};
use kairos_domain::text::{Name, Prose};
use kairos_domain::user::User;

use crate::fixtures::{NASTY, World, all, at};

async fn kept(world: &World, journey: &Journey) -> Journey {
    let kept = world.store.journey(journey.id, journey.user_id).await;
    kept.unwrap().unwrap()
}

async fn active(world: &World, user: &User) -> Option<JourneyId> {
    let journey = world.store.active_journey(user.id, user.id).await.unwrap();
    journey.map(|journey| journey.id)
}

async fn how_many_active(world: &World, user: &User) -> usize {
    let journeys = world.journeys_of(user).await;
    let active = journeys
        .iter()
        .filter(|journey| journey.status == JourneyStatus::Active);
    active.count()
}

fn activate(journey: &mut Journey) {
    journey.status = JourneyStatus::Active;
}

pub(crate) async fn a_journey_comes_back_as_it_was_written(world: &World) {
    let user = world.rider().await;
    for text in NASTY {
        let journey = world
            .journey_with(&user, |journey| {
                journey.name = Name::stored(text.to_owned());
                journey.description = Prose::stored(text.repeat(100));
                journey.visibility = Visibility::Private;
                journey.status = JourneyStatus::Completed;
            })
            .await;
        assert_eq!(kept(world, &journey).await, journey);
    }
    let never = world.new_journey(&user);
    assert_eq!(world.store.journey(never.id, user.id).await.unwrap(), None);
}

pub(crate) async fn a_journey_of_nobody_is_not_added(world: &World) {
    let nobody = world.user("nobody@example.org");
    let journey = world.new_journey(&nobody);
    let write = world.write(nobody.id);
    let refused = world.store.insert_journey(&journey, &write).await;
    assert!(matches!(refused, Err(WriteError::ParentGone)));
    assert_eq!(world.store.journey(journey.id, nobody.id).await.unwrap(), None);
}

pub(crate) async fn a_private_journey_is_there_for_its_owner_only(world: &World) {
    let (owner, reader) = (world.rider().await, world.rider().await);
    let journey = world
        .journey_with(&owner, |journey| {
            activate(journey);
            journey.visibility = Visibility::Private;
        })
        .await;
    let id = journey.id;
    let seen_by = async |reader: &User| {
        let journey = world.store.journey(id, reader.id).await.unwrap();
        let active = world.store.active_journey(owner.id, reader.id).await.unwrap();
        assert_eq!(journey, active);
        let together = world.store.rider_and_journey(reader.id, id).await.unwrap();
        assert_eq!(together, (Some(reader.clone()), journey.clone()));
        journey
    };
    assert_eq!(seen_by(&owner).await.as_ref(), Some(&journey));
    assert_eq!(seen_by(&reader).await, None);
    let public = world
        .change_journey(&journey, |journey| journey.visibility = Visibility::Public)
        .await;
    assert_eq!(seen_by(&reader).await.as_ref(), Some(&public));
    let (nobody, nothing) = (world.user("nobody@example.org"), world.new_journey(&owner));
    let read = async |rider: &User, id| world.store.rider_and_journey(rider.id, id).await.unwrap();
    assert_eq!(read(&nobody, id).await, (None, Some(public)));
    assert_eq!(read(&owner, nothing.id).await, (Some(owner.clone()), None));
}

pub(crate) async fn an_active_journey_switches_off_the_one_before(world: &World) {
    let (user, bystander) = (world.rider().await, world.rider().await);
    let theirs = world.journey_with(&bystander, activate).await;
    assert_eq!(active(world, &user).await, None);
    let first = world.journey_with(&user, activate).await;
    assert_eq!(active(world, &user).await, Some(first.id));
    let second = world.journey_with(&user, activate).await;
    assert_eq!(active(world, &user).await, Some(second.id));
    assert_eq!(kept(world, &first).await.status, JourneyStatus::Inactive);
    assert_eq!(active(world, &bystander).await, Some(theirs.id));
}

pub(crate) async fn journeys_come_oldest_first_whole_or_in_pages(world: &World) {
    let user = world.rider().await;
    let late = world.journey(&user).await;
    let earlier = |journey: &mut Journey| journey.created_at = late.created_at - chrono::TimeDelta::days(1);
    let early = world.journey_with(&user, earlier).await;
    let early_too = world.journey_with(&user, earlier).await;
    let expected = vec![early, early_too, late.clone()];
    assert_eq!(world.journeys_of(&user).await, expected);
    let read = async |page| Some(world.store.journeys_of(user.id, user.id, page).await.unwrap());
    for limit in [1, 2, 500] {
        assert_eq!(all(limit, read).await.unwrap(), expected);
    }
    // The place that a journey had is a place when it is gone.
    world.delete_journey(&expected[0]).await;
    let rest = Page {
        after: Some(expected[0].place()),
        limit: 500,
    };
    assert_eq!(read(rest).await.unwrap().items, expected[1..]);
}

pub(crate) async fn a_page_of_journeys_holds_so_many_bytes_of_texts(world: &World) {
    let user = world.rider().await;
    let mut expected = Vec::new();
    for bytes in [40_000, 30_000, 9, 65_600, 40_000, 20_000] {
        let journey = world.journey_with(&user, |journey| {
            journey.description = Prose::stored("x".repeat(bytes));
        });
        expected.push(journey.await);
    }
    assert_eq!(world.journeys_of(&user).await, expected);
    let page = Page {
        after: None,
        limit: 500,
    };
    let first = world.store.journeys_of(user.id, user.id, page).await.unwrap();
    assert_eq!((first.items.len(), first.has_more), (1, true));
}

pub(crate) async fn a_reader_sees_anothers_public_journeys_only(world: &World) {
    let (user, reader) = (world.rider().await, world.rider().await);
    let public = world.journey(&user).await;
    let hidden = world
        .journey_with(&user, |journey| journey.visibility = Visibility::Private)
        .await;
    let seen = world.journeys_for(&user, &reader).await;
    assert_eq!(seen, std::slice::from_ref(&public));
    assert_eq!(world.journeys_of(&user).await, [public, hidden]);
}

pub(crate) async fn a_journey_is_replaced_and_nothing_else(world: &World) {
    let user = world.rider().await;
    let before = world.journey(&user).await;
    let bystander = world.journey(&user).await;
    let after = Journey {
        name: Name::parse("Home").unwrap(),
        description: Prose::parse("Fast.").unwrap(),
        visibility: Visibility::Private,
        status: JourneyStatus::Completed,
        ..before.clone()
    };
    let write = world.write(user.id);
    world
        .store
        .replace_journey(&before, &after, &write)
        .await
        .unwrap();
    assert_eq!(kept(world, &before).await, after);
    assert_eq!(kept(world, &bystander).await, bystander);
}

pub(crate) async fn a_journey_that_was_changed_meanwhile_is_neither_replaced_nor_deleted(world: &World) {
    let user = world.rider().await;
    let seen = world.journey(&user).await;
    world.marker(&seen, at(1.0, 2.0)).await;
    let is_refused = async || {
        let write = world.write(user.id);
        let mut after = seen.clone();
        activate(&mut after);
        after.name = Name::parse("Lost").unwrap();
        let replaced = world.store.replace_journey(&seen, &after, &write).await;
        assert!(matches!(replaced, Err(WriteError::Changed)));
        let deleted = world.store.delete_journey(&seen, &write).await;
        assert!(matches!(deleted, Err(WriteError::Changed)));
    };
    let other = world.journey_with(&user, activate).await;
    let ways: [fn(&mut Journey); 4] = [
        |journey| journey.name = Name::parse("Home").unwrap(),
        |journey| journey.description = Prose::default(),
        |journey| journey.visibility = Visibility::Private,
        |journey| journey.status = JourneyStatus::Completed,
    ];
    for way in ways {
        let stored = world.change_journey(&seen, way).await;
        is_refused().await;
        assert_eq!(kept(world, &seen).await, stored);
        world
            .change_journey(&seen, |journey| *journey = seen.clone())
            .await;
    }
    assert_eq!(active(world, &user).await, Some(other.id));
    world.delete_journey(&seen).await;
    is_refused().await;
}

pub(crate) async fn a_completed_journey_is_not_active(world: &World) {
    let user = world.rider().await;
    let journey = world.journey_with(&user, activate).await;
    let complete = |journey: &mut Journey| journey.status = JourneyStatus::Completed;
    let after = world.change_journey(&journey, complete).await;
    assert_eq!(kept(world, &journey).await, after);
    assert_eq!(active(world, &user).await, None);
}

pub(crate) async fn becoming_active_switches_off_the_other(world: &World) {
    let (user, bystander) = (world.rider().await, world.rider().await);
    let theirs = world.journey_with(&bystander, activate).await;
    let (first, second) = (world.journey(&user).await, world.journey(&user).await);
    world.change_journey(&first, activate).await;
    assert_eq!(active(world, &user).await, Some(first.id));
    world.change_journey(&second, activate).await;
    assert_eq!(active(world, &user).await, Some(second.id));
    assert_eq!(kept(world, &first).await, first);
    // A change of an active journey leaves it active.
    let name = Name::parse("Home").unwrap();
    world
        .change_journey(&second, |journey| journey.name = name.clone())
        .await;
    assert_eq!(active(world, &user).await, Some(second.id));
    world
        .change_journey(&second, |journey| journey.status = JourneyStatus::Inactive)
        .await;
    assert_eq!(active(world, &user).await, None);
    assert_eq!(active(world, &bystander).await, Some(theirs.id));
}

fn toggle(journey: &mut Journey) {
    journey.status = match journey.status {
        JourneyStatus::Active => JourneyStatus::Inactive,
        _ => JourneyStatus::Active,
    };
}

pub(crate) async fn of_any_number_of_toggles_at_once_each_counts(world: &World) {
    let user = world.rider().await;
    let journey = world.journey(&user).await;
    for (toggles, ends_active) in [(10_usize, false), (11, true)] {
        let outcomes = join_all((0..toggles).map(|_| world.change_journey(&journey, toggle))).await;
        let activations = outcomes
            .iter()
            .filter(|outcome| outcome.status == JourneyStatus::Active);
        assert_eq!(activations.count(), toggles.div_ceil(2));
        assert_eq!(active(world, &user).await.is_some(), ends_active);
    }
}

pub(crate) async fn at_no_time_are_two_journeys_active(world: &World) {
    let user = world.rider().await;
    let mut journeys = Vec::new();
    for _ in 0..10 {
        journeys.push(world.journey(&user).await);
    }
    let changes = join_all(
        journeys
            .iter()
            .map(|journey| world.change_journey(journey, activate)),
    );
    let inserts = join_all((0..10).map(|_| world.journey_with(&user, activate)));
    let watch = async {
        for _ in 0..20 {
            assert!(how_many_active(world, &user).await <= 1);
        }
    };
    tokio::join!(changes, inserts, watch);
    assert_eq!(how_many_active(world, &user).await, 1);
}

pub(crate) async fn a_journey_goes_with_its_markers(world: &World) {
    let user = world.rider().await;
    let journey = world.journey(&user).await;
    let other = world.journey_at(&user, &[at(1.0, 2.0)]).await;
    let marker = world.marker(&journey, at(1.0, 2.0)).await;
    world.delete_journey(&journey).await;
    assert_eq!(world.store.journey(journey.id, user.id).await.unwrap(), None);
    assert_eq!(world.store.marker(journey.id, marker.id).await.unwrap(), None);
    assert_eq!(world.markers_of(&journey).await, []);
    assert_eq!(world.markers_of(&other).await.len(), 1);
    let write = world.write(user.id);
    let again = world.store.delete_journey(&journey, &write).await;
    assert!(matches!(again, Err(WriteError::Changed)));
}
