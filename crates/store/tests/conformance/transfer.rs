//! What one store holds, another can hold: read out of either and put into the other, everything is the same.

use std::sync::Arc;

use bson::{Document, doc};
use kairos_domain::email_address::{EmailAddress, EmailKey};
use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, MailId, SessionId};
use kairos_domain::journey::{Journey, JourneyStatus, Visibility};
use kairos_domain::mail::MailKind;
use kairos_domain::store::{Page, ProfileUpdate, RotationOutcome, StoreError, Unique};
use kairos_domain::user::{Contact, User};
use kairos_store::administration::{
    ManagedStore, Parentless, Record, RecordKind, RecordPage, UserRecord, WaitingMail, add_as_they_are_now,
    why_parentless,
};
use kairos_store::sqlite::SqliteStore;
use kairos_test_mongod::{TestDatabase, standalone};

use crate::mongodb_database::open;
use crate::sessions::{earlier_rotation, rotation};
use crate::world::{NASTY, World, at, day, now};

async fn on_sqlite() -> (Arc<dyn ManagedStore>, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&directory.path().join("kairos.db"))
        .await
        .unwrap();
    (Arc::new(store), directory)
}

async fn on_mongodb() -> (Arc<dyn ManagedStore>, TestDatabase) {
    let database = TestDatabase::on(standalone());
    (Arc::new(open(&database).await), database)
}

/// Two riders with everything there can be.
async fn fill(world: &World) {
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
    let adopted = earlier_rotation(world, &ben, world.token(), SessionId(world.id()));
    let outcome = world.store.rotate_refresh_token(&adopted).await.unwrap();
    assert_eq!(outcome, RotationOutcome::Rotated);
    let ended = earlier_rotation(world, &ben, world.token(), SessionId(world.id()));
    world
        .store
        .end_session(&ended.presented, ben.id, now())
        .await
        .unwrap();
    for (number, text) in NASTY.iter().enumerate() {
        let journey = world
            .journey_with(&ann, |journey| {
                journey.name = kairos_domain::text::Name::stored((*text).to_owned());
                journey.visibility = [Visibility::Public, Visibility::Private][number % 2];
                journey.status = match number {
                    0 => JourneyStatus::Active,
                    1 => JourneyStatus::Completed,
                    _ => JourneyStatus::Inactive,
                };
            })
            .await;
        world
            .marker_with(&journey, at(10.0, 50.0), |marker| {
                marker.details.position =
                    kairos_domain::geo::Position::new(-180.0, 1.0 / 3.0, Some(8848.86)).unwrap();
                marker.details.timestamp = Some(day(3));
            })
            .await;
        world.plan(&journey, at(10.0, 50.0), day(5)).await;
    }
}

async fn everything(store: &dyn ManagedStore, kind: RecordKind) -> Vec<Record> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        // Two at a time: pages have borders.
        let page: RecordPage = store.records_after(kind, after, 2).await.unwrap();
        assert_eq!(page.unreadable, [""; 0]);
        if page.last.is_none() {
            assert_eq!(store.count_records(kind).await.unwrap(), all.len() as u64);
            return all;
        }
        after = page.last;
        all.extend(page.records);
    }
}

