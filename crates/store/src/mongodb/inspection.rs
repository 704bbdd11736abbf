//! Inspection and repair for operators. An inspection reads everything.

use std::time::Duration;

use async_trait::async_trait;
use bson::{Bson, Document, RawDocumentBuf, doc};
use futures_util::TryStreamExt as _;
use kairos_domain::id::ObjectId;
use kairos_domain::store::StoreError;

use super::MongoStore;
use super::documents::raw_id;
use super::error::translate;
use super::transaction::Transaction;
use crate::administration::{AdminStore, Inspection, Record, RecordCursor, RecordKind, RecordPage, finding};

/// The timeout of a transaction that adds a batch of records. No request waits for it.
const A_BATCH_OF_RECORDS: Duration = Duration::from_secs(50);

const ACCOUNTS_WITH_OUTDATED_KEYS: &str = "accounts that are found by an address they no longer have";

const RECORDS_A_BATCH: u32 = 1_000;

#[async_trait]
impl AdminStore for MongoStore {
    fn is_new(&self) -> bool {
        self.is_new
    }

    async fn inspect(&self) -> Result<Inspection, StoreError> {
        let mut counts = Vec::new();
        let mut indexes = Vec::new();
        for kind in RecordKind::ALL {
            counts.push((kind.as_str(), self.count_records(kind).await?));
            indexes.extend(self.indexes_of(kind).await?);
        }
        // Routes and tracks are in one collection.
        indexes.dedup();
        Ok(Inspection {
            database: self.version().await?,
            counts,
            indexes,
            findings: self.findings().await?,
        })
    }

    async fn repair(&self) -> Result<Vec<String>, StoreError> {
        let accounts = self.accounts_with_outdated_keys().await?;
        while self.migrate_a_batch().await? {}
        let wrong = self.wrong().await?;
        for line in &wrong.lines {
            self.repair_line(*line).await?;
        }
        let mut journeys = wrong.journeys.clone();
        journeys.extend(wrong.lines.iter().map(|(id, _)| id));
        self.migrate_journeys(&Vec::from_iter(journeys)).await?;
        for id in &wrong.gone {
            self.remove_parts_without_journey(*id).await?;
        }
        for id in &wrong.riders {
            self.recount_rider(*id).await?;
        }
        let accounts = finding(ACCOUNTS_WITH_OUTDATED_KEYS, &ids_of(&accounts));
        Ok(accounts.into_iter().chain(wrong.told()).collect())
    }

    async fn count_records(&self, kind: RecordKind) -> Result<u64, StoreError> {
        let there = self.not_hidden(kind).await?;
        self.collection(kind)
            .count_documents(there)
            .await
            .map_err(translate)
    }

    async fn records_after(
        &self,
        kind: RecordKind,
        after: Option<RecordCursor>,
        limit: u32,
    ) -> Result<RecordPage, StoreError> {
        self.read_records(kind, after, limit).await
    }

    async fn add_records(&self, records: &[Record]) -> Result<Vec<ObjectId>, StoreError> {
        let act = |transaction: Transaction| async move { self.add_all(&transaction, records).await };
        self.connection.transaction_within(A_BATCH_OF_RECORDS, act).await
    }
}

impl MongoStore {
    async fn version(&self) -> Result<String, StoreError> {
        let db = &self.connection;
        let build = db.call(db.database.run_command(doc! { "buildInfo": 1 })).await?;
        let hello = db.call(db.database.run_command(doc! { "hello": 1 })).await?;
        let version = build.get_str("version").unwrap_or("of unknown version");
        let topology = match (hello.get_str("setName"), hello.get_str("msg")) {
            (Ok(set), _) => format!("replica set {set}"),
            (_, Ok("isdbgrid")) => "sharded".to_owned(),
            _ => "standalone".to_owned(),
        };
        Ok(format!("MongoDB {version}, {topology}"))
    }

