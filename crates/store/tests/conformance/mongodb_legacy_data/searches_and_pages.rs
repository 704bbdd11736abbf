use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn markers_are_found_by_their_places_when_they_are_migrated() {
    let existing = Existing::new().await;
    let (reader, ann) = (
        existing.user("r@example.org", true).await,
        existing.user("ann@example.org", true).await,
    );
    let world = existing.start_and_migrate().await;
    let mut markers = Vec::new();
    for _ in 0..30 {
        let journey = existing.journey(ann, doc! {}).await;
        let place = doc! { "type": "Point", "coordinates": [10.0, 50.0, 7.0] };
        markers.push(existing.marker(journey, doc! { "coordinates": place }).await);
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
    // One batch after the other, and then no more.
    assert!(world.store.migrate_next_batch().await.unwrap());
    world.migrate().await;
    assert!(!world.store.migrate_next_batch().await.unwrap());
    let mut found = near(&*world.store, reader).await;
    found.sort_unstable();
    assert_eq!(found, markers);
    let derived = |marker: Document| marker.get_document("derived").unwrap().clone();
    let first = derived(existing.document("markers", markers[0].0).await);
    assert!(first.get_array("cells").is_ok());
    let nowhere = derived(existing.document("markers", unreadable[0].0).await);
    assert_eq!(nowhere.get_str("cells").unwrap(), "nowhere");
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
async fn pages_are_the_same_before_and_after_a_journey_is_migrated() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let world = existing.start_and_migrate().await;
    let journey = existing.journey(ann, doc! {}).await;
    for number in 0..7_i64 {
        let evening = date((20_000 + 5 * number % 7) * 86_400_000 + 70_000_000);
        let kind = ["past", "plan"][usize::try_from(number % 2).unwrap()];
        let dates = doc! { "timestamp": evening.clone(), "estimated_time": evening, "marker_type": kind };
        existing.marker(journey, dates).await;
    }
    existing.marker(journey, doc! {}).await;
    let pages = async || {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = Page {
                limit: Some(3),
                after,
            };
            let page = world.store.markers_of(journey, page).await.unwrap().unwrap();
            let Some(last) = page.last() else { return all };
            after = Some(last.id);
            all.extend(page);
        }
    };
    let before = pages().await;
    assert_eq!(before.len(), 8);
    let whole = world
        .store
        .markers_of(journey, Page::everything())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(before, whole);
    world.migrate().await;
    assert_eq!(pages().await, before);
    // One more that the earlier service writes is in its place, too.
    existing.marker(journey, doc! { "marker_type": "past" }).await;
    let with_another = pages().await;
    assert_eq!(with_another.len(), 9);
    world.migrate().await;
    assert_eq!(pages().await, with_another);
    world.check().await;
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
    let world = existing.start_and_migrate().await;
    assert!(near(&*world.store, reader).await.contains(&marker));
    let mine = world.rider().await;
    let waiting = world.journey(&mine).await;
    let date = chrono::DateTime::from_timestamp_millis(20_000 * 86_400_000);
    world
        .plan(&waiting, at(10.0, 50.0), date.unwrap().date_naive())
        .await;
    let search = kairos_domain::store::EncounterSearch {
        journey_id: waiting.id,
        rider: mine.id,
        from: NaiveDate::MIN,
        to: None,
        within_days: 0,
        max_distance_metres: 1_000.0,
    };
    // Of a journey with a broken marker, the others say where it is.
    let met = world.store.encounters(&search, 500).await.unwrap();
    let met: Vec<_> = met.into_iter().map(|met| met.journey.id).collect();
    assert_eq!(met, [journey, with_broken_marker]);
    assert!(!world.store.migrate_next_batch().await.unwrap());
}
