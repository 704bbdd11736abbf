use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn deleting_an_account_removes_all_of_it_or_nothing() {
    let scene = Scene::new().await;
    scene
        .cut_off_after_each_command(
            rider,
            async |world, rider| world.store.delete_user(&rider.user).await,
            async |world, rider| {
                let is_there = world.store.user(rider.user.id).await.unwrap().is_some();
                let key = rider.user.email.key();
                assert_eq!(world.store.user_by_email(&key).await.unwrap().is_some(), is_there);
                let id = rider.user.id.0;
                for (collection, field, count) in [
                    ("users", "_id", 1),
                    ("journeys", "user_id", 1),
                    ("markers", "owner_id", 2),
                    ("sessions", "user_id", 1),
                ] {
                    let found = scene.documents_with(collection, field, id).await;
                    assert_eq!(found, if is_there { count } else { 0 }, "{collection}");
                }
                !is_there
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_journey_removes_all_of_it_or_nothing() {
    let scene = Scene::new().await;
    scene
        .cut_off_after_each_command(
            rider,
            async |world, rider| {
                let write = world.write(rider.user.id);
                world.store.delete_journey(&rider.journey, &write).await
            },
            async |world, rider| {
                let id = rider.journey.id;
                let journey = world.store.journey(id, rider.user.id).await.unwrap();
                let is_there = journey.is_some();
                assert_eq!(world.journeys_of(&rider.user).await.len(), usize::from(is_there));
                let markers = scene.documents_with("markers", "journey_id", id.0).await;
                assert_eq!(markers, if is_there { 2 } else { 0 });
                let spans = scene
                    .documents_with("itinerary_spans", "_id.journey_id", id.0)
                    .await;
                assert_eq!(spans > 0, is_there);
                !is_there
            },
        )
        .await;
}

/// A journey of more markers than a batch, marked as deleted.
async fn marked(world: &World) -> Journey {
    let user = world.rider().await;
    let journey = world.journey(&user).await;
    let markers: Vec<_> = (0..1_200)
        .map(|number| {
            let mut marker = world.new_marker(&journey, at(10.0, 20.0));
            marker.details.estimated_time = Some(day(number % 50));
            marker
        })
        .collect();
    world.add_markers(&markers).await;
    world.delete_journey(&journey).await;
    journey
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_a_deletion_is_removed_or_not() {
    let scene = Scene::new().await;
    let journey = marked(&scene.world).await;
    for commands in 0.. {
        scene.cut_off_after(Some(commands)).await;
        let outcome = scene.victim.store.delete_next_batch().await;
        scene.cut_off_after(None).await;
        scene.end_what_is_open().await;
        let left = scene.documents_with("markers", "journey_id", journey.id.0).await;
        assert!([1_200, 200, 0].contains(&left), "{left}");
        if outcome.is_ok() {
            break;
        }
    }
    while scene.world.store.delete_next_batch().await.unwrap() {}
    assert_eq!(
        scene.documents_with("markers", "journey_id", journey.id.0).await,
        0
    );
    assert_eq!(scene.documents_with("journeys", "_id", journey.id.0).await, 0);
    scene.world.check().await;
}
