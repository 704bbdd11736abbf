//! Uses of a refresh token after its grace.

use chrono::TimeDelta;
use futures_util::future::join_all;
use kairos_domain::store::Rotation;
use kairos_domain::store::RotationOutcome::{Refused, Rotated};

use crate::fixtures::World;
use crate::sessions::{GRACE, later, next, rotation, trade};

/// The same trade after the grace, with a successor of its own.
fn late(world: &World, rotation: &Rotation) -> Rotation {
    later(world, rotation, GRACE + TimeDelta::milliseconds(1))
}

pub(crate) async fn a_token_used_late_makes_its_new_successor_the_only_one(world: &World) {
    let user = world.rider().await;
    let session = world.session(&user).await;
    let first = rotation(world, &session);
    assert_eq!(trade(world, &first).await, Rotated);
    let mut last = late(world, &first);
    for _ in 0..3 {
        assert_eq!(trade(world, &last).await, Rotated);
        last = later(world, &last, TimeDelta::hours(1));
    }
    assert_eq!(trade(world, &last).await, Rotated);
    let successor = next(world, &last);
    assert_eq!(trade(world, &successor).await, Rotated);
    assert_eq!(trade(world, &next(world, &successor)).await, Rotated);
}

pub(crate) async fn a_successor_that_a_late_use_has_made_void_ends_the_session(world: &World) {
    let user = world.rider().await;
    let other = world.session(&user).await;
    for of_the_late_uses in [false, true] {
        let session = world.session(&user).await;
        let first = rotation(world, &session);
        assert_eq!(trade(world, &first).await, Rotated);
        let before = late(world, &first);
        assert_eq!(trade(world, &before).await, Rotated);
        let last = later(world, &before, TimeDelta::seconds(1));
        assert_eq!(trade(world, &last).await, Rotated);
        let void = next(world, if of_the_late_uses { &before } else { &first });
        assert_eq!(trade(world, &void).await, Refused);
        assert_eq!(trade(world, &next(world, &last)).await, Refused);
    }
    assert_eq!(trade(world, &rotation(world, &other)).await, Rotated);
}

pub(crate) async fn a_token_used_late_ends_the_session_once_a_successor_was_used(world: &World) {
    let user = world.rider().await;
    let session = world.session(&user).await;
    let first = rotation(world, &session);
    assert_eq!(trade(world, &first).await, Rotated);
    let second = next(world, &first);
    assert_eq!(trade(world, &second).await, Rotated);
    // Within its grace it is good whether a successor was used or not, and that does not prolong its validity.
    assert_eq!(trade(world, &later(world, &first, GRACE)).await, Rotated);
    assert_eq!(trade(world, &late(world, &first)).await, Refused);
    assert_eq!(trade(world, &next(world, &second)).await, Refused);
}

pub(crate) async fn siblings_of_a_used_successor_stay_valid(world: &World) {
    let user = world.rider().await;
    let session = world.session(&user).await;
    let first = rotation(world, &session);
    let sibling = later(world, &first, TimeDelta::seconds(6));
    assert_eq!(trade(world, &first).await, Rotated);
    assert_eq!(trade(world, &sibling).await, Rotated);
    assert_eq!(trade(world, &next(world, &first)).await, Rotated);
    let hours_later = later(world, &next(world, &sibling), TimeDelta::hours(1));
    assert_eq!(trade(world, &hours_later).await, Rotated);
    assert_eq!(trade(world, &next(world, &hours_later)).await, Rotated);
}

pub(crate) async fn a_late_use_spares_the_successors_of_other_tokens(world: &World) {
    let user = world.rider().await;
    let session = world.session(&user).await;
    let first = rotation(world, &session);
    let sibling = later(world, &first, TimeDelta::seconds(6));
    assert_eq!(trade(world, &first).await, Rotated);
    assert_eq!(trade(world, &sibling).await, Rotated);
    // One tab loses an answer, and repeats its request when the other tab has not asked yet.
    let second = next(world, &first);
    assert_eq!(trade(world, &second).await, Rotated);
    let repeated = late(world, &second);
    assert_eq!(trade(world, &repeated).await, Rotated);
    assert_eq!(trade(world, &late(world, &next(world, &sibling))).await, Rotated);
    assert_eq!(trade(world, &next(world, &repeated)).await, Rotated);
}

pub(crate) async fn many_late_uses_at_once_leave_one_successor(world: &World) {
    let user = world.rider().await;
    let session = world.session(&user).await;
    let first = rotation(world, &session);
    assert_eq!(trade(world, &first).await, Rotated);
    let uses: Vec<_> = (0..10).map(|_| late(world, &first)).collect();
    let outcomes = join_all(uses.iter().map(|rotation| trade(world, rotation))).await;
    assert_eq!(outcomes, [Rotated; 10]);
    let nexts = uses.iter().map(|rotation| next(world, rotation));
    let successors: Vec<_> = nexts.collect();
    let outcomes = join_all(successors.iter().map(|rotation| trade(world, rotation))).await;
    // Whoever is first decides: a void successor ends the session also for the valid one.
    assert!(outcomes.iter().filter(|outcome| **outcome == Rotated).count() <= 1);
    assert_eq!(trade(world, &late(world, &first)).await, Refused);
}

pub(crate) async fn a_late_use_and_the_use_of_a_successor_at_once_are_decided_one_after_the_other(
    world: &World,
) {
    let user = world.rider().await;
    for _ in 0..10 {
        let session = world.session(&user).await;
        let first = rotation(world, &session);
        assert_eq!(trade(world, &first).await, Rotated);
        let (again, successor) = (late(world, &first), late(world, &next(world, &first)));
        let outcomes = tokio::join!(trade(world, &again), trade(world, &successor));
        // The second of both ends the session, whichever it is.
        assert!(
            [(Rotated, Refused), (Refused, Rotated)].contains(&outcomes),
            "{outcomes:?}"
        );
        for gone in [&again, &successor] {
            assert_eq!(trade(world, &next(world, gone)).await, Refused);
        }
    }
}
