use async_trait::async_trait;
use bson::{Bson, Document, RawDocumentBuf, doc};
use kairos_domain::id::{JourneyId, MarkerId, UserId};
use kairos_domain::marker::{Marker, MarkerDetails};
use kairos_domain::store::{Journeys as _, Markers, NotInList, Page, StoreError};
use mongodb::options::ReturnDocument;

use super::MongoStore;
use super::connection::to_the_end;
use super::documents::{self, NOWHERE, fields_of_details, marker_document, oid, riding_key, untracked};

#[async_trait]
impl Markers for MongoStore {
    async fn insert_marker(&self, marker: &Marker) -> Result<bool, StoreError> {
        let (store, marker) = (self.clone(), marker.clone());
        to_the_end(async move {
            let db = &store.connection;
            let markers = db.markers.clone_with_type::<Document>();
            let mut document = marker_document(&marker);
            let has_day = marker.details.day().is_some();
            if has_day {
                document.extend(doc! { "is_untracked": true, "changes": 1_i64 });
            }
            db.call(markers.insert_one(document)).await?;
            // It was there before its journey was looked for: whoever deletes the journey at the same time either is seen here or
            // sees the marker.
            let stays = store.journey(marker.journey_id).await?.is_some();
            if !stays {
                db.call(db.markers.delete_one(doc! { "_id": oid(marker.id.0) }))
                    .await?;
            } else if has_day {
                store.renew_soon([marker.journey_id]);
            }
            Ok(stays)
        })
        .await
    }

    async fn marker(&self, journey_id: JourneyId, id: MarkerId) -> Result<Option<Marker>, StoreError> {
        let db = &self.connection;
        let marker = db.call(db.markers.find_one(on(journey_id, id))).await?;
        self.read_one(journey_id, marker).await
    }

    async fn count_markers(&self, journey_id: JourneyId) -> Result<u64, StoreError> {
        let db = &self.connection;
        // Both counts are of an index alone. Those that are being deleted are few, if any.
        let all = db
            .markers
            .count_documents(doc! { "journey_id": oid(journey_id.0) });
        let going = db.markers.count_documents(doc! {
            "journey_id": oid(journey_id.0), "is_being_deleted": true, "is_untracked": true,
        });
        let (all, going) = tokio::try_join!(db.call(all), db.call(going))?;
        Ok(all.saturating_sub(going))
    }

    async fn markers_of(
        &self,
        journey_id: JourneyId,
        page: Page<MarkerId>,
    ) -> Result<Result<Vec<Marker>, NotInList>, StoreError> {
        let db = &self.connection;
        let on_journey = doc! { "journey_id": oid(journey_id.0), "is_being_deleted": Bson::Null };
        if page == Page::everything() {
            let markers = db.all(db.markers.find(on_journey)).await?;
            return self.read_in_riding_order(journey_id, markers).await.map(Ok);
        }
        // The order depends on the kind of a marker: the keys are few bytes each, and are put in order here.
        let keys = db.markers.find(on_journey).projection(doc! {
            "marker_type": 1, "timestamp": 1, "estimated_time": 1, "created_at": 1,
        });
        let mut keys = db
            .all(keys)
            .await?
            .iter()
            .map(|marker| riding_key(marker))
            .collect::<Result<Vec<_>, _>>()?;
        keys.sort_unstable();
        let mut ids: Vec<_> = keys.into_iter().map(|(.., id)| id).collect();
        if let Some(after) = page.after {
            let Some(place) = ids.iter().position(|id| *id == after) else {
                return Ok(Err(NotInList));
            };
            ids.drain(..=place);
        }
        if let Some(limit) = page.limit {
            ids.truncate(limit as usize);
        }
        let ids: Vec<_> = ids.into_iter().map(|id| oid(id.0)).collect();
        let markers =
            doc! { "_id": { "$in": ids }, "journey_id": oid(journey_id.0), "is_being_deleted": Bson::Null };
        let markers = db.all(db.markers.find(markers)).await?;
        self.read_in_riding_order(journey_id, markers).await.map(Ok)
    }

    async fn update_marker(
        &self,
        journey_id: JourneyId,
        id: MarkerId,
        details: &MarkerDetails,
    ) -> Result<Option<Marker>, StoreError> {
        let db = &self.connection;
        let after = db
            .markers
            .find_one_and_update(on(journey_id, id), untracked(fields_of_details(details)))
            .return_document(ReturnDocument::After);
        let marker = db.call(after).await?;
        self.renew_soon(marker.as_ref().map(|_| journey_id));
        self.read_one(journey_id, marker).await
    }

    async fn delete_marker(&self, journey_id: JourneyId, id: MarkerId) -> Result<bool, StoreError> {
        let db = &self.connection;
        // From here on nobody reads it. It goes when the journey's track has left it behind.
        let mark = untracked(doc! { "is_being_deleted": true, "cells": NOWHERE });
        let marked = db.call(db.markers.update_one(on(journey_id, id), mark)).await?;
        let was_there = marked.matched_count > 0;
        self.renew_soon(was_there.then_some(journey_id));
        Ok(was_there)
    }
}

impl MongoStore {
    async fn read_one(
        &self,
        journey_id: JourneyId,
        marker: Option<RawDocumentBuf>,
    ) -> Result<Option<Marker>, StoreError> {
        let markers = self
            .read_in_riding_order(journey_id, marker.into_iter().collect())
            .await?;
        Ok(markers.into_iter().next())
    }

    pub(super) async fn read_in_riding_order(
        &self,
        journey_id: JourneyId,
        markers: Vec<RawDocumentBuf>,
    ) -> Result<Vec<Marker>, StoreError> {
        let owner = if markers
            .iter()
            .any(|marker| documents::owner_is_missing(marker).is_some())
        {
            self.owner_of(journey_id).await?
        } else {
            None
        };
        let markers = markers.iter().map(|marker| documents::marker(marker, owner));
        let mut markers = markers.collect::<Result<Vec<_>, _>>()?;
        markers.sort_by(Marker::riding_order);
        Ok(markers)
    }

    async fn owner_of(&self, journey_id: JourneyId) -> Result<Option<UserId>, StoreError> {
        let journey = self.journey_of_anybody(journey_id).await?;
        Ok(journey.map(|journey| journey.user_id))
    }
}

fn on(journey_id: JourneyId, id: MarkerId) -> Document {
    doc! { "_id": oid(id.0), "journey_id": oid(journey_id.0), "is_being_deleted": Bson::Null }
}
