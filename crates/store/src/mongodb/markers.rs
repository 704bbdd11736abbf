use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use bson::{Document, RawDocument, RawDocumentBuf, doc};
use kairos_domain::discovery::DatedMarker;
use kairos_domain::id::{JourneyId, MarkerId, UserId};
use kairos_domain::marker::{Marker, MarkerPlace, RidingOrder};
use kairos_domain::store::{Batch, Journeys as _, Markers, Page, StoreError, Users as _, Write, WriteError};
use kairos_domain::usage::UsageChange;
use kairos_domain::user::User;

use super::MongoStore;
use super::derived::MarkersChange;
use super::documents::{self, changed_fields, is_being_deleted, marker_document, oid, owner_is_missing};
use super::transaction::{Abort, Transaction};

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
        let markers = self.read(&Vec::from_iter(marker)).await?;
        Ok(markers.into_iter().next())
    }

    async fn markers_of(
        &self,
        journey_id: JourneyId,
        reader: UserId,
        page: Page<RidingOrder>,
    ) -> Result<Option<Batch<Marker>>, StoreError> {
        if self.journey(journey_id, reader).await?.is_none() {
            return Ok(None);
        }
        let _turn = self.connection.fence.page(reader).await?;
        self.page_of_markers(journey_id, page).await.map(Some)
    }

    async fn rider_and_markers(
        &self,
        rider: UserId,
        journey_id: JourneyId,
        limit: u32,
    ) -> Result<(Option<User>, Option<Batch<Marker>>), StoreError> {
        let first = Page { after: None, limit };
        tokio::try_join!(self.user(rider), self.markers_of(journey_id, rider, first))
    }

    async fn marker_places_of(
        &self,
        journey_id: JourneyId,
        reader: UserId,
    ) -> Result<Option<Vec<MarkerPlace>>, StoreError> {
        if self.journey(journey_id, reader).await?.is_none() {
            return Ok(None);
        }
        let _turn = self.connection.fence.page(reader).await?;
        self.places_of_markers(journey_id).await.map(Some)
    }

    async fn have_more_markers_than(
        &self,
        most: u32,
        journeys: &[JourneyId],
        reader: UserId,
    ) -> Result<bool, StoreError> {
        let db = &self.connection;
        let _turn = db.fence.page(reader).await?;
        let ids: Vec<_> = journeys.iter().map(|id| oid(id.0)).collect();
        let markers = db
            .markers
            .count_documents(doc! { "journey_id": { "$in": ids } })
            .limit(u64::from(most) + 1);
        Ok(db.call(markers).await? > u64::from(most))
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
                // The marker was deleted together with its journey.
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

    /// Checks that a journey exists and is not being deleted.
    pub(super) async fn is_there(&self, id: JourneyId) -> Result<bool, StoreError> {
        let journey = self.connection.journeys_by_id.document(id.0).await?;
        Ok(journey.is_some_and(|journey| !is_being_deleted(&journey)))
    }

    /// Returns the owners of those markers that the earlier service stored without one, by journey.
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

/// Returns the owner of a marker that the earlier service stored without one.
pub(super) fn owner_of(marker: &RawDocument, owners: &Owners) -> Option<UserId> {
    // Hardly any marker lacks its owner, so the map is usually empty.
    let is_missing = !owners.is_empty();
    let journey_id = is_missing.then(|| owner_is_missing(marker)).flatten()?;
    owners.get(&journey_id).copied()
}

/// Owners by journey.
pub(super) type Owners = HashMap<JourneyId, UserId>;

fn on(journey_id: JourneyId, id: MarkerId) -> Document {
    doc! { "_id": oid(id.0), "journey_id": oid(journey_id.0) }
}
