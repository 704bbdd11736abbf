//! Reads all records, and adds records of another store.

use std::collections::{BTreeMap, HashSet};

use bson::oid::ObjectId as Oid;
use bson::{Bson, Document, RawDocument, RawDocumentBuf, doc};
use kairos_domain::discovery::DatedMarker;
use kairos_domain::id::{JourneyId, ObjectId, UserId};
use kairos_domain::marker::Marker;
use kairos_domain::store::StoreError;
use kairos_domain::usage::UsageChange;
use mongodb::Collection;

use super::MongoStore;
use super::derived::MarkersChange;
use super::documents::{
    self, id_of, journey_document, marker_document, object_id, oid, raw_id, session, session_document,
    user_document, user_record,
};
use super::markers::{Owners, owner_of};
use super::transaction::{Abort, Transaction};
use crate::administration::{Record, RecordCursor, RecordKind, RecordPage};

impl MongoStore {
    pub(super) fn collection(&self, kind: RecordKind) -> &Collection<RawDocumentBuf> {
        let db = &self.connection;
        match kind {
            RecordKind::Users => &db.users,
            RecordKind::Sessions => &db.sessions,
            RecordKind::Journeys => &db.journeys,
            RecordKind::Markers => &db.markers,
        }
    }

    pub(super) async fn read_records(
        &self,
        kind: RecordKind,
        after: Option<RecordCursor>,
        limit: u32,
    ) -> Result<RecordPage, StoreError> {
        let mut page = RecordPage::default();
        if after.is_none() {
            page.unreadable = self.without_ids(kind).await?;
        }
        let mut following = following(kind, after);
        following.extend(self.not_hidden(kind).await?);
        let query = self
            .collection(kind)
            .find(following)
            .sort(match kind {
                RecordKind::Markers => doc! { "journey_id": 1, "_id": 1 },
                _ => doc! { "_id": 1 },
            })
            .limit(limit.into());
        // A database that Kairos has never opened has no index for the sort.
        let documents = self.connection.all_in_long(query.allow_disk_use(true)).await?;
        let owners = match kind {
            RecordKind::Markers => self.missing_owners(&documents).await?,
            _ => Owners::new(),
        };
        for document in documents {
            page.last = Some(RecordCursor {
                journey_id: document.get_object_id("journey_id").ok().map(object_id),
                id: id_of(&document, kind.as_str())?,
            });
            match record(kind, &document, &owners) {
                Ok(record) => page.records.push(record),
                Err(error @ StoreError::Corrupt { .. }) => page.unreadable.push(error.to_string()),
                Err(error) => return Err(error),
            }
        }
        Ok(page)
    }

    /// Returns the filter for records that are not marked as deleted, and whose parents are not either.
    pub(super) async fn not_hidden(&self, kind: RecordKind) -> Result<Document, StoreError> {
        let db = &self.connection;
        let marked = doc! { "is_being_deleted": true };
        let mut shown = doc! { "is_being_deleted": Bson::Null };
        let users = db
            .all_in_long(db.users.find(marked.clone()).projection(doc! { "_id": 1 }))
            .await?;
        let users = ids_of(&users);
        match kind {
            RecordKind::Users => {}
            RecordKind::Sessions | RecordKind::Journeys => {
                shown.insert("user_id", doc! { "$nin": users });
            }
            RecordKind::Markers => {
                let hidden = doc! { "$or": [marked, { "user_id": { "$in": users } }] };
                let hidden = db.journeys.find(hidden).projection(doc! { "_id": 1 });
                let hidden = ids_of(&db.all_in_long(hidden).await?);
                shown.insert("$nor", vec![doc! { "journey_id": { "$in": hidden } }]);
            }
        }
        Ok(shown)
    }

