use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use bson::{Bson, Document, RawDocument, RawDocumentBuf, doc};
use kairos_domain::id::{JourneyId, ObjectId, UserId};
use kairos_domain::journey::JourneyStatus;
use kairos_domain::store::{Journeys as _, StoreError, Users as _};
use mongodb::Collection;

use super::MongoStore;
use super::documents::{
    self, Session, id_of, journey_document, marker_document, oid, user_document, user_record,
};
use super::error::{is_only_known_ids, translate};
use crate::administration::{Record, RecordKind, RecordPage, Transfer};

#[async_trait]
impl Transfer for MongoStore {
    async fn count_records(&self, kind: RecordKind) -> Result<u64, StoreError> {
        self.connection
            .call(
                self.collection(kind)
                    .count_documents(doc! { "is_being_deleted": Bson::Null }),
            )
            .await
    }

    async fn records_after(
        &self,
        kind: RecordKind,
        after: Option<ObjectId>,
        limit: u32,
    ) -> Result<RecordPage, StoreError> {
        let first = oid(after.unwrap_or(ObjectId::from_bytes([0; 12])));
        let following = doc! { "_id": { "$gt": first }, "is_being_deleted": Bson::Null };
        let query = self
            .collection(kind)
            .find(following)
            .sort(doc! { "_id": 1 })
            .limit(limit.into());
        let mut page = RecordPage::default();
        let documents = self.connection.all(query).await?;
        let owners = self.missing_owners(kind, &documents).await?;
        for document in documents {
            page.last = Some(id_of(&document, kind.as_str())?);
            match record(kind, &document, &owners) {
                Ok(record) => page.records.push(record),
                Err(error @ StoreError::Corrupt { .. }) => page.unreadable.push(error.to_string()),
                Err(error) => return Err(error),
            }
        }
        Ok(page)
    }

    async fn add_records(&self, records: &[Record]) -> Result<Vec<ObjectId>, StoreError> {
        for kind in RecordKind::ALL {
            let documents: Vec<_> = records
                .iter()
                .filter_map(|record| document_of(kind, record))
                .collect();
            if documents.is_empty() {
                continue;
            }
            if kind == RecordKind::Markers {
                let journeys = records.iter().filter_map(|record| match record {
                    Record::Marker(marker) => Some(oid(marker.journey_id.0)),
                    _ => None,
                });
                self.forget_tracks(journeys.collect()).await?;
            }
            let collection: Collection<Document> = self.collection(kind).clone_with_type();
            // Without an order: one that is there already doesn't keep the next from being added.
            let insertion = collection.insert_many(documents).ordered(false);
            match tokio::time::timeout(self.connection.timeout, insertion.into_future()).await {
                Err(too_late) => return Err(StoreError::Unavailable(too_late.into())),
                Ok(Err(error)) if !is_only_known_ids(&error) => return Err(translate(error)),
                Ok(_) => {}
            }
        }
        // A thing without its parent is invisible here, and may stay.
        Ok(Vec::new())
    }

    async fn record(&self, kind: RecordKind, id: ObjectId) -> Result<Option<Record>, StoreError> {
        let one = doc! { "_id": oid(id), "is_being_deleted": Bson::Null };
        let document = self.connection.call(self.collection(kind).find_one(one)).await?;
        let owners = self.missing_owners(kind, document.as_slice()).await?;
        document
            .map(|document| record(kind, &document, &owners))
            .transpose()
    }

    async fn remove_rivals(&self, record: &Record) -> Result<Vec<ObjectId>, StoreError> {
        let db = &self.connection;
        let other = doc! { "$ne": oid(record.id()) };
        let rivals = match record {
            Record::User(record) if record.holds_its_address => {
                let key = record.user.email.key();
                db.users
                    .find(doc! { "email_key": key.as_str(), "email_key_is_unique": true, "_id": other })
            }
            Record::Journey(journey) if journey.status == JourneyStatus::Active => db
                .journeys
                .find(doc! { "user_id": oid(journey.user_id.0), "active": true, "_id": other }),
            _ => return Ok(Vec::new()),
        };
        let rivals = db.all(rivals.projection(doc! { "_id": 1 })).await?;
        let mut removed = Vec::with_capacity(rivals.len());
        for rival in rivals {
            let id = id_of(&rival, "record")?;
            match record {
                Record::User(_) => self.delete_user_with_everything(UserId(id)).await?,
                _ => self.delete_journey_with_markers(JourneyId(id)).await?,
            };
            removed.push(id);
        }
        Ok(removed)
    }
}

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

    /// The owners of the journeys of markers that the earlier service gave none.
    async fn missing_owners(
        &self,
        kind: RecordKind,
        documents: &[RawDocumentBuf],
    ) -> Result<Owners, StoreError> {
        if kind != RecordKind::Markers {
            return Ok(Owners::new());
        }
        let journeys = documents
            .iter()
            .filter_map(|document| documents::owner_is_missing(document));
        let ids: HashSet<_> = journeys.map(|journey| oid(journey.0)).collect();
        if ids.is_empty() {
            return Ok(Owners::new());
        }
        let ids: Vec<_> = ids.into_iter().collect();
        let journeys = self
            .connection
            .journeys
            .find(doc! { "_id": { "$in": ids } })
            .projection(doc! { "user_id": 1 });
        let journeys = self.connection.all(journeys).await?;
        let journeys = journeys.iter().map(|journey| documents::journey(journey));
        Ok(journeys
            .filter_map(Result::ok)
            .map(|journey| (journey.id, journey.user_id))
            .collect())
    }
}

/// Whose journeys are.
type Owners = HashMap<JourneyId, UserId>;

fn record(kind: RecordKind, document: &RawDocument, owners: &Owners) -> Result<Record, StoreError> {
    Ok(match kind {
        RecordKind::Users => Record::User(user_record(document)?),
        RecordKind::Sessions => {
            let mut session = Session::read(document)?.record;
            session.tokens.sort_unstable_by_key(|token| token.hash.bytes());
            Record::Session(session)
        }
        RecordKind::Journeys => Record::Journey(documents::journey(document)?),
        RecordKind::Markers => {
            let journey_id = documents::owner_is_missing(document);
            let owner = journey_id.and_then(|journey_id| owners.get(&journey_id).copied());
            Record::Marker(documents::marker(document, owner)?)
        }
    })
}

/// A record of that kind as a document.
fn document_of(kind: RecordKind, record: &Record) -> Option<Document> {
    match (kind, record) {
        (RecordKind::Users, Record::User(user)) => Some(user_document(user)),
        (RecordKind::Sessions, Record::Session(session)) => {
            let session = Session {
                record: session.clone(),
                version: 0,
            };
            Some(session.document())
        }
        (RecordKind::Journeys, Record::Journey(journey)) => Some(journey_document(journey)),
        (RecordKind::Markers, Record::Marker(marker)) => Some(marker_document(marker)),
        _ => None,
    }
}
