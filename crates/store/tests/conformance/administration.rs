//! The records of a store, as operators copy them.

use kairos_domain::email_address::EmailKey;
use kairos_domain::id::UserId;
use kairos_domain::journey::{Journey, JourneyStatus, Visibility};
use kairos_domain::line::LineKind;
use kairos_domain::mail::MailKind;
use kairos_domain::store::{Around, NearbySearch, RotationOutcome, StoreError, Unique};
use kairos_domain::text::Name;
use kairos_store::administration::{
    AdminStore, LineRecord, Record, RecordKind, RecordPage, ScheduleRecord, UserRecord, WaitingMail,
};

use crate::encounters::{met, search, staying};
use crate::fixtures::lines::{line_of_kind, schedule, track};
use crate::fixtures::{NASTY, World, at, day, now};
use crate::legacy_tokens::earlier_rotation;
use crate::sessions::rotation;

/// Two riders with everything that there can be.
pub(crate) async fn fill(world: &World) {
    let (ann, ben) = (world.rider().await, world.rider().await);
    let mail = world.mail_to(&ann, MailKind::ResetPassword);
    assert!(world.store.enqueue_mail(&mail).await.unwrap());
    let later = now() + chrono::TimeDelta::hours(1);
    world.store.lease_due_mails(now(), later, 1).await.unwrap();
    let session = world.session(&ann).await;
    world
        .store
        .rotate_refresh_token(&rotation(world, &session))
        .await
        .unwrap();
    let id = || kairos_domain::id::SessionId(world.id());
    let legacy = earlier_rotation(world, &ben, world.token(), id());
    let outcome = world.store.rotate_refresh_token(&legacy).await.unwrap();
    assert_eq!(outcome, RotationOutcome::Rotated);
    let ended = earlier_rotation(world, &ben, world.token(), id());
    world
        .store
        .end_session(&ended.presented, ben.id, now())
        .await
        .unwrap();
    for (number, text) in NASTY.iter().enumerate() {
        let journey = world
            .journey_with(&ann, |journey| {
                journey.name = Name::stored((*text).to_owned());
                journey.visibility = [Visibility::Public, Visibility::Private][number % 2];
                journey.status = match number {
                    0 => JourneyStatus::Active,
                    1 => JourneyStatus::Completed,
                    _ => JourneyStatus::Inactive,
                };
            })
            .await;
        let place = kairos_domain::geo::Position::new(-180.0, 1.0 / 3.0, Some(8848.86)).unwrap();
        world
            .marker_with(&journey, place, |marker| {
                marker.details.timestamp = Some(day(3));
            })
            .await;
        world.plan(&journey, at(10.0, 50.0), day(5)).await;
        world.put_lines(&journey).await;
    }
}

/// All records of a kind.
pub(crate) async fn records(store: &dyn AdminStore, kind: RecordKind) -> Vec<Record> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        // Two at a time: pages have borders.
        let page: RecordPage = store.records_after(kind, after, 2).await.unwrap();
        assert_eq!(page.unreadable, [""; 0]);
        assert!(page.records.len() <= 2);
        if page.last.is_none() {
            assert_eq!(store.count_records(kind).await.unwrap(), all.len() as u64);
            return all;
        }
        after = page.last;
        all.extend(page.records);
    }
}

pub(crate) async fn records_come_in_pages_and_each_once(world: &World) {
    fill(world).await;
    for kind in RecordKind::ALL {
        let records = records(&*world.store, kind).await;
        let places: Vec<_> = records
            .iter()
            .map(|record| match record {
                Record::Marker(marker) => (Some(marker.journey_id), record.id()),
                _ => (None, record.id()),
            })
            .collect();
        assert!(places.is_sorted_by(|place, next| place < next), "{places:?}");
        assert!(records.len() >= 2, "{kind:?}");
    }
}

