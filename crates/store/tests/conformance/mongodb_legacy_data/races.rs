use kairos_domain::text::Prose;

use super::*;

/// The earlier service writes beside this one, between what an act has seen and its write.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_earlier_service_has_changed_meanwhile_is_not_overwritten() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let journey = existing.journey(ann, doc! {}).await;
    let marker = existing.marker(journey, doc! {}).await;
    let world = existing.start().await;
    let (store, write) = (&world.store, world.write(ann));
    let renamed = doc! { "$set": { "name": "By the earlier service" } };

    let before = world.own_journey(journey, ann).await;
    existing.change("journeys", journey.0, renamed.clone()).await;
    let after = Journey {
        description: Prose::parse("Slowly.").unwrap(),
        ..before.clone()
    };
    let refused = store.replace_journey(&before, &after, &write).await;
    assert!(matches!(refused, Err(WriteError::Changed)), "{refused:?}");
    let refused = store.delete_journey(&before, &write).await;
    assert!(matches!(refused, Err(WriteError::Changed)), "{refused:?}");

    let before = store.marker(journey, marker).await.unwrap().unwrap();
    existing.change("markers", marker.0, renamed.clone()).await;
    let mut after = before.clone();
    after.details.notes = Prose::parse("Slowly.").unwrap();
    let refused = store.replace_marker(&before, &after, &write).await;
    assert!(matches!(refused, Err(WriteError::Changed)), "{refused:?}");
    let refused = store.delete_marker(&before, &write).await;
    assert!(matches!(refused, Err(WriteError::Changed)), "{refused:?}");

    let before = store.user(ann).await.unwrap().unwrap();
    existing.change("users", ann.0, renamed).await;
    let refused = store.delete_user(&before).await;
    assert!(matches!(refused, Err(WriteError::Changed)), "{refused:?}");
    assert_eq!(
        store.user(ann).await.unwrap().unwrap().name.as_str(),
        "By the earlier service"
    );
}

/// Each of two writers adds letters, the earlier service to one field and this one to another; nothing is
/// lost.
#[tokio::test(flavor = "multi_thread")]
async fn both_services_write_one_journey_at_once() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let id = existing.journey(ann, doc! { "description": "" }).await;
    let world = existing.start().await;
    let journey = world.own_journey(id, ann).await;
    let theirs = async {
        for number in 0..50 {
            let rename = doc! { "$set": { "name": number.to_string() } };
            existing.change("journeys", id.0, rename).await;
        }
    };
    let ours = async {
        for _ in 0..50 {
            world
                .change_journey(&journey, |journey| {
                    let longer = format!("{}x", journey.description.as_str());
                    journey.description = Prose::stored(longer);
                })
                .await;
        }
    };
    tokio::join!(theirs, ours);
    let after = world.own_journey(id, ann).await;
    assert_eq!(after.description.as_str(), "x".repeat(50));
    assert_eq!(after.name.as_str(), "49");
}
