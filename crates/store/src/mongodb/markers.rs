use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use bson::{Document, RawDocument, RawDocumentBuf, doc};
use kairos_domain::id::{JourneyId, MarkerId, UserId};
use kairos_domain::marker::{Marker, MarkerPlace, RidingOrder};
use kairos_domain::store::{
    Batch, ContentsChange, Journeys as _, MarkerChange, Markers, Page, StoreError, Users as _, Write,
    WriteError,
};
use kairos_domain::user::User;
use tokio::task::yield_now;

use super::MongoStore;
use super::derived::ALL_AT_ONCE;
use super::documents::{self, changed_fields, is_being_deleted, marker_document, oid, owner_is_missing};
use super::rebuilding::MARKERS_A_COMMAND;
use super::transaction::{Abort, Transaction};

#[async_trait]
impl Markers for MongoStore {
    async fn insert_marker(&self, marker: &Marker, write: &Write) -> Result<(), WriteError> {
        self.change_marker(MarkerChange::Insert(marker.clone()), marker, write)
            .await
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

    async fn markers_by_id(
        &self,
        journey_id: JourneyId,
        ids: &[MarkerId],
    ) -> Result<Vec<Marker>, StoreError> {
        let db = &self.connection;
        let ids: Vec<_> = ids.iter().map(|id| oid(id.0)).collect();
        let markers = db
            .markers
            .find(doc! { "_id": { "$in": ids }, "journey_id": oid(journey_id.0) })
            .projection(doc! { "derived": 0 });
        let (markers, is_there) = tokio::try_join!(db.all(markers), self.is_there(journey_id))?;
        if is_there {
            self.read(&markers).await
        } else {
            Ok(Vec::new())
        }
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
        let change = MarkerChange::Replace {
            before: before.clone(),
            after: after.clone(),
        };
        self.change_marker(change, before, write).await
    }

    async fn delete_marker(&self, before: &Marker, write: &Write) -> Result<(), WriteError> {
        self.change_marker(MarkerChange::Delete(before.clone()), before, write)
            .await
    }
}

impl MongoStore {
    /// Changes one marker. Returns the stored marker as it was before; none if it is gone.
    pub(super) async fn change_one_marker(
        &self,
        transaction: &Transaction,
        before: &Marker,
        after: Option<&Marker>,
    ) -> Result<Vec<RawDocumentBuf>, Abort> {
        let markers = &self.connection.markers;
        let this = on(before.journey_id, before.id);
        let stored = match after {
            Some(after) => {
                let update = doc! { "$set": changed_fields(before, after) };
                let update = markers.find_one_and_update(this, update);
                transaction.find_one_and_update(update).await?
            }
            None => {
                transaction
                    .find_one_and_delete(markers.find_one_and_delete(this))
                    .await?
            }
        };
        Ok(Vec::from_iter(stored))
    }

    /// Reads those stored markers that a change replaces or removes.
    pub(super) async fn markers_before(
        &self,
        transaction: &Transaction,
        contents: &ContentsChange,
    ) -> Result<Vec<RawDocumentBuf>, Abort> {
        let before = contents.markers.iter().filter_map(MarkerChange::before);
        let ids: Vec<_> = before.map(|marker| oid(marker.id.0)).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let these = doc! { "_id": { "$in": ids }, "journey_id": oid(contents.journey_id.0) };
        let markers = self.connection.markers.find(these);
        transaction
            .all(markers.projection(doc! { "derived": 0 }).batch_size(ALL_AT_ONCE))
            .await
    }

    /// Checks that the stored markers equal those that the caller saw.
    pub(super) async fn check_markers(
        contents: &ContentsChange,
        stored: &[RawDocumentBuf],
        owner: UserId,
    ) -> Result<(), Abort> {
        let before = contents.markers.iter().filter_map(MarkerChange::before);
        let before: HashMap<_, _> = before.map(|marker| (marker.id, marker)).collect();
        let mut equal = 0;
        for some in stored.chunks(MARKERS_A_COMMAND) {
            for document in some {
                if let Some(marker) = documents::marker(document, Some(owner))?
                    && before.get(&marker.id) == Some(&&marker)
                {
                    equal += 1;
                }
            }
            yield_now().await;
        }
        if equal == before.len() {
            Ok(())
        } else {
            Err(WriteError::Changed.into())
        }
    }

    /// Writes the changed markers, which [`check_markers`](Self::check_markers) has compared.
    pub(super) async fn write_markers(
        &self,
        transaction: &Transaction,
        contents: &ContentsChange,
    ) -> Result<(), Abort> {
        let db = &self.connection;
        let markers = db.markers.clone_with_type::<Document>();
        for some in contents.markers.chunks(MARKERS_A_COMMAND) {
            let (mut inserted, mut updates, mut deleted) = (Vec::new(), Vec::new(), Vec::new());
            for change in some {
                match change {
                    MarkerChange::Insert(marker) => inserted.push(marker_document(marker)),
                    MarkerChange::Replace { before, after } => updates.push(doc! {
                        "q": on(before.journey_id, before.id),
                        "u": { "$set": changed_fields(before, after) },
                    }),
                    MarkerChange::Delete(marker) => deleted.push(oid(marker.id.0)),
                }
            }
            if !deleted.is_empty() {
                let deleted = markers.delete_many(doc! { "_id": { "$in": deleted } });
                transaction.delete(deleted).await?;
            }
            if !updates.is_empty() {
                let command = doc! { "update": markers.name(), "updates": updates };
                transaction.run_writes(db.database.run_command(command)).await?;
            }
            if !inserted.is_empty() {
                transaction.insert_many(markers.insert_many(inserted)).await?;
            }
        }
        Ok(())
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
