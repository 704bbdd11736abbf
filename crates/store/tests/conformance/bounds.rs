//! Bounds of what a rider and a journey hold.

use kairos_domain::journey::Journey;
use kairos_domain::line::{EncodedLine, Line, LineKind};
use kairos_domain::marker::Marker;
use kairos_domain::store::{ContentsChange, MarkerChange, WriteError};
use kairos_domain::text::{Name, Prose};
use kairos_domain::usage::{Bound, JourneyUsage, RiderUsage};
use kairos_domain::user::User;
use kairos_store::administration::Record;

use crate::fixtures::lines::{line_change, route, track};
use crate::fixtures::{World, at, day};

/// A marker whose texts have so many bytes.
fn heavy(world: &World, journey: &Journey, bytes: i64) -> Marker {
    let mut marker = world.new_marker(journey, at(1.0, 2.0));
    let rest = bytes - marker.details.name.as_str().len() as i64;
    marker.details.notes = Prose::stored("x".repeat(usize::try_from(rest).unwrap()));
    assert_eq!(marker.text_bytes(), bytes);
    marker
}

fn is_full(refused: &Result<(), WriteError>, bound: Bound) -> bool {
    matches!(refused, Err(WriteError::Full(found)) if *found == bound)
}

pub(crate) async fn a_rider_has_no_more_journeys_than_the_bound(world: &World) {
    let rider = world.rider().await;
    let journeys: Vec<_> = (1..RiderUsage::MAX_JOURNEYS)
        .map(|_| Record::Journey(world.new_journey(&rider)))
        .collect();
    assert_eq!(world.store.add_records(&journeys).await.unwrap(), []);
    let last = world.journey(&rider).await;
    let write = world.write(rider.id);
    let add = async || {
        let journey = world.new_journey(&rider);
        world.store.insert_journey(&journey, &write).await
    };
    assert!(is_full(&add().await, Bound::Journeys));
    world.delete_journey(&last).await;
    add().await.unwrap();
    assert!(is_full(&add().await, Bound::Journeys));
    let held = world.journeys_of(&rider).await.len();
    assert_eq!(held as i64, RiderUsage::MAX_JOURNEYS);
}

pub(crate) async fn a_journey_has_no_more_markers_than_the_bound(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let markers: Vec<_> = (1..JourneyUsage::MAX_MARKERS)
        .map(|_| world.new_marker(&journey, at(1.0, 2.0)))
        .collect();
    world.add_markers(&markers).await;
    let last = world.marker(&journey, at(1.0, 2.0)).await;
    let write = world.write(rider.id);
    let add = async || {
        let marker = world.new_marker(&journey, at(1.0, 2.0));
        world.store.insert_marker(&marker, &write).await
    };
    assert!(is_full(&add().await, Bound::Markers));
    // It may still be changed.
    world
        .change_marker(&markers[0], |details| {
            details.estimated_time = Some(day(1));
        })
        .await;
    world.delete_marker(&last).await;
    add().await.unwrap();
    assert!(is_full(&add().await, Bound::Markers));
}

pub(crate) async fn a_journey_has_no_more_text_than_the_bound(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let write = world.write(rider.id);
    let full = heavy(world, &journey, JourneyUsage::MAX_BYTES - journey.text_bytes());
    let mut fuller = full.clone();
    fuller.details.notes = Prose::stored(format!("{}x", full.details.notes.as_str()));
    let wordy = Journey {
        description: Prose::stored(format!("{}x", journey.description.as_str())),
        ..journey.clone()
    };
    let store = &world.store;
    let refused = store.insert_marker(&fuller, &write).await;
    assert!(is_full(&refused, Bound::JourneyText));
    store.insert_marker(&full, &write).await.unwrap();
    let refused = store.replace_marker(&full, &fuller, &write).await;
    assert!(is_full(&refused, Bound::JourneyText));
    let refused = store.replace_journey(&journey, &wordy, &write).await;
    assert!(is_full(&refused, Bound::JourneyText));
    let refused = store
        .insert_marker(&world.new_marker(&journey, at(1.0, 2.0)), &write)
        .await;
    assert!(is_full(&refused, Bound::JourneyText));
    // A change that adds nothing, and another journey, are not refused.
    let mut moved = full.clone();
    moved.details.position = at(3.0, 4.0);
    store.replace_marker(&full, &moved, &write).await.unwrap();
    world.marker(&world.journey(&rider).await, at(1.0, 2.0)).await;
    let mut lighter = moved.clone();
    lighter.details.notes = Prose::default();
    store.replace_marker(&moved, &lighter, &write).await.unwrap();
    store.replace_journey(&journey, &wordy, &write).await.unwrap();
}

