//! The well-formed requests of attackers.

use fastrand::Rng;
use hyper::Method;
use hyper::body::Bytes;

use super::PASSWORD;
use super::hoards::{DELETERS, ESCAPED, HOARDED, HOARDER, LONG};
use super::turn::{BODY_BYTES, HEAD_BYTES, Made, Turn, form, json, markers, own_journey, with};
use crate::questions::Write;
use crate::world::World;

// --- compression

pub(super) fn script(turn: &Turn<'_>) -> Made {
    with(
        turn.get("/assets/swagger-ui-bundle.js"),
        "accept-encoding",
        "gzip",
    )
}

pub(super) fn document(turn: &Turn<'_>) -> Made {
    let path = if turn.number.is_multiple_of(2) {
        "/docs"
    } else {
        "/api/v1/openapi.json"
    };
    with(turn.get(path), "accept-encoding", "gzip")
}

pub(super) fn long_list(turn: &Turn<'_>) -> Made {
    with(turn.of(LONG).get(&markers(LONG)), "accept-encoding", "gzip")
}

pub(super) fn every_encoding(turn: &Turn<'_>) -> Made {
    let encodings = "gzip;q=0.001, br;q=0.002, zstd, *;q=0.003, ".repeat(HEAD_BYTES / 43);
    with(turn.get(&markers(turn.rider)), "accept-encoding", &encodings)
}

// --- large answers

pub(super) fn escaped_list(turn: &Turn<'_>) -> Made {
    turn.of(ESCAPED).get(&markers(ESCAPED))
}

pub(super) fn head_of_escaped_list(turn: &Turn<'_>) -> Made {
    let head = turn.of(ESCAPED).builder(Method::HEAD, &markers(ESCAPED));
    Ok(head.body(Bytes::new())?)
}

pub(super) fn great_list(turn: &Turn<'_>) -> Made {
    turn.of(World::GREAT_TRAVELLER)
        .get(&markers(World::GREAT_TRAVELLER))
}

pub(super) fn journey(turn: &Turn<'_>) -> Made {
    turn.get(&own_journey(turn.rider))
}

// --- large bodies

pub(super) fn body(_: &Turn<'_>) -> Made {
    json("/api/v1/users/register", " ".repeat(BODY_BYTES))
}

pub(super) fn long_body(_: &Turn<'_>) -> Made {
    json("/api/v1/users/register", " ".repeat(8 * BODY_BYTES))
}

pub(super) fn chunks(_: &Turn<'_>) -> Vec<u8> {
    let head = "POST /api/v1/users/register HTTP/1.1\r\nhost: kairos\r\ntransfer-encoding: chunked\r\n\r\n";
    let mut bytes = head.as_bytes().to_vec();
    bytes.extend("1\r\n \r\n".repeat(BODY_BYTES).into_bytes());
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}

// --- expensive reads

pub(super) fn stats(turn: &Turn<'_>) -> Made {
    let rider = World::GREAT_TRAVELLER;
    turn.of(rider).get(&format!("{}/stats", own_journey(rider)))
}

pub(super) fn discovery(turn: &Turn<'_>) -> Made {
    let widest = "max_distance_meters=500000&limit=500";
    let (rider, question) = match turn.number % 3 {
        0 => (World::GREAT_TRAVELLER, format!("journeys/nearby?{widest}")),
        1 => (World::GREAT_SCRIBE, format!("journeys/nearby?{widest}")),
        _ => (
            World::GREAT_SCRIBE,
            "encounters?within_days=14&max_distance_meters=200000&limit=500".to_owned(),
        ),
    };
    turn.of(rider).get(&format!("{}/{question}", own_journey(rider)))
}

pub(super) fn nearby_with_markers(turn: &Turn<'_>) -> Made {
    let question = "nearby?include=markers,rider&limit=50&max_distance_meters=500000";
    turn.get(&format!("{}/{question}", own_journey(turn.rider)))
}

// --- passwords

pub(super) fn log_in(turn: &Turn<'_>) -> Made {
    let password = PASSWORD.replace(' ', "+");
    let email = World::email(turn.rider);
    form(
        "/api/v1/auth/token",
        format!("username={email}&password={password}"),
    )
}

pub(super) fn guess(turn: &Turn<'_>) -> Made {
    let email = World::email(u32::try_from(turn.number)? % 1_000);
    form(
        "/api/v1/auth/token",
        format!("username={email}&password={}", turn.unique()),
    )
}

pub(super) fn registration(turn: &Turn<'_>) -> Made {
    let email = format!("new{}@example.org", turn.unique());
    json(
        "/api/v1/users/register",
        format!(r#"{{"email": "{email}", "name": "New", "password": "{PASSWORD}"}}"#),
    )
}

pub(super) fn reset(turn: &Turn<'_>) -> Made {
    json(
        "/api/v1/users/reset-password",
        format!(r#"{{"email": "new{}@example.org"}}"#, turn.unique()),
    )
}

// --- connections

pub(super) fn nothing(_: &Turn<'_>) -> Vec<u8> {
    Vec::new()
}

pub(super) fn half_a_head(_: &Turn<'_>) -> Vec<u8> {
    let mut head = b"GET /api/v1/ HTTP/1.1\r\nhost: kairos\r\nx-long: ".to_vec();
    head.extend(b"x".repeat(HEAD_BYTES - 1024));
    head
}

pub(super) fn large_head(turn: &Turn<'_>) -> Vec<u8> {
    let mut head = b"OPTIONS /api/v1/ HTTP/1.1\r\nhost: kairos\r\norigin: https://example.org\r\n".to_vec();
    head.extend(b"access-control-request-method: GET\r\n");
    let (name, value) = match turn.number % 4 {
        0 => ("access-control-request-headers", "x-a, "),
        1 => ("x-forwarded-for", "1, "),
        2 => ("authorization", "Bearer x"),
        _ => ("cookie", "a=b; "),
    };
    head.extend(format!("{name}: {}\r\n\r\n", value.repeat(HEAD_BYTES / 10)).into_bytes());
    head
}

// --- writes

pub(super) fn marker_of_one(turn: &Turn<'_>) -> Made {
    let rider = World::GREAT_SCRIBE;
    let marker = Write::Dated.body(rider, &mut turn.chance());
    turn.of(rider).post_json(&markers(rider), marker)
}

pub(super) fn marker_of_many(turn: &Turn<'_>) -> Made {
    let marker = Write::Dated.body(turn.rider, &mut turn.chance());
    turn.post_json(&markers(turn.rider), marker)
}

/// Returns a request that deletes an account with many journeys, or one large journey with its markers.
pub(super) fn deletion(turn: &Turn<'_>) -> Made {
    let number = u32::try_from(turn.unique() % u64::from(HOARDED + 1))?;
    let (rider, path) = match number {
        HOARDED => (HOARDER, format!("/api/v1/users/{}", World::rider(HOARDER))),
        number => (DELETERS + number, own_journey(DELETERS + number)),
    };
    Ok(turn.of(rider).builder(Method::DELETE, &path).body(Bytes::new())?)
}

/// Returns a write with an idempotency key. Every connection sends the same one at about the same time.
pub(super) fn idempotency_keys(turn: &Turn<'_>) -> Made {
    let rider = World::GREAT_PLANNER;
    let marker = Write::Dated.body(rider, &mut Rng::with_seed(turn.number));
    let request = turn.of(rider).post_json(&markers(rider), marker);
    with(
        request,
        "idempotency-key",
        &format!("key {}", turn.number).replace(' ', "-"),
    )
}
