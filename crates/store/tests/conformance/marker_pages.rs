use chrono::TimeDelta;
use kairos_domain::geo::Position;
use kairos_domain::id::JourneyId;
use kairos_domain::journey::{Journey, Visibility};
use kairos_domain::marker::{Marker, MarkerKind, MarkerPlace, RidingOrder};
use kairos_domain::store::{Batch, Page};
use kairos_domain::text::Prose;

use crate::fixtures::{World, all, at, day};

/// Markers whose order is decided by each rule once: kind, date, undated last, creation, id.
async fn shuffled(world: &World) -> (Journey, Vec<Marker>) {
    let user = world.rider().await;
    let journey = world.journey(&user).await;
    let mut markers = Vec::new();
    let kinds = [MarkerKind::Plan, MarkerKind::Past];
    for (kind, date) in kinds
        .into_iter()
        .flat_map(|kind| [None, Some(day(9)), Some(day(10)), Some(day(1))].map(|date| (kind, date)))
    {
        for seconds in [5, 0, 5] {
            let marker = world
                .marker_with(&journey, at(1.0, 2.0), |marker| {
                    marker.created_at = journey.created_at + TimeDelta::seconds(seconds);
                    marker.details.kind = kind;
                    match kind {
                        // The other date must not count.
                        MarkerKind::Past => {
                            (marker.details.timestamp, marker.details.estimated_time) = (date, Some(day(0)));
                        }
                        MarkerKind::Plan => {
                            (marker.details.estimated_time, marker.details.timestamp) = (date, Some(day(0)));
                        }
                    }
                })
                .await;
            markers.push(marker);
        }
    }
    markers.sort_by_key(Marker::riding_order);
    (journey, markers)
}

pub(crate) async fn markers_come_in_riding_order(world: &World) {
    let (journey, expected) = shuffled(world).await;
    assert_eq!(world.markers_of(&journey).await, expected);
}

pub(crate) async fn pages_of_markers_join_into_the_whole(world: &World) {
    let (journey, expected) = shuffled(world).await;
    let read = async |page| {
        let batch = world.store.markers_of(journey.id, journey.user_id, page).await;
        batch.unwrap()
    };
    for limit in [1, 5, 23, 24, 500] {
        assert_eq!(all(limit, read).await.unwrap(), expected);
    }
    let rest = read(Page {
        after: Some(expected[20].riding_order()),
        limit: 3,
    });
    let items = expected[21..].to_vec();
    let last = Some(expected[23].riding_order());
    let has_more = false;
    assert_eq!(
        rest.await,
        Some(Batch {
            items,
            last,
            has_more
        })
    );
}

pub(crate) async fn a_page_of_markers_holds_so_many_bytes_of_texts(world: &World) {
    let user = world.rider().await;
    let journey = world.journey(&user).await;
    let mut expected = Vec::new();
    // Bytes count, not characters: a text of the greatest length has forty thousand.
    for bytes in [
        40_000, 25_528, 0, 1, 40_000, 40_000, 65_600, 65_600, 7, 20_000, 20_000, 20_000,
    ] {
        let marker = world.marker_with(&journey, at(1.0, 2.0), |marker| {
            marker.details.notes = Prose::stored("🚲".repeat(bytes / 4) + &"x".repeat(bytes % 4));
        });
        expected.push(marker.await);
    }
    assert_eq!(world.markers_of(&journey).await, expected);
    let page = Page {
        after: None,
        limit: 500,
    };
    let first = world.store.markers_of(journey.id, user.id, page).await.unwrap();
    // With their names of four letters, the first two have exactly as many as a page may hold.
    let items = expected[..2].to_vec();
    let last = Some(expected[1].riding_order());
    let has_more = true;
    assert_eq!(
        first,
        Some(Batch {
            items,
            last,
            has_more
        })
    );
}

