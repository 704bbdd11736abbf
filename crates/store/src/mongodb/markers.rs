use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use bson::{Bson, Document, RawDocument, RawDocumentBuf, doc};
use kairos_domain::discovery::DatedMarker;
use kairos_domain::id::{JourneyId, MarkerId, UserId};
use kairos_domain::marker::Marker;
use kairos_domain::store::{Markers, NotInList, Page, StoreError, Write, WriteError};
use kairos_domain::usage::UsageChange;
use mongodb::options::Hint;

use super::MongoStore;
use super::derived::MarkersChange;
use super::documents::{
    self, binary, changed_fields, is_being_deleted, marker_document, oid, order_of, owner_is_missing,
};
use super::indexes::riding_order_keys;
use super::transaction::{Abort, Transaction};

const MARKERS_A_BATCH: u32 = 10_000;

#[async_trait]
impl Markers for MongoStore {
    async fn insert_marker(&self, marker: &Marker, write: &Write) -> Result<(), WriteError> {
        self.change_marker(None, Some(marker), write).await
    }

    async fn marker(&self, journey_id: JourneyId, id: MarkerId) -> Result<Option<Marker>, StoreError> {
        let db = &self.connection;
        let marker = db
            .markers
            .find_one(on(journey_id, id))
            .projection(doc! { "derived": 0 });
        let (marker, is_there) = tokio::try_join!(db.call(marker), self.is_there(journey_id))?;
        let marker = marker.filter(|_| is_there);
        let markers = self.read(marker.into_iter().collect()).await?;
        Ok(markers.into_iter().next())
    }

    async fn markers_of(
        &self,
        journey_id: JourneyId,
        page: Page<MarkerId>,
    ) -> Result<Result<Vec<Marker>, NotInList>, StoreError> {
        let db = &self.connection;
        if page != Page::everything() {
            let (page, is_there) =
                tokio::try_join!(self.page_by_index(journey_id, page), self.is_there(journey_id))?;
            if let Some(page) = page.filter(|_| is_there) {
                return Ok(Ok(page));
            }
        }
        let markers = db
            .markers
            .find(doc! { "journey_id": oid(journey_id.0) })
            .projection(doc! { "derived": 0 })
            .batch_size(MARKERS_A_BATCH);
        let (markers, is_there) = tokio::try_join!(db.all(markers), self.is_there(journey_id))?;
        let markers = if is_there {
            self.read(markers).await?
        } else {
            Vec::new()
        };
        Ok(page.cut(markers, |marker| marker.id))
    }

    async fn markers_of_all(
        &self,
        journeys: &[JourneyId],
        most: u32,
    ) -> Result<Option<HashMap<JourneyId, Vec<Marker>>>, StoreError> {
        let db = &self.connection;
        let ids: Vec<_> = journeys.iter().map(|id| oid(id.0)).collect();
        let there = doc! { "_id": { "$in": ids }, "is_being_deleted": Bson::Null };
        let there = db
            .all(db.journeys.find(there).projection(doc! { "_id": 1 }))
            .await?;
        let ids: Vec<_> = there
            .iter()
            .filter_map(|journey| journey.get_object_id("_id").ok())
            .collect();
        let markers = db
            .markers
            .find(doc! { "journey_id": { "$in": ids } })
            .projection(doc! { "derived": 0 })
            .limit(i64::from(most) + 1)
            .batch_size(MARKERS_A_BATCH);
        let markers = self.read(db.all(markers).await?).await?;
        if markers.len() > most as usize {
            return Ok(None);
        }
        let mut of_journeys: HashMap<_, Vec<_>> = HashMap::new();
        for marker in markers {
            of_journeys.entry(marker.journey_id).or_default().push(marker);
        }
        Ok(Some(of_journeys))
    }

    async fn replace_marker(&self, before: &Marker, after: &Marker, write: &Write) -> Result<(), WriteError> {
        self.change_marker(Some(before), Some(after), write).await
    }

    async fn delete_marker(&self, before: &Marker, write: &Write) -> Result<(), WriteError> {
        self.change_marker(Some(before), None, write).await
    }
}

impl MongoStore {
    /// Adds, replaces or removes a marker.
    async fn change_marker(
        &self,
        before: Option<&Marker>,
        after: Option<&Marker>,
        write: &Write,
    ) -> Result<(), WriteError> {
        let Some(Marker { id, journey_id, .. }) = after.or(before) else {
            return Ok(());
        };
        let (id, journey_id) = (*id, *journey_id);
        let change = &MarkersChange {
            usage: UsageChange::of_marker(before, after),
            before: before.and_then(DatedMarker::of).into_iter().collect(),
            after: after.and_then(DatedMarker::of).into_iter().collect(),
        };
        let db = &self.connection;
        let act = |transaction: Transaction| async move {
            self.take_key(&transaction, write).await?;
            let journey = self.count_markers(&transaction, journey_id, change.usage).await;
            let journey = match journey {
                // The marker has gone with its journey.
                Err(Abort::Refused(WriteError::ParentGone)) if before.is_some() => {
                    Err(WriteError::Changed.into())
                }
                journey => journey,
            }?;
            let stored = match (before, after) {
                (None, Some(marker)) => {
                    let markers = db.markers.clone_with_type::<Document>();
                    transaction
                        .insert(markers.insert_one(marker_document(marker)))
                        .await?;
                    None
                }
                (Some(before), Some(after)) => {
                    let update = doc! { "$set": changed_fields(before, after) };
                    let update = db.markers.find_one_and_update(on(journey_id, id), update);
                    transaction.find_one_and_update(update).await?
                }
                (_, None) => {
                    let removal = db.markers.find_one_and_delete(on(journey_id, id));
                    transaction.find_one_and_delete(removal).await?
                }
            };
            if let Some(before) = before {
                let stored = stored.ok_or(WriteError::Changed)?;
                let owner = owner_is_missing(&stored).map(|_| journey.user_id());
                if documents::marker(&stored, owner)?.as_ref() != Some(before) {
                    return Err(WriteError::Changed.into());
                }
            }
            // `derive` counts the usage of a journey that has yet to be migrated.
            let counted = journey.usage().map(|_| change.usage);
            self.charge(&transaction, write, counted.unwrap_or_default())
                .await?;
            self.derive(&transaction, journey_id, &journey, change).await
        };
        db.write(act).await
    }

