use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kairos_domain::store::{Limit, LimitKey, RateLimits, StoreError};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::SqliteStore;
use super::error::Fault;

#[async_trait]
impl RateLimits for SqliteStore {
    async fn count_act(
        &self,
        limits: &[Limit],
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let limits = limits.to_vec();
        self.connections
            .write(move |db| {
                let reached = reached(db, &limits, now)?;
                if reached.is_none() {
                    let mut count =
                        db.prepare_cached("INSERT INTO counted_acts (key, counts_until) VALUES (?, ?)")?;
                    for limit in &limits {
                        let until = now + limit.window;
                        count.execute(params![limit.key.bytes(), until.timestamp_millis()])?;
                    }
                }
                Ok(reached)
            })
            .await
    }

    async fn limit_reached(
        &self,
        limits: &[Limit],
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let limits = limits.to_vec();
        self.connections.read(move |db| reached(db, &limits, now)).await
    }

    async fn remember_client(&self, key: LimitKey, until: DateTime<Utc>) -> Result<(), StoreError> {
        self.connections
            .write(move |db| {
                db.prepare_cached(
                    "INSERT INTO known_clients (key, known_until) VALUES (?, ?)
                     ON CONFLICT (key) DO UPDATE SET known_until = max(known_until, excluded.known_until)",
                )?
                .execute(params![key.bytes(), until.timestamp_millis()])?;
                Ok(())
            })
            .await
    }

    async fn remembers_client(&self, key: LimitKey, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.connections
            .read(move |db| {
                Ok(db
                    .prepare_cached("SELECT 1 FROM known_clients WHERE key = ? AND known_until > ?")?
                    .exists(params![key.bytes(), now.timestamp_millis()])?)
            })
            .await
    }
}

/// Returns the instant when no limit is reached any more; `None` if none is reached now.
///
/// A limit of `most` acts stays reached until the `most`-th latest act no longer counts.
fn reached(db: &Connection, limits: &[Limit], now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Fault> {
    let mut query = db.prepare_cached(
        "SELECT counts_until FROM counted_acts WHERE key = ? AND counts_until > ?
         ORDER BY counts_until DESC LIMIT 1 OFFSET ?",
    )?;
    let mut latest = None;
    for limit in limits {
        let until: Option<i64> = query
            .query_row(
                params![
                    limit.key.bytes(),
                    now.timestamp_millis(),
                    limit.most.saturating_sub(1)
                ],
                |row| row.get(0),
            )
            .optional()?;
        latest = latest.max(until.and_then(DateTime::from_timestamp_millis));
    }
    Ok(latest)
}
