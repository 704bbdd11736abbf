//! Deletions that are too large for one transaction.

use kairos_domain::journey::{Journey, JourneyStatus};
use kairos_domain::line::LineKind;
use kairos_domain::mail::MailKind;
use kairos_domain::marker::Marker;
use kairos_domain::store::{
    Around, EncounterSearch, IdempotencyRecord, NearbySearch, OfJourney, RotationOutcome, UserChange, Write,
    WriteError,
};
use kairos_domain::usage::RiderUsage;
use kairos_domain::user::User;
use kairos_store::administration::{Record, RecordKind};

use crate::fixtures::lines::track;
use crate::fixtures::{World, at, day, now};
use crate::sessions::rotation;

/// More markers than go in one batch.
const MANY: i64 = 2_500;

/// An active journey with many dated markers, lines of many days, and a schedule.
async fn large_journey(world: &World, rider: &User) -> (Journey, Vec<Marker>) {
    let active = |journey: &mut Journey| journey.status = JourneyStatus::Active;
    let journey = world.journey_with(rider, active).await;
    let markers: Vec<_> = (0..MANY)
        .map(|number| {
            let mut marker = world.new_marker(&journey, at(10.0, 50.0));
            marker.details.estimated_time = Some(day(number % 50));
            marker
        })
        .collect();
    world.add_markers(&markers).await;
    world.put_lines(&journey).await;
    world
        .put_line(&journey, LineKind::Track, &track(0..24 * 60))
        .await;
    (journey, markers)
}

/// Whether others find anything where the large journeys are.
async fn is_found(world: &World) -> bool {
    let reader = world.rider().await;
    let own = world.journey(&reader).await;
    world.plan(&own, at(10.0, 50.0), day(0)).await;
    let nearby = NearbySearch {
        around: Around::Point(at(10.0, 50.0)),
        radius_metres: 1_000.0,
        reader: reader.id,
        except_owner: reader.id,
        include_completed: true,
        limit: 10,
    };
    let encounters = EncounterSearch {
        journey_id: own.id,
        rider: reader.id,
        today: chrono::NaiveDate::MAX,
        from: day(0),
        to: None,
        within_days: 3,
        max_distance_metres: 1_000.0,
    };
    let near = world.store.nearby(&nearby).await.unwrap();
    let met = world.store.encounters(&encounters, 10).await.unwrap();
    assert_eq!(near.is_empty(), met.is_empty());
    world.store.delete_user(&reader).await.unwrap();
    !near.is_empty()
}

/// Removes everything that is marked; says how many batches that took.
async fn finish(world: &World) -> usize {
    let mut batches = 1;
    while world.store.delete_next_batch().await.unwrap() {
        batches += 1;
    }
    assert!(!world.store.delete_next_batch().await.unwrap());
    batches
}

async fn count(world: &World, kind: RecordKind) -> u64 {
    world.store.count_records(kind).await.unwrap()
}

async fn is_gone(world: &World, rider: &User, journey: &Journey, marker: &Marker) {
    let store = &world.store;
    assert_eq!(store.journey(journey.id, rider.id).await.unwrap(), None);
    assert!(!world.journeys_of(rider).await.contains(journey));
    assert_eq!(store.active_journey(rider.id, rider.id).await.unwrap(), None);
    assert_eq!(store.marker(journey.id, marker.id).await.unwrap(), None);
    assert_eq!(world.markers_of(journey).await, []);
    let places = store.marker_places_of(journey.id, rider.id).await.unwrap();
    assert_eq!(places, None);
    for kind in LineKind::ALL {
        let line = store.line(journey.id, kind, rider.id).await.unwrap();
        assert_eq!(line, OfJourney::NoJourney);
    }
    assert_eq!(store.lines_of(journey.id, rider.id).await.unwrap(), None);
    let schedule = store.schedule(journey.id, rider.id).await.unwrap();
    assert_eq!(schedule, OfJourney::NoJourney);
    let simplified = store.simplified_lines(&[journey.id], rider.id).await.unwrap();
    assert_eq!(simplified, []);
    for kind in [RecordKind::Routes, RecordKind::Tracks, RecordKind::Schedules] {
        assert_eq!(count(world, kind).await, 0);
    }
    let around = NearbySearch {
        around: Around::Journey(journey.id),
        radius_metres: 1e6,
        reader: rider.id,
        except_owner: rider.id,
        include_completed: true,
        limit: 10,
    };
    assert_eq!(store.nearby(&around).await.unwrap(), []);
    let write = world.write(rider.id);
    let added = world.new_marker(journey, at(1.0, 2.0));
    let added = store.insert_marker(&added, &write).await;
    assert!(matches!(added, Err(WriteError::ParentGone)), "{added:?}");
    let mut moved = marker.clone();
    moved.details.position = at(3.0, 4.0);
    for refused in [
        store.replace_marker(marker, &moved, &write).await,
        store.delete_marker(marker, &write).await,
        store.delete_journey(journey, &write).await,
    ] {
        assert!(matches!(refused, Err(WriteError::Changed)), "{refused:?}");
    }
    let records = [Record::Marker(world.new_marker(journey, at(1.0, 2.0)))];
    assert_eq!(store.add_records(&records).await.unwrap(), [records[0].id()]);
}

