// Remove after 2027-06-30: by then no refresh token of the earlier service is good any more.
//! Refresh tokens of the earlier service, which name no session.

use chrono::TimeDelta;
use futures_util::future::join_all;
use kairos_domain::id::SessionId;
use kairos_domain::store::RotationOutcome::{Refused, Rotated};
use kairos_domain::store::{PresentedToken, Rotation};
use kairos_domain::token::TokenHash;
use kairos_domain::user::User;

use crate::fixtures::{World, now};
use crate::sessions::{GRACE, later, next, trade};

/// The trade of a token of the earlier service.
pub(crate) fn earlier_rotation(
    world: &World,
    user: &User,
    token: TokenHash,
    session_id: SessionId,
) -> Rotation {
    Rotation {
        user_id: user.id,
        presented: PresentedToken {
            hash: token,
            session_id: None,
            expires_at: now() + TimeDelta::days(3),
        },
        session_id,
        successor: world.token(),
        expires_at: now() + TimeDelta::days(8),
        grace: GRACE,
        now: now(),
    }
}

pub(crate) async fn an_earlier_token_begins_one_session_and_counts_as_used(world: &World) {
    let user = world.rider().await;
    let (token, session) = (world.token(), SessionId(world.id()));
    let first = earlier_rotation(world, &user, token, session);
    assert_eq!(trade(world, &first).await, Rotated);
    let sibling = later(world, &first, TimeDelta::seconds(9));
    assert_eq!(trade(world, &sibling).await, Rotated);
    assert_eq!(trade(world, &next(world, &first)).await, Rotated);
    assert_eq!(trade(world, &next(world, &sibling)).await, Rotated);
    let too_late = later(world, &first, TimeDelta::seconds(11));
    assert_eq!(trade(world, &too_late).await, Refused);
    assert_eq!(trade(world, &next(world, &next(world, &first))).await, Refused);
}

pub(crate) async fn an_earlier_token_used_late_is_a_used_one_like_any_other(world: &World) {
    let user = world.rider().await;
    for uses_void in [false, true] {
        let first = earlier_rotation(world, &user, world.token(), SessionId(world.id()));
        assert_eq!(trade(world, &first).await, Rotated);
        let late = later(world, &first, TimeDelta::hours(1));
        assert_eq!(trade(world, &late).await, Rotated);
        let latest = later(world, &late, TimeDelta::hours(1));
        assert_eq!(trade(world, &latest).await, Rotated);
        let successor = next(world, &latest);
        if uses_void {
            assert_eq!(trade(world, &next(world, &late)).await, Refused);
            assert_eq!(trade(world, &successor).await, Refused);
        } else {
            assert_eq!(trade(world, &successor).await, Rotated);
            let again = later(world, &latest, TimeDelta::hours(1));
            assert_eq!(trade(world, &again).await, Refused);
            assert_eq!(trade(world, &next(world, &successor)).await, Refused);
        }
    }
}

pub(crate) async fn an_earlier_token_whose_session_ended_stays_refused(world: &World) {
    let user = world.rider().await;
    let first = earlier_rotation(world, &user, world.token(), SessionId(world.id()));
    assert_eq!(trade(world, &first).await, Rotated);
    let successor = next(world, &first).presented;
    world.store.end_session(&successor, user.id, now()).await.unwrap();
    assert_eq!(
        trade(world, &later(world, &first, TimeDelta::seconds(1))).await,
        Refused
    );
    world
        .store
        .purge_expired(now() + TimeDelta::days(2))
        .await
        .unwrap();
    assert_eq!(
        trade(world, &later(world, &first, TimeDelta::days(2))).await,
        Refused
    );
}

pub(crate) async fn an_earlier_token_can_be_ended_before_it_was_seen(world: &World) {
    let user = world.rider().await;
    let first = earlier_rotation(world, &user, world.token(), SessionId(world.id()));
    world
        .store
        .end_session(&first.presented, user.id, now())
        .await
        .unwrap();
    assert_eq!(trade(world, &first).await, Refused);
    // Ended after use, its session is over.
    let second = earlier_rotation(world, &user, world.token(), SessionId(world.id()));
    assert_eq!(trade(world, &second).await, Rotated);
    world
        .store
        .end_session(&second.presented, user.id, now())
        .await
        .unwrap();
    assert_eq!(trade(world, &next(world, &second)).await, Refused);
}

pub(crate) async fn many_uses_of_an_earlier_token_at_once_begin_one_session(world: &World) {
    let user = world.rider().await;
    let (token, id) = (world.token(), SessionId(world.id()));
    let uses: Vec<_> = (0..10)
        .map(|_| earlier_rotation(world, &user, token, id))
        .collect();
    let outcomes = join_all(uses.iter().map(|rotation| trade(world, rotation))).await;
    assert_eq!(outcomes, [Rotated; 10]);
    for rotation in &uses {
        assert_eq!(trade(world, &next(world, rotation)).await, Rotated);
    }
}

pub(crate) async fn an_earlier_token_of_a_rider_who_is_gone_begins_no_session(world: &World) {
    let user = world.rider().await;
    world.store.delete_user(&user).await.unwrap();
    let earlier = earlier_rotation(world, &user, world.token(), SessionId(world.id()));
    assert_eq!(trade(world, &earlier).await, Refused);
    world
        .store
        .end_session(&earlier.presented, user.id, now())
        .await
        .unwrap();
}
