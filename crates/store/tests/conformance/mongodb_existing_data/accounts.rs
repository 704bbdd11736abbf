use super::*;

async fn registering(world: &World, email: &str) -> Result<(), StoreError> {
    let user = world.user(email);
    let mail = world.mail_to(&user, MailKind::VerifyEmail);
    world.store.register_user(&user, &mail).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_of_one_address_stay_and_no_third_comes() {
    let existing = Existing::new().await;
    let oldest = existing.user("Ann@example.org", false).await;
    let verified = existing.user("ann@EXAMPLE.org", true).await;
    let late = existing.user("ann@example.org", true).await;
    let other = existing.user("ben@example.org", true).await;
    let world = existing.start().await;
    let taken = |result| matches!(result, Err(StoreError::Conflict(Unique::Email)));
    assert_eq!(logs_in(&world, "ann@example.org").await, Some(verified));
    assert!(taken(registering(&world, "ANN@example.org").await));
    assert!(taken(registering(&world, "ben@example.org").await));
    let move_there = update(&world, Some("ann@example.org"));
    assert!(taken(
        world.store.update_profile(other, &move_there).await.map(drop)
    ));
    for id in [oldest, verified, late] {
        assert!(world.store.user(id).await.unwrap().is_some());
    }
    // The one that held the address leaves; the others have it still, also after a restart.
    world.store.delete_user_with_everything(verified).await.unwrap();
    assert_eq!(logs_in(&world, "ann@example.org").await, Some(late));
    assert!(taken(registering(&world, "ann@example.org").await));
    let world = existing.start().await;
    assert!(taken(registering(&world, "ann@example.org").await));
    // One of the two moves away, the last one holds it alone.
    world
        .store
        .update_profile(oldest, &update(&world, Some("old@example.org")))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(logs_in(&world, "old@example.org").await, Some(oldest));
    let world = existing.start().await;
    let last = existing.document("users", late.0).await;
    assert!(last.get_bool("email_key_is_unique").unwrap());
    assert!(taken(registering(&world, "ann@example.org").await));
    world.store.delete_user_with_everything(late).await.unwrap();
    registering(&world, "ann@example.org").await.unwrap();
    // Every other address is held as ever, however many try at once.
    let tries = (0..10).map(|_| registering(&world, "new@example.org"));
    let outcomes = futures_util::future::join_all(tries).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_earlier_service_writes_meanwhile_is_adopted_at_the_next_start() {
    let existing = Existing::new().await;
    existing.start().await;
    let ann = existing.user("ann@example.org", true).await;
    let world = existing.start().await;
    assert_eq!(logs_in(&world, "ann@example.org").await, Some(ann));
    assert!(registering(&world, "ann@example.org").await.is_err());
}
