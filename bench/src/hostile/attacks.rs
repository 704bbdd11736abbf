//! The attacks.

use super::turn::{Made, Turn};
use super::{odd_requests, requests};

#[derive(Debug)]
pub(crate) struct Attack {
    pub(crate) name: &'static str,
    pub(super) connections: u32,
    /// The number of client addresses that the connections come from.
    pub(super) addresses: u8,
    pub(super) conduct: Conduct,
    /// Whether the attack targets passwords. If so, the honest rider also logs in.
    pub(super) is_on_passwords: bool,
}

/// The behaviour of each connection of an attack.
#[derive(Debug, Clone, Copy)]
pub(super) enum Conduct {
    /// Sends a request, reads the response, and repeats.
    Ask(MakeRequest),
    /// Sends a request, and reads nothing of the response.
    Leave(MakeRequest),
    /// Sends a request, and reads the response slowly.
    ReadSlowly(MakeRequest),
    /// Sends a request without its last byte.
    Withhold(MakeRequest),
    /// Sends the body of a request byte by byte.
    Drip(MakeRequest),
    /// Sends some bytes, then waits.
    Hold(MakeBytes),
    /// Sends bytes without end, and reads the responses meanwhile.
    Pour(MakeBytes),
    /// Sends bytes without end, and reads nothing.
    PourAndLeave(MakeBytes),
}

pub(super) type MakeRequest = fn(&Turn<'_>) -> Made;
pub(super) type MakeBytes = fn(&Turn<'_>) -> Vec<u8>;

use Conduct::{Ask, Drip, Hold, Leave, Pour, PourAndLeave, ReadSlowly, Withhold};

pub(crate) const ATTACKS: &[Attack] = &[
    // --- compression
    attack("compressed scripts", 64, 1, Ask(requests::script)),
    attack("compressed documents", 64, 1, Ask(requests::document)),
    attack("compressed lists of 25 MB", 8, 1, Ask(requests::long_list)),
    attack("every encoding", 64, 1, Ask(requests::every_encoding)),
    // --- large answers
    attack("unread lists of 602 MB", 30, 1, Leave(requests::escaped_list)),
    attack(
        "unread lists of seven clients",
        400,
        7,
        Leave(requests::escaped_list),
    ),
    attack(
        "slowly read lists of 602 MB",
        30,
        1,
        ReadSlowly(requests::escaped_list),
    ),
    attack("lists of 602 MB", 8, 1, Ask(requests::escaped_list)),
    attack(
        "HEAD of lists of 602 MB",
        30,
        1,
        Ask(requests::head_of_escaped_list),
    ),
    attack("lists of 10 000 markers", 32, 1, Ask(requests::great_list)),
    attack(
        "unread small answers",
        64,
        1,
        PourAndLeave(odd_requests::pipelined),
    ),
    attack("slowly read small answers", 64, 1, ReadSlowly(requests::journey)),
    // --- large bodies
    attack("bodies without their last byte", 400, 7, Withhold(requests::body)),
    attack("dripping bodies", 400, 7, Drip(requests::body)),
    attack("bodies of 8 MiB", 64, 1, Ask(requests::long_body)),
    attack("bodies in chunks of one byte", 64, 1, Pour(requests::chunks)),
    // --- expensive reads
    attack("statistics of 10 000 markers", 40, 1, Ask(requests::stats)),
    attack("heavy discovery", 32, 1, Ask(requests::discovery)),
    attack(
        "nearby journeys with markers",
        32,
        1,
        Ask(requests::nearby_with_markers),
    ),
    // --- passwords
    on_passwords("log-ins with the right password", 80, 2, Ask(requests::log_in)),
    on_passwords("log-ins with wrong passwords", 80, 2, Ask(requests::guess)),
    on_passwords("registrations", 80, 2, Ask(requests::registration)),
    on_passwords("resets of passwords", 80, 2, Ask(requests::reset)),
    // --- connections
    attack("600 idle connections", 600, 1, Hold(requests::nothing)),
    attack("600 halves of heads", 600, 1, Hold(requests::half_a_head)),
    attack("large heads", 64, 1, Pour(requests::large_head)),
    // --- writes
    attack("markers for one journey", 64, 1, Ask(requests::marker_of_one)),
    attack("markers for many journeys", 64, 1, Ask(requests::marker_of_many)),
    attack("deletion of 200 000 markers", 16, 1, Ask(requests::deletion)),
    attack(
        "repeated idempotency keys",
        64,
        1,
        Ask(requests::idempotency_keys),
    ),
    // --- floods
    attack("bad tokens", 64, 1, Ask(odd_requests::bad_token)),
    attack("unknown paths", 64, 1, Ask(odd_requests::unknown_path)),
    attack("malformed requests", 64, 1, Pour(odd_requests::malformed)),
    attack("pipelined requests", 64, 1, Pour(odd_requests::pipelined)),
    // --- inputs that cost much work
    attack("large lists of tags", 64, 1, Ask(odd_requests::tags)),
    attack("thousands of faults", 64, 1, Ask(odd_requests::faults)),
    attack("deep JSON", 64, 1, Ask(odd_requests::deep_json)),
    attack("wide JSON", 64, 1, Ask(odd_requests::wide_json)),
    attack("JSON of many names", 64, 1, Ask(odd_requests::many_names)),
    attack("forms of many fields", 64, 1, Ask(odd_requests::many_fields)),
    attack("forms of many parts", 64, 1, Ask(odd_requests::many_parts)),
    attack("invalid UTF-8", 64, 1, Ask(odd_requests::invalid_utf8)),
    attack("long addresses", 64, 1, Ask(odd_requests::long_address)),
    attack("long passwords", 64, 1, Ask(odd_requests::long_password)),
];

const fn attack(name: &'static str, connections: u32, addresses: u8, conduct: Conduct) -> Attack {
    Attack {
        name,
        connections,
        addresses,
        conduct,
        is_on_passwords: false,
    }
}

const fn on_passwords(name: &'static str, connections: u32, addresses: u8, conduct: Conduct) -> Attack {
    Attack {
        is_on_passwords: true,
        ..attack(name, connections, addresses, conduct)
    }
}