pub(crate) async fn added_records_are_found_at_once(world: &World) {
    let (reader, rider) = (world.rider().await, world.rider().await);
    let place = at(10.0, 50.0);
    let own = staying(world, &reader, place, 0..=5).await;
    let mut journeys = vec![world.journey(&rider).await];
    for _ in 0..2 {
        journeys.push(world.new_journey(&rider));
    }
    let copied = journeys[1..]
        .iter()
        .cloned()
        .map(Record::Journey)
        .collect::<Vec<_>>();
    assert_eq!(world.store.add_records(&copied).await.unwrap(), []);
    let dated = |journey: &Journey, number| {
        let mut marker = world.new_marker(journey, place);
        marker.details.estimated_time = Some(day(number));
        Record::Marker(marker)
    };
    let ids: Vec<_> = journeys.iter().map(|journey| journey.id).collect();
    // What is there is brought up to date, too.
    for number in [0, 4] {
        let markers: Vec<_> = journeys.iter().map(|journey| dated(journey, number)).collect();
        assert_eq!(world.store.add_records(&markers).await.unwrap(), []);
        assert_eq!(met(world, &search(&own, 0, 0.0)).await, ids);
        world.check().await;
    }
    let mut second_day = search(&own, 0, 1.0);
    (second_day.from, second_day.to) = (day(2), Some(day(2)));
    assert_eq!(met(world, &second_day).await, ids);
    let nearby = NearbySearch {
        around: Around::Point(place),
        radius_metres: 1.0,
        reader: reader.id,
        except_owner: reader.id,
        include_completed: true,
        limit: 10,
    };
    let near = world.store.nearby(&nearby).await.unwrap();
    assert_eq!(near.iter().map(|near| near.journey.id).collect::<Vec<_>>(), ids);
}

pub(crate) async fn added_records_leave_those_that_are_there_as_they_are(world: &World) {
    fill(world).await;
    for kind in RecordKind::ALL {
        let before = records(&*world.store, kind).await;
        let others: Vec<_> = before
            .iter()
            .cloned()
            .map(|mut record| {
                match &mut record {
                    Record::User(user) => user.user.name = Name::parse("Lost").unwrap(),
                    Record::Session(session) => session.tokens.clear(),
                    Record::Journey(journey) => journey.name = Name::parse("Lost").unwrap(),
                    Record::Marker(marker) => marker.details.position = at(0.0, 0.0),
                    Record::Line(record) => record.line = line_of_kind(record.kind, 0..2),
                    Record::Schedule(record) => record.schedule = schedule(1_000),
                }
                record
            })
            .collect();
        assert_eq!(world.store.add_records(&others).await.unwrap(), []);
        assert_eq!(records(&*world.store, kind).await, before);
    }
}

pub(crate) async fn a_record_whose_parent_is_missing_is_not_added(world: &World) {
    let rider = world.rider().await;
    let orphan = world.new_journey(&world.user("nobody@example.org"));
    let own = world.new_journey(&rider);
    let added = [Record::Journey(orphan.clone()), Record::Journey(own.clone())];
    assert_eq!(world.store.add_records(&added).await.unwrap(), [orphan.id.0]);
    assert_eq!(world.journeys_of(&rider).await, std::slice::from_ref(&own));
    let kept = world.new_marker(&own, at(1.0, 2.0));
    let lost = world.new_marker(&orphan, at(1.0, 2.0));
    let added = [Record::Marker(lost.clone()), Record::Marker(kept.clone())];
    assert_eq!(world.store.add_records(&added).await.unwrap(), [lost.id.0]);
    assert_eq!(world.markers_of(&own).await, [kept]);
    assert_eq!(records(&*world.store, RecordKind::Markers).await.len(), 1);
    let others = |journey_id| {
        let lines = LineKind::ALL.map(|kind| {
            Record::Line(LineRecord {
                journey_id,
                kind,
                line: line_of_kind(kind, 0..30),
            })
        });
        let schedule = schedule(80_000);
        lines
            .into_iter()
            .chain([Record::Schedule(ScheduleRecord { journey_id, schedule })])
    };
    for (kept, lost) in others(own.id).zip(others(orphan.id)) {
        let added = [lost, kept.clone()];
        assert_eq!(world.store.add_records(&added).await.unwrap(), [orphan.id.0]);
        assert_eq!(records(&*world.store, kept.kind()).await, [kept]);
    }
}

