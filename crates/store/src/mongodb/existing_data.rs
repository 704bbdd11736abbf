//! What the earlier service has written, adopted: keys that it didn't know are added, and what breaks a rule is mended or told.
//!
//! It is looked for at every start, since the earlier service may have gone on writing; where there is nothing, that costs three
//! queries of an index. Nothing is deleted and no field of the earlier service is changed, but for `active`: of several active
//! journeys of a rider the newest stays.

use std::collections::HashMap;

use bson::{Bson, Document, RawDocumentBuf, doc};
use futures_util::TryStreamExt as _;
use kairos_domain::id::UserId;
use kairos_domain::store::StoreError;
use kairos_domain::user::User;

use super::MongoStore;
use super::discovery::cell_of;
use super::documents::{self, oid, place};

/// How many markers are put into their cells in one go.
const MARKERS_A_BATCH: usize = 1_000;

/// What stands for the cell of a marker whose place can't be read. It is no number, so that no search finds it.
const NOWHERE: &str = "nowhere";

impl MongoStore {
    pub(super) async fn adopt_existing_data(&self) -> Result<(), StoreError> {
        self.give_accounts_their_keys().await?;
        self.report_shared_addresses().await?;
        let db = &self.connection;
        if db
            .call(db.markers.find_one(doc! { "cell": Bson::Null }))
            .await?
            .is_some()
        {
            let store = self.clone();
            tokio::spawn(async move { store.put_markers_into_cells().await });
        }
        Ok(())
    }

    /// Of several active journeys of a rider the newest stays active.
    pub(super) async fn leave_one_active_journey_a_rider(&self) -> Result<(), StoreError> {
        let db = &self.connection;
        let steps = [
            doc! { "$match": { "active": true } },
            doc! { "$sort": { "completed": -1, "created_at": 1, "_id": 1 } },
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
        for rider in riders {
            let mut older = rider.get_array("journeys").cloned().unwrap_or_default();
            older.pop();
            let off = doc! { "$set": { "active": false } };
            db.call(
                db.journeys
                    .update_many(doc! { "_id": { "$in": older.clone() } }, off),
            )
            .await?;
            tracing::warn!(
                user.id = %rider.get("_id").unwrap_or(&Bson::Null),
                journeys = %Bson::Array(older),
                "a rider had several active journeys; the newest stays active, these do not"
            );
        }
        Ok(())
    }

    /// Gives every account the key of its address. Of several of one address, the one that logs in by it holds it in the unique index.
    async fn give_accounts_their_keys(&self) -> Result<(), StoreError> {
        let db = &self.connection;
        let keyless =
            doc! { "email_key": Bson::Null, "is_being_deleted": Bson::Null, "email": { "$type": "string" } };
        let mut found = db.call(db.users.find(keyless)).await?;
        let mut by_key: HashMap<String, Vec<UserId>> = HashMap::new();
        while db.call(found.advance()).await? {
            match documents::user(found.current()) {
                Ok(user) => by_key
                    .entry(user.email.key().as_str().to_owned())
                    .or_default()
                    .push(user.id),
                Err(error) => tracing::warn!(%error, "an account can't be read; it stays as it is"),
            }
        }
        for (key, ids) in by_key {
            self.give_key(&key, ids).await?;
        }
        Ok(())
    }

    async fn give_key(&self, key: &str, mut ids: Vec<UserId>) -> Result<(), StoreError> {
        let db = &self.connection;
        let holders = db.all(db.users.find(doc! { "email_key": key })).await?;
        let with_key =
            |is_unique: bool| doc! { "$set": { "email_key": key, "email_key_is_unique": is_unique } };
        if holders.is_empty() {
            let mut users: Vec<User> = Vec::new();
            for id in &ids {
                users.extend(kairos_domain::store::Users::user(self, *id).await?);
            }
            users.sort_by_key(|user| (!user.is_verified, user.id));
            if let Some(first) = users.first() {
                let holder = doc! { "_id": oid(first.id.0), "email_key": Bson::Null };
                // Another instance may be doing the same.
                drop(db.write(db.users.update_one(holder, with_key(true))).await?);
                ids.retain(|id| *id != first.id);
            }
        }
        for id in ids {
            let sharer = doc! { "_id": oid(id.0), "email_key": Bson::Null };
            db.call(db.users.update_one(sharer, with_key(false))).await?;
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

    /// Puts the markers of the earlier service into their cells, so that searches find them fast. Stopped halfway, it goes on at the next
    /// start.
    async fn put_markers_into_cells(&self) {
        tracing::info!("markers of the earlier service are put into the index of places");
        match self.put_all_into_cells().await {
            Ok((placed, nowhere)) => {
                tracing::info!(
                    placed,
                    "markers of the earlier service are in the index of places"
                );
                if !nowhere.is_empty() {
                    tracing::warn!(
                        markers = nowhere.join(" "),
                        "the places of these markers can't be read; they are near nothing"
                    );
                }
            }
            Err(error) => {
                tracing::warn!(%error, "markers are not all in the index of places; gone on with at the next start");
            }
        }
    }

    async fn put_all_into_cells(&self) -> Result<(u64, Vec<String>), StoreError> {
        let db = &self.connection;
        let (mut placed, mut nowhere) = (0, Vec::new());
        loop {
            let batch = db
                .markers
                .find(doc! { "cell": Bson::Null })
                .limit(i64::try_from(MARKERS_A_BATCH).unwrap_or(i64::MAX))
                .projection(doc! { "journey_id": 1, "coordinates": 1 });
            let batch = db.all(batch).await?;
            if batch.is_empty() {
                return Ok((placed, nowhere));
            }
            let mut updates = Vec::with_capacity(batch.len());
            for marker in &batch {
                let cell = if let Ok((.., position)) = place(marker) {
                    placed += 1;
                    Bson::from(cell_of(position))
                } else {
                    nowhere.extend(raw_id(marker).map(|id| id.to_string()));
                    Bson::from(NOWHERE)
                };
                // Whoever has moved it meanwhile has given it its cell.
                updates.push(doc! {
                    "q": { "_id": raw_id(marker), "cell": Bson::Null },
                    "u": { "$set": { "cell": cell } },
                });
            }
            let update = doc! { "update": db.markers.name(), "updates": updates, "ordered": false };
            db.call(db.database.run_command(update)).await?;
        }
    }
}

/// An id of whatever type.
fn raw_id(document: &RawDocumentBuf) -> Option<Bson> {
    Bson::try_from(document.get("_id").ok()??).ok()
}
