use std::cell::Cell;
use std::pin::Pin;

use futures_util::FutureExt as _;
use kairos_domain::id::ObjectId;
use tokio::task::unconstrained;

use super::*;

fn rider(number: u8) -> UserId {
    UserId(ObjectId::from_bytes([number; 12]))
}

fn fence(connections: usize) -> Fence {
    Fence::new(connections, 1, Duration::from_millis(20))
}

/// Takes turns for pages until one has to wait.
fn pages(fence: &Fence, who: u8) -> Vec<Turn<'_>> {
    // Otherwise tokio's cooperative scheduling would sometimes suspend this task.
    let turn = || unconstrained(fence.page(rider(who))).now_or_never();
    std::iter::from_fn(turn).map(Result::unwrap).collect()
}

type Search<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + 'a>>;

/// Starts a search that needs a million entries, and never ends once it may read them.
fn long_search<'a>(fence: &'a Fence, who: u8, running: &'a Cell<usize>) -> Search<'a> {
    let search = move |mut effort: Effort| async move {
        effort.spend(1_000_000)?;
        running.set(running.get() + 1);
        std::future::pending().await
    };
    let mut search: Search<'_> = Box::pin(unconstrained(fence.search(rider(who), search)));
    assert!(search.as_mut().now_or_never().is_none());
    search
}

/// Runs a search that needs a thousand entries, unless it has to wait.
fn short_search(fence: &Fence, who: u8) -> Option<Result<(), StoreError>> {
    let search = |mut effort: Effort| async move { effort.spend(1_000) };
    unconstrained(fence.search(rider(who), search)).now_or_never()
}

#[tokio::test]
async fn reads_take_half_of_the_connections_and_long_searches_a_quarter() {
    for (connections, places, searches) in [(32, 16, 8), (8, 4, 2), (4, 2, 1), (2, 1, 1), (1, 1, 1)] {
        let reads = fence(connections);
        let turns: Vec<_> = (0..20).flat_map(|who| pages(&reads, who)).collect();
        let running = Cell::new(0);
        let searched = fence(connections);
        let waiting: Vec<_> = (0..20).map(|who| long_search(&searched, who, &running)).collect();
        assert_eq!((turns.len(), running.get()), (places, searches));
        drop(waiting);
        assert!(searched.riders().is_empty());
    }
}

#[tokio::test]
async fn one_riders_reads_leave_places_to_another() {
    let fence = fence(8);
    let first = pages(&fence, 1);
    assert_eq!(first.len(), 2);
    // More reads of this rider wait, and block no other rider.
    let waiting: Vec<_> = (0..40).map(|_| Box::pin(fence.page(rider(1)))).collect();
    let mut waiting = futures_util::future::join_all(waiting);
    assert!((&mut waiting).now_or_never().is_none());
    assert_eq!(pages(&fence, 2).len(), 2);
    drop(first);
    drop(waiting);
    assert!(fence.riders().is_empty());
}

#[tokio::test]
async fn a_search_that_exceeds_its_effort_runs_again_without_a_limit() {
    let fence = fence(8);
    for (entries, runs) in [(20_000, 1), (20_001, 2)] {
        let begun = Cell::new(0);
        let search = |mut effort: Effort| {
            begun.set(begun.get() + 1);
            async move { effort.spend(entries) }
        };
        fence.search(rider(1), search).await.unwrap();
        assert_eq!(begun.get(), runs);
    }
    let hopeless = fence.search(rider(1), |_| async { Err::<(), _>(StoreError::TooSlow) });
    assert!(matches!(hopeless.await, Err(StoreError::TooSlow)));
    assert!(fence.riders().is_empty());
}

#[tokio::test]
async fn a_short_search_never_waits_for_long_ones_of_others() {
    let fence = fence(8);
    let running = Cell::new(0);
    let mut long: Vec<_> = (0..40).map(|who| long_search(&fence, who, &running)).collect();
    assert_eq!(running.get(), 2);
    for who in 40..80 {
        short_search(&fence, who).unwrap().unwrap();
        assert_eq!(pages(&fence, who).len(), 2);
    }
    // A long search that ends makes room for the next one only.
    drop(long.remove(0));
    for search in &mut long {
        assert!(search.as_mut().now_or_never().is_none());
    }
    assert_eq!(running.get(), 3);
    short_search(&fence, 80).unwrap().unwrap();
}

#[tokio::test]
async fn a_rider_has_one_search_at_a_time() {
    let fence = fence(16);
    let running = Cell::new(0);
    let mut searches: Vec<_> = (0..10).map(|_| long_search(&fence, 1, &running)).collect();
    assert_eq!(running.get(), 1);
    // Not even a short one, which would run in its place among the pages.
    assert!(short_search(&fence, 1).is_none());
    // The rider's lists go on, and so do the searches of others.
    assert_eq!(pages(&fence, 1).len(), 3);
    searches.push(long_search(&fence, 2, &running));
    assert_eq!(running.get(), 2);
}

#[tokio::test]
async fn a_read_whose_turn_does_not_come_is_given_up() {
    let fence = fence(2);
    let turn = fence.page(rider(1)).await.unwrap();
    let late = fence.page(rider(2)).await;
    assert!(matches!(late, Err(StoreError::Unavailable(_))));
    let late = fence.search(rider(3), |_| async { Ok(()) }).await;
    assert!(matches!(late, Err(StoreError::Unavailable(_))));
    drop(turn);
    assert!(fence.page(rider(2)).await.is_ok());
    assert!(fence.riders().is_empty());
}
