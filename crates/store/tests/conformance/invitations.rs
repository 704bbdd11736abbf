use chrono::TimeDelta;
use futures_util::future::join_all;
use kairos_domain::store::{Registered, StoreError, Unique};

use crate::fixtures::{World, now};
use crate::users::waiting;

pub(crate) async fn an_invitation_is_good_for_one_registration(world: &World) {
    let (invitation, other) = (world.token(), world.token());
    let end = now() + TimeDelta::days(7);
    world.store.add_invitation(invitation, end).await.unwrap();
    world.store.add_invitation(other, end).await.unwrap();
    let invited = |email: &str, invitation| {
        let mut registration = world.registration(&world.user(email));
        registration.invitation = Some(invitation);
        registration
    };
    let by = async |registration| world.store.register_user(registration).await;
    let unknown = invited("ann@example.org", world.token());
    assert_eq!(by(&unknown).await.unwrap(), Registered::InvitationNotGood);
    assert_eq!(world.store.user(unknown.user.id).await.unwrap(), None);
    assert_eq!(waiting(world).await, []);
    let first = invited("ann@example.org", invitation);
    assert_eq!(by(&first).await.unwrap(), Registered::Done);
    assert_eq!(
        world.store.user(first.user.id).await.unwrap(),
        Some(first.user.clone())
    );
    let again = invited("ben@example.org", invitation);
    assert_eq!(by(&again).await.unwrap(), Registered::InvitationNotGood);
    // A registration that fails uses up none.
    let taken = invited("Ann@example.org", other);
    assert!(matches!(
        by(&taken).await,
        Err(StoreError::Conflict(Unique::Email))
    ));
    let second = invited("ben@example.org", other);
    assert_eq!(by(&second).await.unwrap(), Registered::Done);
}

pub(crate) async fn of_many_registrations_by_one_invitation_one_succeeds(world: &World) {
    let invitation = world.token();
    let end = now() + TimeDelta::days(7);
    world.store.add_invitation(invitation, end).await.unwrap();
    let registrations = (0..10).map(|number| {
        let mut registration = world.registration(&world.user(&format!("{number}@example.org")));
        registration.invitation = Some(invitation);
        async move { world.store.register_user(&registration).await.unwrap() }
    });
    let outcomes = join_all(registrations).await;
    let done = outcomes.iter().filter(|outcome| **outcome == Registered::Done);
    assert_eq!(done.count(), 1);
    assert_eq!(waiting(world).await.len(), 1);
}

pub(crate) async fn an_invitation_is_good_until_it_expires(world: &World) {
    let (soon, late) = (world.token(), world.token());
    let (early, end) = (now() + TimeDelta::days(1), now() + TimeDelta::days(7));
    world.store.add_invitation(soon, early).await.unwrap();
    world.store.add_invitation(late, end).await.unwrap();
    world.store.purge_expired(early).await.unwrap();
    let at = async |invitation, at| {
        let mut registration = world.registration(&world.user(&format!("{}@example.org", world.number())));
        registration.invitation = Some(invitation);
        registration.mail.created_at = at;
        world.store.register_user(&registration).await.unwrap()
    };
    // One that was purged is not even good before its end.
    assert_eq!(at(soon, now()).await, Registered::InvitationNotGood);
    assert_eq!(at(late, end).await, Registered::InvitationNotGood);
    let moment = TimeDelta::milliseconds(1);
    assert_eq!(at(late, end - moment).await, Registered::Done);
}
