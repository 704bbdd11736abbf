//! Files that earlier versions of Kairos made.

use std::path::Path;
use std::sync::Arc;

use kairos_domain::store::Around;
use kairos_store::administration::{Record, RecordKind};
use kairos_store::sqlite::SqliteStore;
use rusqlite::Connection;
use rusqlite::types::Value;

use crate::administration::records;
use crate::fixtures::World;

/// A file of version 3.
fn file_of_version_3(path: &Path) -> Connection {
    let file = Connection::open(path).unwrap();
    file.execute_batch(include_str!("data/version_3.sql")).unwrap();
    file
}

fn rows(file: &Connection, query: &str) -> Vec<Vec<Value>> {
    let mut query = file.prepare(query).unwrap();
    let columns = query.column_count();
    let rows = query.query_map([], |row| (0..columns).map(|column| row.get(column)).collect());
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

fn schema(file: &Connection) -> Vec<Vec<Value>> {
    rows(
        file,
        "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name",
    )
}

/// What a query finds in version 3, and how this version is asked for the same.
const CONTENT: [(&str, &str); 9] = [
    (
        "SELECT id, email, email_key, is_verified, name, phonenumber, instagram, country, password, credential_version
         FROM users ORDER BY id",
        "SELECT id, email, email_key, is_verified, name, phonenumber, instagram, country, password, credential_version
         FROM users ORDER BY id",
    ),
    (
        "SELECT * FROM sessions ORDER BY id",
        "SELECT * FROM sessions ORDER BY id",
    ),
    (
        "SELECT * FROM refresh_tokens ORDER BY hash",
        "SELECT hash, session_id, first_used_at, expires_at FROM refresh_tokens ORDER BY hash",
    ),
    (
        "SELECT * FROM earlier_refresh_tokens ORDER BY hash",
        "SELECT * FROM legacy_refresh_tokens ORDER BY hash",
    ),
    (
        "SELECT id, user_id, name, description, created_at, status, visibility FROM journeys ORDER BY id",
        "SELECT id, user_id, name, description, created_at, status, visibility FROM journeys ORDER BY id",
    ),
    (
        "SELECT id, journey_id, owner_id, name, notes, kind, longitude, latitude, elevation, cell, timestamp, estimated_time,
             created_at FROM markers ORDER BY id",
        "SELECT id, journey_id, owner_id, name, notes, iif(kind = 0, 'past', 'plan'), longitude, latitude, elevation, cell,
             date(timestamp + 1721424.5), date(estimated_time + 1721424.5), created_at FROM markers ORDER BY id",
    ),
    (
        "SELECT journey_id, day, day_cell, longitude, latitude FROM track_days ORDER BY journey_id, day",
        "SELECT journey_id, day, day_cell, longitude, latitude FROM itinerary_days ORDER BY journey_id, day",
    ),
    ("SELECT * FROM outbox ORDER BY id", "SELECT * FROM outbox ORDER BY id"),
    (
        "SELECT key, counts_until FROM counted_acts UNION ALL SELECT * FROM known_clients",
        "SELECT key, counts_until FROM counted_acts UNION ALL SELECT * FROM known_clients",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_version_3_is_migrated_with_all_that_is_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kairos.db");
    let before = {
        let file = file_of_version_3(&path);
        CONTENT.map(|(query, _)| rows(&file, query))
    };
    assert!(before.iter().all(|rows| !rows.is_empty()));
    let world = World::new(Arc::new(SqliteStore::open(&path).await.unwrap()));
    let file = Connection::open(&path).unwrap();
    for ((_, query), before) in CONTENT.into_iter().zip(before) {
        assert_eq!(rows(&file, query), before, "{query}");
    }
    let fresh = directory.path().join("fresh.db");
    drop(SqliteStore::open(&fresh).await.unwrap());
    assert_eq!(schema(&file), schema(&Connection::open(&fresh).unwrap()));

    // Usage, itineraries and the spatial index are right. Two accounts share an address since the earlier
    // service.
    let findings = world.store.inspect().await.unwrap().findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].contains("share their address"), "{findings:?}");
    for kind in RecordKind::ALL {
        records(&*world.store, kind).await;
    }
    let markers = records(&*world.store, RecordKind::Markers).await;
    let Record::Marker(marker) = &markers[0] else {
        panic!("{markers:?}");
    };
    let search = kairos_domain::store::NearbySearch {
        around: Around::Point(marker.details.position),
        radius_metres: 100_000.0,
        reader: kairos_domain::id::UserId(world.id()),
        except_owner: kairos_domain::id::UserId(world.id()),
        include_completed: true,
        limit: 50,
    };
    assert!(!world.store.nearby(&search).await.unwrap().is_empty());

    // A second start changes nothing.
    drop(world);
    let migrated = std::fs::read(&path).unwrap();
    drop(SqliteStore::open(&path).await.unwrap());
    assert_eq!(std::fs::read(&path).unwrap(), migrated);
}

