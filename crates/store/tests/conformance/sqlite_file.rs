//! What only the store in a file has to do.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use kairos_domain::store::{IdempotencyRecord, Write};
use kairos_domain::user::User;
use kairos_store::sqlite::SqliteStore;

use crate::fixtures::{World, at, now};

async fn refusal(path: &Path) -> String {
    SqliteStore::open(path).await.unwrap_err().to_string()
}

#[tokio::test]
async fn what_was_written_is_there_after_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kairos.db");
    let world = World::new(Arc::new(SqliteStore::open(&path).await.unwrap()));
    let user = world.rider().await;
    let journey = world.journey(&user).await;
    let marker = world.marker(&journey, at(1.0, 2.0)).await;
    drop(world);
    let world = World::new(Arc::new(SqliteStore::open(&path).await.unwrap()));
    assert_eq!(world.journeys_of(&user).await, std::slice::from_ref(&journey));
    assert_eq!(world.markers_of(&journey).await, [marker]);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    let notes = "not a database at all ".repeat(1000);
    fs::write(&path, &notes).unwrap();
    let refusal = refusal(&path).await;
    assert!(
        refusal.contains("notes.txt") && refusal.contains("not a database"),
        "{refusal}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), notes);
}

#[tokio::test]
async fn a_database_of_another_program_or_of_a_newer_version_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("other.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE users (id INTEGER)").unwrap();
    assert!(refusal(&path).await.contains("another program"));
    let path = directory.path().join("newer.db");
    drop(SqliteStore::open(&path).await.unwrap());
    let newer = rusqlite::Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 1_000).unwrap();
    assert!(refusal(&path).await.contains("version 1000"));
    let version: u32 = newer
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, 1_000);
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("nowhere/kairos.db");
    assert!(refusal(&path).await.contains("nowhere/kairos.db"));
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kairos.db");
    let world = World::new(Arc::new(SqliteStore::open(&path).await.unwrap()));
    world.rider().await;
    for file in fs::read_dir(directory.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(
            file.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{file:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_may_open_one_file_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kairos.db");
    let opening = (0..4).map(|_| SqliteStore::open(&path));
    for store in futures_util::future::join_all(opening).await {
        World::new(Arc::new(store.unwrap())).store.ping().await.unwrap();
    }
}

/// Ten thousand writes would take a test too long, so that the rows of all but one are made here.
#[tokio::test(flavor = "multi_thread")]
async fn the_newest_ten_thousand_keys_of_a_rider_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kairos.db");
    let world = World::new(Arc::new(SqliteStore::open(&path).await.unwrap()));
    let (rider, other) = (world.rider().await, world.rider().await);
    let raw = rusqlite::Connection::open(&path).unwrap();
    for user in [&rider, &other] {
        raw.execute(
            "WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ?2)
             INSERT INTO idempotency_keys SELECT ?1, 'key ' || number, number, zeroblob(32), 201, x'', ?3 FROM numbers",
            rusqlite::params![
                user.id.0.bytes(),
                IdempotencyRecord::MAX_PER_RIDER,
                now().timestamp_millis()
            ],
        )
        .unwrap();
        raw.execute(
            "UPDATE users SET keys_made = ?2 WHERE id = ?1",
            rusqlite::params![user.id.0.bytes(), IdempotencyRecord::MAX_PER_RIDER],
        )
        .unwrap();
    }
    let write = Write {
        key: Some(IdempotencyRecord {
            key: "newest".to_owned(),
            request: [7; 32],
            status: 201,
            ids: Vec::new(),
        }),
        ..world.write(rider.id)
    };
    let journey = world.new_journey(&rider);
    world.store.insert_journey(&journey, &write).await.unwrap();
    let is_kept = async |user: &User, key: &str| {
        let record = world.store.idempotency_record(user.id, key, now()).await;
        record.unwrap().is_some()
    };
    assert!(is_kept(&rider, "newest").await);
    assert!(!is_kept(&rider, "key 1").await);
    assert!(is_kept(&rider, "key 2").await);
    assert!(is_kept(&other, "key 1").await);
}

#[cfg(unix)]
#[tokio::test]
async fn a_database_that_others_can_read_is_made_private_with_its_log() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kairos.db");
    let files = ["", "-wal", "-shm"].map(|suffix| directory.path().join(format!("kairos.db{suffix}")));
    let modes = || {
        files
            .each_ref()
            .map(|file| fs::metadata(file).unwrap().permissions().mode() & 0o777)
    };
    let world = World::new(Arc::new(SqliteStore::open(&path).await.unwrap()));
    world.rider().await;
    for file in &files {
        fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
    }
    assert_eq!(modes(), [0o644; 3]);
    let other = SqliteStore::open(&path).await.unwrap();
    assert_eq!(modes(), [0o600; 3]);
    drop(other);
    // A file of another program keeps its mode.
    let notes = directory.path().join("notes.txt");
    fs::write(&notes, "not a database at all ".repeat(1000)).unwrap();
    fs::set_permissions(&notes, fs::Permissions::from_mode(0o644)).unwrap();
    refusal(&notes).await;
    assert_eq!(fs::metadata(&notes).unwrap().permissions().mode() & 0o777, 0o644);
}
