use kairos_domain::discovery::{DayPosition, MeetingSearch};
use kairos_domain::store::EncounterSearch;

use super::*;
use crate::encounters::meets;

async fn near(store: &dyn Store, user: UserId) -> Vec<MarkerId> {
    let search = NearbySearch {
        origins: vec![at(10.0, 50.0)],
        around: None,
        radius_metres: 1_000.0,
        except_owner: user,
        include_completed: true,
        limit: 100,
    };
    let found = store.journeys_within(&search).await.unwrap();
    found.into_iter().map(|found| found.marker_id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_out_has_a_value() {
    let existing = Existing::new().await;
    let ann = existing.user("Ann@Example.org", true).await;
    let journey = existing.journey(ann, doc! {}).await;
    let bare = existing.marker(journey, doc! {}).await;
    let evening = 1_780_000_000_000; // 28 May 2026, 20:26:40 UTC
    let full = existing
        .marker(
            journey,
            doc! {
                "owner_id": oid(ann.0), "name": Bson::Null, "notes": "🏕", "marker_type": "past", "timestamp": date(evening),
                "coordinates": { "type": "Point", "coordinates": [10, 50.5, 312] },
            },
        )
        .await;
    let world = existing.start().await;
    let user = world.store.user(ann).await.unwrap().unwrap();
    assert_eq!((user.is_verified, user.credential_version), (true, 0));
    assert_eq!(user.contact, Contact::default());
    assert_eq!(logs_in(&world, "ann@example.org").await, Some(ann));
    let kept = world.store.journey(journey).await.unwrap().unwrap();
    assert_eq!(
        (kept.status, kept.visibility, kept.description.as_str()),
        (JourneyStatus::Inactive, Visibility::Public, "")
    );
    let markers = world.markers_of(&kept).await;
    assert_eq!(
        markers.iter().map(|marker| marker.id).collect::<Vec<_>>(),
        [full, bare]
    );
    let first = &markers[0].details;
    assert_eq!((first.name.as_str(), first.notes.as_str()), ("", "🏕"));
    assert_eq!(
        (first.position.longitude(), first.position.elevation()),
        (10.0, Some(312.0))
    );
    assert_eq!(
        (first.kind, first.timestamp),
        (MarkerKind::Past, NaiveDate::from_ymd_opt(2026, 5, 28))
    );
    assert_eq!(markers[1].owner_id, ann);
    assert_eq!(markers[1].details.name.as_str(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_fields_are_kept() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    existing
        .database
        .collection::<Document>("users")
        .update_one(doc! {}, doc! { "$set": { "theme": "dark" } })
        .await
        .unwrap();
    let journey = existing.journey(ann, doc! { "colour": "blue" }).await;
    let marker = existing.marker(journey, doc! { "icon": "tent" }).await;
    let world = existing.start().await;
    world
        .store
        .update_profile(ann, &update(&world, Some("ann@example.com")))
        .await
        .unwrap()
        .unwrap();
    let changes = JourneyUpdate {
        name: Name::parse("New road").unwrap(),
        description: None,
        visibility: Some(Visibility::Private),
        completed: Some(true),
    };
    world
        .store
        .update_journey(journey, &changes)
        .await
        .unwrap()
        .unwrap();
    let details = world
        .markers_of(&world.store.journey(journey).await.unwrap().unwrap())
        .await[0]
        .details
        .clone();
    world
        .store
        .update_marker(journey, marker, &details)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        existing.document("users", ann.0).await.get_str("theme").unwrap(),
        "dark"
    );
    assert_eq!(
        existing
            .document("journeys", journey.0)
            .await
            .get_str("colour")
            .unwrap(),
        "blue"
    );
    assert_eq!(
        existing
            .document("markers", marker.0)
            .await
            .get_str("icon")
            .unwrap(),
        "tent"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_active_journeys_the_newest_stays() {
    let existing = Existing::new().await;
    let (ann, ben) = (
        existing.user("ann@example.org", true).await,
        existing.user("ben@example.org", true).await,
    );
    let active = |created_at| doc! { "active": true, "created_at": date(created_at) };
    let old = existing.journey(ann, active(1)).await;
    let mut newest = active(3);
    newest.insert("completed", false);
    let newest = existing.journey(ann, newest).await;
    let older = existing.journey(ann, active(2)).await;
    let mut over = active(4);
    over.insert("completed", true);
    let over = existing.journey(ann, over).await;
    let theirs = existing.journey(ben, active(1)).await;
    let world = existing.start().await;
    let status = async |id| world.store.journey(id).await.unwrap().unwrap().status;
    assert_eq!(status(newest).await, JourneyStatus::Active);
    assert_eq!(status(theirs).await, JourneyStatus::Active);
    assert_eq!(status(over).await, JourneyStatus::Completed);
    for id in [old, older] {
        assert_eq!(status(id).await, JourneyStatus::Inactive);
    }
    world.store.toggle_active_journey(old).await.unwrap();
    assert_eq!(world.store.active_journey(ann).await.unwrap().unwrap().id, old);
    assert_eq!(status(newest).await, JourneyStatus::Inactive);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_lost_its_parent_is_invisible() {
    let existing = Existing::new().await;
    let (reader, ann) = (
        existing.user("r@example.org", true).await,
        existing.user("ann@example.org", true).await,
    );
    let nobody = UserId(ObjectId::from_bytes([7; 12]));
    let orphan = existing.journey(nobody, doc! {}).await;
    let of_orphan = existing.marker(orphan, doc! {}).await;
    existing
        .marker(JourneyId(ObjectId::from_bytes([8; 12])), doc! {})
        .await;
    let journey = existing.journey(ann, doc! {}).await;
    let marker = existing.marker(journey, doc! {}).await;
    let world = existing.start().await;
    assert_eq!(world.store.journey(orphan).await.unwrap(), None);
    assert_eq!(near(&*world.store, reader).await, [marker]);
    // Invisible, but not deleted.
    existing.document("journeys", orphan.0).await;
    existing.document("markers", of_orphan.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn markers_are_found_by_their_places_before_and_after_they_are_in_cells() {
    let existing = Existing::new().await;
    let (reader, ann) = (
        existing.user("r@example.org", true).await,
        existing.user("ann@example.org", true).await,
    );
    let mut markers = Vec::new();
    for _ in 0..30 {
        let journey = existing.journey(ann, doc! {}).await;
        markers.push(
            existing
                .marker(
                    journey,
                    doc! { "coordinates": { "type": "Point", "coordinates": [10.0, 50.0, 7.0] } },
                )
                .await,
        );
    }
    let journey = existing.journey(ann, doc! {}).await;
    let mut unreadable = Vec::new();
    for coordinates in [
        doc! {},
        doc! { "type": "Point", "coordinates": [10.0, 95.0] },
        doc! { "type": "Point", "coordinates": "here" },
    ] {
        unreadable.push(
            existing
                .marker(journey, doc! { "coordinates": coordinates })
                .await,
        );
    }
    let world = existing.start().await;
    assert_eq!(near(&*world.store, reader).await.len(), 30);
    assert_eq!(world.store.adopt_markers().await.unwrap(), 33);
    assert_eq!(world.store.adopt_markers().await.unwrap(), 0);
    let cell = existing.document("markers", markers[0].0).await;
    assert!(cell.get_array("cells").is_ok());
    let cell = existing.document("markers", unreadable[0].0).await;
    assert_eq!(cell.get_str("cells").unwrap(), "nowhere");
    let mut found = near(&*world.store, reader).await;
    found.sort_unstable();
    assert_eq!(found, markers);
    // One that can't be read is a clear fault, by its id.
    let refused = world
        .store
        .markers_of(journey, Page::everything())
        .await
        .unwrap_err();
    assert!(
        matches!(&refused, StoreError::Corrupt { what: "marker", .. }),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn indexes_that_are_there_are_left_alone() {
    let existing = Existing::new().await;
    let markers = existing.database.collection::<Document>("markers");
    let named = |keys: Document, name: &str| {
        let options = mongodb::options::IndexOptions::builder().name(name.to_owned());
        mongodb::IndexModel::builder()
            .keys(keys)
            .options(options.build())
            .build()
    };
    for index in [
        named(doc! { "journey_id": 1 }, "journey_id_1"),
        named(doc! { "journey_id": 1, "_id": 1 }, "theirs"),
        named(doc! { "coordinates": "2dsphere" }, "coordinates_2dsphere"),
    ] {
        markers.create_index(index).await.unwrap();
    }
    let ann = existing.user("ann@example.org", true).await;
    let journey = existing.journey(ann, doc! {}).await;
    let marker = existing.marker(journey, doc! {}).await;
    for _ in 0..2 {
        let world = existing.start().await;
        assert!(world.store.marker(journey, marker).await.unwrap().is_some());
    }
    let mut names = markers.list_index_names().await.unwrap();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "_id_",
            "by_cells",
            "coordinates_2dsphere",
            "journey_id_1",
            "theirs",
            "untracked"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_what_is_not_there_deletes_no_orphans() {
    let existing = Existing::new().await;
    let nobody = UserId(ObjectId::from_bytes([7; 12]));
    let orphan = existing.journey(nobody, doc! {}).await;
    let gone = JourneyId(ObjectId::from_bytes([8; 12]));
    let marker = existing.marker(gone, doc! {}).await;
    let world = existing.start().await;
    assert!(!world.store.delete_user_with_everything(nobody).await.unwrap());
    assert!(!world.store.delete_journey_with_markers(gone).await.unwrap());
    existing.document("journeys", orphan.0).await;
    existing.document("markers", marker.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_ends_no_search() {
    let existing = Existing::new().await;
    let (reader, ann) = (
        existing.user("r@example.org", true).await,
        existing.user("ann@example.org", true).await,
    );
    let planned = |day: i64| doc! { "estimated_time": date(day * 86_400_000) };
    let journey = existing.journey(ann, doc! {}).await;
    let marker = existing.marker(journey, planned(20_000)).await;
    let unreadable_user = UserId(existing.add("users", doc! { "name": "nobody" }).await);
    let theirs = existing.journey(unreadable_user, doc! {}).await;
    existing.marker(theirs, planned(20_000)).await;
    let unreadable = existing.journey(ann, doc! { "visibility": "friends" }).await;
    existing.marker(unreadable, planned(20_000)).await;
    let with_broken_marker = existing.journey(ann, doc! {}).await;
    existing.marker(with_broken_marker, planned(20_000)).await;
    existing
        .marker(with_broken_marker, doc! { "marker_type": "dream" })
        .await;
    let mut nowhere = planned(20_000);
    nowhere.insert("marker_type", "plan");
    existing.add("markers", nowhere).await;
    let world = existing.start().await;
    assert!(near(&*world.store, reader).await.contains(&marker));
    let mine = [DayPosition {
        date: chrono::DateTime::from_timestamp_millis(20_000 * 86_400_000)
            .unwrap()
            .date_naive(),
        position: at(10.0, 50.0),
    }];
    let search = EncounterSearch {
        meetings: MeetingSearch::new(&mine, 0, 1_000.0),
        except_owner: reader,
    };
    // From the markers, and then from the tracks; of a journey with a broken marker, the others tell where it is.
    for _ in 0..2 {
        let met: Vec<_> = meets(&world, &search).await.into_keys().collect();
        assert_eq!(met, [journey, with_broken_marker]);
        world.store.renew_tracks().await.unwrap();
    }
}
