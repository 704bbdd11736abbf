use futures_util::future::join_all;
use kairos_domain::email_address::EmailAddress;
use kairos_domain::id::MailId;
use kairos_domain::mail::MailKind;
use kairos_domain::password::PasswordHash;
use kairos_domain::store::{
    PasswordChange, ProfileUpdate, RotationOutcome, StoreError, Unique, Verification,
};
use kairos_domain::text::{Name, ProfileLine};
use kairos_domain::user::{Contact, User};

use crate::sessions::rotation;
use crate::world::{NASTY, World, at, now};

fn update(world: &World, email: Option<&str>) -> ProfileUpdate {
    ProfileUpdate {
        name: Name::parse("Anna").unwrap(),
        contact: Contact {
            instagram: Some(ProfileLine::parse("@anna").unwrap()),
            ..Contact::default()
        },
        email: email.map(|email| EmailAddress::stored(email.to_owned())),
        verify_mail: MailId(world.id()),
        notice_mail: MailId(world.id()),
        now: now(),
    }
}

/// The waiting mails, as kind and recipient.
async fn waiting(world: &World) -> Vec<(MailKind, String)> {
    let mails = world.store.lease_due_mails(now(), now(), 1000).await.unwrap();
    let told = mails
        .into_iter()
        .map(|mail| (mail.kind, mail.to.as_str().to_owned()));
    told.collect()
}

async fn kept(world: &World, user: &User) -> User {
    world.store.user(user.id).await.unwrap().unwrap()
}

pub(crate) async fn an_account_comes_back_as_it_was_written(world: &World) {
    let mut user = world.user("Ann.Smith@Example.org");
    user.is_verified = true;
    user.credential_version = 7;
    let mail = world.mail_to(&user, MailKind::VerifyEmail);
    world.store.register_user(&user, &mail).await.unwrap();
    assert_eq!(kept(world, &user).await, user);
    let by_email = world.store.user_by_email(&user.email.key()).await.unwrap();
    assert_eq!(by_email.as_ref(), Some(&user));
    let other = world.user("other@example.org");
    assert_eq!(world.store.user(other.id).await.unwrap(), None);
    assert_eq!(world.store.user_by_email(&other.email.key()).await.unwrap(), None);
}

pub(crate) async fn an_account_and_its_mail_are_there_together_or_not_at_all(world: &World) {
    let first = world.user("ann@example.org");
    let mail = world.mail_to(&first, MailKind::VerifyEmail);
    world.store.register_user(&first, &mail).await.unwrap();
    // The second account's mail has an id that is taken.
    let second = world.user("ben@example.org");
    let mut clashing = world.mail_to(&second, MailKind::VerifyEmail);
    clashing.id = mail.id;
    let refused = world.store.register_user(&second, &clashing).await;
    assert!(matches!(refused, Err(StoreError::Conflict(Unique::Id))));
    assert_eq!(world.store.user(second.id).await.unwrap(), None);
    assert_eq!(
        waiting(world).await,
        [(MailKind::VerifyEmail, "ann@example.org".to_owned())]
    );
}

pub(crate) async fn of_many_registrations_of_one_address_at_once_one_succeeds(world: &World) {
    let registrations = (0..10).map(|_| async {
        let user = world.user("ann@example.org");
        let mail = world.mail_to(&user, MailKind::VerifyEmail);
        world.store.register_user(&user, &mail).await
    });
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

pub(crate) async fn addresses_are_compared_without_case_in_any_script(world: &World) {
    let user = world.user("ÄNN@Straße.example");
    let mail = world.mail_to(&user, MailKind::VerifyEmail);
    world.store.register_user(&user, &mail).await.unwrap();
    let same = world.user("änn@STRASSE.example".replace("STRASSE", "STRAßE").as_str());
    let mail = world.mail_to(&same, MailKind::VerifyEmail);
    let refused = world.store.register_user(&same, &mail).await;
    assert!(matches!(refused, Err(StoreError::Conflict(Unique::Email))));
    let found = world
        .store
        .user_by_email(&same.email.key())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.email.as_str(), "ÄNN@Straße.example");
}

pub(crate) async fn nasty_text_is_only_text(world: &World) {
    let long = "x".repeat(10_000);
    for text in NASTY.into_iter().chain([long.as_str()]) {
        let mut user = world.user(&format!("{}@example.org", world.number()));
        user.name = Name::stored(text.to_owned());
        user.contact.phonenumber = Some(ProfileLine::stored(text.to_owned()));
        user.email = EmailAddress::stored(format!("{text}@example.org"));
        let mail = world.mail_to(&user, MailKind::VerifyEmail);
        world.store.register_user(&user, &mail).await.unwrap();
        assert_eq!(kept(world, &user).await, user);
        let found = world.store.user_by_email(&user.email.key()).await.unwrap();
        assert_eq!(found, Some(user));
    }
}

pub(crate) async fn a_profile_is_overwritten_and_nothing_else(world: &World) {
    let user = world.rider().await;
    let bystander = world.rider().await;
    waiting(world).await;
    let after = world
        .store
        .update_profile(user.id, &update(world, None))
        .await
        .unwrap()
        .unwrap();
    let expected = User {
        name: Name::parse("Anna").unwrap(),
        contact: update(world, None).contact,
        ..user.clone()
    };
    assert_eq!(after, expected);
    assert_eq!(kept(world, &user).await, expected);
    assert_eq!(kept(world, &bystander).await, bystander);
    let nobody = world.user("nobody@example.org");
    assert_eq!(
        world
            .store
            .update_profile(nobody.id, &update(world, None))
            .await
            .unwrap(),
        None
    );
}