/// Fills an account with so many bytes of text. Returns the last marker.
async fn fill(world: &World, rider: &User, bytes: i64) -> Marker {
    let mut left = bytes;
    loop {
        let journey = world.journey(rider).await;
        let bytes = (left - journey.text_bytes()).min(JourneyUsage::MAX_BYTES - journey.text_bytes());
        let marker = heavy(world, &journey, bytes);
        let write = world.write(rider.id);
        world.store.insert_marker(&marker, &write).await.unwrap();
        left -= journey.text_bytes() + bytes;
        if left == 0 {
            return marker;
        }
    }
}

pub(crate) async fn an_account_has_no_more_text_than_its_bound(world: &World) {
    let rider = world.rider().await;
    let write = world.write(rider.id);
    fill(world, &rider, RiderUsage::MAX_BYTES_UNVERIFIED).await;
    let journey = world.new_journey(&rider);
    let add = async || world.store.insert_journey(&journey, &write).await;
    assert!(is_full(&add().await, Bound::Account));
    // An empty text needs no room.
    let silent = Journey {
        name: Name::stored(String::new()),
        description: Prose::default(),
        ..world.new_journey(&rider)
    };
    world.store.insert_journey(&silent, &write).await.unwrap();
    let marker = world.new_marker(&silent, at(1.0, 2.0));
    let refused = world.store.insert_marker(&marker, &write).await;
    assert!(is_full(&refused, Bound::Account));
    world.change_user(rider.id, |user| user.is_verified = true).await;
    add().await.unwrap();
    // What was held before stays when the account is no longer verified.
    world.change_user(rider.id, |user| user.is_verified = false).await;
    let refused = world.store.insert_marker(&marker, &write).await;
    assert!(is_full(&refused, Bound::Account));
}

pub(crate) async fn lines_count_towards_the_bound_of_the_account_alone(world: &World) {
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let lines = [route(0..400), route(0..500), route(0..600)];
    let [shorter, line, longer] = lines.each_ref();
    let bytes = EncodedLine::of(line, LineKind::Route).bytes();
    let held = journey.text_bytes() + bytes;
    let last = fill(world, &rider, RiderUsage::MAX_BYTES_UNVERIFIED - held).await;
    let put = async |kind, line: Option<&Line>| {
        let before = world.version_of(&journey, kind).await;
        world
            .change(&journey, &line_change(&journey, kind, before, line))
            .await
    };
    assert!(is_full(&put(LineKind::Route, Some(longer)).await, Bound::Account));
    put(LineKind::Route, Some(line)).await.unwrap();
    // Now the account is full, for texts and for lines.
    let marker = world.new_marker(&journey, at(1.0, 2.0));
    let write = world.write(rider.id);
    let add = async || world.store.insert_marker(&marker, &write).await;
    assert!(is_full(&add().await, Bound::Account));
    assert!(is_full(
        &put(LineKind::Track, Some(&track(0..9))).await,
        Bound::Account
    ));
    assert!(is_full(&put(LineKind::Route, Some(longer)).await, Bound::Account));
    put(LineKind::Route, Some(line)).await.unwrap();
    put(LineKind::Route, Some(shorter)).await.unwrap();
    assert!(is_full(&put(LineKind::Route, Some(longer)).await, Bound::Account));
    add().await.unwrap();
    put(LineKind::Route, None).await.unwrap();
    world.delete_marker(&marker).await;
    put(LineKind::Route, Some(line)).await.unwrap();
    // A journey gives back what its lines held.
    world.delete_journey(&journey).await;
    let next = world.journey(&rider).await;
    let write = world.write(rider.id);
    let instead = heavy(world, &next, bytes);
    world.store.insert_marker(&instead, &write).await.unwrap();
    let more = world.new_marker(&next, at(1.0, 2.0));
    let refused = world.store.insert_marker(&more, &write).await;
    assert!(is_full(&refused, Bound::Account));
    // The removals of a change make room for its additions.
    let full = world
        .store
        .journey(last.journey_id, rider.id)
        .await
        .unwrap()
        .unwrap();
    let exchange = ContentsChange {
        markers: vec![MarkerChange::Delete(last)],
        ..line_change(&full, LineKind::Route, None, Some(longer))
    };
    world.change(&full, &exchange).await.unwrap();
    // Lines leave the room for text in a journey as it is.
    world.change_user(rider.id, |user| user.is_verified = true).await;
    let again = heavy(world, &full, JourneyUsage::MAX_BYTES - full.text_bytes());
    world.store.insert_marker(&again, &write).await.unwrap();
    let more = world.new_marker(&full, at(1.0, 2.0));
    let refused = world.store.insert_marker(&more, &write).await;
    assert!(is_full(&refused, Bound::JourneyText));
}
