use super::*;

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
    let world = existing.start_and_migrate().await;
    let user = world.store.user(ann).await.unwrap().unwrap();
    assert_eq!((user.is_verified, user.credential_version), (true, 0));
    assert_eq!(user.contact, Contact::default());
    assert_eq!(logs_in(&world, "ann@example.org").await, Some(ann));
    let kept = world.own_journey(journey, ann).await;
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
    let world = existing.start_and_migrate().await;
    let email = EmailAddress::parse("ann@example.com").unwrap();
    world.change_user(ann, |user| user.email = email.clone()).await;
    let kept = world.own_journey(journey, ann).await;
    let complete = |journey: &mut Journey| {
        journey.name = Name::parse("New road").unwrap();
        journey.visibility = Visibility::Private;
        journey.status = JourneyStatus::Completed;
    };
    world.change_journey(&kept, complete).await;
    let kept = world.store.marker(journey, marker).await.unwrap().unwrap();
    let name = Name::parse("Camp").unwrap();
    world
        .change_marker(&kept, |details| details.name = name.clone())
        .await;
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
async fn a_change_of_a_markers_notes_changes_no_other_field() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let journey = existing.journey(ann, doc! {}).await;
    let marker = existing
        .marker(
            journey,
            doc! {
                "timestamp": date(1_780_000_000_000), "marker_type": "past",
                "coordinates": { "type": "Point", "coordinates": [10, 50] },
            },
        )
        .await;
    let world = existing.start_and_migrate().await;
    let mut expected = existing.document("markers", marker.0).await;
    let kept = world.store.marker(journey, marker).await.unwrap().unwrap();
    let notes = kairos_domain::text::Prose::parse("Slowly.").unwrap();
    world
        .change_marker(&kept, |details| details.notes = notes.clone())
        .await;
    expected.insert("notes", "Slowly.");
    assert_eq!(existing.document("markers", marker.0).await, expected);
    let changed = world.store.marker(journey, marker).await.unwrap().unwrap();
    let other_day = chrono::NaiveDate::from_ymd_opt(2026, 5, 29);
    world
        .change_marker(&changed, |details| details.timestamp = other_day)
        .await;
    let changed = existing.document("markers", marker.0).await;
    assert_eq!(changed.get("timestamp"), Some(&date(1_780_012_800_000)));
    assert!(!changed.contains_key("estimated_time"));
    world.check().await;
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
    let world = existing.start_and_migrate().await;
    let status = async |id| world.own_journey(id, ann).await.status;
    assert_eq!(status(newest).await, JourneyStatus::Active);
    assert_eq!(world.own_journey(theirs, ben).await.status, JourneyStatus::Active);
    assert_eq!(status(over).await, JourneyStatus::Completed);
    for id in [old, older] {
        assert_eq!(status(id).await, JourneyStatus::Inactive);
    }
    let activate = |journey: &mut Journey| journey.status = JourneyStatus::Active;
    world
        .change_journey(&world.own_journey(old, ann).await, activate)
        .await;
    assert_eq!(
        world.store.active_journey(ann, ann).await.unwrap().unwrap().id,
        old
    );
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
    let world = existing.start_and_migrate().await;
    assert_eq!(world.store.journey(orphan, reader).await.unwrap(), None);
    assert_eq!(near(&*world.store, reader).await, [marker]);
    // Invisible, but not deleted.
    existing.document("journeys", orphan.0).await;
    existing.document("markers", of_orphan.0).await;
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
        let world = existing.start_and_migrate().await;
        assert!(world.store.marker(journey, marker).await.unwrap().is_some());
    }
    let mut names = markers.list_index_names().await.unwrap();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "_id_",
            "by_derived_cells",
            "coordinates_2dsphere",
            "in_riding_order",
            "journey_id_1",
            "past_by_day",
            "theirs",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_what_is_not_there_deletes_no_orphans() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let nobody = UserId(ObjectId::from_bytes([7; 12]));
    let orphan = existing.journey(nobody, doc! {}).await;
    let gone = JourneyId(ObjectId::from_bytes([8; 12]));
    let marker = existing.marker(gone, doc! {}).await;
    let world = existing.start_and_migrate().await;
    let mut absent = world.user("nobody@example.org");
    absent.id = nobody;
    let refused = world.store.delete_user(&absent).await;
    assert!(matches!(refused, Err(WriteError::Changed)), "{refused:?}");
    let mut absent = world.new_journey(&world.store.user(ann).await.unwrap().unwrap());
    absent.id = gone;
    let refused = world.store.delete_journey(&absent, &world.write(ann)).await;
    assert!(matches!(refused, Err(WriteError::Changed)), "{refused:?}");
    existing.document("journeys", orphan.0).await;
    existing.document("markers", marker.0).await;
}
