//! Answers given before the body was read leave the connection usable, on every route.

use std::thread::{scope, sleep};
use std::time::Duration;

use serde_json::Value;

use crate::conversation::Conversation;
use crate::program::{Program, wait_until};

const REGISTRATION: &str = r#"{"email": "mia@example.com", "name": "Mia", "password": "on two wheels"}"#;

fn json_of(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// Every operation of the document, the pages, and what has no route, with an id for each placeholder.
fn targets(program: &Program, user: &str) -> Vec<(String, String)> {
    let document = json_of(&program.request("GET", "/openapi.json", ""));
    let mut targets = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let path = path
                .replace("{user_id}", user)
                .replace("{journey_id}", "ffffffffffffffffffffffff")
                .replace("{marker_id}", "not-an-id");
            targets.push((method.to_uppercase(), path));
        }
    }
    assert!(targets.len() > 25, "{targets:?}");
    for (method, path) in [
        ("POST", "/api/v1/nowhere"),
        ("POST", "/docs"),
        ("GET", "/docs"),
        ("HEAD", "/redoc"),
        ("GET", "/assets/docs.js"),
        ("GET", "/assets/%ff"),
        ("PUT", "/api/v1/users/me"),
        ("OPTIONS", "/api/v1/users/me"),
        ("GET", "/api/v1/openapi.json"),
    ] {
        targets.push((method.to_owned(), path.to_owned()));
    }
    targets
}

/// Lets a server answer that doesn't wait for the body.
#[expect(clippy::disallowed_methods, reason = "this thread has nothing else to do")]
fn pause() {
    sleep(Duration::from_millis(10));
}

fn a_body_in_packets_of_its_own(program: &Program, method: &str, path: &str, token: &str, length: usize) {
    let mut client = Conversation::with(program);
    client.send(format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\n{token}content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    ));
    // White space is no JSON: only routes that don't look at it do anything.
    let body = vec![b' '; length];
    for part in body.chunks(length.div_ceil(2)) {
        pause();
        client.send(part);
    }
    let answer = client.answer_to(method);
    assert!(
        !answer.contains("connection: close"),
        "{method} {path} with {length}: {answer}"
    );
    assert!(
        client.is_usable(),
        "after {method} {path} with {length}: {answer}"
    );
}

#[test]
fn every_route_leaves_the_connection_usable_whatever_it_answers() {
    let program = Program::start_with(tempfile::tempdir().unwrap(), "serve", &[("RATE_LIMIT", "off")]);
    program.request("POST", "/users/register", REGISTRATION);
    let signed_in = program.post_form("/auth/token", "username=mia%40example.com&password=on+two+wheels");
    let token = json_of(&signed_in)["access_token"].as_str().unwrap().to_owned();
    let rider = json_of(&program.request_as(&token, "GET", "/users/me", ""));
    let user = rider["_id"].as_str().unwrap();
    let good = format!("authorization: Bearer {token}\r\n");
    let targets = targets(&program, user);
    scope(|scope| {
        for token in ["", "authorization: Bearer x.y.z\r\n", &good] {
            let (targets, program, good) = (&targets, &program, &*good);
            scope.spawn(move || {
                for (method, path) in targets {
                    for length in [2, 40_000, 120_000, 2_000_000] {
                        // The rider is needed to the end.
                        if method != "DELETE" || token != good {
                            a_body_in_packets_of_its_own(program, method, path, token, length);
                        }
                    }
                }
            });
        }
    });
}

#[test]
fn the_bodies_of_one_client_hold_sixteen_mebibytes_and_another_client_is_served() {
    let program = Program::start_with(
        tempfile::tempdir().unwrap(),
        "serve",
        &[("TRUSTED_PROXIES", "127.0.0.1")],
    );
    let head = |client: u8| {
        format!(
            "POST /api/v1/users/register HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 198.51.100.{client}\r\n\
             content-type: application/json\r\ncontent-length: 1048576\r\n\r\n"
        )
    };
    // All but the last byte, sixteen times.
    let hold = || {
        let held = (0..16).map(|_| {
            let mut conversation = Conversation::with(&program);
            conversation.send(head(1));
            conversation.send(vec![b' '; (1 << 20) - 1]);
            conversation
        });
        held.collect::<Vec<_>>()
    };
    let status_for = |client: u8| {
        let mut conversation = Conversation::with(&program);
        conversation.send(head(client));
        conversation.send(vec![b' '; 1 << 20]);
        let answer = conversation.answer();
        assert!(conversation.is_usable());
        answer["HTTP/1.1 ".len()..][..3].to_owned()
    };
    // Should the server not have read them all by then, the next may take their place: they are sent anew.
    let mut held = Vec::new();
    wait_until("the seventeenth is refused", || {
        held = hold();
        (0..10).for_each(|_| pause());
        status_for(1) == "503"
    });
    assert_eq!(status_for(2), "422");
    drop(held);
    wait_until("the bytes are given back", || status_for(1) == "422");
}
