//! `kairos copy` and `kairos check`, on both kinds of database.

use bson::oid::ObjectId;
use bson::{Document, doc};
use kairos_test_mongod::{TestDatabase, replica_set, standalone};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::program::{Program, fails, json, succeeds};

/// What a rider of the demo sees: themselves, their journey, and whom they meet.
fn what_is_seen(program: &Program, token: &str) -> Vec<Value> {
    let get = |path: &str| json(&program.request_as(token, "GET", path, ""));
    let me = get("/users/me");
    let rider = me["_id"].as_str().unwrap();
    let journeys = get(&format!("/users/{rider}/journeys"));
    let journey = journeys[0]["_id"].as_str().unwrap().to_owned();
    let near = get(&format!(
        "/journeys/{journey}/journeys/nearby?max_distance_meters=50000"
    ));
    let encounters = get(&format!("/journeys/{journey}/encounters"));
    assert!(!near.as_array().unwrap().is_empty() && !encounters.as_array().unwrap().is_empty());
    let markers = get(&format!("/journeys/{journey}/markers"));
    assert!(markers.as_array().unwrap().len() > 5);
    vec![me, journeys, markers, near, encounters]
}

fn log_in(program: &Program) -> String {
    let form = "username=ada@example.org&password=demo-password";
    let answer = program.post_form("/auth/token", form);
    json(&answer)["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn after_moving_house_everything_is_answered_as_before() {
    let demo = Program::start("demo");
    let token = log_in(&demo);
    let seen = what_is_seen(&demo, &token);
    let directory = demo.kill();
    let key = std::fs::read_to_string(directory.path().join("data/demo/secret_key")).unwrap();
    let database = TestDatabase::on(replica_set());
    let mongodb = database.url();

    let copy = ["copy", "--from", "sqlite://data/demo/kairos.db", "--to", &mongodb];
    let told = succeeds(directory.path(), &copy, &[]);
    assert!(
        told.contains("journeys") && told.contains("not copied") && !told.contains("left behind"),
        "{told}"
    );
    assert!(fails(directory.path(), &copy, &[]).contains("is not empty"));
    succeeds(directory.path(), &[&copy[..], &["--resume"]].concat(), &[]);
    let settings = [("DATABASE_URL", &*mongodb), ("SECRET_KEY", key.trim())];
    let checked = succeeds(directory.path(), &["check"], &settings);
    assert!(
        checked.contains("MongoDB ") && checked.contains("replica set"),
        "{checked}"
    );
    assert!(checked.contains("nothing to look at"), "{checked}");
    let program = Program::start_with(directory, "serve", &settings);
    assert_eq!(what_is_seen(&program, &token), seen);
    let directory = program.kill();

    let back = ["copy", "--from", &mongodb, "--to", "sqlite://data/back.db"];
    succeeds(directory.path(), &back, &[]);
    let settings = [
        ("DATABASE_URL", "sqlite://data/back.db"),
        ("SECRET_KEY", key.trim()),
    ];
    let checked = succeeds(directory.path(), &["check"], &settings);
    assert!(
        checked.contains("SQLite 3.") && checked.contains("nothing to look at"),
        "{checked}"
    );
    let program = Program::start_with(directory, "serve", &settings);
    assert_eq!(what_is_seen(&program, &token), seen);
}

#[test]
fn a_copy_of_nothing_or_onto_itself_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let told = fails(
        directory.path(),
        &["copy", "--from", "sqlite://no.db", "--to", "sqlite://new.db"],
        &[],
    );
    assert!(told.contains("no.db"), "{told}");
    assert!(!directory.path().join("new.db").exists());
    let told = fails(
        directory.path(),
        &["copy", "--from", "postgres://x/y", "--to", "sqlite://new.db"],
        &[],
    );
    assert!(told.contains("--from takes"), "{told}");
    std::fs::write(directory.path().join("a.db"), "").unwrap();
    let told = fails(
        directory.path(),
        &["copy", "--from", "sqlite://a.db", "--to", "sqlite://a.db"],
        &[],
    );
    assert!(told.contains("one database"), "{told}");
}

