use futures_util::future::join_all;
use kairos_domain::id::JourneyId;
use kairos_domain::journey::{Journey, JourneyStatus, Visibility};
use kairos_domain::store::{JourneyUpdate, NotInList, Page, Toggled};
use kairos_domain::text::{Name, Prose};
use kairos_domain::user::User;

use crate::world::{NASTY, World, at};

async fn kept(world: &World, journey: &Journey) -> Journey {
    world.store.journey(journey.id).await.unwrap().unwrap()
}

/// What a journey is after a change.
async fn updated(world: &World, id: JourneyId, update: &JourneyUpdate) -> Journey {
    world.store.update_journey(id, update).await.unwrap().unwrap()
}

async fn active(world: &World, user: &User) -> Option<JourneyId> {
    let journey = world.store.active_journey(user.id).await.unwrap();
    journey.map(|journey| journey.id)
}

async fn how_many_active(world: &World, user: &User) -> usize {
    let journeys = world.journeys_of(user).await;
    journeys
        .iter()
        .filter(|journey| journey.status == JourneyStatus::Active)
        .count()
}

fn unchanged() -> JourneyUpdate {
    JourneyUpdate {
        name: Name::parse("To the sea").unwrap(),
        description: None,
        visibility: None,
        completed: None,
    }
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
    assert_eq!(
        world.store.count_journeys(user.id).await.unwrap(),
        NASTY.len() as u64
    );
    let never = world.new_journey(&user);
    assert_eq!(world.store.journey(never.id).await.unwrap(), None);
}

pub(crate) async fn a_journey_of_nobody_is_not_added(world: &World) {
    let nobody = world.user("nobody@example.org");
    let journey = world.new_journey(&nobody);
    assert!(!world.store.insert_journey(&journey).await.unwrap());
    assert_eq!(world.store.journey(journey.id).await.unwrap(), None);
}

pub(crate) async fn an_active_journey_switches_off_the_one_before(world: &World) {
    let (user, bystander) = (world.rider().await, world.rider().await);
    let activate = |journey: &mut Journey| journey.status = JourneyStatus::Active;
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
    let mut paged = Vec::new();
    let mut after = None;
    loop {
        let page = Page {
            limit: Some(1),
            after,
        };
        let journeys = world
            .store
            .journeys_of(user.id, user.id, page)
            .await
            .unwrap()
            .unwrap();
        let Some(last) = journeys.last() else { break };
        after = Some(last.id);
        assert_eq!(journeys.len(), 1);
        paged.extend(journeys);
    }
    assert_eq!(paged, expected);
    let rest = Page {
        limit: None,
        after: Some(expected[0].id),
    };
    let rest = world
        .store
        .journeys_of(user.id, user.id, rest)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(rest, expected[1..]);
}

pub(crate) async fn a_reader_sees_anothers_public_journeys_only(world: &World) {
    let (user, reader) = (world.rider().await, world.rider().await);
    let public = world.journey(&user).await;
    let hidden = world
        .journey_with(&user, |journey| journey.visibility = Visibility::Private)
        .await;
    let seen = world
        .store
        .journeys_of(user.id, reader.id, Page::everything())
        .await
        .unwrap();
    assert_eq!(seen, Ok(vec![public.clone()]));
    assert_eq!(world.journeys_of(&user).await.len(), 2);
    // A page can't be used to find out what is hidden.
    let page = Page {
        limit: None,
        after: Some(hidden.id),
    };
    assert_eq!(
        world.store.journeys_of(user.id, reader.id, page).await.unwrap(),
        Err(NotInList)
    );
    assert_eq!(
        world.store.journeys_of(user.id, user.id, page).await.unwrap(),
        Ok(vec![])
    );
}

pub(crate) async fn a_page_after_what_is_not_in_the_list_is_refused(world: &World) {
    let (user, other) = (world.rider().await, world.rider().await);
    let theirs = world.journey(&other).await;
    for id in [theirs.id, JourneyId(world.id())] {
        let page = Page {
            limit: Some(1),
            after: Some(id),
        };
        assert_eq!(
            world.store.journeys_of(user.id, user.id, page).await.unwrap(),
            Err(NotInList)
        );
    }
}

pub(crate) async fn an_update_overwrites_what_it_names(world: &World) {
    let user = world.rider().await;
    let journey = world.journey(&user).await;
    let bystander = world.journey(&user).await;
    let update = JourneyUpdate {
        name: Name::parse("Home").unwrap(),
        ..unchanged()
    };
    let after = updated(world, journey.id, &update).await;
    let expected = Journey {
        name: update.name,
        ..journey.clone()
    };
    assert_eq!(after, expected);
    let update = JourneyUpdate {
        description: Some(Prose::parse("Fast.").unwrap()),
        visibility: Some(Visibility::Private),
        ..unchanged()
    };
    let after = updated(world, journey.id, &update).await;
    let expected = Journey {
        description: Prose::parse("Fast.").unwrap(),
        visibility: Visibility::Private,
        ..journey.clone()
    };
    assert_eq!(after, expected);
    assert_eq!(kept(world, &journey).await, expected);
    assert_eq!(kept(world, &bystander).await, bystander);
    let never = JourneyId(world.id());
    assert_eq!(
        world.store.update_journey(never, &unchanged()).await.unwrap(),
        None
    );
}

