//! Settings that change what riders may do.

use serde_json::Value;

use crate::program::{Program, json, run, succeeds};

fn start(settings: &[(&str, &str)]) -> Program {
    Program::start_with(tempfile::tempdir().unwrap(), "serve", settings)
}

/// Creates a journey with a marker at a longitude in Ulm, and returns it.
fn ride(program: &Program, token: &str, longitude: f64) -> Value {
    let journey = json(&program.request_as(token, "POST", "/journeys/", r#"{"name": "Road"}"#));
    let marker = format!(
        r#"{{"name": "Ulm", "marker_type": "plan", "coordinates": {{"coordinates": [{longitude}, 48.4]}}}}"#
    );
    let markers = format!("/journeys/{}/markers", journey["_id"].as_str().unwrap());
    let answer = program.request_as(token, "POST", &markers, &marker);
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    journey
}

#[test]
fn closed_registration_admits_nobody() {
    let program = start(&[("REGISTRATION", "closed")]);
    let answer = program.register("ann");
    assert!(
        answer.starts_with("HTTP/1.1 403 ") && answer.contains("Registration is closed"),
        "{answer}"
    );
}

#[test]
fn the_default_visibility_is_that_of_journeys_created_without_one() {
    let program = start(&[("DEFAULT_VISIBILITY", "private")]);
    program.register("ann");
    let ann = program.log_in("ann");
    assert_eq!(ride(&program, &ann, 9.99)["visibility"], "private");
    let public = r#"{"name": "Road", "visibility": "public"}"#;
    let journey = json(&program.request_as(&ann, "POST", "/journeys/", public));
    assert_eq!(journey["visibility"], "public");
}

#[test]
fn the_nearby_distance_counts_where_a_request_names_none() {
    for (settings, near) in [
        (&[("NEARBY_DISTANCE_METERS", "1000")][..], 0),
        (&[("NEARBY_DISTANCE_METERS", "10000")], 1),
        (&[], 1),
    ] {
        let program = start(settings);
        program.register("ann");
        program.register("ben");
        let (ann, ben) = (program.log_in("ann"), program.log_in("ben"));
        let mine = ride(&program, &ann, 9.99);
        // About 7 km away.
        ride(&program, &ben, 10.09);
        let path = format!("/journeys/{}/journeys/nearby", mine["_id"].as_str().unwrap());
        let found = |path: &str| {
            let found = json(&program.request_as(&ann, "GET", path, ""));
            found.as_array().unwrap().len()
        };
        assert_eq!(found(&path), near, "{settings:?}");
        assert_eq!(found(&format!("{path}?max_distance_meters=10000")), 1);
        let point = "/journeys/nearby?longitude=9.99&latitude=48.4";
        assert_eq!(found(point), near, "{settings:?}");
    }
}

#[test]
fn requests_through_a_proxy_that_is_not_named_are_reported_once() {
    let reports = |settings: &[(&str, &str)]| {
        let program = start(settings);
        for _ in 0..3 {
            let forwarded = "x-forwarded-for: 198.51.100.1\r\n";
            program.post_form_with(
                forwarded,
                "/auth/token",
                "username=ann@example.org&password=a+guess",
            );
        }
        program.log().matches("TRUSTED_PROXIES is not set").count()
    };
    assert_eq!(reports(&[("HOST", "0.0.0.0")]), 1);
    assert_eq!(
        reports(&[("HOST", "0.0.0.0"), ("TRUSTED_PROXIES", "127.0.0.1")]),
        0
    );
    assert_eq!(reports(&[]), 0);
}

#[test]
fn a_check_says_that_a_proxy_is_not_named() {
    let directory = tempfile::tempdir().unwrap();
    let check = |settings: &[(&str, &str)]| succeeds(directory.path(), &["check"], settings);
    let missing = "none, so behind a proxy all riders look like one client (TRUSTED_PROXIES)";
    assert!(check(&[("HOST", "0.0.0.0")]).contains(missing));
    assert!(!check(&[]).contains(missing));
    let named = [("HOST", "0.0.0.0"), ("TRUSTED_PROXIES", "10.0.0.0/8, ::1")];
    assert!(check(&named).contains("proxies      10.0.0.0/8, ::1/128"));
}

#[test]
fn a_mistyped_key_is_named_with_the_one_that_is_meant() {
    let hint = "PORT: `PROT` in `.env` is not a setting; is this one meant?";
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join(".env"), "PROT=7000\nTHEIR_OWN=7\n").unwrap();
    let program = Program::start_in(directory, "serve");
    assert_eq!(program.log().matches(hint).count(), 1, "{}", program.log());
    assert!(!program.log().contains("THEIR_OWN"));
    // What stops a start may be a mistyped key.
    let complaint = run(
        program.directory(),
        &[],
        &[("RATE_LIMITS", "off"), ("ENVIRONMENT", "staging")],
    );
    let complaint = String::from_utf8(complaint.stderr).unwrap();
    assert!(complaint.contains(hint), "{complaint}");
    assert!(
        complaint.contains("RATE_LIMIT: `RATE_LIMITS` in the environment"),
        "{complaint}"
    );
}
