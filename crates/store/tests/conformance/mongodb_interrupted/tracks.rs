use std::ops::RangeInclusive;
use std::time::Duration;

use bson::Bson;
use kairos_domain::store::{Discovery as _, Markers as _};
use kairos_store::administration::{Record, Transfer as _};

use super::*;
use crate::encounters::{meets, search, staying};
use crate::world::day;

/// A journey that stays at a place of its own from day 0 to day 4, drawn.
async fn stayer(world: &World) -> (Journey, Marker) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let place = at(
        f64::from(u32::try_from(world.number() % 3_000).unwrap()) / 10.0 - 150.0,
        -40.0,
    );
    world.plan(&journey, place, day(0)).await;
    let last = world.plan(&journey, place, day(4)).await;
    world.store.renew_tracks().await.unwrap();
    (journey, last)
}

/// Whether somebody who waits there meets the journey on all of some days, and on no other.
async fn is_there(
    world: &World,
    journey: &Journey,
    place: kairos_domain::geo::Position,
    days: RangeInclusive<i64>,
) {
    let nobody = world.user("nobody@example.org");
    for number in -1..12 {
        let search = search(&nobody, &staying(place, number..=number), 0, 1_000.0);
        let is_met = meets(world, &search).await.contains_key(&journey.id);
        assert_eq!(is_met, days.contains(&number), "on day {number}");
    }
}

/// Every act on a marker, killed after each of its steps; the renewal of the track, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_track_is_never_taken_for_what_it_is_not() {
    let scene = Scene::new().await;
    scene
        .kill_after_each_step(
            async |world| {
                let (journey, last) = stayer(world).await;
                // Changed by a process that was killed before it could do any more.
                scene
                    .database
                    .collection::<Document>("markers")
                    .update_one(
                        doc! { "_id": bson::oid::ObjectId::from_bytes(last.id.0.bytes()) },
                        doc! {
                            "$set": { "estimated_time": bson::DateTime::from_millis(midnight(8)), "is_untracked": true },
                            "$inc": { "changes": 1_i64 },
                        },
                    )
                    .await
                    .unwrap();
                (journey, last.details.position)
            },
            async |store, _| store.renew_tracks().await.map(drop),
            async |world, (journey, place)| is_there(world, journey, *place, 0..=8).await,
            async |world, (journey, place)| is_there(world, journey, *place, 0..=8).await,
        )
        .await;
}

