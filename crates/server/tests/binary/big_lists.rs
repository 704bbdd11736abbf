//! Lists that are larger than anybody should hold in memory.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::program::{Program, json, wait_until};

/// How many markers the list has. Each is sixty kilobytes in JSON.
const MARKERS: usize = 1_000;

/// A server with a large journey, and what it takes to ask for its markers.
struct Served {
    program: Program,
    token: String,
    list: String,
}

impl Served {
    fn start() -> Self {
        let program = Program::start("serve");
        program.register("ann");
        let token = program.log_in("ann");
        let journey = json(&program.request_as(&token, "POST", "/journeys/", r#"{"name": "Danube"}"#));
        let id = journey["_id"].as_str().unwrap();
        let database = program.database();
        // More than a rider may add by now, as an older database holds it.
        database
            .execute_batch(&format!(
                "WITH RECURSIVE counted(number) AS (VALUES (1) UNION ALL SELECT number + 1 FROM counted)
                 INSERT INTO markers (id, journey_id, owner_id, created_at, name, notes, kind, longitude, latitude, cell)
                 SELECT randomblob(12), id, user_id, number, 'Camp', replace(hex(zeroblob(5000)), '0', char(1)), 1, 0, 0, 0
                 FROM counted, journeys WHERE id = x'{id}' LIMIT {MARKERS}"
            ))
            .unwrap();
        let list = format!("/journeys/{id}/markers");
        Self { program, token, list }
    }

    /// Asks for the list, and reads the head of the answer.
    fn ask(&self) -> (TcpStream, String) {
        let mut stream = self.program.connect();
        let (list, token) = (&self.list, &self.token);
        write!(
            stream,
            "GET /api/v1{list} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n"
        )
        .unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        (stream, String::from_utf8(head).unwrap())
    }
}

/// Reads until the server closes.
fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    drop(stream.read_to_end(&mut rest));
    rest
}

#[test]
fn a_large_list_is_sent_as_it_is_read_and_is_whole() {
    let served = Served::start();
    let (_, head) = served.ask();
    assert!(
        head.starts_with("HTTP/1.1 200 ") && head.contains("transfer-encoding: chunked"),
        "{head}"
    );
    // A client may ask for the answer in one piece by speaking HTTP/1.0.
    let mut stream = served.program.connect();
    let (list, token) = (&served.list, &served.token);
    write!(
        stream,
        "GET /api/v1{list} HTTP/1.0\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n"
    )
    .unwrap();
    let answer = String::from_utf8(rest(stream)).unwrap();
    let markers = json(&answer);
    let created: Vec<_> = markers
        .as_array()
        .unwrap()
        .iter()
        .map(|marker| marker["created_at"].as_str().unwrap())
        .collect();
    assert_eq!(created.len(), MARKERS);
    assert!(created.is_sorted_by(|earlier, later| earlier < later));
    assert_eq!(markers[7]["notes"], "\u{1}".repeat(10_000));
}

#[test]
fn lists_that_nobody_reads_take_little_memory() {
    let served = Served::start();
    let before = served.program.anonymous_memory();
    // Six times sixty megabytes.
    let unread: Vec<_> = (0..6).map(|_| served.ask()).collect();
    for path in ["/health", "/users/me", "/users/me/journeys"] {
        let answer = served.program.request_as(&served.token, "GET", path, "");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
    let grown = served.program.anonymous_memory().saturating_sub(before);
    assert!(grown < 60_000_000, "{grown} bytes");
    drop(unread);
    served
        .program
        .wait_for_line("the client did not take the whole answer");
}

#[test]
fn a_list_that_cannot_be_read_on_is_broken_off_and_logged() {
    let served = Served::start();
    let (stream, head) = served.ask();
    let id = head.lines().find_map(|line| line.strip_prefix("x-request-id: "));
    let id = id.unwrap().to_owned();
    let database = served.program.database();
    database
        .execute_batch("ALTER TABLE markers RENAME TO gone")
        .unwrap();
    let rest = rest(stream);
    assert!(!rest.is_empty() && !rest.ends_with(b"0\r\n\r\n"));
    wait_until("the end is logged", || {
        let log = served.program.log();
        let mut lines = log.lines();
        lines.any(|line| line.contains("the answer was broken off") && line.contains(&id))
    });
}
