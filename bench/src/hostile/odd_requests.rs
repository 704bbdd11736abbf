//! The unusual requests of attackers.

use super::turn::{BODY_BYTES, HEAD_BYTES, Made, Turn, form, markers, own_journey, with};
use crate::world::World;

// --- floods

pub(super) fn bad_token(turn: &Turn<'_>) -> Made {
    let token = format!("Bearer eyJhbGciOiJIUzI1NiJ9.{}.x", "e30".repeat(15_000));
    with(turn.get("/api/v1/users/me"), "authorization", &token)
}

pub(super) fn unknown_path(turn: &Turn<'_>) -> Made {
    turn.get(&format!("/{}", "x/".repeat(HEAD_BYTES / 4)))
}

pub(super) fn malformed(_: &Turn<'_>) -> Vec<u8> {
    b"\x16\x03\x01 no request at all\r\n\r\n".to_vec()
}

pub(super) fn pipelined(turn: &Turn<'_>) -> Vec<u8> {
    let token = turn.tokens.bearer(World::rider(turn.rider));
    format!("GET /api/v1/users/me HTTP/1.1\r\nhost: kairos\r\nauthorization: {token}\r\n\r\n")
        .repeat(100)
        .into_bytes()
}

// --- inputs that cost much work

pub(super) fn tags(turn: &Turn<'_>) -> Made {
    let request = turn.get(&own_journey(turn.rider));
    let request = with(request, "range", "bytes=0-0,1-1,2-2");
    with(request, "if-none-match", &r#"W/"a", "#.repeat(HEAD_BYTES / 8))
}

pub(super) fn faults(turn: &Turn<'_>) -> Made {
    let words = "x,".repeat(HEAD_BYTES / 2 - 512);
    turn.get(&format!("{}/nearby?include={words}", own_journey(turn.rider)))
}

fn marker_with(turn: &Turn<'_>, name: &str) -> Made {
    turn.post_json(&markers(turn.rider), format!(r#"{{"name": {name}}}"#))
}

pub(super) fn deep_json(turn: &Turn<'_>) -> Made {
    if turn.number.is_multiple_of(2) {
        return turn.post_json(&markers(turn.rider), "[".repeat(BODY_BYTES));
    }
    let deep = format!("{}{},", "[".repeat(100), "]".repeat(100));
    marker_with(turn, &format!("[{}0]", deep.repeat(BODY_BYTES / deep.len() - 1)))
}

pub(super) fn wide_json(turn: &Turn<'_>) -> Made {
    marker_with(turn, &format!("[{}0]", "[0],".repeat(BODY_BYTES / 4 - 10)))
}

pub(super) fn many_names(turn: &Turn<'_>) -> Made {
    let names: String = (0..60_000).map(|number| format!(r#""{number}":{{}},"#)).collect();
    turn.post_json(&markers(turn.rider), format!(r#"{{{names}"name":0}}"#))
}

pub(super) fn many_fields(_: &Turn<'_>) -> Made {
    form("/api/v1/auth/token", "a&".repeat(BODY_BYTES / 2))
}

pub(super) fn many_parts(_: &Turn<'_>) -> Made {
    let part = "--b\r\ncontent-disposition: form-data; name=a\r\n\r\n\r\n";
    let body = part.repeat(BODY_BYTES / part.len() - 1) + "--b--\r\n";
    let request = form("/api/v1/auth/token", body);
    with(request, "content-type", "multipart/form-data; boundary=b")
}

pub(super) fn invalid_utf8(_: &Turn<'_>) -> Made {
    form(
        "/api/v1/auth/token",
        b"username=%ff&password=\xff&".repeat(BODY_BYTES / 25),
    )
}

pub(super) fn long_address(_: &Turn<'_>) -> Made {
    let domain = "ü".repeat(BODY_BYTES / 2 - 50);
    form("/api/v1/auth/token", format!("username=a@{domain}&password=x"))
}

/// Returns a log-in whose password has accents that Unicode normalisation must reorder.
pub(super) fn long_password(_: &Turn<'_>) -> Made {
    let password = format!("a{}", "\u{301}\u{316}".repeat(100)).repeat(BODY_BYTES / 401 - 1);
    form(
        "/api/v1/auth/token",
        format!("username=a@example.org&password={password}"),
    )
}
