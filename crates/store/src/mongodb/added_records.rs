//! Adds records of another store.

use std::collections::{BTreeMap, HashSet};

use bson::{Bson, Document, doc};
use kairos_domain::id::{JourneyId, ObjectId, UserId};
use kairos_domain::line::EncodedLine;
use kairos_domain::store::{ContentsChange, LineChange, MarkerChange, ScheduleChange};
use kairos_domain::usage::UsageChange;
use mongodb::Collection;

use super::MongoStore;
use super::contents::usage_of;
use super::derived::MarkersChange;
use super::documents::{journey_document, session_document, user_document};
use super::line_records::line_change;
use super::records::{key, record_id};
use super::transaction::{Abort, Transaction};
use crate::administration::{Record, RecordKind};

impl MongoStore {
    pub(super) async fn add_all(
        &self,
        transaction: &Transaction,
        records: &[Record],
    ) -> Result<Vec<ObjectId>, Abort> {
        let mut orphans = Vec::new();
        for kind in RecordKind::ALL {
            let of_kind: Vec<_> = records.iter().filter(|record| record.kind() == kind).collect();
            if of_kind.is_empty() {
                continue;
            }
            let known = self
                .known(
                    transaction,
                    kind,
                    of_kind.iter().map(|record| record.id()),
                    doc! {},
                )
                .await?;
            let mut new: Vec<_> = of_kind
                .into_iter()
                .filter(|record| !known.contains(&record.id()))
                .collect();
            if let Some(parents) = new
                .iter()
                .find_map(|record| record.parent())
                .map(|(parents, _)| parents)
            {
                let ids = new.iter().filter_map(|record| record.parent()).map(|(_, id)| id);
                let there = doc! { "is_being_deleted": Bson::Null };
                let there = self.known(transaction, parents, ids, there).await?;
                new.retain(|record| {
                    let has_parent = record.parent().is_none_or(|(_, id)| there.contains(&id));
                    if !has_parent {
                        orphans.push(record.id());
                    }
                    has_parent
                });
            }
            self.add_of_kind(transaction, kind, &new).await?;
        }
        Ok(orphans)
    }

    async fn add_of_kind(
        &self,
        transaction: &Transaction,
        kind: RecordKind,
        records: &[&Record],
    ) -> Result<(), Abort> {
        if records.is_empty() {
            return Ok(());
        }
        let mut documents = Vec::new();
        let mut changes: BTreeMap<UserId, UsageChange> = BTreeMap::new();
        let mut of_journeys: BTreeMap<JourneyId, ContentsChange> = BTreeMap::new();
        for record in records {
            match record {
                Record::User(user) => documents.push(user_document(user)),
                Record::Session(session) => documents.push(session_document(session)),
                Record::Journey(journey) => {
                    documents.push(journey_document(journey));
                    let change = changes.entry(journey.user_id).or_default();
                    change.journeys += 1;
                    change.bytes += journey.text_bytes();
                }
                Record::Marker(marker) => {
                    let added = MarkerChange::Insert(marker.clone());
                    contents_of(&mut of_journeys, marker.journey_id)
                        .markers
                        .push(added);
                }
                Record::Line(record) => {
                    *line_change(contents_of(&mut of_journeys, record.journey_id), record.kind) =
                        Some(LineChange {
                            before: None,
                            after: Some(EncodedLine::of(&record.line, record.kind)),
                        });
                }
                Record::Schedule(record) => {
                    contents_of(&mut of_journeys, record.journey_id).schedule = Some(ScheduleChange {
                        before: None,
                        after: Some(record.schedule.clone()),
                    });
                }
            }
        }
        if !documents.is_empty() {
            let collection: Collection<Document> = self.collection(kind).clone_with_type();
            transaction.insert_many(collection.insert_many(documents)).await?;
        }
        for contents in of_journeys.values() {
            self.add_contents(transaction, contents, &mut changes).await?;
        }
        for (rider, change) in changes {
            self.add_to_rider(transaction, rider, change).await?;
        }
        Ok(())
    }

    /// Adds parts of a journey.
    async fn add_contents(
        &self,
        transaction: &Transaction,
        contents: &ContentsChange,
        changes: &mut BTreeMap<UserId, UsageChange>,
    ) -> Result<(), Abort> {
        let usage = usage_of(contents, &[]);
        // An old database may exceed the limits.
        let journey = self.count(transaction, contents.journey_id, usage).await?;
        if journey.usage().is_some() {
            let change = changes.entry(journey.user_id()).or_default();
            *change = *change + usage;
        }
        self.write_schedule(transaction, contents).await?;
        self.write_lines(transaction, contents, &[]).await?;
        self.write_markers(transaction, contents).await?;
        let dated = MarkersChange::of(contents);
        self.derive(transaction, contents.journey_id, &journey, &dated)
            .await
    }

    /// Returns those ids that exist.
    async fn known(
        &self,
        transaction: &Transaction,
        kind: RecordKind,
        ids: impl Iterator<Item = ObjectId>,
        mut which: Document,
    ) -> Result<HashSet<ObjectId>, Abort> {
        let ids: HashSet<_> = ids.collect();
        let keys = ids.into_iter().map(|id| key(kind, id));
        which.insert("_id", doc! { "$in": keys.collect::<Vec<_>>() });
        let known = self.collection(kind).find(which).projection(doc! { "_id": 1 });
        let known = transaction.all(known).await?;
        Ok(known
            .iter()
            .filter_map(|known| record_id(kind, known).ok())
            .collect())
    }
}

fn contents_of(changes: &mut BTreeMap<JourneyId, ContentsChange>, id: JourneyId) -> &mut ContentsChange {
    changes.entry(id).or_insert_with(|| ContentsChange::none(id))
}
