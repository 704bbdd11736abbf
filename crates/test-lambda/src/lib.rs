//! Simulates AWS Lambda and API Gateway for the tests and the benchmark.
//!
//! The crate serves a runtime API on a socket of this machine. A real `kairos` process takes its events from
//! there.
//!
//! Between events the process is frozen, as on Lambda, so unfinished work stays unfinished. No part of Kairos
//! that is shipped depends on this crate. Start reading at [`Function`].
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "without a function a test can only fail"
)]

mod function;
mod gateway;
mod runtime_api;

pub use function::{Answered, Function};
pub use gateway::{HttpAnswer, HttpRequest};

/// Returns the event that EventBridge sends to a function on a schedule.
#[must_use]
pub fn scheduled_event() -> serde_json::Value {
    serde_json::json!({
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-11-25T16:53:06Z",
        "region": "eu-central-1",
        "resources": ["arn:aws:events:eu-central-1:123456789012:rule/kairos-every-minute"],
        "detail": {}
    })
}