pub(crate) async fn markers_that_do_not_change_between_two_pages_are_there_once(world: &World) {
    let (journey, expected) = shuffled(world).await;
    let read = async |after: Option<RidingOrder>, limit| {
        let page = Page { after, limit };
        let batch = world.store.markers_of(journey.id, journey.user_id, page).await;
        batch.unwrap().unwrap().items
    };
    let first = read(None, 10).await;
    let last = first[9].riding_order();
    // The last one that was read goes, one that was read comes behind, and one that was not comes before.
    world.delete_marker(&first[9]).await;
    let to_the_end = world
        .change_marker(&first[0], |details| {
            details.kind = MarkerKind::Plan;
            details.estimated_time = None;
        })
        .await;
    world
        .change_marker(&expected[15], |details| {
            details.kind = MarkerKind::Past;
            details.timestamp = Some(day(-9));
        })
        .await;
    let mut rest = expected[10..].to_vec();
    rest.remove(5);
    rest.push(to_the_end);
    rest.sort_by_key(Marker::riding_order);
    assert_eq!(read(Some(last), 500).await, rest);
}

pub(crate) async fn markers_are_listed_for_readers_who_may_know_of_the_journey(world: &World) {
    let (owner, reader) = (world.rider().await, world.rider().await);
    let public = world.journey_at(&owner, &[at(1.0, 2.0)]).await;
    let private = world
        .journey_with(&owner, |journey| journey.visibility = Visibility::Private)
        .await;
    world.marker(&private, at(1.0, 2.0)).await;
    let unknown = JourneyId(world.id());
    let page = Page {
        after: None,
        limit: 9,
    };
    for (id, reader, markers) in [
        (public.id, &owner, Some(1)),
        (public.id, &reader, Some(1)),
        (private.id, &owner, Some(1)),
        (private.id, &reader, None),
        (unknown, &owner, None),
    ] {
        let listed = world.store.markers_of(id, reader.id, page).await.unwrap();
        let first = world.store.rider_and_markers(reader.id, id, page.limit).await;
        assert_eq!(first.unwrap(), (Some(reader.clone()), listed.clone()));
        assert_eq!(listed.map(|batch| batch.items.len()), markers);
        let places = world.store.marker_places_of(id, reader.id).await.unwrap();
        assert_eq!(places.map(|places| places.len()), markers);
    }
    let nobody = world.user("nobody@example.org");
    let read = world.store.rider_and_markers(nobody.id, public.id, 9).await;
    assert_eq!(read.unwrap().0, None);
}

pub(crate) async fn the_places_of_markers_come_in_riding_order(world: &World) {
    let (journey, mut expected) = shuffled(world).await;
    let raised = Position::new(-180.0, 90.0, Some(7.5)).unwrap();
    expected.push(world.marker(&journey, raised).await);
    expected.sort_by_key(Marker::riding_order);
    let places = world.store.marker_places_of(journey.id, journey.user_id).await;
    let expected = expected.iter().map(|marker| MarkerPlace {
        order: marker.riding_order(),
        position: marker.details.position,
    });
    assert_eq!(places.unwrap().unwrap(), Vec::from_iter(expected));
}

pub(crate) async fn the_markers_of_several_journeys_are_counted_up_to_a_bound(world: &World) {
    let (first, _) = shuffled(world).await;
    let user = world.rider().await;
    let second = world.journey_at(&user, &[at(1.0, 2.0), at(3.0, 4.0)]).await;
    let (empty, elsewhere) = (world.journey(&user).await, world.journey(&user).await);
    world.marker(&elsewhere, at(1.0, 2.0)).await;
    let have_more_than = async |most, ids: &[JourneyId]| {
        let have = world.store.have_more_markers_than(most, ids, user.id).await;
        have.unwrap()
    };
    let ids = [first.id, second.id, empty.id];
    assert!(have_more_than(25, &ids).await);
    assert!(!have_more_than(26, &ids).await);
    assert!(!have_more_than(0, &[]).await);
}
