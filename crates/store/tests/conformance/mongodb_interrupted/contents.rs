use kairos_domain::line::LineKind;
use kairos_domain::store::ContentsChange;

use super::*;
use crate::contents::{change_of_everything, parts};
use crate::fixtures::lines::schedule;

/// Checks that either all parts are those after a change, or all are those before. Returns whether they are
/// changed.
async fn are_changed(world: &World, journey: &Journey, change: &ContentsChange, before: &[Marker]) -> bool {
    let (markers, lines, kept) = parts(world, journey).await;
    let is_changed = markers != before;
    let added = change.markers.iter().filter_map(|change| change.after());
    let added: Vec<_> = added.collect();
    assert_eq!(added.iter().all(|marker| markers.contains(marker)), is_changed);
    assert_eq!(lines.iter().all(Option::is_some), is_changed);
    assert_eq!(lines.iter().any(Option::is_some), is_changed);
    assert_eq!(kept, is_changed.then(|| schedule(80_000)));
    is_changed
}

#[tokio::test(flavor = "multi_thread")]
async fn all_parts_of_a_journey_change_with_the_key_or_none() {
    let scene = Scene::new().await;
    scene
        .cut_off_after_each_command(
            async |world| {
                let rider = rider(world).await;
                let before = world.markers_of(&rider.journey).await;
                let change = change_of_everything(world, &rider.journey, [&before[0], &before[1]]);
                (rider, before, change)
            },
            async |world, (rider, _, change)| {
                let write = keyed(world, &rider.user, rider.journey.id.0);
                world.store.change_contents(change, &write).await
            },
            async |world, (rider, before, change)| {
                let is_changed = are_changed(world, &rider.journey, change, before).await;
                let has_key = has_key(world, &rider.user, rider.journey.id.0).await;
                assert_eq!(has_key, is_changed);
                is_changed
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journey_comes_with_all_its_parts_and_its_key() {
    let scene = Scene::new().await;
    scene
        .cut_off_after_each_command(
            async |world| {
                let rider = rider(world).await;
                let journey = world.new_journey(&rider.user);
                let [first, second] = [at(1.0, 2.0), at(3.0, 4.0)].map(|place| {
                    let mut marker = world.new_marker(&journey, place);
                    marker.details.estimated_time = Some(day(3));
                    marker
                });
                let mut change = change_of_everything(world, &journey, [&first, &second]);
                change.markers = vec![MarkerChange::Insert(first), MarkerChange::Insert(second)];
                (rider, journey, change)
            },
            async |world, (rider, journey, change)| {
                let write = keyed(world, &rider.user, journey.id.0);
                world.store.insert_journey_with(journey, change, &write).await
            },
            async |world, (rider, journey, change)| {
                let is_there = world.journeys_of(&rider.user).await.contains(journey);
                assert_eq!(has_key(world, &rider.user, journey.id.0).await, is_there);
                if is_there {
                    assert!(are_changed(world, journey, change, &[]).await);
                }
                is_there
            },
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_go_with_their_journey_or_stay() {
    let scene = Scene::new().await;
    scene
        .cut_off_after_each_command(
            async |world| {
                let rider = rider(world).await;
                world.put_lines(&rider.journey).await;
                rider
            },
            async |world, rider| {
                let write = world.write(rider.user.id);
                world.store.delete_journey(&rider.journey, &write).await
            },
            async |world, rider| {
                let id = rider.journey.id;
                let journey = world.store.journey(id, rider.user.id).await.unwrap();
                for (collection, field, count) in [
                    ("lines", "_id.journey_id", 2),
                    ("line_parts", "_id.journey_id", 4),
                    ("schedules", "_id", 1),
                ] {
                    let found = scene.documents_with(collection, field, id.0).await;
                    assert_eq!(found, if journey.is_some() { count } else { 0 }, "{collection}");
                }
                if journey.is_some() {
                    let version = world.version_of(&rider.journey, LineKind::Track).await;
                    assert!(version.is_some());
                }
                journey.is_none()
            },
        )
        .await;
}
