//! What the earlier service has written, adopted: keys that it didn't know are added, and what breaks a rule is mended or told.
//!
//! Accounts and active journeys are looked for at every start, markers, of which there may be many, whenever it is tidied up: the earlier service
//! may go on writing. Where there is nothing, that costs a few queries of an index. Nothing is deleted and no field of the earlier service is changed, but for `active`: of several active
//! journeys of a rider the newest stays.

use std::collections::HashMap;

use bson::{Bson, Document, RawDocumentBuf, doc};
use futures_util::TryStreamExt as _;
use kairos_domain::email_address::EmailKey;
use kairos_domain::id::ObjectId;
use kairos_domain::store::StoreError;

use super::MongoStore;
use super::documents::{self, NOWHERE, cells_of, oid, place};

/// How many markers are put into their cells in one go.
const MARKERS_A_BATCH: usize = 1_000;

impl MongoStore {
    pub(super) async fn adopt_accounts(&self) -> Result<(), StoreError> {
        self.give_accounts_their_keys().await?;
        self.report_shared_addresses().await
    }

    /// Of several active journeys of a rider the newest stays active.
    pub(super) async fn leave_one_active_journey_a_rider(&self) -> Result<(), StoreError> {
        let db = &self.connection;
        let steps = [
            doc! { "$match": { "active": true } },
            // Left out is as good as false, but would not be sorted so.
            doc! { "$addFields": { "is_over": { "$eq": ["$completed", true] } } },
            doc! { "$sort": { "is_over": -1, "created_at": 1, "_id": 1 } },
            doc! { "$group": { "_id": "$user_id", "journeys": { "$push": "$_id" } } },
            doc! { "$match": { "journeys.1": { "$exists": true } } },
        ];
        let riders: Vec<Document> = db
            .journeys
            .aggregate(steps)
            .allow_disk_use(true)
            .await
            .map_err(super::error::translate)?
            .try_collect()
            .await
            .map_err(super::error::translate)?;
        let mut switched_off = Vec::new();
        for rider in riders {
            let mut older = rider.get_array("journeys").cloned().unwrap_or_default();
            older.pop();
            let off = doc! { "$set": { "active": false } };
            db.call(
                db.journeys
                    .update_many(doc! { "_id": { "$in": older.clone() } }, off),
            )
            .await?;
            switched_off.extend(
                older
                    .iter()
                    .filter_map(Bson::as_object_id)
                    .map(bson::oid::ObjectId::to_hex),
            );
        }
        tracing::warn!(
            journeys = switched_off.join(" "),
            "riders had several active journeys; the newest of each stays active, these do not"
        );
        Ok(())
    }

    /// Gives every account the key of its address. Of several of one address, the one that logs in by it holds it in the unique index.
    async fn give_accounts_their_keys(&self) -> Result<(), StoreError> {
        let db = &self.connection;
        let keyless = doc! { "email_key": Bson::Null, "is_being_deleted": Bson::Null };
        let mut found = db.call(db.users.find(keyless)).await?;
        let mut by_key: HashMap<String, Vec<Keyless>> = HashMap::new();
        let mut without_address = Vec::new();
        while db.call(found.advance()).await? {
            let user = found.current();
            match (user.get_str("email"), documents::id_of(user, "user")) {
                (Ok(email), Ok(id)) => by_key
                    .entry(EmailKey::of(email).as_str().to_owned())
                    .or_default()
                    .push(Keyless {
                        is_unverified: !user.get_bool("is_verified").unwrap_or(false),
                        id,
                    }),
                _ => without_address.extend(documents::raw_id(user)),
            }
        }
        for (key, mut accounts) in by_key {
            accounts.sort_unstable();
            self.give_key(&key, accounts).await?;
        }
        if !without_address.is_empty() {
            tracing::warn!(
                users = without_address.join(" "),
                "these accounts have no address or no proper id; nobody can log in to them"
            );
        }
        Ok(())
    }

