use async_trait::async_trait;
use bson::{Document, doc};
use futures_util::TryStreamExt as _;
use kairos_domain::id::JourneyId;
use kairos_domain::store::StoreError;

use super::MongoStore;
use super::derived::OutOfStep;
use super::documents::raw_id;
use super::error::translate;
use crate::administration::{
    Inspect, Inspection, JOURNEYS_WITH_WRONG_TRACKS, MARKERS_IN_WRONG_CELLS, RecordKind, Transfer as _,
    finding,
};

/// How many records are looked at in one go.
const RECORDS_A_BATCH: u32 = 1_000;

#[async_trait]
impl Inspect for MongoStore {
    async fn inspect(&self) -> Result<Inspection, StoreError> {
        let mut counts = Vec::new();
        let mut indexes = Vec::new();
        for kind in RecordKind::ALL {
            counts.push((kind.as_str(), self.count_records(kind).await?));
            indexes.extend(self.indexes_of(kind).await?);
        }
        Ok(Inspection {
            database: self.version().await?,
            counts,
            indexes,
            findings: self.findings().await?,
        })
    }

    async fn repair(&self) -> Result<Vec<String>, StoreError> {
        let wrong = self.out_of_step().await?;
        self.put_in_step(&wrong).await?;
        Ok(told(&wrong))
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
        let db = &self.connection;
        let listed = db.call(self.collection(kind).list_indexes()).await?;
        let listed: Vec<_> = db.call(listed.try_collect()).await?;
        let index = |index: mongodb::IndexModel| {
            let name = index.options.and_then(|options| options.name).unwrap_or_default();
            let fields: Vec<_> = index.keys.keys().map(String::as_str).collect();
            format!("{}.{name} ({})", kind.as_str(), fields.join(", "))
        };
        Ok(listed.into_iter().map(index).collect())
    }

    async fn findings(&self) -> Result<Vec<String>, StoreError> {
        let mut findings = Vec::new();
        for kind in RecordKind::ALL {
            let what = format!("{} that can't be read", kind.as_str());
            findings.extend(finding(&what, &self.unreadable(kind).await?));
            let odd_ids = vec![doc! { "$match": { "_id": { "$not": { "$type": "objectId" } } } }];
            let what = format!("{} whose id is no ObjectId, invisible", kind.as_str());
            findings.extend(finding(&what, &self.ids(kind, odd_ids).await?));
        }
        let marked = doc! { "is_being_deleted": true };
        let searches = [
            (
                RecordKind::Users,
                "accounts that share their address with another one",
                vec![doc! { "$match": { "email_key_is_unique": false } }],
            ),
            (
                RecordKind::Users,
                "half deleted accounts, which a start finishes",
                vec![doc! { "$match": marked.clone() }],
            ),
            (
                RecordKind::Journeys,
                "half deleted journeys, which a start finishes",
                vec![doc! { "$match": marked }],
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
                RecordKind::Markers,
                "markers that a running server has yet to put into the index of places",
                vec![doc! { "$match": { "cells": bson::Bson::Null } }],
            ),
            (
                RecordKind::Journeys,
                "journeys whose tracks a running server has yet to draw",
                vec![doc! { "$match": { "has_track": bson::Bson::Null } }],
            ),
            (
                RecordKind::Markers,
                "markers that a running server has yet to draw into tracks",
                vec![doc! { "$match": { "is_untracked": true } }],
            ),
        ];
        for (kind, what, steps) in searches {
            findings.extend(finding(what, &self.ids(kind, steps).await?));
        }
        findings.extend(told(&self.out_of_step().await?));
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

    /// The ids of what these steps find. They may take longer than a request may.
    async fn ids(&self, kind: RecordKind, mut steps: Vec<Document>) -> Result<Vec<String>, StoreError> {
        steps.push(doc! { "$project": { "_id": 1 } });
        let found = self
            .collection(kind)
            .aggregate(steps)
            .with_type::<bson::RawDocumentBuf>()
            .await
            .map_err(translate)?;
        let found: Vec<_> = found.try_collect().await.map_err(translate)?;
        Ok(found.iter().filter_map(|document| raw_id(document)).collect())
    }
}

/// What is not as it follows from other data, as sentences.
fn told(wrong: &OutOfStep) -> Vec<String> {
    let ids = |journeys: &[JourneyId]| journeys.iter().map(JourneyId::to_string).collect::<Vec<_>>();
    let markers: Vec<_> = wrong.markers.iter().map(|id| id.to_hex()).collect();
    [
        finding(MARKERS_IN_WRONG_CELLS, &markers),
        finding(JOURNEYS_WITH_WRONG_TRACKS, &ids(&wrong.journeys)),
        finding("journeys that are gone but for their tracks", &ids(&wrong.gone)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Those whose parent is gone.
fn without(parents: &str, field: &str) -> Vec<Document> {
    vec![
        doc! { "$lookup": { "from": parents, "localField": field, "foreignField": "_id", "as": "parents" } },
        doc! { "$match": { "parents": [] } },
    ]
}
