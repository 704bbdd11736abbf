//! Lines and batches of markers on journeys of the earlier service.

use kairos_domain::line::LineKind;
use kairos_domain::marker::Marker;
use kairos_domain::store::{ContentsChange, MarkerChange};
use kairos_domain::text::Prose;

use super::itineraries::plan;
use super::*;
use crate::fixtures::lines::{line_of_kind, schedule};

/// A change of the notes of some markers in one batch.
fn add_notes(journey: &Journey, markers: &[Marker]) -> ContentsChange {
    let changes = markers.iter().map(|before| {
        let mut after = before.clone();
        after.details.notes = Prose::stored(format!("{}x", before.details.notes.as_str()));
        MarkerChange::Replace {
            before: before.clone(),
            after,
        }
    });
    ContentsChange {
        markers: changes.collect(),
        ..ContentsChange::none(journey.id)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journey_that_gets_lines_or_a_batch_is_migrated_in_the_same_act() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let world = existing.start_and_migrate().await;
    let mut journeys = Vec::new();
    for _ in 0..2 {
        let id = existing.journey(ann, doc! {}).await;
        for number in 0..3 {
            existing.marker(id, plan(number, 10.0)).await;
        }
        journeys.push(world.own_journey(id, ann).await);
    }
    world.put_lines(&journeys[0]).await;
    let markers = world.markers_of(&journeys[1]).await;
    let batch = add_notes(&journeys[1], &markers);
    world.change(&journeys[1], &batch).await.unwrap();
    // Nobody has migrated anything else.
    world.check().await;
    for kind in LineKind::ALL {
        let line = world.line(&journeys[0], kind).await;
        assert_eq!(line, Some(line_of_kind(kind, 0..60)));
    }
    assert_eq!(world.schedule(&journeys[0]).await, Some(schedule(80_000)));
    let markers = world.markers_of(&journeys[1]).await;
    assert!(markers.iter().all(|marker| marker.details.notes.as_str() == "x"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_overwrites_nothing_that_the_earlier_service_has_changed_meanwhile() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let id = existing.journey(ann, doc! {}).await;
    for number in 0..3 {
        existing.marker(id, plan(number, 10.0)).await;
    }
    let world = existing.start_and_migrate().await;
    let journey = world.own_journey(id, ann).await;
    let markers = world.markers_of(&journey).await;
    let batch = add_notes(&journey, &markers);
    let renamed = doc! { "$set": { "name": "By the earlier service" } };
    existing.change("markers", markers[1].id.0, renamed).await;
    let refused = world.change(&journey, &batch).await;
    assert!(matches!(refused, Err(WriteError::Changed)), "{refused:?}");
    let collection = existing.database.collection::<Document>("markers");
    let removed = doc! { "_id": oid(markers[2].id.0) };
    collection.delete_one(removed).await.unwrap();
    let rest = [markers[0].clone(), markers[2].clone()];
    let refused = world.change(&journey, &add_notes(&journey, &rest)).await;
    assert!(matches!(refused, Err(WriteError::Changed)), "{refused:?}");
    let left = world.markers_of(&journey).await;
    assert_eq!(left.len(), 2);
    assert!(left.iter().all(|marker| marker.details.notes.as_str().is_empty()));
    world.change(&journey, &add_notes(&journey, &left)).await.unwrap();
    world.store.repair().await.unwrap();
    world.check().await;
}

/// The earlier service renames the markers to which batches add letters; nothing is lost.
#[tokio::test(flavor = "multi_thread")]
async fn the_earlier_service_and_batches_write_the_same_markers_at_once() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let id = existing.journey(ann, doc! {}).await;
    for number in 0..5 {
        existing.marker(id, plan(number, 10.0)).await;
    }
    let world = existing.start_and_migrate().await;
    let journey = world.own_journey(id, ann).await;
    let markers = world.markers_of(&journey).await;
    let theirs = async {
        for number in 0..50 {
            for marker in &markers {
                let rename = doc! { "$set": { "name": number.to_string() } };
                existing.change("markers", marker.id.0, rename).await;
            }
        }
    };
    let ours = async {
        for _ in 0..20 {
            loop {
                let batch = add_notes(&journey, &world.markers_of(&journey).await);
                match world.change(&journey, &batch).await {
                    Ok(()) => break,
                    Err(WriteError::Changed) => {}
                    Err(refused) => panic!("{refused}"),
                }
            }
        }
    };
    tokio::join!(theirs, ours);
    for marker in world.markers_of(&journey).await {
        assert_eq!(marker.details.notes.as_str(), "x".repeat(20));
        assert_eq!(marker.details.name.as_str(), "49");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_of_a_journey_that_the_earlier_service_has_removed_are_repaired_away() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let world = existing.start_and_migrate().await;
    let rider = world.store.user(ann).await.unwrap().unwrap();
    let journey = world.journey(&rider).await;
    world.put_lines(&journey).await;
    let journeys = existing.database.collection::<Document>("journeys");
    let removed = doc! { "_id": oid(journey.id.0) };
    journeys.delete_one(removed).await.unwrap();
    let refused = world.change(&journey, &ContentsChange::none(journey.id)).await;
    assert!(matches!(refused, Err(WriteError::ParentGone)), "{refused:?}");
    let simplified = world.store.simplified_lines(&[journey.id], ann).await;
    assert_eq!(simplified.unwrap(), []);
    let repaired = world.store.repair().await.unwrap();
    let expected = "gone but for their itineraries, lines or schedules: 1";
    assert!(
        repaired.iter().any(|told| told.contains(expected)),
        "{repaired:?}"
    );
    world.check().await;
    for collection in ["lines", "line_parts", "schedules"] {
        let collection = existing.database.collection::<Document>(collection);
        assert_eq!(collection.count_documents(doc! {}).await.unwrap(), 0);
    }
}