    /// Returns findings about records that no page contains, because their id or journey is no ObjectId.
    async fn without_ids(&self, kind: RecordKind) -> Result<Vec<String>, StoreError> {
        let is_no_id = doc! { "$not": { "$type": "objectId" } };
        let mut odd = vec![doc! { "_id": is_no_id.clone() }];
        if kind == RecordKind::Markers {
            odd.push(doc! { "journey_id": is_no_id });
        }
        let odd = doc! { "$or": odd, "is_being_deleted": Bson::Null };
        let odd = self.collection(kind).find(odd).projection(doc! { "_id": 1 });
        let odd = self.connection.all_in_long(odd).await?;
        let odd = odd.iter().map(|document| {
            let id = raw_id(document).unwrap_or_default();
            format!("{} {id}: its id or its journey's is no ObjectId", kind.as_str())
        });
        Ok(odd.collect())
    }

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
        let documents: Vec<_> = records.iter().map(|record| document_of(record)).collect();
        let collection: Collection<Document> = self.collection(kind).clone_with_type();
        let mut changes: BTreeMap<UserId, UsageChange> = BTreeMap::new();
        let mut of_journeys: BTreeMap<JourneyId, Vec<&Marker>> = BTreeMap::new();
        for record in records {
            match record {
                Record::Journey(journey) => {
                    let change = changes.entry(journey.user_id).or_default();
                    change.journeys += 1;
                    change.bytes += journey.text_bytes();
                }
                Record::Marker(marker) => of_journeys.entry(marker.journey_id).or_default().push(marker),
                Record::User(_) | Record::Session(_) => {}
            }
        }
        transaction.insert_many(collection.insert_many(documents)).await?;
        for (journey_id, markers) in of_journeys {
            self.derive_added(transaction, journey_id, &markers, &mut changes)
                .await?;
        }
        for (rider, change) in changes {
            self.add_to_rider(transaction, rider, change).await?;
        }
        Ok(())
    }

    /// Updates the derived data of a journey after markers were added.
    async fn derive_added(
        &self,
        transaction: &Transaction,
        journey_id: JourneyId,
        markers: &[&Marker],
        changes: &mut BTreeMap<UserId, UsageChange>,
    ) -> Result<(), Abort> {
        let change = MarkersChange {
            usage: UsageChange {
                journeys: 0,
                markers: i64::try_from(markers.len()).unwrap_or(i64::MAX),
                bytes: markers.iter().map(|marker| marker.text_bytes()).sum(),
            },
            before: Vec::new(),
            after: markers
                .iter()
                .filter_map(|marker| DatedMarker::of(marker))
                .collect(),
        };
        // An old database may exceed the limits.
        let journey = self
            .count_without_bounds(transaction, journey_id, change.usage)
            .await?;
        if journey.usage().is_some() {
            changes.entry(journey.user_id()).or_default().bytes += change.usage.bytes;
        }
        self.derive(transaction, journey_id, &journey, &change).await
    }

    /// Returns those ids that exist.
    async fn known(
        &self,
        transaction: &Transaction,
        kind: RecordKind,
        ids: impl Iterator<Item = ObjectId>,
        mut which: Document,
    ) -> Result<HashSet<ObjectId>, Abort> {
        let ids: HashSet<_> = ids.map(oid).collect();
        which.insert("_id", doc! { "$in": ids.into_iter().collect::<Vec<_>>() });
        let known = self.collection(kind).find(which).projection(doc! { "_id": 1 });
        let known = transaction.all(known).await?;
        Ok(known
            .iter()
            .filter_map(|known| id_of(known, kind.as_str()).ok())
            .collect())
    }
}

/// Returns the filter for the records after a position in the list.
fn following(kind: RecordKind, after: Option<RecordCursor>) -> Document {
    let first = ObjectId::from_bytes([0; 12]);
    let id = oid(after.map_or(first, |after| after.id));
    let journey_id = oid(after.and_then(|after| after.journey_id).unwrap_or(first));
    match kind {
        RecordKind::Markers => doc! {
            "journey_id": { "$gte": journey_id },
            "$or": [{ "journey_id": { "$gt": journey_id } }, { "_id": { "$gt": id } }],
        },
        _ => doc! { "_id": { "$gt": id } },
    }
}

fn ids_of(documents: &[RawDocumentBuf]) -> Vec<Oid> {
    let ids = documents
        .iter()
        .filter_map(|document| document.get_object_id("_id").ok());
    ids.collect()
}

fn record(kind: RecordKind, document: &RawDocument, owners: &Owners) -> Result<Record, StoreError> {
    Ok(match kind {
        RecordKind::Users => Record::User(user_record(document)?),
        RecordKind::Sessions => {
            let mut session = session(document)?;
            session.tokens.sort_unstable_by_key(|token| token.hash.bytes());
            Record::Session(session)
        }
        RecordKind::Journeys => Record::Journey(documents::journey(document)?),
        RecordKind::Markers => {
            let marker = documents::marker(document, owner_of(document, owners))?;
            Record::Marker(
                marker.ok_or_else(|| documents::corrupt("marker", document, "it is marked as deleted"))?,
            )
        }
    })
}

fn document_of(record: &Record) -> Document {
    match record {
        Record::User(user) => user_document(user),
        Record::Session(session) => session_document(session),
        Record::Journey(journey) => journey_document(journey),
        Record::Marker(marker) => marker_document(marker),
    }
}
