//! The program is killed at random points while riders write. Afterwards each acknowledged write is there, a
//! repetition has done nothing twice, and `kairos check` finds nothing.

mod writer;

use std::thread::{scope, sleep};
use std::time::Duration;

use bson::doc;
use fastrand::Rng;
use kairos_test_mongod::{Server, TestDatabase};

use crate::program::{Program, succeeds};
use writer::Writer;

/// The number of kills.
const KILLS: u32 = 6;

/// The number of riders that write at once.
const WRITERS: u64 = 4;

fn nothing_is_lost_or_done_twice(settings: &[(&str, &str)], seed: u64) {
    let settings = [
        settings,
        &[
            ("RATE_LIMIT", "off"),
            ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
        ],
    ]
    .concat();
    let mut random = Rng::with_seed(seed);
    let mut program = Program::start_with(tempfile::tempdir().unwrap(), "serve", &settings);
    let mut writers: Vec<Writer> = (0..WRITERS)
        .map(|number| {
            let name = format!("rider{number}");
            program.register(&name);
            Writer::new(program.log_in(&name), seed + number)
        })
        .collect();
    for _ in 0..KILLS {
        let port = program.port();
        let directory = scope(|scope| {
            for writer in &mut writers {
                scope.spawn(|| writer.write_until_killed(port));
            }
            pause(Duration::from_millis(random.u64(150..1_500)));
            program.kill()
        });
        program = Program::start_with(directory, "serve", &settings);
    }
    for writer in &mut writers {
        writer.finish(program.port());
        writer.check(&program);
    }
    let checked = succeeds(program.directory(), &["check"], &settings);
    assert!(checked.contains("nothing to look at"), "seed {seed}: {checked}");
}

#[expect(clippy::disallowed_methods, reason = "the riders write meanwhile")]
fn pause(time: Duration) {
    sleep(time);
}

#[test]
fn a_kill_loses_no_acknowledged_write_and_a_repetition_does_nothing_twice_on_sqlite() {
    nothing_is_lost_or_done_twice(&[], 16);
}

#[test]
fn a_kill_loses_no_acknowledged_write_and_a_repetition_does_nothing_twice_on_mongodb() {
    let server = Server::of_one_test();
    let database = TestDatabase::on(&server);
    // The server aborts transactions of a killed process after this time.
    let run_time = tokio::runtime::Runtime::new().unwrap();
    run_time.block_on(async {
        let admin = database.database().await.client().database("admin");
        let soon = doc! { "setParameter": 1, "transactionLifetimeLimitSeconds": 3 };
        admin.run_command(soon).await.unwrap();
    });
    nothing_is_lost_or_done_twice(&[("DATABASE_URL", &database.url())], 61);
}
