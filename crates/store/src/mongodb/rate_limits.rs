//! One document holds all acts counted under one key. One command can thus check the limit and count the act.

use std::collections::HashMap;

use async_trait::async_trait;
use bson::{Bson, RawDocument, RawDocumentBuf, doc};
use chrono::{DateTime, Utc};
use kairos_domain::store::{Limit, LimitKey, RateLimits, StoreError};
use mongodb::options::ReturnDocument;

use super::MongoStore;
use super::documents::{binary, instant};

#[async_trait]
impl RateLimits for MongoStore {
    async fn count_act(
        &self,
        limits: &[Limit],
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        if let Some(until) = self.limit_reached(limits, now).await? {
            return Ok(Some(until));
        }
        for limit in limits {
            if let Some(until) = self.count_under(limit, now).await? {
                return Ok(Some(until));
            }
        }
        Ok(None)
    }

    async fn limit_reached(
        &self,
        limits: &[Limit],
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let db = &self.connection;
        let keys: Vec<Bson> = limits.iter().map(|limit| key_of(limit.key)).collect();
        let found = db
            .all(db.counted_acts.find(doc! { "_id": { "$in": keys } }))
            .await?;
        let counted: HashMap<&[u8], &RawDocumentBuf> = found
            .iter()
            .filter_map(|counted| Some((counted.get("_id").ok()??.as_binary()?.bytes, counted)))
            .collect();
        Ok(limits
            .iter()
            .filter_map(|limit| reached(limit, counted.get(&limit.key.bytes()[..])?, now))
            .max())
    }

    async fn remember_client(&self, key: LimitKey, until: DateTime<Utc>) -> Result<(), StoreError> {
        let db = &self.connection;
        let longer = doc! { "$max": { "known_until": instant(until) } };
        // If a concurrent upsert inserts the document first, this one fails. The retry then finds the
        // document.
        while db
            .try_write(
                db.known_clients
                    .update_one(doc! { "_id": key_of(key) }, longer.clone())
                    .upsert(true),
            )
            .await?
            .is_err()
        {}
        Ok(())
    }

    async fn remembers_client(&self, key: LimitKey, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let db = &self.connection;
        let known = doc! { "_id": key_of(key), "known_until": { "$gt": instant(now) } };
        Ok(db.call(db.known_clients.find_one(known)).await?.is_some())
    }
}

impl MongoStore {
    /// Counts an act under one key. If its limit is reached, returns until when instead of counting.
    async fn count_under(
        &self,
        limit: &Limit,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let db = &self.connection;
        let until = instant(now + limit.window);
        let still_counting = doc! { "$filter": {
            "input": { "$ifNull": ["$counts_until", []] },
            "cond": { "$gt": ["$$this", instant(now)] },
        } };
        let is_free = doc! { "$lt": [{ "$size": "$counts_until" }, i64::from(limit.most)] };
        let counted = doc! { "$concatArrays": ["$counts_until", [until]] };
        let count = vec![
            doc! { "$set": { "counts_until": still_counting } },
            doc! { "$set": { "counts_until": { "$cond": [is_free, counted, "$counts_until"] } } },
            doc! { "$set": { "keep_until": { "$max": "$counts_until" } } },
        ];
        let key = doc! { "_id": key_of(limit.key) };
        loop {
            let counting = db
                .counted_acts
                .find_one_and_update(key.clone(), count.clone())
                .upsert(true)
                .return_document(ReturnDocument::Before);
            // If a concurrent upsert inserts the document first, this one fails. The retry then finds the
            // document.
            if let Ok(before) = db.try_write(counting).await? {
                return Ok(before.and_then(|before| reached(limit, &before, now)));
            }
        }
    }
}

/// Returns until when a limit is reached: until the `most`-th latest act no longer counts. `None` if it is
/// not reached.
fn reached(limit: &Limit, counted: &RawDocument, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let acts = counted.get_array("counts_until").ok()?;
    let mut until: Vec<DateTime<Utc>> = acts
        .into_iter()
        .filter_map(|act| DateTime::from_timestamp_millis(act.ok()?.as_datetime()?.timestamp_millis()))
        .filter(|until| *until > now)
        .collect();
    until.sort_unstable_by(|one, other| other.cmp(one));
    until.get(limit.most.saturating_sub(1) as usize).copied()
}

fn key_of(key: LimitKey) -> Bson {
    binary(key.bytes())
}
