//! Migrates documents of the earlier service, or of an earlier version of Kairos. They lack derived data.
//!
//! The earlier service may continue to write. Its fields stay unchanged, except `active`: of several active
//! journeys of a rider, the newest stays active.

use std::collections::BTreeSet;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use bson::{Bson, Document, RawDocumentBuf, doc};
use kairos_domain::id::JourneyId;
use kairos_domain::store::StoreError;
use tokio::time::timeout;

use super::MongoStore;
use super::documents::{NOWHERE, id_of, object_id, oid};
use super::error::translate;

/// Journeys that one batch migrates, each in its own transaction.
const JOURNEYS_A_BATCH: i64 = 20;

/// Markers without derived data that one batch reads.
const MARKERS_A_BATCH: i64 = 1_000;

/// Maximum number of markers of a journey that is migrated at a start.
const MARKERS_OF_A_SMALL_JOURNEY: u64 = 1_000;

/// Time limit of the migration at a start. It suffices to migrate a small database before the first request.
const AT_A_START: Duration = Duration::from_secs(1);

/// Indexes of earlier versions: collection and name.
const OLD_INDEXES: [(&str, &str); 3] = [
    ("markers", "by_cells"),
    ("markers", "untracked"),
    ("journeys", "without_track"),
];

/// The collection in which an earlier version of Kairos stored itineraries.
const OLD_COLLECTION: &str = "track_segments";

/// The journeys to migrate.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Journeys {
    All,
    OnlySmall,
}

