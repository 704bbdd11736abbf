//! Lines in a MongoDB database.

use std::sync::Arc;

use bson::{Document, doc};
use chrono::NaiveDate;
use futures_util::TryStreamExt as _;
use futures_util::future::join_all;
use kairos_domain::id::JourneyId;
use kairos_domain::journey::Journey;
use kairos_domain::line::{Line, LineBuilder, LineKind};
use kairos_domain::store::{ContentsChange, MarkerChange};
use kairos_test_mongod::{TestDatabase, replica_set};
use mongodb::{Collection, Database};

use crate::contents::inserts;
use crate::derived::is_found_and_mended;
use crate::fixtures::lines::{line_of_kind, route, track};
use crate::fixtures::{World, at, day};
use crate::mongodb_database::open;

struct Scene {
    world: World,
    raw: Database,
    _lies_in: TestDatabase,
}

impl Scene {
    async fn new() -> Self {
        let lies_in = TestDatabase::on(replica_set());
        Self {
            world: World::new(Arc::new(open(&lies_in).await)),
            raw: lies_in.database().await,
            _lies_in: lies_in,
        }
    }

    fn collection(&self, name: &str) -> Collection<Document> {
        self.raw.collection(name)
    }

    async fn journeys<const COUNT: usize>(&self) -> [Journey; COUNT] {
        let rider = self.world.rider().await;
        let mut journeys = Vec::new();
        for _ in 0..COUNT {
            let journey = self.world.journey(&rider).await;
            self.world.put_lines(&journey).await;
            journeys.push(journey);
        }
        journeys.try_into().unwrap()
    }
}