pub(crate) async fn another_address_is_unverified_and_both_addresses_are_told(world: &World) {
    let user = world.rider().await;
    world
        .store
        .verify_email(user.id, &user.email.key())
        .await
        .unwrap();
    for mail in world.store.lease_due_mails(now(), now(), 10).await.unwrap() {
        world.store.remove_mail(mail.id).await.unwrap();
    }
    let update = update(world, Some("new@example.org"));
    let after = world
        .store
        .update_profile(user.id, &update)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(after.email.as_str(), "new@example.org");
    assert!(!after.is_verified);
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
    assert_eq!(
        world.store.user_by_email(&after.email.key()).await.unwrap(),
        Some(after)
    );
}

pub(crate) async fn another_spelling_of_the_address_is_only_kept(world: &World) {
    let user = world.rider().await;
    world
        .store
        .verify_email(user.id, &user.email.key())
        .await
        .unwrap();
    let before = waiting(world).await.len();
    let shouted = user.email.as_str().to_uppercase();
    let update = update(world, Some(&shouted));
    let after = world
        .store
        .update_profile(user.id, &update)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(after.email.as_str(), shouted);
    assert!(after.is_verified);
    assert_eq!(waiting(world).await.len(), before);
}

pub(crate) async fn a_taken_address_changes_nothing(world: &World) {
    let ann = world.rider().await;
    let ben = world.rider().await;
    let before = waiting(world).await.len();
    let taken = update(world, Some(&ben.email.as_str().to_uppercase()));
    let refused = world.store.update_profile(ann.id, &taken).await;
    assert!(matches!(refused, Err(StoreError::Conflict(Unique::Email))));
    assert_eq!(kept(world, &ann).await, ann);
    assert_eq!(waiting(world).await.len(), before);
}

pub(crate) async fn an_address_is_verified_only_while_it_is_the_riders(world: &World) {
    let user = world.rider().await;
    let other = EmailAddress::stored("other@example.org".to_owned());
    let verify = async |email: &EmailAddress| world.store.verify_email(user.id, &email.key()).await.unwrap();
    assert_eq!(verify(&other).await, Verification::AddressChanged);
    assert!(!kept(world, &user).await.is_verified);
    assert_eq!(verify(&user.email).await, Verification::Verified);
    assert!(kept(world, &user).await.is_verified);
    assert_eq!(verify(&user.email).await, Verification::AlreadyVerified);
    assert_eq!(verify(&other).await, Verification::AddressChanged);
    let nobody = world.user("nobody@example.org");
    let outcome = world
        .store
        .verify_email(nobody.id, &nobody.email.key())
        .await
        .unwrap();
    assert_eq!(outcome, Verification::NoSuchUser);
}

pub(crate) async fn of_many_changes_of_one_password_one_succeeds_and_ends_all_sessions(world: &World) {
    let user = world.rider().await;
    let bystander = world.rider().await;
    let session = world.session(&user).await;
    let others = world.session(&bystander).await;
    let changes = (0..10).map(|number| {
        let change = PasswordChange {
            user_id: user.id,
            expected_version: 0,
            password: PasswordHash::stored(format!("$2b$12$new{number}")),
        };
        async move { world.store.change_password(&change).await.unwrap() }
    });
    let outcomes = join_all(changes).await;
    let winner = outcomes.iter().position(|changed| *changed).unwrap();
    assert_eq!(outcomes.iter().filter(|changed| **changed).count(), 1);
    let after = kept(world, &user).await;
    assert_eq!(after.password.as_str(), format!("$2b$12$new{winner}"));
    assert_eq!(after.credential_version, 1);
    let trade = async |session| {
        let rotation = rotation(world, session);
        world.store.rotate_refresh_token(&rotation).await.unwrap()
    };
    assert_eq!(trade(&session).await, RotationOutcome::Refused);
    assert_eq!(trade(&others).await, RotationOutcome::Rotated);
}

pub(crate) async fn an_account_goes_with_everything_that_was_its_riders(world: &World) {
    let user = world.rider().await;
    let bystander = world.rider().await;
    let journey = world.journey(&user).await;
    let marker = world.marker(&journey, at(1.0, 2.0)).await;
    let theirs = world.journey(&bystander).await;
    world.marker(&theirs, at(1.0, 2.0)).await;
    let session = world.session(&user).await;
    assert!(world.store.delete_user_with_everything(user.id).await.unwrap());
    assert_eq!(world.store.user(user.id).await.unwrap(), None);
    assert_eq!(world.store.user_by_email(&user.email.key()).await.unwrap(), None);
    assert_eq!(world.store.journey(journey.id).await.unwrap(), None);
    assert_eq!(world.store.marker(journey.id, marker.id).await.unwrap(), None);
    assert_eq!(world.journeys_of(&user).await, []);
    let outcome = world
        .store
        .rotate_refresh_token(&rotation(world, &session))
        .await
        .unwrap();
    assert_eq!(outcome, RotationOutcome::Refused);
    assert_eq!(waiting(world).await.len(), 1);
    assert_eq!(world.markers_of(&theirs).await.len(), 1);
    assert!(!world.store.delete_user_with_everything(user.id).await.unwrap());
    // The address is free again.
    let again = world.user(user.email.as_str());
    let mail = world.mail_to(&again, MailKind::VerifyEmail);
    world.store.register_user(&again, &mail).await.unwrap();
}
