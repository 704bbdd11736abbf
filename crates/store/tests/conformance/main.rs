//! What every store must do: a case for each sentence of the traits in `kairos_domain::store`, each on a fresh database.
//!
//! A case is a function of a [`World`]. It stands in the list of [`cases`] once, and is run on every store there is. One that is missing
//! from the list is dead code, which the compiler reports.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "inside a test a panic is the result"
)]

mod addresses;
mod administration;
mod batches;
mod bounds;
#[macro_use]
mod cases;
mod contents;
mod deletions;
mod derived;
mod encounters;
mod fixtures;
mod invitations;
mod journeys;
mod late_refreshes;
mod legacy_tokens;
mod lines;
mod marker_pages;
mod markers;
mod mongodb_database;
mod mongodb_full_disk;
mod mongodb_interrupted;
mod mongodb_legacy_data;
mod mongodb_lines;
mod mongodb_transfer;
mod nearby;
mod outbox;
mod rate_limits;
mod schedules;
mod sessions;
mod sqlite_file;
mod sqlite_lines;
mod sqlite_migration;
mod sqlite_moved_file;
mod transfer;
mod users;
mod writes;

use fixtures::World;

macro_rules! run_on_sqlite {
    ($($group:ident: [$($case:ident,)*],)*) => {
        mod sqlite {
            $(mod $group {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let directory = tempfile::tempdir().unwrap();
                    let path = directory.path().join("kairos.db");
                    let store = kairos_store::sqlite::SqliteStore::open(&path).await.unwrap();
                    let world = crate::World::new(std::sync::Arc::new(store));
                    crate::$group::$case(&world).await;
                    world.check().await;
                })*
            })*
        }
    };
}

macro_rules! run_on_mongodb {
    ($($group:ident: [$($case:ident,)*],)*) => {
        mod mongodb {
            $(mod $group {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    crate::mongodb_database::on_a_fresh_database(
                        kairos_test_mongod::replica_set(),
                        async |world| {
                            crate::$group::$case(world).await;
                            world.check().await;
                        },
                    )
                    .await;
                })*
            })*
        }
    };
}

for_each_case!(run_on_sqlite);
for_each_case!(run_on_mongodb);

/// A store on which fewer cases run than on another is not tested, however green it is.
#[test]
fn every_case_runs_on_every_store() {
    let list = |which: &[&str]| {
        let program = std::env::current_exe().unwrap();
        let list = std::process::Command::new(program)
            .args(["--list", "--format", "terse"])
            .args(which)
            .output();
        String::from_utf8(list.unwrap().stdout).unwrap()
    };
    assert_eq!(list(&["--ignored"]), "");
    let all = list(&[]);
    let cases = |store: &str| -> std::collections::BTreeSet<String> {
        let of_store = all.lines().filter_map(|line| line.strip_prefix(store));
        of_store.map(str::to_owned).collect()
    };
    let on_sqlite = cases("sqlite::");
    assert!(on_sqlite.len() > 100);
    assert_eq!(cases("mongodb::"), on_sqlite);
}