    /// Gives a key to the accounts of one address, the one that logs in by it first.
    async fn give_key(&self, key: &str, accounts: Vec<Keyless>) -> Result<(), StoreError> {
        let db = &self.connection;
        let holder = doc! { "email_key": key, "email_key_is_unique": true };
        let mut is_held = db.call(db.users.find_one(holder)).await?.is_some();
        for account in accounts {
            let keyless = doc! { "_id": oid(account.id), "email_key": Bson::Null };
            let with_key =
                |is_unique: bool| doc! { "$set": { "email_key": key, "email_key_is_unique": is_unique } };
            // Another instance may be doing the same, and be faster.
            if is_held
                || db
                    .write(db.users.update_one(keyless.clone(), with_key(true)))
                    .await?
                    .is_err()
            {
                db.call(db.users.update_one(keyless, with_key(false))).await?;
            }
            is_held = true;
        }
        Ok(())
    }

    /// Tells which accounts share an address, and lets one that no longer does hold it by itself.
    async fn report_shared_addresses(&self) -> Result<(), StoreError> {
        let db = &self.connection;
        let sharing = db
            .all(db.users.find(doc! { "email_key_is_unique": false }))
            .await?;
        let mut sharers = Vec::new();
        for user in sharing {
            let Ok(key) = user.get_str("email_key") else {
                continue;
            };
            let id = documents::id_of(&user, "user")?;
            let alone = db.users.count_documents(doc! { "email_key": key });
            if db.call(alone).await? == 1 {
                let hold = doc! { "$set": { "email_key_is_unique": true } };
                drop(
                    db.write(db.users.update_one(doc! { "_id": oid(id) }, hold))
                        .await?,
                );
            } else {
                sharers.push(id.to_string());
            }
        }
        if !sharers.is_empty() {
            tracing::warn!(
                users = sharers.join(" "),
                "these accounts have an address that another account has as well; the verified, then the oldest one logs in by it"
            );
        }
        Ok(())
    }

    /// Puts the markers of the earlier service into their cells, so that searches find them fast, and says how many there were. Each batch
    /// stays done; stopped halfway, it goes on the next time.
    pub(super) async fn put_markers_into_cells(&self) -> Result<u64, StoreError> {
        let mut placed = 0;
        loop {
            let batch = self.markers_without_cells().await?;
            if batch.is_empty() {
                break;
            }
            if placed == 0 {
                tracing::info!("markers of the earlier service are put into the index of places");
            }
            self.put_into_cells(&batch).await?;
            placed += batch.len() as u64;
        }
        if placed > 0 {
            tracing::info!(
                placed,
                "markers of the earlier service are in the index of places"
            );
        }
        Ok(placed)
    }

    async fn markers_without_cells(&self) -> Result<Vec<RawDocumentBuf>, StoreError> {
        let db = &self.connection;
        let batch = db
            .markers
            .find(doc! { "cells": Bson::Null })
            .limit(i64::try_from(MARKERS_A_BATCH).unwrap_or(i64::MAX))
            .projection(doc! { "journey_id": 1, "coordinates": 1 });
        db.all(batch).await
    }

    async fn put_into_cells(&self, batch: &[RawDocumentBuf]) -> Result<(), StoreError> {
        let journeys = batch
            .iter()
            .filter_map(|marker| marker.get_object_id("journey_id").ok());
        self.forget_tracks(journeys.collect()).await?;
        let mut nowhere = Vec::new();
        let mut updates = Vec::with_capacity(batch.len());
        for marker in batch {
            let id = marker
                .get("_id")
                .ok()
                .flatten()
                .and_then(|id| Bson::try_from(id).ok());
            let cells = if let Ok((.., position)) = place(marker) {
                cells_of(position)
            } else {
                nowhere.extend(documents::raw_id(marker));
                Bson::from(NOWHERE)
            };
            // Whoever has moved it meanwhile has given it its cells.
            updates.push(doc! {
                "q": { "_id": id, "cells": Bson::Null },
                "u": { "$set": { "cells": cells } },
                "hint": { "_id": 1 },
            });
        }
        let db = &self.connection;
        db.write_all("update", db.markers.name(), "updates", updates)
            .await?;
        if !nowhere.is_empty() {
            tracing::warn!(
                markers = nowhere.join(" "),
                "the places of these markers can't be read; they are near nothing"
            );
        }
        Ok(())
    }
}

/// An account that has no key yet, in the order of who logs in by an address.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Keyless {
    is_unverified: bool,
    id: ObjectId,
}