    /// Checks whether a journey exists and is not being deleted.
    pub(super) async fn is_there(&self, id: JourneyId) -> Result<bool, StoreError> {
        let journey = self.connection.journeys_by_id.document(id.0).await?;
        Ok(journey.is_some_and(|journey| !is_being_deleted(&journey)))
    }

    /// Reads a page by the index in riding order.
    ///
    /// `None` if some marker has no `derived.order`, or `after` does not exist.
    async fn page_by_index(
        &self,
        journey_id: JourneyId,
        page: Page<MarkerId>,
    ) -> Result<Option<Vec<Marker>>, StoreError> {
        let db = &self.connection;
        let mut following = doc! { "journey_id": oid(journey_id.0) };
        if let Some(after) = page.after {
            let unordered = doc! { "journey_id": oid(journey_id.0), "derived.order": Bson::Null };
            let (after, unordered) = tokio::try_join!(
                db.call(
                    db.markers
                        .find_one(on(journey_id, after))
                        .projection(doc! { "derived.order": 1 })
                ),
                db.call(
                    db.markers
                        .find_one(unordered)
                        .hint(Hint::Keys(riding_order_keys()))
                ),
            )?;
            let order = after
                .as_deref()
                .filter(|_| unordered.is_none())
                .and_then(order_of);
            let Some(order) = order else { return Ok(None) };
            following.insert("derived.order", doc! { "$gt": binary(order) });
        }
        let markers = db
            .markers
            .find(following)
            .sort(riding_order_keys())
            .hint(Hint::Keys(riding_order_keys()))
            .projection(doc! { "derived.cells": 0, "derived.place": 0 })
            .limit(page.limit.map_or(0, i64::from))
            .batch_size(MARKERS_A_BATCH);
        let markers = db.all(markers).await?;
        // The index holds markers without an order first.
        if markers.first().is_some_and(|first| order_of(first).is_none()) {
            return Ok(None);
        }
        self.read(markers).await.map(Some)
    }

    /// Reads markers and sorts them in riding order.
    async fn read(&self, markers: Vec<RawDocumentBuf>) -> Result<Vec<Marker>, StoreError> {
        let owners = self.missing_owners(&markers).await?;
        let markers = markers
            .iter()
            .filter_map(|marker| documents::marker(marker, owner_of(marker, &owners)).transpose());
        let mut markers = markers.collect::<Result<Vec<_>, _>>()?;
        markers.sort_by(Marker::riding_order);
        Ok(markers)
    }

    /// Returns the owners of markers that the earlier service gave none, by their journeys.
    pub(super) async fn missing_owners(&self, markers: &[RawDocumentBuf]) -> Result<Owners, StoreError> {
        let journeys = markers.iter().filter_map(|marker| owner_is_missing(marker));
        let ids: HashSet<_> = journeys.map(|journey| oid(journey.0)).collect();
        if ids.is_empty() {
            return Ok(Owners::new());
        }
        let db = &self.connection;
        let ids: Vec<_> = ids.into_iter().collect();
        let journeys = db
            .journeys
            .find(doc! { "_id": { "$in": ids } })
            .projection(doc! { "user_id": 1 });
        let journeys = db.all(journeys).await?;
        let owners = journeys.iter().filter_map(|journey| {
            let user_id = journey.get_object_id("user_id").ok()?;
            let id = documents::id_of(journey, "journey").ok()?;
            Some((JourneyId(id), UserId(documents::object_id(user_id))))
        });
        Ok(owners.collect())
    }
}

/// Returns the owner of a marker that the earlier service gave none.
pub(super) fn owner_of(marker: &RawDocument, owners: &Owners) -> Option<UserId> {
    // Hardly any marker lacks its owner, so the map is empty most often.
    let is_missing = !owners.is_empty();
    let journey_id = is_missing.then(|| owner_is_missing(marker)).flatten()?;
    owners.get(&journey_id).copied()
}

/// Riders by their journeys.
pub(super) type Owners = HashMap<JourneyId, UserId>;

fn on(journey_id: JourneyId, id: MarkerId) -> Document {
    doc! { "_id": oid(id.0), "journey_id": oid(journey_id.0) }
}
