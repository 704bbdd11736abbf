use chrono::NaiveDate;
use kairos_domain::geo::Position;
use kairos_domain::marker::{Marker, MarkerDetails, MarkerKind};
use kairos_domain::store::WriteError;
use kairos_domain::text::{Name, Prose};

use crate::fixtures::{NASTY, World, at, day};

async fn kept(world: &World, marker: &Marker) -> Option<Marker> {
    world.store.marker(marker.journey_id, marker.id).await.unwrap()
}

pub(crate) async fn a_marker_comes_back_bit_for_bit(world: &World) {
    let user = world.rider().await;
    let journey = world.journey(&user).await;
    let places = [
        (180.0, 90.0, None),
        (-180.0, -90.0, Some(0.0)),
        (16.369_999_999_999_997, 48.2, Some(-430.5)),
        (1.0e-300, 0.1 + 0.2, Some(8_848.86)),
    ];
    for ((longitude, latitude, elevation), text) in places.into_iter().zip(NASTY) {
        let position = Position::new(longitude, latitude, elevation).unwrap();
        let marker = world
            .marker_with(&journey, position, |marker| {
                marker.details.name = Name::stored(text.to_owned());
                marker.details.notes = Prose::stored(text.repeat(50));
                marker.details.kind = MarkerKind::Past;
                marker.details.timestamp = Some(day(3));
                marker.details.estimated_time = Some(day(2));
            })
            .await;
        let kept = kept(world, &marker).await.unwrap();
        assert_eq!(kept, marker);
        let bits = |position: Position| (position.longitude().to_bits(), position.latitude().to_bits());
        assert_eq!(bits(kept.details.position), bits(position));
        assert_eq!(kept.details.position.elevation(), elevation);
    }
}

pub(crate) async fn a_marker_is_found_through_its_journey_only(world: &World) {
    let user = world.rider().await;
    let (journey, other) = (world.journey(&user).await, world.journey(&user).await);
    let marker = world.marker(&journey, at(1.0, 2.0)).await;
    assert_eq!(world.store.marker(other.id, marker.id).await.unwrap(), None);
    let astray = Marker {
        journey_id: other.id,
        ..marker.clone()
    };
    let write = world.write(user.id);
    let mut after = astray.clone();
    after.details.name = Name::parse("Lost").unwrap();
    let replaced = world.store.replace_marker(&astray, &after, &write).await;
    assert!(matches!(replaced, Err(WriteError::Changed)));
    let deleted = world.store.delete_marker(&astray, &write).await;
    assert!(matches!(deleted, Err(WriteError::Changed)));
    assert_eq!(kept(world, &marker).await, Some(marker));
}

pub(crate) async fn those_of_several_markers_that_are_on_a_journey_are_found(world: &World) {
    let user = world.rider().await;
    let (journey, other) = (world.journey(&user).await, world.journey(&user).await);
    let mut markers = vec![
        world.marker(&journey, at(1.0, 2.0)).await,
        world.marker(&journey, at(2.0, 3.0)).await,
    ];
    let astray = world.marker(&other, at(1.0, 2.0)).await;
    let never = world.new_marker(&journey, at(1.0, 2.0));
    world.marker(&journey, at(3.0, 4.0)).await;
    let ids = [markers[1].id, astray.id, never.id, markers[0].id];
    let mut found = world.store.markers_by_id(journey.id, &ids).await.unwrap();
    found.sort_by_key(|marker| marker.id);
    markers.sort_by_key(|marker| marker.id);
    assert_eq!(found, markers);
    assert_eq!(world.store.markers_by_id(journey.id, &[]).await.unwrap(), []);
    world
        .store
        .delete_journey(&journey, &world.write(user.id))
        .await
        .unwrap();
    assert_eq!(world.store.markers_by_id(journey.id, &ids).await.unwrap(), []);
}

