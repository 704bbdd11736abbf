use kairos_domain::marker::{Marker, RidingOrder};

use super::*;
use crate::fixtures::all;

const FIRST: Page<RidingOrder> = Page {
    after: None,
    limit: 500,
};

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
    let refused = world.store.markers_of(journey, ann, FIRST).await.unwrap_err();
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
    let pages = async |limit| {
        let read = async |page| world.store.markers_of(journey, ann, page).await.unwrap();
        all(limit, read).await.unwrap()
    };
    let places = async || {
        let places = world.store.marker_places_of(journey, ann).await.unwrap();
        let orders = places.unwrap().into_iter().map(|place| place.order);
        orders.collect::<Vec<_>>()
    };
    let before = pages(3).await;
    assert_eq!(before.len(), 8);
    assert!(before.is_sorted_by_key(Marker::riding_order));
    assert_eq!(before, pages(500).await);
    assert!(
        places()
            .await
            .into_iter()
            .eq(before.iter().map(Marker::riding_order))
    );
    world.migrate().await;
    assert_eq!(pages(3).await, before);
    // One more that the earlier service writes is in its place, too.
    existing.marker(journey, doc! { "marker_type": "past" }).await;
    let with_another = pages(3).await;
    assert_eq!(with_another.len(), 9);
    assert_eq!(places().await.len(), 9);
    world.migrate().await;
    assert_eq!(pages(3).await, with_another);
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_whose_dates_the_earlier_service_changes_is_listed_once() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let world = existing.start_and_migrate().await;
    let journey = existing.journey(ann, doc! {}).await;
    for number in 0..6_i64 {
        let day = date((20_000 + number) * 86_400_000);
        existing.marker(journey, doc! { "estimated_time": day }).await;
    }
    world.migrate().await;
    let list = async |limit| {
        let read = async |page| world.store.markers_of(journey, ann, page).await.unwrap();
        all(limit, read).await.unwrap()
    };
    let ids: Vec<_> = list(2).await.iter().map(|marker| marker.id).collect();
    let later = doc! { "$set": { "estimated_time": date(20_004 * 86_400_000 + 1) } };
    existing.change("markers", ids[1].0, later).await;
    for limit in [1, 2, 500] {
        let listed: Vec<_> = list(limit).await.iter().map(|marker| marker.id).collect();
        assert_eq!(listed, ids);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn journeys_without_an_instant_are_listed_by_the_one_in_their_id() {
    let existing = Existing::new().await;
    let ann = existing.user("ann@example.org", true).await;
    let world = existing.start_and_migrate().await;
    let user = world.store.user(ann).await.unwrap().unwrap();
    for number in 0..7_i64 {
        let instant = match number % 3 {
            0 => Bson::Null,
            _ => date(number * 300_000_000_000),
        };
        existing.journey(ann, doc! { "created_at": instant }).await;
    }
    let whole = world.journeys_of(&user).await;
    assert_eq!(whole.len(), 7);
    assert!(whole.is_sorted_by_key(|journey| (journey.created_at, journey.id)));
    let read = async |page| Some(world.store.journeys_of(ann, ann, page).await.unwrap());
    for limit in [1, 3] {
        assert_eq!(all(limit, read).await.unwrap(), whole);
    }
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
        today: NaiveDate::MAX,
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
