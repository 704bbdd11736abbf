use chrono::TimeDelta;
use futures_util::future::join_all;
use kairos_domain::id::SessionId;
use kairos_domain::store::{MOST_UNUSED_TOKENS, NewSession, PresentedToken, Rotation, RotationOutcome};

use crate::fixtures::{World, now};

use RotationOutcome::{Refused, Rotated};

pub(crate) const GRACE: TimeDelta = TimeDelta::seconds(10);

/// The trade of a session's first token, now.
pub(crate) fn rotation(world: &World, session: &NewSession) -> Rotation {
    Rotation {
        user_id: session.user_id,
        presented: PresentedToken {
            hash: session.token,
            session_id: Some(session.id),
            expires_at: session.expires_at,
        },
        session_id: session.id,
        successor: world.token(),
        expires_at: now() + TimeDelta::days(8),
        grace: GRACE,
        now: now(),
    }
}

pub(crate) async fn trade(world: &World, rotation: &Rotation) -> RotationOutcome {
    world.store.rotate_refresh_token(rotation).await.unwrap()
}

/// The trade of what another trade gave.
pub(crate) fn next(world: &World, rotation: &Rotation) -> Rotation {
    Rotation {
        presented: PresentedToken {
            hash: rotation.successor,
            session_id: Some(rotation.session_id),
            expires_at: rotation.expires_at,
        },
        successor: world.token(),
        ..rotation.clone()
    }
}

/// The same trade later, with a successor of its own.
pub(crate) fn later(world: &World, rotation: &Rotation, by: TimeDelta) -> Rotation {
    Rotation {
        successor: world.token(),
        now: rotation.now + by,
        ..rotation.clone()
    }
}

pub(crate) async fn a_token_is_traded_for_its_successor(world: &World) {
    let user = world.rider().await;
    let session = world.session(&user).await;
    let mut rotation = rotation(world, &session);
    for _ in 0..5 {
        assert_eq!(trade(world, &rotation).await, Rotated);
        rotation = next(world, &rotation);
    }
}

pub(crate) async fn a_used_token_is_good_within_its_grace_counted_from_its_first_use(world: &World) {
    let user = world.rider().await;
    let session = world.session(&user).await;
    let first = rotation(world, &session);
    assert_eq!(trade(world, &first).await, Rotated);
    let sibling = later(world, &first, TimeDelta::seconds(6));
    assert_eq!(trade(world, &sibling).await, Rotated);
    // The second use did not move the first.
    assert_eq!(trade(world, &later(world, &first, GRACE)).await, Rotated);
    for successor in [&first, &sibling] {
        assert_eq!(trade(world, &next(world, successor)).await, Rotated);
    }
}

pub(crate) async fn a_token_that_the_session_does_not_know_ends_it(world: &World) {
    let user = world.rider().await;
    let session = world.session(&user).await;
    let unknown = NewSession {
        token: world.token(),
        ..session.clone()
    };
    assert_eq!(trade(world, &rotation(world, &unknown)).await, Refused);
    assert_eq!(trade(world, &rotation(world, &session)).await, Refused);
}

pub(crate) async fn a_session_that_has_ended_expired_or_never_existed_refuses(world: &World) {
    let user = world.rider().await;
    let session = world.session(&user).await;
    let first = rotation(world, &session);
    assert_eq!(
        trade(world, &later(world, &first, TimeDelta::days(8))).await,
        Refused
    );
    let never = NewSession {
        id: SessionId(world.id()),
        ..session.clone()
    };
    assert_eq!(trade(world, &rotation(world, &never)).await, Refused);
    world
        .store
        .end_session(&first.presented, user.id, now())
        .await
        .unwrap();
    assert_eq!(trade(world, &first).await, Refused);
    // Ending it again is no error.
    world
        .store
        .end_session(&first.presented, user.id, now())
        .await
        .unwrap();
}