fn midnight(number: i64) -> i64 {
    day(number)
        .and_time(chrono::NaiveTime::MIN)
        .and_utc()
        .timestamp_millis()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_that_was_added_is_in_the_track_or_asked_itself() {
    let scene = Scene::new().await;
    for steps in 0..4 {
        let (journey, last) = stayer(&scene.world).await;
        let place = last.details.position;
        let mut marker = scene.world.new_marker(&journey, place);
        marker.details.estimated_time = Some(day(8));
        scene.cut_off_after(Some(steps)).await;
        scene.victim.insert_marker(&marker).await.ok();
        scene.cut_off_after(None).await;
        let is_written = scene
            .world
            .store
            .marker(journey.id, marker.id)
            .await
            .unwrap()
            .is_some();
        is_there(
            &scene.world,
            &journey,
            place,
            0..=(if is_written { 8 } else { 4 }),
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_that_was_moved_or_removed_is_nowhere_else() {
    let scene = Scene::new().await;
    for steps in 0..3 {
        let (journey, mut last) = stayer(&scene.world).await;
        let place = last.details.position;
        last.details.estimated_time = Some(day(2));
        scene.cut_off_after(Some(steps)).await;
        let moved = scene
            .victim
            .update_marker(journey.id, last.id, &last.details)
            .await;
        scene.cut_off_after(None).await;
        is_there(
            &scene.world,
            &journey,
            place,
            0..=(if moved.is_ok() { 2 } else { 4 }),
        )
        .await;

        let (journey, last) = stayer(&scene.world).await;
        let place = last.details.position;
        scene.cut_off_after(Some(steps)).await;
        let removed = scene.victim.delete_marker(journey.id, last.id).await;
        scene.cut_off_after(None).await;
        is_there(
            &scene.world,
            &journey,
            place,
            0..=(if removed.is_ok() { 0 } else { 4 }),
        )
        .await;
        removed_markers_go(&scene).await;
    }
}

/// The victim may be drawing the same track, and then it is the one that removes them.
async fn removed_markers_go(scene: &Scene) {
    let markers = scene.database.collection::<Document>("markers");
    for _ in 0..500 {
        scene.world.store.renew_tracks().await.unwrap();
        let going = markers.count_documents(doc! { "is_being_deleted": true }).await;
        if going.unwrap() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("markers that were removed did not go");
}

/// A track of four months and more, of which the database is told a day too few, so that it can be told from what its markers say.
async fn tampered_with(scene: &Scene) -> Journey {
    let rider = scene.world.rider().await;
    let journey = scene.world.journey(&rider).await;
    let records = [0, 30, 60, 90, 120].map(|number| {
        let mut marker = scene.world.new_marker(&journey, at(10.0, 50.0));
        marker.details.estimated_time = Some(day(number));
        Record::Marker(marker)
    });
    assert_eq!(scene.victim.add_records(&records).await.unwrap(), []);
    scene.victim.renew_tracks().await.unwrap();
    let last = scene.last_segment().await;
    let mut days = last.get_binary_generic("days").unwrap().clone();
    days.truncate(days.len() - 17);
    let days = bson::Binary {
        subtype: bson::spec::BinarySubtype::Generic,
        bytes: days,
    };
    let tampered = doc! { "$set": { "days": days } };
    scene.change("track_segments", last.get("_id"), tampered).await;
    journey
}

#[tokio::test(flavor = "multi_thread")]
async fn a_track_is_read_only_if_all_of_it_is_of_the_revision_that_was_drawn_last() {
    let set = |field: &str, value: Bson| doc! { "$set": { field: value } };
    let unset = |field: &str| doc! { "$unset": { field: "" } };
    for (collection, change, is_read) in [
        ("journeys", set("anything", true.into()), true),
        ("track_segments", set("revision", 99_i64.into()), false),
        ("track_segments", unset("revision"), false),
        ("track_segments", set("days", "odd".into()), false),
        ("journeys", set("track_revision", 99_i64.into()), false),
        ("journeys", set("drawn_revision", 99_i64.into()), false),
        ("journeys", unset("has_track"), false),
        ("markers", set("is_untracked", true.into()), false),
    ] {
        let scene = Scene::new().await;
        let journey = tampered_with(&scene).await;
        let first = scene.database.collection::<Document>(collection);
        let first = first.find_one(doc! {}).sort(doc! { "_id": 1 }).await.unwrap();
        scene.change(collection, first.unwrap().get("_id"), change).await;
        let nobody = scene.world.user("nobody@example.org");
        let search = search(&nobody, &staying(at(10.0, 50.0), 0..=120), 0, 1_000.0);
        let found = scene
            .victim
            .encounter_candidates(&[journey.id], &search)
            .await
            .unwrap();
        let days = found[0].track.days().len();
        assert_eq!(days, if is_read { 120 } else { 121 }, "{collection}");
    }
}

impl Scene {
    async fn last_segment(&self) -> Document {
        let segments = self.database.collection::<Document>("track_segments");
        let last = segments.find_one(doc! {}).sort(doc! { "_id": -1 }).await;
        last.unwrap().unwrap()
    }

    /// Changes a document behind everybody's back.
    async fn change(&self, collection: &str, id: Option<&Bson>, change: Document) {
        let collection = self.database.collection::<Document>(collection);
        let changed = collection.update_one(doc! { "_id": id }, change).await.unwrap();
        assert_eq!(changed.matched_count, 1);
    }
}
