use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn deleting_an_account_shows_all_of_it_or_nothing() {
    let scene = Scene::new().await;
    scene
        .kill_after_each_step(
            rider,
            async |store, rider| store.delete_user_with_everything(rider.user.id).await.map(drop),
            async |world, rider| {
                let is_there = world.store.user(rider.user.id).await.unwrap().is_some();
                let key = rider.user.email.key();
                assert_eq!(world.store.user_by_email(&key).await.unwrap().is_some(), is_there);
                let journey = world.store.journey(rider.journey.id).await.unwrap();
                assert_eq!(journey.is_some(), is_there);
                assert_eq!(is_near(world, &rider.marker).await, is_there);
            },
            async |world, rider| {
                let id = rider.user.id.0;
                assert_eq!(scene.documents_with("users", "_id", id).await, 0);
                assert_eq!(scene.documents_with("journeys", "user_id", id).await, 0);
                assert_eq!(scene.documents_with("markers", "owner_id", id).await, 0);
                assert_eq!(scene.documents_with("sessions", "user_id", id).await, 0);
                let again = world.user(rider.user.email.as_str());
                let mail = world.mail_to(&again, MailKind::VerifyEmail);
                world.store.register_user(&again, &mail).await.unwrap();
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_deletion_is_finished_without_its_rider() {
    let scene = Scene::new().await;
    let rider = rider(&scene.world).await;
    scene.cut_off_after(Some(1)).await;
    let outcome = scene.victim.delete_journey_with_markers(rider.journey.id).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))));
    scene.cut_off_after(None).await;
    assert_eq!(
        scene
            .documents_with("markers", "journey_id", rider.journey.id.0)
            .await,
        1
    );
    assert_eq!(scene.world.store.finish_interrupted_acts().await.unwrap(), 1);
    assert_eq!(
        scene
            .documents_with("markers", "journey_id", rider.journey.id.0)
            .await,
        0
    );
    assert_eq!(
        scene.documents_with("journeys", "_id", rider.journey.id.0).await,
        0
    );
    assert_eq!(scene.world.store.finish_interrupted_acts().await.unwrap(), 0);
    assert_eq!(scene.lies_in.name, scene.database.name());
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_journey_shows_all_of_it_or_nothing() {
    let scene = Scene::new().await;
    scene
        .kill_after_each_step(
            rider,
            async |store, rider| {
                store
                    .delete_journey_with_markers(rider.journey.id)
                    .await
                    .map(drop)
            },
            async |world, rider| {
                let is_there = world.store.journey(rider.journey.id).await.unwrap().is_some();
                assert_eq!(is_near(world, &rider.marker).await, is_there);
                assert_eq!(world.journeys_of(&rider.user).await.len(), usize::from(is_there));
                let counted = world.store.count_journeys(rider.user.id).await.unwrap();
                assert_eq!(counted, u64::from(is_there));
                assert_eq!(active(world, &rider.user).await.is_some(), is_there);
            },
            async |_, rider| {
                let id = rider.journey.id.0;
                assert_eq!(scene.documents_with("journeys", "_id", id).await, 0);
                assert_eq!(scene.documents_with("markers", "journey_id", id).await, 0);
            },
        )
        .await;
}