pub(crate) async fn a_rotation_moves_the_end_of_the_session(world: &World) {
    let user = world.rider().await;
    let session = world.session(&user).await;
    let mut first = rotation(world, &session);
    first.expires_at = now() + TimeDelta::days(15);
    assert_eq!(trade(world, &first).await, Rotated);
    let after_the_first_end = later(world, &next(world, &first), TimeDelta::days(9));
    assert_eq!(trade(world, &after_the_first_end).await, Rotated);
}

pub(crate) async fn a_session_ends_by_a_token_that_is_no_longer_live(world: &World) {
    let user = world.rider().await;
    let session = world.session(&user).await;
    let first = rotation(world, &session);
    assert_eq!(trade(world, &first).await, Rotated);
    let second = later(world, &next(world, &first), TimeDelta::minutes(5));
    assert_eq!(trade(world, &second).await, Rotated);
    let later = now() + TimeDelta::minutes(6);
    world
        .store
        .end_session(&first.presented, user.id, later)
        .await
        .unwrap();
    assert_eq!(trade(world, &next(world, &second)).await, Refused);
}

pub(crate) async fn a_session_keeps_the_newest_of_many_unused_tokens(world: &World) {
    let user = world.rider().await;
    let count = MOST_UNUSED_TOKENS + 50;
    let uses = async || {
        let session = world.session(&user).await;
        let first = rotation(world, &session);
        let mut uses = Vec::new();
        for number in (0..).take(count) {
            let by = TimeDelta::milliseconds(number);
            let mut used = later(world, &first, by);
            used.expires_at += by;
            assert_eq!(trade(world, &used).await, Rotated);
            uses.push(used);
        }
        uses
    };
    let one = uses().await;
    // The token that is used over and over is kept, however many unused ones there are.
    assert_eq!(
        trade(world, &later(world, &one[count - 1], GRACE / 2)).await,
        Rotated
    );
    let oldest_kept = &one[count + 1 - MOST_UNUSED_TOKENS];
    assert_eq!(trade(world, &next(world, oldest_kept)).await, Rotated);
    assert_eq!(trade(world, &next(world, &one[count - 1])).await, Rotated);
    assert_eq!(trade(world, &next(world, &one[0])).await, Refused);
    let other = uses().await;
    let oldest_forgotten = &other[count - 1 - MOST_UNUSED_TOKENS];
    assert_eq!(trade(world, &next(world, oldest_forgotten)).await, Refused);
}

pub(crate) async fn many_uses_at_once_are_decided_one_after_the_other(world: &World) {
    let user = world.rider().await;
    let session = world.session(&user).await;
    let uses: Vec<_> = (0..10).map(|_| rotation(world, &session)).collect();
    let outcomes = join_all(uses.iter().map(|rotation| trade(world, rotation))).await;
    assert_eq!(outcomes, [Rotated; 10]);
    for rotation in &uses {
        assert_eq!(trade(world, &next(world, rotation)).await, Rotated);
    }
}

pub(crate) async fn expired_sessions_are_purged_and_counted(world: &World) {
    let user = world.rider().await;
    for _ in 0..3 {
        world.session(&user).await;
    }
    let live = world.session(&user).await;
    let mut rotation = rotation(world, &live);
    rotation.expires_at = now() + TimeDelta::days(20);
    assert_eq!(trade(world, &rotation).await, Rotated);
    let purge = async |days| {
        world
            .store
            .purge_expired(now() + TimeDelta::days(days))
            .await
            .unwrap()
    };
    assert_eq!(purge(7).await, 0);
    assert_eq!(purge(9).await, 3);
    assert_eq!(purge(9).await, 0);
    let next = later(world, &next(world, &rotation), TimeDelta::days(9));
    assert_eq!(trade(world, &next).await, Rotated);
}

pub(crate) async fn a_rider_who_is_gone_begins_no_session(world: &World) {
    let user = world.rider().await;
    world.store.delete_user(&user).await.unwrap();
    let session = world.session(&user).await;
    assert_eq!(trade(world, &rotation(world, &session)).await, Refused);
}