    async fn indexes_of(&self, kind: RecordKind) -> Result<Vec<String>, StoreError> {
        let collection = self.collection(kind);
        // A collection without documents may not exist.
        let Ok(listed) = collection.list_indexes().await else {
            return Ok(Vec::new());
        };
        let listed: Vec<_> = self.connection.call(listed.try_collect()).await?;
        let index = |index: mongodb::IndexModel| {
            let name = index.options.and_then(|options| options.name).unwrap_or_default();
            let fields: Vec<_> = index.keys.keys().map(String::as_str).collect();
            format!("{}.{name} ({})", collection.name(), fields.join(", "))
        };
        Ok(listed.into_iter().map(index).collect())
    }

    async fn findings(&self) -> Result<Vec<String>, StoreError> {
        let mut findings = Vec::new();
        for kind in RecordKind::ALL {
            let what = format!("{} that can't be read", kind.as_str());
            findings.extend(finding(&what, &self.unreadable(kind).await?));
        }
        let (marked, missing) = (doc! { "is_being_deleted": true }, Bson::Null);
        let matching = |filter: Document| vec![doc! { "$match": filter }];
        let searches = [
            (
                RecordKind::Users,
                "accounts that share their address with another one",
                matching(doc! { "email_key_is_unique": false }),
            ),
            (
                RecordKind::Users,
                "accounts that a running server has yet to give the key of their address",
                // Accounts without an address or a valid id never get a key. Another finding lists them.
                matching(doc! {
                    "email_key": missing.clone(), "is_being_deleted": Bson::Null,
                    "email": { "$type": "string" }, "_id": { "$type": "objectId" },
                }),
            ),
            (
                RecordKind::Users,
                "accounts marked as deleted, which a running server removes",
                matching(marked.clone()),
            ),
            (
                RecordKind::Journeys,
                "journeys marked as deleted, which a running server removes",
                matching(marked),
            ),
            (
                RecordKind::Journeys,
                "journeys whose rider is gone, invisible",
                without("users", "user_id"),
            ),
            (
                RecordKind::Markers,
                "markers whose journey is gone, invisible",
                without("journeys", "journey_id"),
            ),
            (
                RecordKind::Journeys,
                "journeys that a running server has yet to migrate",
                matching(doc! { "is_derived": missing.clone(), "is_being_deleted": Bson::Null }),
            ),
            (
                RecordKind::Markers,
                "markers that a running server has yet to migrate",
                matching(doc! { "derived.cells": missing }),
            ),
        ];
        for (kind, what, pipeline) in searches {
            findings.extend(finding(what, &self.ids(kind, pipeline).await?));
        }
        let outdated = ids_of(&self.accounts_with_outdated_keys().await?);
        findings.extend(finding(ACCOUNTS_WITH_OUTDATED_KEYS, &outdated));
        findings.extend(self.wrong().await?.told());
        Ok(findings)
    }

    async fn unreadable(&self, kind: RecordKind) -> Result<Vec<String>, StoreError> {
        let mut unreadable = Vec::new();
        let mut after = None;
        loop {
            let page = self.records_after(kind, after, RECORDS_A_BATCH).await?;
            unreadable.extend(page.unreadable);
            if page.last.is_none() {
                return Ok(unreadable);
            }
            after = page.last;
        }
    }

    /// Returns the ids of the documents that a pipeline selects.
    async fn ids(&self, kind: RecordKind, mut pipeline: Vec<Document>) -> Result<Vec<String>, StoreError> {
        pipeline.push(doc! { "$project": { "_id": 1 } });
        let found = self
            .collection(kind)
            .aggregate(pipeline)
            .with_type::<RawDocumentBuf>();
        let found = self.connection.all_in_long(found).await?;
        Ok(ids_of(&found))
    }
}

fn ids_of(documents: &[RawDocumentBuf]) -> Vec<String> {
    documents.iter().filter_map(|document| raw_id(document)).collect()
}

/// Returns the pipeline that selects orphans: documents whose parent does not exist.
fn without(parents: &str, field: &str) -> Vec<Document> {
    vec![
        doc! { "$lookup": { "from": parents, "localField": field, "foreignField": "_id", "as": "parents" } },
        doc! { "$match": { "parents": [] } },
    ]
}
