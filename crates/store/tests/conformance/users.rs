use futures_util::future::join_all;
use kairos_domain::email_address::EmailAddress;
use kairos_domain::mail::MailKind;
use kairos_domain::password::PasswordHash;
use kairos_domain::store::{Registered, RotationOutcome, StoreError, Unique, UserChange, WriteError};
use kairos_domain::text::{Name, ProfileLine};
use kairos_domain::user::{Contact, User};

use crate::fixtures::{NASTY, World, at, now};
use crate::sessions::rotation;

/// The waiting mails, as kind and recipient.
pub(crate) async fn waiting(world: &World) -> Vec<(MailKind, String)> {
    let mails = world.store.lease_due_mails(now(), now(), 1000).await.unwrap();
    mails
        .into_iter()
        .map(|mail| (mail.kind, mail.to.as_str().to_owned()))
        .collect()
}

async fn kept(world: &World, user: &User) -> User {
    world.store.user(user.id).await.unwrap().unwrap()
}

async fn register(world: &World, user: &User) -> Result<Registered, StoreError> {
    world.store.register_user(&world.registration(user)).await
}

/// A change of an account as it was registered.
fn changed(before: &User, change: impl FnOnce(&mut User)) -> UserChange {
    let mut after = before.clone();
    change(&mut after);
    UserChange {
        before: before.clone(),
        after,
        mails: Vec::new(),
    }
}

async fn replace(world: &World, change: &UserChange) -> Result<(), WriteError> {
    let write = world.write(change.before.id);
    world.store.replace_user(change, Some(&write)).await
}

fn moved_to(email: &str) -> impl FnOnce(&mut User) {
    move |user| user.email = EmailAddress::stored(email.to_owned())
}

pub(crate) async fn an_account_comes_back_as_it_was_written(world: &World) {
    let mut user = world.user("Ann.Smith@Example.org");
    user.is_verified = true;
    user.credential_version = 7;
    user.address_version = 3;
    assert_eq!(register(world, &user).await.unwrap(), Registered::Done);
    assert_eq!(kept(world, &user).await, user);
    let by_email = world.store.user_by_email(&user.email.key()).await.unwrap();
    assert_eq!(by_email.as_ref(), Some(&user));
    let other = world.user("other@example.org");
    assert_eq!(world.store.user(other.id).await.unwrap(), None);
    assert_eq!(world.store.user_by_email(&other.email.key()).await.unwrap(), None);
}

pub(crate) async fn an_account_and_its_mail_are_there_together_or_not_at_all(world: &World) {
    let first = world.registration(&world.user("ann@example.org"));
    world.store.register_user(&first).await.unwrap();
    // The second account's mail has an id that is taken.
    let mut second = world.registration(&world.user("ben@example.org"));
    second.mail.id = first.mail.id;
    let refused = world.store.register_user(&second).await;
    assert!(matches!(refused, Err(StoreError::Conflict(Unique::Id))));
    assert_eq!(world.store.user(second.user.id).await.unwrap(), None);
    assert_eq!(
        waiting(world).await,
        [(MailKind::VerifyEmail, "ann@example.org".to_owned())]
    );
}

pub(crate) async fn of_many_registrations_of_one_address_at_once_one_succeeds(world: &World) {
    let registrations = (0..10).map(|_| async { register(world, &world.user("ann@example.org")).await });
    let outcomes = join_all(registrations).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes.into_iter().filter_map(Result::err) {
        assert!(
            matches!(outcome, StoreError::Conflict(Unique::Email)),
            "{outcome}"
        );
    }
    assert_eq!(waiting(world).await.len(), 1);
}

pub(crate) async fn nasty_text_is_only_text(world: &World) {
    let long = "x".repeat(10_000);
    for text in NASTY.into_iter().chain([long.as_str()]) {
        let mut user = world.user(&format!("{}@example.org", world.number()));
        user.name = Name::stored(text.to_owned());
        user.contact.phonenumber = Some(ProfileLine::stored(text.to_owned()));
        user.email = EmailAddress::stored(format!("{text}@example.org"));
        register(world, &user).await.unwrap();
        assert_eq!(kept(world, &user).await, user);
        let found = world.store.user_by_email(&user.email.key()).await.unwrap();
        assert_eq!(found, Some(user));
    }
}