pub(crate) async fn a_page_of_lines_is_bounded_by_their_positions(world: &World) {
    let rider = world.rider().await;
    let line = track(0..40_000);
    let mut lines = Vec::new();
    for _ in 0..4 {
        lines.push(Record::Line(LineRecord {
            journey_id: world.journey(&rider).await.id,
            kind: LineKind::Route,
            line: line.clone(),
        }));
    }
    assert_eq!(world.store.add_records(&lines).await.unwrap(), []);
    let page = async |after| {
        world
            .store
            .records_after(RecordKind::Routes, after, 500)
            .await
            .unwrap()
    };
    // Three of them have more positions than a line may have.
    let (first, second) = (page(None).await, page(page(None).await.last).await);
    assert_eq!(first.records, lines[..3]);
    assert_eq!(second.records, lines[3..]);
    assert_eq!(page(second.last).await.last, None);
}

pub(crate) async fn two_accounts_of_one_address_stay(world: &World) {
    let record = |email: &str, holds_its_address| {
        let user = world.user(email);
        let mail = world.mail_to(&user, MailKind::VerifyEmail);
        let mails = vec![WaitingMail {
            due_at: mail.created_at,
            mail,
        }];
        Record::User(UserRecord {
            user,
            holds_its_address,
            mails,
        })
    };
    let store = &world.store;
    let (first, second) = (record("ann@example.org", true), record("Ann@example.org", false));
    let both = [first.clone(), second.clone()];
    assert_eq!(store.add_records(&both).await.unwrap(), []);
    assert_eq!(records(&**store, RecordKind::Users).await, both);
    let logs_in = async || {
        let user = store.user_by_email(&EmailKey::of("ann@example.org")).await;
        user.unwrap().map(|user| user.id.0)
    };
    assert_eq!(logs_in().await, Some(first.id()));
    let register = async |email| {
        let user = world.user(email);
        store.register_user(&world.registration(&user)).await
    };
    let is_taken = |outcome| matches!(outcome, Err(StoreError::Conflict(Unique::Email)));
    assert!(is_taken(register("ANN@example.org").await));
    let user = store.user(UserId(first.id())).await.unwrap().unwrap();
    let findings = store.inspect().await.unwrap().findings;
    assert!(findings[0].contains("share their address"), "{findings:?}");
    store.delete_user(&user).await.unwrap();
    assert_eq!(logs_in().await, Some(second.id()));
    assert!(is_taken(register("ANN@example.org").await));
    register("ben@example.org").await.unwrap();
    let clashing = record("ben@example.org", true);
    let refused = store.add_records(&[clashing]).await;
    assert!(matches!(refused, Err(StoreError::Conflict(Unique::Email))));
    let user = store.user(UserId(second.id())).await.unwrap().unwrap();
    store.delete_user(&user).await.unwrap();
}

pub(crate) async fn an_inspection_counts_what_is_there(world: &World) {
    fill(world).await;
    let inspection = world.store.inspect().await.unwrap();
    assert!(inspection.database.contains("SQLite 3.") || inspection.database.contains("MongoDB "));
    assert_eq!(
        inspection.counts,
        [
            ("users", 2),
            ("sessions", 3),
            ("journeys", 6),
            ("markers", 12),
            ("routes", 6),
            ("tracks", 6),
            ("schedules", 6)
        ]
    );
    let named = ["users.one_account_an_address", "journeys.one_active_journey_a_"];
    for name in named {
        assert!(
            inspection.indexes.iter().any(|index| index.starts_with(name)),
            "{:?}",
            inspection.indexes
        );
    }
    assert_eq!(inspection.findings, [""; 0]);
    assert_eq!(world.store.repair().await.unwrap(), [""; 0]);
}
