//! Reads all records.

use bson::oid::ObjectId as Oid;
use bson::{Bson, Document, RawDocument, RawDocumentBuf, doc};
use kairos_domain::id::{JourneyId, ObjectId};
use kairos_domain::line::LineKind;
use kairos_domain::store::StoreError;
use mongodb::Collection;

use super::MongoStore;
use super::documents::{self, id_of, id_of_line, line_id, object_id, oid, raw_id, session, user_record};
use super::markers::{Owners, owner_of};
use crate::administration::{Record, RecordCursor, RecordKind, RecordPage, ScheduleRecord};

impl MongoStore {
    pub(super) fn collection(&self, kind: RecordKind) -> &Collection<RawDocumentBuf> {
        let db = &self.connection;
        match kind {
            RecordKind::Users => &db.users,
            RecordKind::Sessions => &db.sessions,
            RecordKind::Journeys => &db.journeys,
            RecordKind::Markers => &db.markers,
            RecordKind::Routes | RecordKind::Tracks => &db.lines,
            RecordKind::Schedules => &db.schedules,
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
        let mut query = self
            .collection(kind)
            .find(following)
            .sort(match kind {
                RecordKind::Markers => doc! { "journey_id": 1, "_id": 1 },
                _ => doc! { "_id": 1 },
            })
            .limit(limit.into());
        if line_kind(kind).is_some() {
            query = query.projection(doc! { "_id": 1 });
        }
        // A database that Kairos has never opened has no index for the sort.
        let documents = self.connection.all_in_long(query.allow_disk_use(true)).await?;
        let owners = match kind {
            RecordKind::Markers => self.missing_owners(&documents).await?,
            _ => Owners::new(),
        };
        for document in documents {
            page.last = Some(RecordCursor {
                journey_id: document.get_object_id("journey_id").ok().map(object_id),
                id: record_id(kind, &document)?,
            });
            match self.record(kind, &document, &owners).await {
                Ok(record) => page.records.extend(record),
                Err(error @ StoreError::Corrupt { .. }) => page.unreadable.push(error.to_string()),
                Err(error) => return Err(error),
            }
            if page.is_full() {
                break;
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
            RecordKind::Markers | RecordKind::Routes | RecordKind::Tracks | RecordKind::Schedules => {
                let hidden = doc! { "$or": [marked, { "user_id": { "$in": users } }] };
                let hidden = db.journeys.find(hidden).projection(doc! { "_id": 1 });
                let hidden = ids_of(&db.all_in_long(hidden).await?);
                let journey = match kind {
                    RecordKind::Markers => "journey_id",
                    RecordKind::Schedules => "_id",
                    _ => "_id.journey_id",
                };
                shown.insert("$nor", vec![doc! { journey: { "$in": hidden } }]);
            }
        }
        if let Some(kind) = line_kind(kind) {
            shown.insert("_id.kind", kind.as_str());
        }
        Ok(shown)
    }

    /// Returns findings about records that no page contains, because their id or journey is no ObjectId.
    async fn without_ids(&self, kind: RecordKind) -> Result<Vec<String>, StoreError> {
        if line_kind(kind).is_some() {
            return Ok(Vec::new());
        }
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

    async fn record(
        &self,
        kind: RecordKind,
        document: &RawDocument,
        owners: &Owners,
    ) -> Result<Option<Record>, StoreError> {
        Ok(Some(match kind {
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
                    marker
                        .ok_or_else(|| documents::corrupt("marker", document, "it is marked as deleted"))?,
                )
            }
            RecordKind::Routes | RecordKind::Tracks => {
                let line = self.line_record(id_of_line(document)?).await?;
                return Ok(line.map(Record::Line));
            }
            RecordKind::Schedules => Record::Schedule(ScheduleRecord {
                journey_id: JourneyId(id_of(document, "schedule")?),
                schedule: documents::schedule(document)?,
            }),
        }))
    }
}

/// Returns the filter for the records after a position in the list.
fn following(kind: RecordKind, after: Option<RecordCursor>) -> Document {
    let first = ObjectId::from_bytes([0; 12]);
    let id = key(kind, after.map_or(first, |after| after.id));
    let journey_id = oid(after.and_then(|after| after.journey_id).unwrap_or(first));
    match kind {
        RecordKind::Markers => doc! {
            "journey_id": { "$gte": journey_id },
            "$or": [{ "journey_id": { "$gt": journey_id } }, { "_id": { "$gt": id } }],
        },
        _ => doc! { "_id": { "$gt": id } },
    }
}

fn line_kind(kind: RecordKind) -> Option<LineKind> {
    let mut kinds = LineKind::ALL.into_iter();
    kinds.find(|line| RecordKind::from(*line) == kind)
}

/// Returns the `_id` of a record's document.
pub(super) fn key(kind: RecordKind, id: ObjectId) -> Bson {
    match line_kind(kind) {
        Some(line) => line_id(JourneyId(id), line).into(),
        None => oid(id).into(),
    }
}

pub(super) fn record_id(kind: RecordKind, document: &RawDocument) -> Result<ObjectId, StoreError> {
    match line_kind(kind) {
        Some(_) => id_of_line(document).map(|(journey_id, _)| journey_id.0),
        None => id_of(document, kind.as_str()),
    }
}

fn ids_of(documents: &[RawDocumentBuf]) -> Vec<Oid> {
    let ids = documents
        .iter()
        .filter_map(|document| document.get_object_id("_id").ok());
    ids.collect()
}