pub(crate) async fn some_accounts_are_read_at_once(world: &World) {
    let (ann, ben, _) = (world.rider().await, world.rider().await, world.rider().await);
    let absent = world.user("absent@example.org");
    let mut found = world.store.users(&[ben.id, absent.id, ann.id]).await.unwrap();
    found.sort_by_key(|user| user.id);
    assert_eq!(found, [ann, ben]);
    assert_eq!(world.store.users(&[]).await.unwrap(), []);
}

pub(crate) async fn a_profile_is_overwritten_and_nothing_else(world: &World) {
    let (user, bystander) = (world.rider().await, world.rider().await);
    let change = changed(&user, |user| {
        user.name = Name::parse("Anna").unwrap();
        user.is_verified = true;
        user.contact = Contact {
            instagram: Some(ProfileLine::parse("@anna").unwrap()),
            ..Contact::default()
        };
    });
    replace(world, &change).await.unwrap();
    assert_eq!(kept(world, &user).await, change.after);
    assert_eq!(kept(world, &bystander).await, bystander);
    let nobody = world.user("nobody@example.org");
    let refused = replace(world, &changed(&nobody, moved_to("somebody@example.org"))).await;
    assert!(matches!(refused, Err(WriteError::Changed)));
    assert_eq!(world.store.user(nobody.id).await.unwrap(), None);
}

pub(crate) async fn an_account_that_was_changed_meanwhile_is_not_overwritten(world: &World) {
    let seen = world.rider().await;
    let ways: [fn(&mut User); 8] = [
        |user| user.email = EmailAddress::stored("new@example.org".to_owned()),
        |user| user.is_verified = true,
        |user| user.name = Name::parse("Anna").unwrap(),
        |user| user.contact.phonenumber = None,
        |user| user.contact.country = Some(ProfileLine::parse("Wales").unwrap()),
        |user| user.password = PasswordHash::stored("$2b$12$new".to_owned()),
        |user| user.credential_version = 1,
        |user| user.address_version = 1,
    ];
    for way in ways {
        let stored = world.change_user(seen.id, way).await;
        let before = waiting(world).await.len();
        let mut change = changed(&seen, |user| user.name = Name::parse("Lost").unwrap());
        change.mails = vec![world.mail_to(&seen, MailKind::AddressChanged)];
        for write in [None, Some(world.write(seen.id))] {
            let refused = world.store.replace_user(&change, write.as_ref()).await;
            assert!(matches!(refused, Err(WriteError::Changed)));
        }
        let refused = world.store.delete_user(&seen).await;
        assert!(matches!(refused, Err(WriteError::Changed)));
        assert_eq!(kept(world, &seen).await, stored);
        assert_eq!(waiting(world).await.len(), before);
        world.change_user(seen.id, |user| *user = seen.clone()).await;
    }
}

pub(crate) async fn another_address_and_its_mails_are_there_together(world: &World) {
    let user = world.rider().await;
    for mail in world.store.lease_due_mails(now(), now(), 10).await.unwrap() {
        world.store.remove_mail(mail.id).await.unwrap();
    }
    let mut change = changed(&user, moved_to("new@example.org"));
    change.mails = vec![
        world.mail_to(&change.after, MailKind::VerifyEmail),
        world.mail_to(&change.before, MailKind::AddressChanged),
    ];
    replace(world, &change).await.unwrap();
    let mut told = waiting(world).await;
    told.sort_by_key(|(kind, _)| kind.as_str());
    assert_eq!(
        told,
        [
            (MailKind::AddressChanged, user.email.as_str().to_owned()),
            (MailKind::VerifyEmail, "new@example.org".to_owned()),
        ]
    );
    assert_eq!(world.store.user_by_email(&user.email.key()).await.unwrap(), None);
    let found = world
        .store
        .user_by_email(&change.after.email.key())
        .await
        .unwrap();
    assert_eq!(found.as_ref(), Some(&change.after));
    // A mail whose id is taken takes the change with it.
    let mut clashing = changed(&change.after, moved_to("newer@example.org"));
    clashing.mails = vec![change.mails[0].clone()];
    let refused = replace(world, &clashing).await;
    assert!(matches!(
        refused,
        Err(WriteError::Store(StoreError::Conflict(Unique::Id)))
    ));
    assert_eq!(kept(world, &user).await, change.after);
    // The old address is free again.
    register(world, &world.user(user.email.as_str())).await.unwrap();
}