/// The columns that version 4 had, by table.
const OF_VERSION_4: [(&str, &str); 13] = [
    (
        "users",
        "id, email, is_verified, name, phonenumber, instagram, country, password, credential_version, journeys_held, bytes_held,
             write_minute, writes, writes_before, keys_made",
    ),
    ("idempotency_keys", "*"),
    ("invitations", "*"),
    ("sessions", "*"),
    ("refresh_tokens", "hash, session_id, first_used_at, expires_at"),
    ("legacy_refresh_tokens", "*"),
    (
        "journeys",
        "id, user_id, name, description, created_at, status, visibility, markers_held, bytes_held",
    ),
    ("deletions", "*"),
    ("markers", "*"),
    ("itinerary_days", "*"),
    ("outbox", "*"),
    ("counted_acts", "*"),
    ("known_clients", "*"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_version_4_is_migrated_with_all_that_is_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kairos.db");
    let content = |file: &Connection| {
        OF_VERSION_4.map(|(table, columns)| rows(file, &format!("SELECT {columns} FROM {table}")))
    };
    let before = {
        let file = Connection::open(&path).unwrap();
        file.execute_batch(include_str!("data/version_4.sql")).unwrap();
        content(&file)
    };
    assert!(before.iter().all(|rows| !rows.is_empty()));
    let world = World::new(Arc::new(SqliteStore::open(&path).await.unwrap()));
    let file = Connection::open(&path).unwrap();
    assert_eq!(content(&file), before);
    let fresh = directory.path().join("fresh.db");
    drop(SqliteStore::open(&fresh).await.unwrap());
    assert_eq!(schema(&file), schema(&Connection::open(&fresh).unwrap()));

    // Accounts have the keys of their addresses. Of two with one address, the verified one logs in.
    let holders =
        "SELECT lower(hex(id)) FROM users WHERE email_key = ? ORDER BY email_key_is_unique DESC, id";
    for (address, ids) in [
        (
            "EVA@müller.example",
            &["6b09d1df80db6a5309000004", "6b09d1df80db6a5309000003"][..],
        ),
        (
            "zoë@example.org",
            &["6b09d1df80db6a5309000002", "6b09d1f2e2da25fe854201d4"],
        ),
        ("udo@example.org", &["6b09d1df80db6a5309000005"]),
    ] {
        let key = kairos_domain::email_address::EmailKey::of(address);
        let mut query = file.prepare(holders).unwrap();
        let found = query.query_map([key.as_str()], |row| row.get::<_, String>(0));
        assert_eq!(found.unwrap().collect::<Result<Vec<_>, _>>().unwrap(), ids);
        let user = world.store.user_by_email(&key).await.unwrap().unwrap();
        assert_eq!(user.id.to_string(), ids[0]);
    }
    let findings = world.store.inspect().await.unwrap().findings;
    assert_eq!(findings.len(), 2, "{findings:?}");
    assert!(findings[0].contains("share their address"), "{findings:?}");
    assert!(findings[1].contains("has yet to remove"), "{findings:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_version_5_is_extended_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kairos.db");
    let content =
        |file: &Connection| OF_VERSION_4.map(|(table, _)| rows(file, &format!("SELECT * FROM {table}")));
    let before = {
        let file = Connection::open(&path).unwrap();
        file.execute_batch(include_str!("data/version_5.sql")).unwrap();
        content(&file)
    };
    assert!(before.iter().all(|rows| !rows.is_empty()));
    let world = World::new(Arc::new(SqliteStore::open(&path).await.unwrap()));
    let file = Connection::open(&path).unwrap();
    assert_eq!(content(&file), before);
    let fresh = directory.path().join("fresh.db");
    drop(SqliteStore::open(&fresh).await.unwrap());
    assert_eq!(schema(&file), schema(&Connection::open(&fresh).unwrap()));
    let findings = world.store.inspect().await.unwrap().findings;
    assert_eq!(findings.len(), 2, "{findings:?}");
    // Its journeys can have lines.
    let Record::Journey(journey) = &records(&*world.store, RecordKind::Journeys).await[0] else {
        panic!("a record of another kind");
    };
    world.put_lines(journey).await;
    assert_eq!(world.store.inspect().await.unwrap().findings, findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_an_older_version_is_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    for version in [1, 2] {
        let path = directory.path().join(format!("{version}.db"));
        let file = file_of_version_3(&path);
        file.pragma_update(None, "user_version", version).unwrap();
        let before = schema(&file);
        drop(file);
        let refusal = SqliteStore::open(&path).await.unwrap_err().to_string();
        assert!(
            refusal.contains(&format!("version {version}")) && refusal.contains("Kairos 0.1"),
            "{refusal}"
        );
        let file = Connection::open(&path).unwrap();
        assert_eq!(schema(&file), before);
        assert_eq!(rows(&file, "PRAGMA user_version"), [[Value::from(version)]]);
    }
}