fn oid(id: JourneyId) -> bson::oid::ObjectId {
    bson::oid::ObjectId::from_bytes(id.0.bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_track_that_grows_rewrites_the_changed_days_only() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let parts = scene.collection("line_parts");
    let first_day = day(0).signed_duration_since(NaiveDate::default()).num_days();
    // A part that is written anew loses its mark.
    let put = async |line: Line| {
        let mark = doc! { "$set": { "is_marked": true } };
        parts.update_many(doc! {}, mark).await.unwrap();
        world.put_line(&journey, LineKind::Track, &line).await;
        let found: Vec<_> = parts.find(doc! {}).await.unwrap().try_collect().await.unwrap();
        let mut written: Vec<_> = found
            .iter()
            .filter(|part| !part.contains_key("is_marked"))
            .map(|part| {
                let date = part.get_document("_id").unwrap().get_datetime("day").unwrap();
                date.timestamp_millis() / 86_400_000 - first_day
            })
            .collect();
        written.sort_unstable();
        (found.len(), written)
    };
    assert_eq!(put(track(0..24 * 5)).await, (5, vec![0, 1, 2, 3, 4]));
    assert_eq!(put(track(0..24 * 5)).await, (5, vec![]));
    assert_eq!(put(track(0..24 * 5 + 3)).await, (6, vec![5]));
    assert_eq!(put(track(0..24 * 5 + 4)).await, (6, vec![5]));
    let with_another_segment = {
        let mut builder = LineBuilder::default();
        builder.append(&track(0..24 * 5 + 4)).unwrap();
        builder.append(&track(24 * 2..24 * 2 + 5)).unwrap();
        builder.finish()
    };
    assert_eq!(put(with_another_segment).await, (6, vec![2]));
    assert_eq!(put(track(0..24 * 4)).await, (4, vec![2]));
}

/// A journey over forty years has more parts than one command writes.
#[tokio::test(flavor = "multi_thread")]
async fn a_track_of_thousands_of_days_is_kept_and_removed() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let rider = world.rider().await;
    let [journey, other] = [world.journey(&rider).await, world.journey(&rider).await];
    let line = {
        let mut builder = LineBuilder::default();
        for position in track(0..2_500).positions() {
            let hours = position.time().unwrap() - day(0).and_time(chrono::NaiveTime::MIN).and_utc();
            let time = position.time().unwrap() + hours * 23;
            builder.push(position.with_time(time)).unwrap();
        }
        builder.finish()
    };
    for journey in [&journey, &other] {
        world.put_line(journey, LineKind::Track, &line).await;
        assert_eq!(world.line(journey, LineKind::Track).await.as_ref(), Some(&line));
    }
    let count = async || {
        scene
            .collection("line_parts")
            .count_documents(doc! {})
            .await
            .unwrap()
    };
    assert_eq!(count().await, 5_000);
    world.put_line(&journey, LineKind::Track, &track(0..24)).await;
    assert_eq!(count().await, 2_501);
    // Too many documents for one batch of the worker.
    let id = doc! { "_id": oid(other.id) };
    let mark = doc! { "$set": { "is_being_deleted": true } };
    scene.collection("journeys").update_one(id, mark).await.unwrap();
    let mut left = vec![count().await];
    while world.store.delete_next_batch().await.unwrap() {
        left.push(count().await);
    }
    left.dedup();
    assert_eq!(left, [2_501, 1_501, 501, 1]);
    assert_eq!(
        scene.collection("lines").count_documents(doc! {}).await.unwrap(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_damaged_is_reported_and_left_as_it_is() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let [journey, other] = scene.journeys().await;
    let parts = scene.collection("line_parts");
    let of_kind = |kind: &str| doc! { "_id.journey_id": oid(journey.id), "_id.kind": kind };
    let byte = bson::Binary {
        subtype: bson::spec::BinarySubtype::Generic,
        bytes: vec![7],
    };
    let damage = doc! { "$set": { "bytes": byte } };
    parts.update_many(of_kind("route"), damage).await.unwrap();
    parts.delete_many(of_kind("track")).await.unwrap();
    for _ in 0..2 {
        let findings = world.store.inspect().await.unwrap().findings;
        assert_eq!(findings.len(), 2, "{findings:?}");
        for (told, kind) in findings.iter().zip(["route", "track"]) {
            let expected = format!("{kind}s that can't be read: 1");
            assert!(told.starts_with(&expected), "{told}");
            assert!(told.contains(&journey.id.to_string()), "{told}");
        }
        assert_eq!(world.store.repair().await.unwrap(), [""; 0]);
    }
    assert_eq!(world.line(&other, LineKind::Route).await, Some(route(0..60)));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_figures_and_the_lines_of_journeys_that_are_gone_are_repaired() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let journeys: [_; 6] = scene.journeys().await;
    let lines = scene.collection("lines");
    let route_of = |journey: &Journey| doc! { "_id": { "journey_id": oid(journey.id), "kind": "route" } };
    let bytes = |count| bson::Binary {
        subtype: bson::spec::BinarySubtype::Generic,
        bytes: vec![1; count],
    };
    let gone = JourneyId(world.id());
    for name in ["lines", "line_parts"] {
        let collection = scene.collection(name);
        let of_journey = doc! { "_id.journey_id": oid(journeys[0].id), "_id.kind": "route" };
        let mut document = collection.find_one(of_journey).await.unwrap().unwrap();
        let id = document.get_document_mut("_id").unwrap();
        id.insert("journey_id", oid(gone));
        collection.insert_one(document).await.unwrap();
    }
    scene
        .collection("schedules")
        .insert_one(doc! { "_id": oid(gone), "start_date": bson::DateTime::from_millis(0), "meters_per_day": 1_000_i64,
            "rest_dates": [], "rest_weekdays": [] })
        .await
        .unwrap();
    for (journey, wrong) in journeys.iter().zip([
        doc! { "version": bytes(16) },
        doc! { "version": bytes(7) },
        doc! { "metres": 1.0 },
        doc! { "simplified": bytes(3) },
    ]) {
        lines
            .update_one(route_of(journey), doc! { "$set": wrong })
            .await
            .unwrap();
    }
    lines.delete_one(route_of(&journeys[4])).await.unwrap();
    let wrong = doc! { "$set": { "usage.line_bytes": 7_i64 } };
    let id = doc! { "_id": oid(journeys[5].id) };
    scene.collection("journeys").update_one(id, wrong).await.unwrap();
    is_found_and_mended(
        &*world.store,
        &[
            "lines whose version, length, bytes or simplification are not what their positions say: 5",
            "journeys whose counted markers or bytes are wrong: 2",
            "riders whose counted journeys or bytes are wrong: 1",
            "gone but for their itineraries, lines or schedules: 1",
        ],
    )
    .await;
    for journey in &journeys {
        for kind in LineKind::ALL {
            assert_eq!(world.line(journey, kind).await, Some(line_of_kind(kind, 0..60)));
        }
    }
    for name in ["lines", "line_parts"] {
        let left = doc! { "_id.journey_id": oid(gone) };
        assert_eq!(scene.collection(name).count_documents(left).await.unwrap(), 0);
    }
}

/// Each writer changes the shared line, and adds, changes and removes markers of its own, all at once.
#[tokio::test(flavor = "multi_thread")]
async fn sixteen_writers_of_batches_on_one_journey_all_succeed() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let rider = world.rider().await;
    let journey = &world.journey(&rider).await;
    let writers = (0..16_i32).map(|number| async move {
        let markers: Vec<_> = (0..30)
            .map(|index| {
                let mut marker = world.new_marker(journey, at(f64::from(index), f64::from(number)));
                marker.details.estimated_time = Some(day(i64::from(index)));
                marker
            })
            .collect();
        world.change(journey, &inserts(journey, &markers)).await.unwrap();
        let changes = markers.iter().take(20).enumerate().map(|(index, marker)| {
            let before = marker.clone();
            if index < 10 {
                return MarkerChange::Delete(before);
            }
            let mut after = marker.clone();
            after.details.estimated_time = Some(day(100 + i64::from(number)));
            MarkerChange::Replace { before, after }
        });
        let change = ContentsChange {
            markers: changes.collect(),
            ..ContentsChange::none(journey.id)
        };
        world.change(journey, &change).await.unwrap();
        world
            .put_line_in_turn(journey, LineKind::Track, &track(0..100 + number))
            .await;
    });
    join_all(writers).await;
    let markers = world.markers_of(journey).await;
    assert_eq!(markers.len(), 16 * 20);
    let moved = markers.iter().filter(|marker| {
        let date: Option<NaiveDate> = marker.details.estimated_time;
        date >= Some(day(100))
    });
    assert_eq!(moved.count(), 16 * 10);
    let line = world.line(journey, LineKind::Track).await.unwrap();
    assert!((100..116).contains(&line.positions().len()));
    world.check().await;
}

impl World {
    /// Gives a journey a line, again and again until nothing comes between.
    async fn put_line_in_turn(&self, journey: &Journey, kind: LineKind, line: &Line) {
        loop {
            let before = self.version_of(journey, kind).await;
            let change = crate::fixtures::lines::line_change(journey, kind, before, Some(line));
            match self.change(journey, &change).await {
                Ok(()) => return,
                Err(kairos_domain::store::WriteError::Changed) => {}
                Err(refused) => panic!("{refused}"),
            }
        }
    }
}
