//! Deleting expired rows.

use chrono::{DateTime, Utc};
use kairos_domain::store::StoreError;

use super::connections::Connections;
use super::usage::oldest_kept;

/// Deletes expired rows, each table in its own transaction. Returns the number of sessions.
pub(super) async fn purge(connections: &Connections, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let millis = now.timestamp_millis();
    let delete = async |statement: &'static str, until: i64| -> Result<usize, StoreError> {
        connections
            .write(move |db| Ok(db.prepare_cached(statement)?.execute([until])?))
            .await
    };
    let sessions = delete("DELETE FROM sessions WHERE expires_at < ?", millis).await?;
    for (statement, until) in [
        ("DELETE FROM legacy_refresh_tokens WHERE expires_at < ?", millis),
        ("DELETE FROM counted_acts WHERE counts_until <= ?", millis),
        ("DELETE FROM known_clients WHERE known_until <= ?", millis),
        ("DELETE FROM invitations WHERE expires_at <= ?", millis),
        (
            "DELETE FROM idempotency_keys WHERE created_at <= ?",
            oldest_kept(now),
        ),
    ] {
        delete(statement, until).await?;
    }
    Ok(sessions as u64)
}
