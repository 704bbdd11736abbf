//! Itineraries follow their markers.

use chrono::NaiveDate;
use futures_util::future::join_all;
use kairos_domain::geo::Position;
use kairos_domain::marker::MarkerKind;
use kairos_domain::store::EncounterSearch;

use super::{dated, encounters, met, search};
use crate::fixtures::{World, at, day};
use kairos_domain::journey::Journey;

/// A journey that waits at a place for twenty days.
async fn waiting_at(world: &World, place: Position) -> Journey {
    let rider = world.rider().await;
    super::staying(world, &rider, place, 0..=19).await
}

/// The days on which a journey that waits meets any other.
async fn days_of(world: &World, waiting: &Journey) -> Vec<i64> {
    let mut days = Vec::new();
    for number in 0..20 {
        let search = EncounterSearch {
            from: day(number),
            to: Some(day(number)),
            ..search(waiting, 0, 1_000.0)
        };
        if !encounters(world, &search).await.is_empty() {
            days.push(number);
        }
    }
    days
}

pub(crate) async fn an_itinerary_follows_every_change_of_its_markers(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let (here, there) = (at(20.0, 0.0), at(20.0, 60.0));
    let (waiting_here, waiting_there) = (waiting_at(world, here).await, waiting_at(world, there).await);
    let here_on = async |expected: &[i64]| assert_eq!(days_of(world, &waiting_here).await, expected);
    world.plan(&journey, here, day(3)).await;
    here_on(&[3]).await;
    let end = world.plan(&journey, here, day(7)).await;
    here_on(&[3, 4, 5, 6, 7]).await;
    // One in the middle leads elsewhere; then it lies on the way; then it is gone.
    let middle = world.plan(&journey, there, day(5)).await;
    here_on(&[3, 7]).await;
    assert_eq!(days_of(world, &waiting_there).await, [5]);
    world
        .change_marker(&middle, |details| details.position = here)
        .await;
    here_on(&[3, 4, 5, 6, 7]).await;
    let middle = world
        .change_marker(&middle, |details| details.estimated_time = Some(day(12)))
        .await;
    here_on(&(3..=12).collect::<Vec<_>>()).await;
    world.delete_marker(&middle).await;
    here_on(&[3, 4, 5, 6, 7]).await;
    // The past overtakes the plan: what was planned before it is not how it went.
    let past = world
        .marker_with(&journey, here, |marker| dated(marker, MarkerKind::Past, Some(6)))
        .await;
    here_on(&[6, 7]).await;
    world.delete_marker(&past).await;
    world
        .change_marker(&end, |details| details.estimated_time = None)
        .await;
    here_on(&[3]).await;
    world.delete_journey(&journey).await;
    here_on(&[]).await;
}

pub(crate) async fn whatever_was_written_at_once_is_in_the_next_answer(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let place = at(20.0, 10.0);
    let waiting = waiting_at(world, place).await;
    let writers = (0..10_i64).map(async |number| {
        let marker = world.plan(&journey, place, day(number)).await;
        for other in [at(0.0, 0.0), place, at(0.0, 1.0), place] {
            world
                .change_marker(&marker, |details| details.position = other)
                .await;
        }
    });
    join_all(writers).await;
    assert_eq!(days_of(world, &waiting).await, (0..10).collect::<Vec<_>>());
}

pub(crate) async fn the_ends_of_the_calendar_are_days_of_an_itinerary(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    for (year, month, day) in [(1, 1, 1), (9999, 12, 31)] {
        let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let (own, other) = (world.journey(&reader).await, world.journey(&rider).await);
        for journey in [&own, &other] {
            world.plan(journey, at(0.0, 0.0), date).await;
        }
        assert_eq!(met(world, &search(&own, 14, 1_000.0)).await, [other.id]);
    }
}

pub(crate) async fn a_past_marker_later_than_tomorrow_has_no_day_until_it_is_tomorrow(world: &World) {
    let (here, there) = (at(20.0, 0.0), at(20.0, 60.0));
    let other = super::staying(world, &world.rider().await, here, 3..=7).await;
    let mine = super::staying(world, &world.rider().await, here, 5..=9).await;
    let without = super::staying(world, &world.rider().await, here, 5..=5).await;
    let as_of = |today: i64, journey: &Journey| EncounterSearch {
        today: day(today),
        ..search(journey, 0, 1_000.0)
    };
    let both = |one: &Journey, other: &Journey| {
        let mut both = [one.id, other.id];
        both.sort_unstable();
        both
    };
    for journey in [&other, &mine] {
        let in_future = world.marker_with(journey, there, |marker| {
            dated(marker, MarkerKind::Past, Some(6000));
        });
        in_future.await;
    }
    // It would outdate the plans before it.
    for today in [0, 5998] {
        assert_eq!(met(world, &as_of(today, &mine)).await, both(&other, &without));
        assert_eq!(met(world, &as_of(today, &other)).await, both(&mine, &without));
        assert_eq!(met(world, &as_of(today, &without)).await, both(&mine, &other));
    }
    for today in [5999, 6000, 9000] {
        assert_eq!(met(world, &as_of(today, &without)).await, []);
        assert_eq!(met(world, &as_of(today, &mine)).await, [other.id]);
        let found = encounters(world, &as_of(today, &other)).await;
        assert_eq!(found[0].meeting.mine.date, day(6000));
    }
    let limited = world.store.encounters(&as_of(0, &mine), 1).await.unwrap();
    assert_eq!(limited.len(), 1);
    world.check().await;
}