impl MongoStore {
    /// Migrates all accounts, then small journeys for at most a second.
    ///
    /// Only the accounts are required to serve requests. If the migration of journeys fails, the start
    /// continues.
    pub(super) async fn migrate_at_start(&self) -> Result<(), StoreError> {
        let accounts = async {
            self.give_accounts_their_keys().await?;
            self.update_earlier_keys().await?;
            self.report_shared_addresses().await
        };
        let journeys = async {
            while self.migrate_journeys_or_markers(Journeys::OnlySmall).await? {}
            Ok::<_, StoreError>(())
        };
        let (accounts, journeys) = tokio::join!(accounts, timeout(AT_A_START, journeys));
        match journeys {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "the migration at the start failed; the maintenance worker retries it");
            }
            Err(_) => tracing::info!("the migration takes longer; the maintenance worker continues it"),
        }
        accounts
    }

    /// Migrates one batch of everything. Returns whether there may be more.
    pub(super) async fn migrate_a_batch(&self) -> Result<bool, StoreError> {
        self.give_accounts_their_keys().await?;
        let migrated = self.migrate_journeys_or_markers(Journeys::All).await;
        if matches!(migrated, Ok(true)) {
            return Ok(true);
        }
        let accounts = self.accounts_with_outdated_keys().await?;
        self.give_keys(&accounts).await?;
        migrated
    }

    /// Migrates one batch of journeys, or of markers if no journey is left. Returns whether there may be
    /// more.
    async fn migrate_journeys_or_markers(&self, which: Journeys) -> Result<bool, StoreError> {
        let found = self.journeys_to_migrate().await?;
        let mut journeys = Vec::new();
        for id in &found {
            if which == Journeys::All || self.is_small(*id).await? {
                journeys.push(*id);
            }
        }
        if !found.is_empty() {
            // Journeys that always fail must not block the ones after them.
            if self.migrate_journeys(&journeys).await.is_ok() {
                tracing::info!(journeys = journeys.len(), "migrated journeys");
            }
            return Ok(!journeys.is_empty());
        }
        let markers = self.markers_to_migrate().await?;
        if markers.is_empty() {
            let failed = std::mem::take(&mut *self.unmigrated()).len();
            if failed > 0 {
                let failure = format!("{failed} journeys could not be migrated");
                return Err(StoreError::Failed(failure.into()));
            }
            self.drop_what_is_old().await?;
            return Ok(false);
        }
        self.migrate_markers(&markers).await?;
        tracing::info!(markers = markers.len(), "migrated markers");
        Ok(true)
    }

    pub(super) fn unmigrated(&self) -> MutexGuard<'_, BTreeSet<JourneyId>> {
        self.unmigrated.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unmigrated_ids(&self) -> Vec<bson::oid::ObjectId> {
        self.unmigrated().iter().map(|id| oid(id.0)).collect()
    }

    async fn is_small(&self, id: JourneyId) -> Result<bool, StoreError> {
        let db = &self.connection;
        let markers = db.markers.count_documents(doc! { "journey_id": oid(id.0) });
        let most = MARKERS_OF_A_SMALL_JOURNEY;
        Ok(db.call(markers.limit(most + 1)).await? <= most)
    }

    async fn journeys_to_migrate(&self) -> Result<Vec<JourneyId>, StoreError> {
        let db = &self.connection;
        let without = doc! {
            "is_derived": Bson::Null, "_id": { "$type": "objectId", "$nin": self.unmigrated_ids() },
            "is_being_deleted": Bson::Null,
        };
        let journeys = db
            .journeys
            .find(without)
            .limit(JOURNEYS_A_BATCH)
            .projection(doc! { "_id": 1 });
        let journeys = db.all(journeys).await?;
        let ids = journeys
            .iter()
            .map(|journey| id_of(journey, "journey").map(JourneyId));
        ids.collect()
    }

    async fn markers_to_migrate(&self) -> Result<Vec<RawDocumentBuf>, StoreError> {
        let db = &self.connection;
        let without = doc! { "derived.cells": Bson::Null, "journey_id": { "$nin": self.unmigrated_ids() } };
        let without = db.markers.find(without);
        let without = without
            .limit(MARKERS_A_BATCH)
            .projection(doc! { "journey_id": 1 });
        db.all(without).await
    }

    async fn migrate_markers(&self, markers: &[RawDocumentBuf]) -> Result<(), StoreError> {
        let db = &self.connection;
        let mut journeys = BTreeSet::new();
        let mut lost = Vec::new();
        for marker in markers {
            match marker.get_object_id("journey_id") {
                Ok(id) => drop(journeys.insert(JourneyId(object_id(id)))),
                Err(_) => lost.extend(
                    marker
                        .get("_id")
                        .ok()
                        .flatten()
                        .and_then(|id| Bson::try_from(id).ok()),
                ),
            }
        }
        self.migrate_journeys(&Vec::from_iter(journeys)).await.ok();
        if !lost.is_empty() {
            // A marker without a journey is not in the spatial index.
            let nowhere = doc! { "$set": { "derived": { "cells": NOWHERE } } };
            db.call(db.markers.update_many(doc! { "_id": { "$in": lost } }, nowhere))
                .await?;
        }
        Ok(())
    }

    /// Drops the collection and the indexes of earlier versions.
    async fn drop_what_is_old(&self) -> Result<(), StoreError> {
        let database = &self.connection.database;
        let there = self.connection.call(database.list_collection_names()).await?;
        if !there.iter().any(|name| name == OLD_COLLECTION) {
            return Ok(());
        }
        for (collection, index) in OLD_INDEXES {
            let collection = database.collection::<Document>(collection);
            let names = collection.list_index_names().await.map_err(translate)?;
            if names.iter().any(|name| name == index) {
                collection.drop_index(index).await.map_err(translate)?;
            }
        }
        database
            .collection::<Document>(OLD_COLLECTION)
            .drop()
            .await
            .map_err(translate)
    }

    /// Deactivates all active journeys of each rider except the newest one.
    pub(super) async fn leave_one_active_journey_a_rider(&self) -> Result<(), StoreError> {
        let db = &self.connection;
        let steps = [
            doc! { "$match": { "active": true } },
            // An absent `completed` means false, but MongoDB would sort it differently.
            doc! { "$addFields": { "is_over": { "$eq": ["$completed", true] } } },
            doc! { "$sort": { "is_over": -1, "created_at": 1, "_id": 1 } },
            doc! { "$group": { "_id": "$user_id", "journeys": { "$push": "$_id" } } },
            doc! { "$match": { "journeys.1": { "$exists": true } } },
        ];
        let riders = db
            .all_in_long(db.journeys.aggregate(steps).allow_disk_use(true))
            .await?;
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
}
