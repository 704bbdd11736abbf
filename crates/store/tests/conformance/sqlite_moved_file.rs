//! A database file that is moved, deleted or replaced while the store has it open.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use kairos_domain::store::StoreError;
use kairos_domain::user::User;
use kairos_store::sqlite::SqliteStore;

use crate::fixtures::World;

async fn open(path: &Path) -> (World, User) {
    let world = World::new(Arc::new(SqliteStore::open(path).await.unwrap()));
    let rider = world.rider().await;
    (world, rider)
}

/// Checks that writes are refused, and reads are not.
async fn refuses_writes(world: &World, rider: &User) {
    let refused = world.store.delete_next_batch().await;
    assert!(matches!(refused, Err(StoreError::DatabaseMoved)), "{refused:?}");
    let health = world.store.ping().await;
    assert!(matches!(health, Err(StoreError::DatabaseMoved)), "{health:?}");
    assert_eq!(world.store.user(rider.id).await.unwrap().as_ref(), Some(rider));
}

async fn accepts_writes(world: &World) {
    world.rider().await;
    world.store.ping().await.unwrap();
}

#[tokio::test]
async fn a_moved_file_refuses_writes_until_it_is_back() {
    let directory = tempfile::tempdir().unwrap();
    let (path, aside) = (directory.path().join("kairos.db"), directory.path().join("aside"));
    let (world, rider) = open(&path).await;
    accepts_writes(&world).await;
    fs::rename(&path, &aside).unwrap();
    refuses_writes(&world, &rider).await;
    fs::rename(&aside, &path).unwrap();
    accepts_writes(&world).await;
}

#[tokio::test]
async fn another_file_in_its_place_is_not_taken_for_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kairos.db");
    let (world, rider) = open(&path).await;
    let copy = directory.path().join("copy");
    fs::copy(&path, &copy).unwrap();
    fs::rename(&copy, &path).unwrap();
    refuses_writes(&world, &rider).await;
}

#[tokio::test]
async fn the_log_beside_it_has_to_be_there_too() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kairos.db");
    let (world, rider) = open(&path).await;
    let (log, aside) = (path.with_extension("db-wal"), directory.path().join("aside"));
    fs::rename(&log, &aside).unwrap();
    refuses_writes(&world, &rider).await;
    fs::rename(&aside, &log).unwrap();
    accepts_writes(&world).await;
}

#[tokio::test]
async fn a_link_that_leads_elsewhere_counts_as_a_move() {
    let directory = tempfile::tempdir().unwrap();
    let (path, link) = (directory.path().join("kairos.db"), directory.path().join("link"));
    symlink(&path, &link).unwrap();
    let (world, rider) = open(&link).await;
    accepts_writes(&world).await;
    fs::remove_file(&link).unwrap();
    symlink(directory.path().join("other.db"), &link).unwrap();
    refuses_writes(&world, &rider).await;
    fs::remove_file(&link).unwrap();
    symlink(&path, &link).unwrap();
    accepts_writes(&world).await;
}

#[tokio::test]
async fn a_second_process_on_the_file_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kairos.db");
    let (world, _) = open(&path).await;
    let (other, _) = open(&path).await;
    accepts_writes(&other).await;
    accepts_writes(&world).await;
    drop(other);
    accepts_writes(&world).await;
}