pub(crate) async fn a_marker_of_no_journey_is_not_added(world: &World) {
    let user = world.rider().await;
    let never = world.new_journey(&user);
    let marker = world.new_marker(&never, at(1.0, 2.0));
    let write = world.write(user.id);
    let refused = world.store.insert_marker(&marker, &write).await;
    assert!(matches!(refused, Err(WriteError::ParentGone)));
    assert_eq!(kept(world, &marker).await, None);
}

pub(crate) async fn a_replacement_overwrites_the_details_alone(world: &World) {
    let user = world.rider().await;
    let journey = world.journey(&user).await;
    let marker = world.marker(&journey, at(1.0, 2.0)).await;
    let bystander = world.marker(&journey, at(1.0, 2.0)).await;
    let after = Marker {
        details: MarkerDetails {
            name: Name::parse("Inn").unwrap(),
            notes: Prose::parse("Soup.").unwrap(),
            kind: MarkerKind::Past,
            position: Position::new(3.0, 4.0, Some(5.0)).unwrap(),
            timestamp: Some(day(1)),
            estimated_time: None,
        },
        ..marker.clone()
    };
    let write = world.write(user.id);
    world.store.replace_marker(&marker, &after, &write).await.unwrap();
    assert_eq!(kept(world, &marker).await, Some(after));
    assert_eq!(kept(world, &bystander).await, Some(bystander));
}

pub(crate) async fn a_marker_that_was_changed_meanwhile_is_neither_replaced_nor_deleted(world: &World) {
    let user = world.rider().await;
    let journey = world.journey(&user).await;
    let seen = world.plan(&journey, at(1.0, 2.0), day(1)).await;
    let is_refused = async || {
        let write = world.write(user.id);
        let mut after = seen.clone();
        after.details.name = Name::parse("Lost").unwrap();
        let replaced = world.store.replace_marker(&seen, &after, &write).await;
        assert!(matches!(replaced, Err(WriteError::Changed)));
        let deleted = world.store.delete_marker(&seen, &write).await;
        assert!(matches!(deleted, Err(WriteError::Changed)));
    };
    let ways: [fn(&mut MarkerDetails); 6] = [
        |details| details.name = Name::parse("Inn").unwrap(),
        |details| details.notes = Prose::parse("Soup.").unwrap(),
        |details| details.kind = MarkerKind::Past,
        |details| details.position = Position::new(1.0, 2.0, Some(0.0)).unwrap(),
        |details| details.timestamp = Some(day(1)),
        |details| details.estimated_time = None,
    ];
    for way in ways {
        let stored = world.change_marker(&seen, way).await;
        is_refused().await;
        assert_eq!(kept(world, &seen).await, Some(stored));
        let back = |details: &mut MarkerDetails| *details = seen.details.clone();
        world.change_marker(&seen, back).await;
    }
    world.delete_marker(&seen).await;
    is_refused().await;
}

pub(crate) async fn a_removed_marker_is_gone(world: &World) {
    let user = world.rider().await;
    let journey = world.journey(&user).await;
    let marker = world.marker(&journey, at(1.0, 2.0)).await;
    let other = world.marker(&journey, at(1.0, 2.0)).await;
    world.delete_marker(&marker).await;
    assert_eq!(kept(world, &marker).await, None);
    assert_eq!(world.markers_of(&journey).await, [other]);
    let write = world.write(user.id);
    let again = world.store.delete_marker(&marker, &write).await;
    assert!(matches!(again, Err(WriteError::Changed)));
}

pub(crate) async fn the_ends_of_the_calendar_are_dates_like_any_other(world: &World) {
    let user = world.rider().await;
    let journey = world.journey(&user).await;
    let dates = [(1, 1, 1), (9999, 12, 31), (800, 12, 25)];
    let dates = dates.map(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day).unwrap());
    for date in dates {
        world.plan(&journey, at(1.0, 2.0), date).await;
    }
    let markers = world.markers_of(&journey).await;
    let found: Vec<_> = markers
        .iter()
        .map(|marker| marker.details.day().unwrap())
        .collect();
    assert_eq!(found, [dates[0], dates[2], dates[1]]);
}