async fn moves_house(source: &Arc<dyn ManagedStore>, target: &Arc<dyn ManagedStore>) {
    let world = World::new(Arc::<dyn ManagedStore>::clone(source));
    fill(&world).await;
    for kind in RecordKind::ALL {
        let records = everything(&**source, kind).await;
        assert!(records.len() >= 2, "{kind:?}");
        // Half of it twice, as when it was stopped and goes on.
        let half = &records[..records.len() / 2];
        assert_eq!(target.add_records(half).await.unwrap(), []);
        assert_eq!(target.add_records(&records).await.unwrap(), []);
        assert_eq!(everything(&**target, kind).await, records);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_sqlite_to_mongodb() {
    let ((source, _file), (target, _database)) = (on_sqlite().await, on_mongodb().await);
    moves_house(&source, &target).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_mongodb_to_sqlite() {
    let ((source, _database), (target, _file)) = (on_mongodb().await, on_sqlite().await);
    moves_house(&source, &target).await;
}

/// Two accounts of one address, as the earlier service could make them.
async fn shares_an_address(store: Arc<dyn ManagedStore>) {
    let world = World::new(Arc::<dyn ManagedStore>::clone(&store));
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
    let (first, second) = (record("ann@example.org", true), record("Ann@example.org", false));
    assert_eq!(
        store.add_records(&[first.clone(), second.clone()]).await.unwrap(),
        []
    );
    let logs_in = async || {
        let user = store
            .user_by_email(&EmailKey::of("ann@example.org"))
            .await
            .unwrap();
        user.map(|user| user.id.0)
    };
    assert_eq!(logs_in().await, Some(first.id()));
    let register = async || {
        let user = world.user("ANN@example.org");
        let mail = world.mail_to(&user, MailKind::VerifyEmail);
        store.register_user(&user, &mail).await
    };
    assert!(matches!(
        register().await,
        Err(StoreError::Conflict(Unique::Email))
    ));
    store
        .delete_user_with_everything(kairos_domain::id::UserId(first.id()))
        .await
        .unwrap();
    assert_eq!(logs_in().await, Some(second.id()));
    assert!(matches!(
        register().await,
        Err(StoreError::Conflict(Unique::Email))
    ));
    let ben = world.user("ben@example.org");
    let mail = world.mail_to(&ben, MailKind::VerifyEmail);
    store.register_user(&ben, &mail).await.unwrap();
    let clashing = record("ben@example.org", true);
    let refused = store.add_records(&[clashing]).await;
    assert!(matches!(refused, Err(StoreError::Conflict(Unique::Email))));
    assert_eq!(
        EmailAddress::parse("ann@example.org").unwrap().key(),
        EmailKey::of("ANN@example.org")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_of_one_address_stay_on_sqlite() {
    let (store, _file) = on_sqlite().await;
    shares_an_address(store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_of_one_address_stay_on_mongodb() {
    let (store, _database) = on_mongodb().await;
    shares_an_address(store).await;
}

/// Reads a store while it is used, and finds an address, and being the active journey, at two places.
async fn is_read_while_it_is_used(source: Arc<dyn ManagedStore>, target: Arc<dyn ManagedStore>) {
    let world = World::new(Arc::<dyn ManagedStore>::clone(&source));
    let put = async |kind| {
        let records = everything(&*source, kind).await;
        match target.add_records(&records).await {
            Ok(parentless) => assert_eq!(parentless, []),
            Err(StoreError::Conflict(_)) => {
                let added = add_as_they_are_now(kind, &records, &*source, &*target).await;
                assert_eq!(added.unwrap(), []);
            }
            Err(fault) => panic!("{fault}"),
        }
        assert_eq!(everything(&*target, kind).await, everything(&*source, kind).await);
    };
    let (leaves, moves, stays) = (world.rider().await, world.rider().await, world.rider().await);
    put(RecordKind::Users).await;
    // Somebody has the address of an account that is gone, and of one that has another one now; that one has one of an account that is gone.
    world.store.delete_user_with_everything(leaves.id).await.unwrap();
    let update = ProfileUpdate {
        name: moves.name.clone(),
        contact: Contact::default(),
        email: Some(leaves.email.clone()),
        verify_mail: MailId(world.id()),
        notice_mail: MailId(world.id()),
        now: now(),
    };
    world
        .store
        .update_profile(moves.id, &update)
        .await
        .unwrap()
        .unwrap();
    let comes = world.user(moves.email.as_str());
    let mail = world.mail_to(&comes, MailKind::VerifyEmail);
    world.store.register_user(&comes, &mail).await.unwrap();
    put(RecordKind::Users).await;

    let active = |journey: &mut Journey| journey.status = JourneyStatus::Active;
    let first = world.journey_with(&stays, active).await;
    put(RecordKind::Journeys).await;
    world.store.toggle_active_journey(first.id).await.unwrap();
    world.journey_with(&stays, active).await;
    put(RecordKind::Journeys).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moves_while_it_is_read_is_once_in_the_copy() {
    let ((source, _database), (target, _file)) = (on_mongodb().await, on_sqlite().await);
    is_read_while_it_is_used(source, target).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_lost_its_parent_is_left_behind() {
    let (store, _file) = on_sqlite().await;
    let world = World::new(Arc::<dyn ManagedStore>::clone(&store));
    let rider = world.rider().await;
    let journey = world.new_journey(&world.user("nobody@example.org"));
    let mut own = world.new_journey(&rider);
    own.id = JourneyId(world.id());
    let records = [Record::Journey(journey.clone()), Record::Journey(own.clone())];
    assert_eq!(store.add_records(&records).await.unwrap(), [journey.id.0]);
    let kept = store.journeys_of(rider.id, rider.id, Page::everything()).await;
    assert_eq!(kept.unwrap().unwrap(), [own]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_while_a_store_is_read_is_told_from_orphans() {
    let (store, database) = on_mongodb().await;
    let world = World::new(Arc::<dyn ManagedStore>::clone(&store));
    let why = async |record: &Record| {
        let kind = match record {
            Record::Journey(_) => RecordKind::Journeys,
            _ => RecordKind::Markers,
        };
        why_parentless(kind, record.id(), &*store).await.unwrap()
    };
    let place = Position::new(9.99, 48.4, None).unwrap();
    let journey_with_marker = |rider: &User| {
        let journey = world.new_journey(rider);
        let marker = world.new_marker(&journey, place);
        [Record::Journey(journey), Record::Marker(marker)]
    };
    let gone = journey_with_marker(&world.user("gone@example.org"));
    let newer = journey_with_marker(&world.rider().await);
    let unreadable = world.rider().await;
    let unread = journey_with_marker(&unreadable);
    for records in [&gone, &newer, &unread] {
        store.add_records(records).await.unwrap();
    }
    let users = database.database().await.collection::<Document>("users");
    let id = bson::oid::ObjectId::from_bytes(unreadable.id.0.bytes());
    let spoil = doc! { "$set": { "email": 7 } };
    users.update_one(doc! { "_id": id }, spoil).await.unwrap();
    for (records, expected) in [
        (gone, Parentless::Orphan),
        (newer, Parentless::Overtaken),
        (unread, Parentless::OfUnreadable),
        (
            journey_with_marker(&world.user("never@example.org")),
            Parentless::Overtaken,
        ),
    ] {
        for record in &records {
            assert_eq!(why(record).await, expected, "{record:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inspection_tells_what_is_there() {
    for (store, named) in [
        (on_sqlite().await.0, "users.one_account_an_address (email_key)"),
        (
            on_mongodb().await.0,
            "journeys.one_active_journey_a_rider (user_id, active)",
        ),
    ] {
        fill(&World::new(Arc::<dyn ManagedStore>::clone(&store))).await;
        store.renew_tracks().await.unwrap();
        let inspection = store.inspect().await.unwrap();
        assert!(inspection.database.contains("SQLite 3.") || inspection.database.contains("MongoDB "));
        assert_eq!(
            inspection.counts,
            [("users", 2), ("sessions", 3), ("journeys", 6), ("markers", 12)]
        );
        assert!(
            inspection.indexes.iter().any(|index| index == named),
            "{:?}",
            inspection.indexes
        );
        assert_eq!(inspection.findings, [""; 0]);
    }
}
