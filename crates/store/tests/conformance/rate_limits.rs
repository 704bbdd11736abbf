use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use kairos_domain::store::{Limit, LimitKey};

use crate::fixtures::{World, now};

fn limit(world: &World, most: u32) -> Limit {
    Limit {
        key: LimitKey::of(&["test", &world.number().to_string()]),
        most,
        window: TimeDelta::minutes(15),
    }
}

fn after(minutes: i64) -> DateTime<Utc> {
    now() + TimeDelta::minutes(minutes)
}

async fn count(world: &World, limits: &[Limit], at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    world.store.count_act(limits, at).await.unwrap()
}

async fn reached(world: &World, limits: &[Limit], at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    world.store.limit_reached(limits, at).await.unwrap()
}

pub(crate) async fn in_any_span_no_more_acts_are_counted_than_allowed(world: &World) {
    let limit = [limit(world, 3)];
    for minute in [0, 5, 10] {
        assert_eq!(reached(world, &limit, after(minute)).await, None);
        assert_eq!(count(world, &limit, after(minute)).await, None);
    }
    // Until the first of the three no longer counts, to the millisecond.
    let free = after(15);
    for at in [after(10), after(14), free - TimeDelta::milliseconds(1)] {
        assert_eq!(reached(world, &limit, at).await, Some(free));
        assert_eq!(count(world, &limit, at).await, Some(free));
    }
    assert_eq!(reached(world, &limit, free).await, None);
    assert_eq!(count(world, &limit, free).await, None);
    // Now it is the second.
    assert_eq!(count(world, &limit, after(16)).await, Some(after(20)));
    // And after a quarter of an hour's rest, all over again.
    for _ in 0..3 {
        assert_eq!(count(world, &limit, after(60)).await, None);
    }
    assert_eq!(count(world, &limit, after(60)).await, Some(after(75)));
}

pub(crate) async fn an_act_that_one_limit_refuses_counts_nowhere(world: &World) {
    let (narrow, wide) = (limit(world, 1), limit(world, 3));
    assert_eq!(count(world, &[narrow, wide], now()).await, None);
    for _ in 0..5 {
        assert_eq!(count(world, &[narrow, wide], after(1)).await, Some(after(15)));
        assert_eq!(count(world, &[wide, narrow], after(1)).await, Some(after(15)));
    }
    assert_eq!(count(world, &[wide], after(1)).await, None);
    assert_eq!(count(world, &[wide], after(2)).await, None);
    assert_eq!(count(world, &[wide], after(2)).await, Some(after(15)));
}

pub(crate) async fn of_several_reached_limits_the_last_to_end_counts(world: &World) {
    let (first, second) = (limit(world, 1), limit(world, 1));
    let never = limit(world, 1);
    assert_eq!(count(world, &[first], now()).await, None);
    assert_eq!(count(world, &[second], after(5)).await, None);
    for limits in [[first, second, never], [never, second, first]] {
        assert_eq!(reached(world, &limits, after(6)).await, Some(after(20)));
        assert_eq!(count(world, &limits, after(6)).await, Some(after(20)));
    }
    assert_eq!(reached(world, &[never], after(6)).await, None);
    assert_eq!(reached(world, &[], after(6)).await, None);
    assert_eq!(count(world, &[], after(6)).await, None);
}

pub(crate) async fn of_many_acts_at_once_no_more_are_counted_than_allowed(world: &World) {
    let (narrow, wide) = (limit(world, 10), limit(world, 100));
    // Some at the same millisecond, as instances' clocks have it.
    let acts = (0..50).map(async |number| {
        let at = now() + TimeDelta::milliseconds(number / 5);
        count(world, &[narrow, wide], at).await.is_none()
    });
    let counted = join_all(acts)
        .await
        .into_iter()
        .filter(|counted| *counted)
        .count();
    assert_eq!(counted, 10);
    let more = (0..120).map(async |_| count(world, &[wide], after(1)).await.is_none());
    let counted = join_all(more)
        .await
        .into_iter()
        .filter(|counted| *counted)
        .count();
    assert_eq!(counted, 90);
}

pub(crate) async fn a_client_is_remembered_for_the_longest_time_asked_for(world: &World) {
    let key = limit(world, 1).key;
    let remembers = async |at| world.store.remembers_client(key, at).await.unwrap();
    assert!(!remembers(now()).await);
    world.store.remember_client(key, after(10)).await.unwrap();
    world.store.remember_client(key, after(20)).await.unwrap();
    world.store.remember_client(key, after(15)).await.unwrap();
    assert!(remembers(after(20) - TimeDelta::milliseconds(1)).await);
    assert!(!remembers(after(20)).await);
    let many = join_all((0..20).map(|_| world.store.remember_client(limit(world, 1).key, after(5))));
    assert!(many.await.iter().all(Result::is_ok));
    let other = limit(world, 1).key;
    let at_once = join_all((0..20).map(|_| world.store.remember_client(other, after(5)))).await;
    assert!(at_once.iter().all(Result::is_ok));
    assert!(world.store.remembers_client(other, after(4)).await.unwrap());
}

pub(crate) async fn acts_and_clients_that_no_longer_count_are_purged(world: &World) {
    let (short, long) = (limit(world, 1), limit(world, 1));
    let (gone, known) = (limit(world, 1).key, limit(world, 1).key);
    assert_eq!(count(world, &[short], now()).await, None);
    assert_eq!(count(world, &[long], after(5)).await, None);
    world.store.remember_client(gone, after(15)).await.unwrap();
    world.store.remember_client(known, after(20)).await.unwrap();
    world.store.purge_expired(after(15)).await.unwrap();
    // Seen from before, purged acts were never counted.
    assert_eq!(reached(world, &[short], after(1)).await, None);
    assert_eq!(reached(world, &[long], after(6)).await, Some(after(20)));
    assert!(!world.store.remembers_client(gone, now()).await.unwrap());
    assert!(world.store.remembers_client(known, now()).await.unwrap());
}
