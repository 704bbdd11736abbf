use super::*;

async fn registering(world: &World, email: &str) -> Result<(), StoreError> {
    let user = world.user(email);
    let registered = world.store.register_user(&world.registration(&user)).await;
    registered.map(|registered| assert_eq!(registered, Registered::Done))
}

fn is_taken(outcome: &Result<(), StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Conflict(Unique::Email)))
}

fn moves_to(email: &str) -> impl Fn(&mut User) {
    let email = EmailAddress::parse(email).unwrap();
    move |user| user.email = email.clone()
}

async fn delete(world: &World, id: UserId) {
    let user = world.store.user(id).await.unwrap().unwrap();
    world.store.delete_user(&user).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_of_one_address_stay_and_no_third_comes() {
    let existing = Existing::new().await;
    let oldest = existing.user("Ann@example.org", false).await;
    let verified = existing.user("ann@EXAMPLE.org", true).await;
    let late = existing.user("ann@example.org", true).await;
    let other = existing.user("ben@example.org", true).await;
    let world = existing.start().await;
    assert_eq!(logs_in(&world, "ann@example.org").await, Some(verified));
    assert!(is_taken(&registering(&world, "ANN@example.org").await));
    assert!(is_taken(&registering(&world, "ben@example.org").await));
    let before = world.store.user(other).await.unwrap().unwrap();
    let mut after = before.clone();
    moves_to("ann@example.org")(&mut after);
    let change = kairos_domain::store::UserChange {
        before,
        after,
        mails: Vec::new(),
    };
    let refused = world.store.replace_user(&change, None).await;
    assert!(matches!(
        refused,
        Err(WriteError::Store(StoreError::Conflict(Unique::Email)))
    ));
    for id in [oldest, verified, late] {
        assert!(world.store.user(id).await.unwrap().is_some());
    }
    // The one that held the address leaves; the others have it still, also after a restart.
    delete(&world, verified).await;
    assert_eq!(logs_in(&world, "ann@example.org").await, Some(late));
    assert!(is_taken(&registering(&world, "ann@example.org").await));
    let world = existing.start().await;
    assert!(is_taken(&registering(&world, "ann@example.org").await));
    // One of the two moves away, the last one holds it alone.
    world.change_user(oldest, moves_to("old@example.org")).await;
    assert_eq!(logs_in(&world, "old@example.org").await, Some(oldest));
    let world = existing.start().await;
    let last = existing.document("users", late.0).await;
    assert!(last.get_bool("email_key_is_unique").unwrap());
    assert!(is_taken(&registering(&world, "ann@example.org").await));
    delete(&world, late).await;
    registering(&world, "ann@example.org").await.unwrap();
    // Every other address is held as ever, however many try at once.
    let tries = (0..10).map(|_| registering(&world, "new@example.org"));
    let outcomes = futures_util::future::join_all(tries).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_the_earlier_service_makes_meanwhile_logs_in_at_once() {
    let existing = Existing::new().await;
    let world = existing.start().await;
    let ann = existing.user("Ann@example.org", true).await;
    assert_eq!(logs_in(&world, "ann@example.org").await, Some(ann));
    let migrated = existing.document("users", ann.0).await;
    assert_eq!(migrated.get_str("email_key").unwrap(), "ann@example.org");
    assert!(migrated.get_bool("email_key_is_unique").unwrap());
    let ben = existing.user("ben@example.org", false).await;
    assert!(is_taken(&registering(&world, "BEN@example.org").await));
    assert_eq!(
        existing
            .document("users", ben.0)
            .await
            .get_str("email_key")
            .unwrap(),
        "ben@example.org"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_the_earlier_service_changes_meanwhile_logs_in_at_once() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let ben = existing.user("ben@example.org", true).await;
    let world = existing.start().await;
    let moved = |email: &str| doc! { "$set": { "email": email } };
    existing.change("users", ann.0, moved("Anna@example.org")).await;
    existing.change("users", ben.0, moved("Benno@example.org")).await;
    assert!(is_taken(&registering(&world, "benno@example.org").await));
    assert_eq!(logs_in(&world, "anna@example.org").await, Some(ann));
    assert_eq!(logs_in(&world, "ann@example.org").await, None);
    for (id, key) in [(ann, "anna@example.org"), (ben, "benno@example.org")] {
        let migrated = existing.document("users", id.0).await;
        assert_eq!(migrated.get_str("email_key").unwrap(), key);
    }
    // The addresses they had are free.
    registering(&world, "ann@example.org").await.unwrap();
    registering(&world, "ben@example.org").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_an_address_keeps_nobody_from_starting() {
    let existing = Existing::new().await;
    existing.add("users", doc! { "name": "nobody" }).await;
    let ann = existing.user("ann@example.org", true).await;
    let world = existing.start().await;
    assert_eq!(logs_in(&world, "ann@example.org").await, Some(ann));
    assert!(!world.store.migrate_next_batch().await.unwrap());
}

/// Three accounts whose address the earlier service has changed while this one runs. Nobody has logged in.
async fn moved(existing: &Existing) -> (World, [UserId; 3]) {
    let mut ids = Vec::new();
    for name in ["ann", "ben", "ÄNN"] {
        ids.push(existing.user(&format!("{name}@example.org"), true).await);
    }
    let world = existing.start().await;
    for (id, name) in ids.iter().zip(["anna", "benno", "Änna"]) {
        let email = doc! { "$set": { "email": format!("{name}@example.org") } };
        existing.change("users", id.0, email).await;
    }
    (world, ids.try_into().unwrap())
}

async fn key_of(existing: &Existing, id: UserId) -> String {
    let user = existing.document("users", id.0).await;
    user.get_str("email_key").unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_the_earlier_service_took_away_is_free_at_once() {
    let existing = Existing::new().await;
    let (world, [ann, ben, _]) = moved(&existing).await;
    registering(&world, "Ann@example.org").await.unwrap();
    assert_eq!(key_of(&existing, ann).await, "anna@example.org");
    let other = world.rider().await;
    world.change_user(other.id, moves_to("ben@example.org")).await;
    assert_eq!(key_of(&existing, ben).await, "benno@example.org");
    assert_eq!(logs_in(&world, "ben@example.org").await, Some(other.id));
    assert_eq!(logs_in(&world, "benno@example.org").await, Some(ben));
    for taken in ["ann@example.org", "anna@example.org", "benno@example.org"] {
        assert!(is_taken(&registering(&world, taken).await), "{taken}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_address_is_reported_and_repaired_and_migrated() {
    let existing = Existing::new().await;
    let (world, ids) = moved(&existing).await;
    // The server knows no capital letters beyond ASCII. This account is right.
    registering(&world, "ÖTZI@example.org").await.unwrap();
    let named = async |sentences: Vec<String>| {
        let what = "accounts that are found by an address they no longer have";
        let named = sentences
            .into_iter()
            .find(|sentence| sentence.starts_with(what))?;
        assert!(ids.iter().all(|id| named.contains(&id.to_string())), "{named}");
        Some(named)
    };
    let found = named(world.store.inspect().await.unwrap().findings).await;
    assert!(found.unwrap().contains(": 3 ("));
    assert!(named(world.store.repair().await.unwrap()).await.is_some());
    assert_eq!(named(world.store.inspect().await.unwrap().findings).await, None);
    let email = doc! { "$set": { "email": "once.more@example.org" } };
    existing.change("users", ids[0].0, email).await;
    world.migrate().await;
    for (id, name) in ids.into_iter().zip(["once.more", "benno", "änna"]) {
        assert_eq!(key_of(&existing, id).await, format!("{name}@example.org"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_in_another_script_that_the_earlier_service_writes_meanwhile_logs_in_at_once() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let world = existing.start().await;
    let moved = doc! { "$set": { "email": "Ann@Müller.example" } };
    existing.change("users", ann.0, moved).await;
    let ben = existing.user("Ben@mu\u{308}ller.example", true).await;
    for (email, id) in [
        ("ann@xn--mller-kva.example", ann),
        ("ANN@müller.example", ann),
        ("ben@müller.example", ben),
    ] {
        assert_eq!(logs_in(&world, email).await, Some(id), "{email}");
        assert!(is_taken(&registering(&world, email).await), "{email}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_an_earlier_version_are_updated_at_a_start() {
    let existing = Existing::new().await;
    let with_key = async |email: &str, is_verified: bool| {
        let fields = doc! {
            "email": email, "email_key": email.to_lowercase(), "email_key_is_unique": true, "name": "Ann",
            "password": "$2b$12$hash", "is_verified": is_verified,
        };
        UserId(existing.add("users", fields).await)
    };
    let oldest = with_key("ann@müller.example", false).await;
    let verified = with_key("ann@xn--mller-kva.example", true).await;
    let padded = with_key(" ben@example.org", false).await;
    let world = existing.start().await;
    for (id, key, holds) in [
        (oldest, "ann@xn--mller-kva.example", false),
        (verified, "ann@xn--mller-kva.example", true),
        (padded, "ben@example.org", true),
    ] {
        let account = existing.document("users", id.0).await;
        assert_eq!(account.get_str("email_key").unwrap(), key);
        assert_eq!(account.get_bool("email_key_is_unique").unwrap(), holds);
    }
    // Both are the same address, and the verified one logs in by it.
    assert_eq!(logs_in(&world, "ANN@Müller.example").await, Some(verified));
    assert_eq!(logs_in(&world, "ben@example.org").await, Some(padded));
    let world = existing.start().await;
    assert_eq!(logs_in(&world, "ann@müller.example").await, Some(verified));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_an_address_is_reported_once() {
    let existing = Existing::new().await;
    let id = existing
        .add("users", doc! { "name": "Ann", "password": "$2b$12$hash" })
        .await;
    let world = existing.start().await;
    let findings = world.store.inspect().await.unwrap().findings;
    let named: Vec<_> = findings
        .iter()
        .filter(|finding| finding.contains(&id.to_string()))
        .collect();
    assert_eq!(named.len(), 1, "{findings:?}");
    assert!(named[0].starts_with("users that can't be read"), "{named:?}");
}
