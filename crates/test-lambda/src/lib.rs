//! AWS Lambda's side of a function, and API Gateway's, for the tests and the benchmark: a runtime API on a socket of this machine, from
//! which a real `kairos` takes its events.
//!
//! Between events the process is frozen, as Lambda does it: whatever it has left to do then is not done. No part of Kairos that is
//! shipped depends on this crate. Start with [`Function`].
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

/// What EventBridge hands to a function at the times of a schedule.
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