#[test]
fn an_account_of_the_target_stays_where_one_of_the_source_has_its_address() {
    let (source, target) = (Program::start("demo"), Program::start("demo"));
    let token = log_in(&target);
    let seen = what_is_seen(&target, &token);
    let (source, target) = (source.kill(), target.kill());
    let from = format!("sqlite://{}/data/demo/kairos.db", source.path().display());
    let to = "sqlite://data/demo/kairos.db";
    let told = fails(
        target.path(),
        &["copy", "--resume", "--from", &from, "--to", to],
        &[],
    );
    assert!(told.contains("already taken"), "{told}");
    let key = std::fs::read_to_string(target.path().join("data/demo/secret_key")).unwrap();
    let settings = [("DATABASE_URL", to), ("SECRET_KEY", key.trim())];
    let program = Program::start_with(target, "serve", &settings);
    assert_eq!(what_is_seen(&program, &token), seen);
}

/// Writes what the earlier service would: a rider with a journey and a marker, and another marker without its
/// journey. Returns the id of that orphan.
fn write_as_the_earlier_service(database: &TestDatabase) -> ObjectId {
    let [rider, journey, orphan] = [(); 3].map(|()| ObjectId::new());
    let created_at = bson::DateTime::from_millis(1_600_000_000_000);
    let marker = doc! {
        "journey_id": journey, "name": "Ulm", "marker_type": "plan", "created_at": created_at,
        "coordinates": { "type": "Point", "coordinates": [9.99, 48.4] },
    };
    let mut lost = marker.clone();
    lost.extend(doc! { "_id": orphan, "journey_id": ObjectId::new() });
    let users = vec![doc! { "_id": rider, "email": "old@example.org", "name": "Old", "password": "x" }];
    let journeys =
        vec![doc! { "_id": journey, "user_id": rider, "name": "Old road", "created_at": created_at }];
    Runtime::new().unwrap().block_on(async {
        let database = database.database().await;
        for (name, documents) in [
            ("users", users),
            ("journeys", journeys),
            ("markers", vec![marker, lost]),
        ] {
            let collection = database.collection::<Document>(name);
            collection.insert_many(documents).await.unwrap();
        }
    });
    orphan
}

#[test]
fn a_standalone_mongod_is_not_served_and_can_be_checked_and_copied() {
    let database = TestDatabase::on(standalone());
    let orphan = write_as_the_earlier_service(&database).to_string();
    let directory = tempfile::tempdir().unwrap();
    let settings = [("DATABASE_URL", &*database.url()), ("PORT", "0")];
    let told = fails(directory.path(), &["serve"], &settings);
    assert_eq!(told.lines().count(), 1, "{told}");
    for advice in ["--replSet", "rs.initiate", "directConnection=true"] {
        assert!(told.contains(advice), "{advice}: {told}");
    }
    let checked = succeeds(directory.path(), &["check"], &settings);
    assert!(
        checked.contains("standalone") && checked.contains("1 users"),
        "{checked}"
    );
    let copy = ["copy", "--from", &database.url(), "--to", "sqlite://new.db"];
    let told = succeeds(directory.path(), &copy, &[]);
    for copied in ["1 users", "1 journeys", "1 markers"] {
        assert!(told.contains(&format!("copied       {copied}\n")), "{told}");
    }
    let left: Vec<&str> = told
        .lines()
        .filter(|line| line.starts_with("left behind"))
        .collect();
    assert!(left.len() == 1 && left[0].contains(&orphan), "{told}");
    let found = succeeds(
        directory.path(),
        &["riders", "show", "old@example.org", "--json"],
        &[("DATABASE_URL", "sqlite://new.db")],
    );
    assert!(found.contains("\"Old\""), "{found}");
}
