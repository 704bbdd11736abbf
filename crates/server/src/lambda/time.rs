use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use lambda_http::Context;

/// Time reserved for sending the response.
const RESERVE: TimeDelta = TimeDelta::seconds(1);

/// Returns the time left for the work on an event, before Lambda ends the invocation.
pub(super) fn time_left(context: &Context, now: DateTime<Utc>) -> Duration {
    // Lambda gives the deadline in milliseconds since 1970.
    let deadline = i64::try_from(context.deadline)
        .ok()
        .and_then(DateTime::from_timestamp_millis);
    let left = deadline.map_or(TimeDelta::zero(), |deadline| deadline - now - RESERVE);
    left.to_std().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_ends_before_the_function_must() {
        let now: DateTime<Utc> = "2026-05-15T12:00:00Z".parse().unwrap();
        let left = |deadline: u64| {
            let mut context = Context::default();
            context.deadline = deadline;
            time_left(&context, now)
        };
        let at = |seconds: i64| {
            (now + TimeDelta::seconds(seconds))
                .timestamp_millis()
                .unsigned_abs()
        };
        assert_eq!(left(at(15)), Duration::from_secs(14));
        assert_eq!(left(at(1)), Duration::ZERO);
        assert_eq!(left(at(-5)), Duration::ZERO);
        assert_eq!(left(u64::MAX), Duration::ZERO);
    }
}