pub(crate) async fn another_spelling_of_the_address_is_only_kept(world: &World) {
    let user = world.rider().await;
    let shouted = user.email.as_str().to_uppercase();
    let change = changed(&user, moved_to(&shouted));
    replace(world, &change).await.unwrap();
    assert_eq!(kept(world, &user).await.email.as_str(), shouted);
    let found = world.store.user_by_email(&user.email.key()).await.unwrap();
    assert_eq!(found, Some(change.after));
}

pub(crate) async fn a_taken_address_changes_nothing(world: &World) {
    let (ann, ben) = (world.rider().await, world.rider().await);
    let before = waiting(world).await.len();
    let mut taken = changed(&ann, moved_to(&ben.email.as_str().to_uppercase()));
    taken.mails = vec![world.mail_to(&ann, MailKind::AddressChanged)];
    let refused = replace(world, &taken).await;
    assert!(matches!(
        refused,
        Err(WriteError::Store(StoreError::Conflict(Unique::Email)))
    ));
    assert_eq!(kept(world, &ann).await, ann);
    assert_eq!(waiting(world).await.len(), before);
}

pub(crate) async fn of_many_changes_of_one_password_one_succeeds_and_ends_all_sessions(world: &World) {
    let (user, bystander) = (world.rider().await, world.rider().await);
    let (session, other) = (world.session(&user).await, world.session(&user).await);
    let others = world.session(&bystander).await;
    let changes = (0..10).map(|number| {
        let change = changed(&user, |user| {
            user.credential_version = 1;
            user.password = PasswordHash::stored(format!("$2b$12$new{number}"));
        });
        async move { world.store.replace_user(&change, None).await }
    });
    let outcomes = join_all(changes).await;
    let winner = outcomes.iter().position(Result::is_ok).unwrap();
    for (number, outcome) in outcomes.iter().enumerate() {
        let lost = matches!(outcome, Err(WriteError::Changed));
        assert_ne!(lost, number == winner, "{outcome:?}");
    }
    let after = kept(world, &user).await;
    assert_eq!(after.password.as_str(), format!("$2b$12$new{winner}"));
    assert_eq!(after.credential_version, 1);
    let trade = async |session| {
        let rotation = rotation(world, session);
        world.store.rotate_refresh_token(&rotation).await.unwrap()
    };
    assert_eq!(trade(&session).await, RotationOutcome::Refused);
    assert_eq!(trade(&other).await, RotationOutcome::Refused);
    assert_eq!(trade(&others).await, RotationOutcome::Rotated);
}

pub(crate) async fn a_change_of_anything_else_ends_no_session(world: &World) {
    let user = world.rider().await;
    let session = world.session(&user).await;
    replace(world, &changed(&user, moved_to("new@example.org")))
        .await
        .unwrap();
    let rotation = rotation(world, &session);
    let outcome = world.store.rotate_refresh_token(&rotation).await.unwrap();
    assert_eq!(outcome, RotationOutcome::Rotated);
}

pub(crate) async fn an_account_goes_with_everything_that_was_its_riders(world: &World) {
    let (user, bystander) = (world.rider().await, world.rider().await);
    let journey = world.journey(&user).await;
    let marker = world.marker(&journey, at(1.0, 2.0)).await;
    let theirs = world.journey_at(&bystander, &[at(1.0, 2.0)]).await;
    let session = world.session(&user).await;
    world.store.delete_user(&user).await.unwrap();
    assert_eq!(world.store.user(user.id).await.unwrap(), None);
    assert_eq!(world.store.user_by_email(&user.email.key()).await.unwrap(), None);
    assert_eq!(world.store.users(&[user.id]).await.unwrap(), []);
    assert_eq!(world.store.journey(journey.id, user.id).await.unwrap(), None);
    assert_eq!(world.store.marker(journey.id, marker.id).await.unwrap(), None);
    assert_eq!(world.journeys_of(&user).await, []);
    let rotation = rotation(world, &session);
    let outcome = world.store.rotate_refresh_token(&rotation).await.unwrap();
    assert_eq!(outcome, RotationOutcome::Refused);
    assert_eq!(
        waiting(world).await,
        [(MailKind::VerifyEmail, bystander.email.as_str().to_owned())]
    );
    assert_eq!(world.markers_of(&theirs).await.len(), 1);
    let again = world.store.delete_user(&user).await;
    assert!(matches!(again, Err(WriteError::Changed)));
    // The address is free again.
    register(world, &world.user(user.email.as_str())).await.unwrap();
}
