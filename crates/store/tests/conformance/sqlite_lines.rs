//! Lines in a SQLite file.

use std::path::Path;
use std::sync::Arc;

use chrono::Datelike as _;
use kairos_domain::line::{Line, LineBuilder, LineKind};
use kairos_store::sqlite::SqliteStore;
use rusqlite::Connection;

use crate::fixtures::lines::{route, track};
use crate::fixtures::{World, day};

async fn world(path: &Path) -> (World, Connection) {
    let world = World::new(Arc::new(SqliteStore::open(path).await.unwrap()));
    (world, Connection::open(path).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_track_that_grows_rewrites_the_changed_days_only() {
    let directory = tempfile::tempdir().unwrap();
    let (world, file) = world(&directory.path().join("kairos.db")).await;
    file.execute_batch(
        "CREATE TABLE written (act TEXT, day INTEGER);
         CREATE TRIGGER inserted AFTER INSERT ON line_parts BEGIN INSERT INTO written VALUES ('insert', new.day); END;
         CREATE TRIGGER updated AFTER UPDATE ON line_parts BEGIN INSERT INTO written VALUES ('update', new.day); END;
         CREATE TRIGGER deleted AFTER DELETE ON line_parts BEGIN INSERT INTO written VALUES ('delete', old.day); END;",
    )
    .unwrap();
    let rider = world.rider().await;
    let journey = world.journey(&rider).await;
    let put = async |line: Line| {
        world.put_line(&journey, LineKind::Track, &line).await;
        let mut written = file.prepare("DELETE FROM written RETURNING act, day").unwrap();
        let first_day = i64::from(day(0).num_days_from_ce());
        let written = written.query_map([], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, i64>(1)?.saturating_sub(first_day),
            ))
        });
        written.unwrap().map(Result::unwrap).collect::<Vec<_>>()
    };
    let act = |name: &str, day: i64| (name.to_owned(), day);
    let all: Vec<_> = (0..5).map(|day| act("insert", day)).collect();
    assert_eq!(put(track(0..24 * 5)).await, all);
    assert_eq!(put(track(0..24 * 5)).await, []);
    assert_eq!(put(track(0..24 * 5 + 3)).await, [act("insert", 5)]);
    assert_eq!(put(track(0..24 * 5 + 4)).await, [act("update", 5)]);
    let with_another_segment = {
        let mut builder = LineBuilder::default();
        builder.append(&track(0..24 * 5 + 4)).unwrap();
        builder.append(&track(24 * 2..24 * 2 + 5)).unwrap();
        builder.finish()
    };
    assert_eq!(put(with_another_segment).await, [act("update", 2)]);
    assert_eq!(
        put(track(0..24 * 4)).await,
        [act("update", 2), act("delete", 4), act("delete", 5)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_damaged_is_reported_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let (world, file) = world(&directory.path().join("kairos.db")).await;
    let rider = world.rider().await;
    let (journey, other) = (world.journey(&rider).await, world.journey(&rider).await);
    for journey in [&journey, &other] {
        world.put_lines(journey).await;
    }
    let of_journey = [journey.id.0.bytes()];
    for damage in [
        "UPDATE line_parts SET bytes = x'07' WHERE kind = 0 AND journey_id = ?",
        "DELETE FROM line_parts WHERE kind = 1 AND journey_id = ?",
    ] {
        file.execute(damage, of_journey).unwrap();
    }
    for _ in 0..2 {
        let findings = world.store.inspect().await.unwrap().findings;
        assert_eq!(findings.len(), 2, "{findings:?}");
        for (told, kind) in findings.iter().zip(["route", "track"]) {
            assert!(
                told.starts_with(&format!("{kind}s that can't be read: 1")),
                "{told}"
            );
            assert!(told.contains(&journey.id.to_string()), "{told}");
        }
        assert_eq!(world.store.repair().await.unwrap(), [""; 0]);
    }
    assert_eq!(world.line(&other, LineKind::Route).await, Some(route(0..60)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_a_deletion_is_bounded_in_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let (world, file) = world(&directory.path().join("kairos.db")).await;
    let gone = world.id().bytes();
    file.execute("INSERT INTO deletions VALUES (?)", [gone]).unwrap();
    for day in 0..24 {
        file.execute(
            "INSERT INTO line_parts VALUES (?, 1, ?, zeroblob(1 << 20))",
            (gone, day),
        )
        .unwrap();
    }
    let left = || -> i64 {
        let left = "SELECT count(*) FROM line_parts";
        file.query_row(left, [], |row| row.get(0)).unwrap()
    };
    let mut batches = 0;
    while left() > 0 {
        let before = left();
        world.store.delete_next_batch().await.unwrap();
        assert!((1..=8).contains(&(before - left())), "{before} {}", left());
        batches += 1;
    }
    assert_eq!(batches, 3);
    assert!(!world.store.delete_next_batch().await.unwrap());
}
