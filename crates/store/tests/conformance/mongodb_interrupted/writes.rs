use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn activating_a_journey_never_leaves_two() {
    let scene = Scene::new().await;
    scene
        .kill_after_each_step(
            async |world| {
                let rider = rider(world).await;
                let other = world.journey(&rider.user).await;
                (rider, other)
            },
            async |store, (_, other)| store.toggle_active_journey(other.id).await.map(drop),
            async |world, (rider, other)| {
                assert_ne!(active(world, &rider.user).await, Some(other.id));
            },
            async |world, (rider, other)| {
                assert_eq!(active(world, &rider.user).await, Some(other.id));
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_active_journey_never_leaves_two() {
    let scene = Scene::new().await;
    scene
        .kill_after_each_step(
            async |world| {
                let rider = rider(world).await;
                let mut journey = world.new_journey(&rider.user);
                journey.status = JourneyStatus::Active;
                (rider, journey)
            },
            async |store, (_, journey)| match store.insert_journey(journey).await {
                // It was killed after the journey was there.
                Ok(true) | Err(StoreError::Conflict(Unique::Id)) => Ok(()),
                Ok(false) => panic!("the rider is there"),
                Err(error) => Err(error),
            },
            async |world, (rider, _)| {
                active(world, &rider.user).await;
            },
            async |world, (rider, journey)| {
                let active = active(world, &rider.user).await;
                assert!(active.is_none_or(|active| active == journey.id));
                assert!(world.store.journey(journey.id).await.unwrap().is_some());
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_and_its_mail_come_together() {
    let scene = Scene::new().await;
    scene
        .kill_after_each_step(
            async |world| {
                let user = world.user(&format!("new{}@example.org", world.number()));
                let mail = world.mail_to(&user, MailKind::VerifyEmail);
                (user, mail)
            },
            async |store, (user, mail)| match store.register_user(user, mail).await {
                Err(StoreError::Conflict(_)) => Ok(()),
                outcome => outcome,
            },
            async |world, (user, mail)| {
                let is_there = world.store.user(user.id).await.unwrap().is_some();
                assert_eq!(has_mail(world, mail.id).await, is_there);
            },
            async |world, (user, mail)| {
                assert!(world.store.user(user.id).await.unwrap().is_some());
                assert!(has_mail(world, mail.id).await);
            },
        )
        .await;
}

async fn has_mail(world: &World, id: kairos_domain::id::MailId) -> bool {
    let mails = world.store.lease_due_mails(now(), now(), 1000).await.unwrap();
    mails.iter().any(|mail| mail.id == id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_outdates_the_sessions_at_once() {
    let scene = Scene::new().await;
    scene
        .kill_after_each_step(
            rider,
            async |store, rider| {
                let change = PasswordChange {
                    user_id: rider.user.id,
                    expected_version: 0,
                    password: PasswordHash::stored("$2b$12$new".to_owned()),
                };
                // Not changed by this one: it was killed after the change.
                store.change_password(&change).await.map(drop)
            },
            async |world, rider| {
                // The sessions' tokens name the version, so that one that is still there is of no use.
                let user = world.store.user(rider.user.id).await.unwrap().unwrap();
                let is_changed = user.password.as_str() == "$2b$12$new";
                assert_eq!(user.credential_version, u32::from(is_changed));
                if !is_changed {
                    let rotation = rotation(world, &rider.session);
                    let outcome = world.store.rotate_refresh_token(&rotation).await.unwrap();
                    assert_eq!(outcome, RotationOutcome::Rotated);
                }
            },
            async |world, rider| {
                let user = world.store.user(rider.user.id).await.unwrap().unwrap();
                assert_eq!(user.credential_version, 1);
            },
        )
        .await;
}