pub(crate) async fn a_large_journey_is_gone_at_once_and_removed_in_batches(world: &World) {
    let rider = world.rider().await;
    let other = world.journey_at(&rider, &[at(-10.0, -50.0)]).await;
    let (journey, markers) = large_journey(world, &rider).await;
    assert!(is_found(world).await);
    world.delete_journey(&journey).await;
    is_gone(world, &rider, &journey, &markers[0]).await;
    assert!(!is_found(world).await);
    assert_eq!(count(world, RecordKind::Journeys).await, 1);
    assert_eq!(count(world, RecordKind::Markers).await, 1);
    // Another one can be active.
    let active = |journey: &mut Journey| journey.status = JourneyStatus::Active;
    world.change_journey(&other, active).await;
    assert!(finish(world).await > 1);
    assert_eq!(count(world, RecordKind::Markers).await, 1);
    assert_eq!(world.markers_of(&other).await.len(), 1);
}

pub(crate) async fn a_large_account_is_gone_at_once_and_removed_in_batches(world: &World) {
    let (rider, bystander) = (world.rider().await, world.rider().await);
    let theirs = world.journey_at(&bystander, &[at(-10.0, -50.0)]).await;
    let (journey, markers) = large_journey(world, &rider).await;
    for _ in 0..3 {
        world.journey_at(&rider, &[at(10.0, 50.0)]).await;
    }
    let session = world.session(&rider).await;
    let made = world.new_journey(&rider);
    let write = Write {
        key: Some(IdempotencyRecord {
            key: "key".to_owned(),
            request: [7; 32],
            status: 201,
            ids: vec![made.id.0],
        }),
        ..world.write(rider.id)
    };
    world.store.insert_journey(&made, &write).await.unwrap();
    world.store.delete_user(&rider).await.unwrap();

    is_gone(world, &rider, &journey, &markers[0]).await;
    assert_eq!(world.journeys_of(&rider).await, []);
    assert!(!is_found(world).await);
    let store = &world.store;
    assert_eq!(store.user(rider.id).await.unwrap(), None);
    assert_eq!(store.user_by_email(&rider.email.key()).await.unwrap(), None);
    assert_eq!(store.users(&[rider.id]).await.unwrap(), []);
    let change = UserChange {
        before: rider.clone(),
        after: User {
            is_verified: true,
            ..rider.clone()
        },
        mails: Vec::new(),
    };
    for refused in [
        store.replace_user(&change, None).await,
        store.delete_user(&rider).await,
    ] {
        assert!(matches!(refused, Err(WriteError::Changed)), "{refused:?}");
    }
    let write = world.write(rider.id);
    let added = store.insert_journey(&world.new_journey(&rider), &write).await;
    assert!(matches!(added, Err(WriteError::ParentGone)), "{added:?}");
    let record = store.idempotency_record(rider.id, "key", now()).await.unwrap();
    assert_eq!(record, None);
    let trade = async |session| {
        let rotation = rotation(world, session);
        store.rotate_refresh_token(&rotation).await.unwrap()
    };
    assert_eq!(trade(&session).await, RotationOutcome::Refused);
    assert_eq!(
        trade(&world.session(&rider).await).await,
        RotationOutcome::Refused
    );
    let mail = world.mail_to(&rider, MailKind::ResetPassword);
    assert!(!store.enqueue_mail(&mail).await.unwrap());
    let mails = store.lease_due_mails(now(), now(), 10).await.unwrap();
    assert!(mails.iter().all(|mail| mail.user_id == bystander.id));
    assert_eq!(count(world, RecordKind::Users).await, 1);
    assert_eq!(count(world, RecordKind::Sessions).await, 0);
    assert_eq!(count(world, RecordKind::Journeys).await, 1);
    assert_eq!(count(world, RecordKind::Markers).await, 1);
    // The address is free.
    let again = world.user(rider.email.as_str());
    store.register_user(&world.registration(&again)).await.unwrap();

    assert!(finish(world).await > 1);
    assert_eq!(count(world, RecordKind::Users).await, 2);
    assert_eq!(count(world, RecordKind::Markers).await, 1);
    assert_eq!(world.markers_of(&theirs).await.len(), 1);
    assert_eq!(store.user(again.id).await.unwrap(), Some(again));
}

pub(crate) async fn a_deletion_gives_back_at_once_what_was_held(world: &World) {
    let rider = world.rider().await;
    let (journey, _) = large_journey(world, &rider).await;
    let journeys: Vec<_> = (1..RiderUsage::MAX_JOURNEYS)
        .map(|_| Record::Journey(world.new_journey(&rider)))
        .collect();
    assert_eq!(world.store.add_records(&journeys).await.unwrap(), []);
    let write = world.write(rider.id);
    let added = world.new_journey(&rider);
    let refused = world.store.insert_journey(&added, &write).await;
    assert!(matches!(refused, Err(WriteError::Full(_))));
    world.delete_journey(&journey).await;
    world.store.insert_journey(&added, &write).await.unwrap();
    finish(world).await;
}

pub(crate) async fn others_write_while_a_deletion_goes_on(world: &World) {
    let (rider, writer) = (world.rider().await, world.rider().await);
    large_journey(world, &rider).await;
    large_journey(world, &rider).await;
    world.store.delete_user(&rider).await.unwrap();
    let journey = world.journey(&writer).await;
    let writing = async {
        for number in 0..20 {
            world.plan(&journey, at(10.0, 50.0), day(number)).await;
        }
    };
    tokio::join!(finish(world), writing, finish(world));
    assert_eq!(world.markers_of(&journey).await.len(), 20);
    assert_eq!(count(world, RecordKind::Markers).await, 20);
}
