use chrono::{DateTime, Utc};
use serde::Serializer;

/// Writes an instant as RFC 3339 in UTC with milliseconds and `Z`.
pub(super) fn rfc_3339_millis<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&at.format("%Y-%m-%dT%H:%M:%S%.3fZ"))
}