pub(crate) async fn a_completed_journey_is_never_active(world: &World) {
    let user = world.rider().await;
    let activate = |journey: &mut Journey| journey.status = JourneyStatus::Active;
    let first = world.journey_with(&user, activate).await;
    let update = JourneyUpdate {
        completed: Some(true),
        ..unchanged()
    };
    let after = updated(world, first.id, &update).await;
    assert_eq!(after.status, JourneyStatus::Completed);
    assert_eq!(active(world, &user).await, None);
    let second = world.journey_with(&user, activate).await;
    assert!(world.store.complete_journey(second.id).await.unwrap());
    assert!(world.store.complete_journey(second.id).await.unwrap());
    assert_eq!(active(world, &user).await, None);
    assert_eq!(
        world.store.toggle_active_journey(second.id).await.unwrap(),
        Toggled::Completed
    );
    assert_eq!(kept(world, &second).await.status, JourneyStatus::Completed);
    assert!(!world.store.complete_journey(JourneyId(world.id())).await.unwrap());
}

pub(crate) async fn an_uncompleted_journey_stays_inactive(world: &World) {
    let user = world.rider().await;
    let journey = world
        .journey_with(&user, |journey| journey.status = JourneyStatus::Completed)
        .await;
    let uncomplete = JourneyUpdate {
        completed: Some(false),
        ..unchanged()
    };
    let after = updated(world, journey.id, &uncomplete).await;
    assert_eq!(after.status, JourneyStatus::Inactive);
    // One that is active and not completed stays active.
    world.store.toggle_active_journey(journey.id).await.unwrap();
    let after = updated(world, journey.id, &uncomplete).await;
    assert_eq!(after.status, JourneyStatus::Active);
}

pub(crate) async fn toggling_switches_on_and_off(world: &World) {
    let user = world.rider().await;
    let (first, second) = (world.journey(&user).await, world.journey(&user).await);
    let toggle = async |journey: &Journey| world.store.toggle_active_journey(journey.id).await.unwrap();
    assert_eq!(toggle(&first).await, Toggled::Active);
    assert_eq!(toggle(&second).await, Toggled::Active);
    assert_eq!(active(world, &user).await, Some(second.id));
    assert_eq!(toggle(&second).await, Toggled::Inactive);
    assert_eq!(active(world, &user).await, None);
    let never = world.new_journey(&user);
    assert_eq!(toggle(&never).await, Toggled::NoSuchJourney);
}

pub(crate) async fn of_any_number_of_toggles_at_once_each_counts(world: &World) {
    let user = world.rider().await;
    let journey = world.journey(&user).await;
    for (toggles, ends_active) in [(10_usize, false), (11, true)] {
        let toggle = || async { world.store.toggle_active_journey(journey.id).await.unwrap() };
        let outcomes = join_all((0..toggles).map(|_| toggle())).await;
        let activations = outcomes
            .iter()
            .filter(|outcome| **outcome == Toggled::Active)
            .count();
        assert_eq!(activations, toggles.div_ceil(2));
        assert_eq!(active(world, &user).await.is_some(), ends_active);
    }
}

pub(crate) async fn at_no_time_are_two_journeys_active(world: &World) {
    let user = world.rider().await;
    let mut journeys = Vec::new();
    for _ in 0..10 {
        journeys.push(world.journey(&user).await);
    }
    let toggles = join_all(
        journeys
            .iter()
            .map(|journey| world.store.toggle_active_journey(journey.id)),
    );
    let inserts = join_all(
        (0..10).map(|_| world.journey_with(&user, |journey| journey.status = JourneyStatus::Active)),
    );
    let watch = async {
        for _ in 0..20 {
            assert!(how_many_active(world, &user).await <= 1);
        }
    };
    let (toggles, _, ()) = tokio::join!(toggles, inserts, watch);
    assert!(
        toggles
            .into_iter()
            .all(|toggled| toggled.unwrap() == Toggled::Active)
    );
    assert_eq!(how_many_active(world, &user).await, 1);
}

pub(crate) async fn a_journey_goes_with_its_markers(world: &World) {
    let user = world.rider().await;
    let (journey, other) = (world.journey(&user).await, world.journey(&user).await);
    let marker = world.marker(&journey, at(1.0, 2.0)).await;
    world.marker(&other, at(1.0, 2.0)).await;
    assert!(world.store.delete_journey_with_markers(journey.id).await.unwrap());
    assert_eq!(world.store.journey(journey.id).await.unwrap(), None);
    assert_eq!(world.store.marker(journey.id, marker.id).await.unwrap(), None);
    assert_eq!(world.markers_of(&journey).await, []);
    assert_eq!(world.markers_of(&other).await.len(), 1);
    assert!(!world.store.delete_journey_with_markers(journey.id).await.unwrap());
}
