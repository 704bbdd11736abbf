use async_trait::async_trait;
use bson::{Bson, Document, doc};
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::journey::{Journey, JourneyStatus};
use kairos_domain::store::{JourneyUpdate, Journeys, NotInList, Page, StoreError, Toggled, Unique};
use mongodb::options::ReturnDocument;

use super::MongoStore;
use super::connection::to_the_end;
use super::documents::{self, journey_document, oid};
use super::error::Taken;

#[async_trait]
impl Journeys for MongoStore {
    async fn insert_journey(&self, journey: &Journey) -> Result<bool, StoreError> {
        let (store, journey) = (self.clone(), journey.clone());
        // Killed between the steps, it leaves the rider on no journey, which they may be.
        to_the_end(async move {
            let db = &store.connection;
            let journeys = db.journeys.clone_with_type::<Document>();
            loop {
                if journey.status == JourneyStatus::Active {
                    store.switch_off_other_than(&journey).await?;
                }
                let mut document = journey_document(&journey);
                // Without markers its track is nowhere, and so it has one.
                document.insert("has_track", true);
                match db.write(journeys.insert_one(document)).await? {
                    Ok(_) => break,
                    // Somebody was faster: theirs came before.
                    Err(Taken::ActiveJourney) => {}
                    Err(Taken::Id | Taken::Email) => return Err(StoreError::Conflict(Unique::Id)),
                }
            }
            // It was there before its rider was looked for: whoever deletes the account at the same time either is seen here or sees
            // the journey.
            let stays = store.user_exists(journey.user_id).await?;
            if !stays {
                db.call(db.journeys.delete_one(doc! { "_id": oid(journey.id.0) }))
                    .await?;
            }
            Ok(stays)
        })
        .await
    }

    async fn journey(&self, id: JourneyId) -> Result<Option<Journey>, StoreError> {
        let Some(journey) = self.journey_of_anybody(id).await? else {
            return Ok(None);
        };
        // Without its rider a journey is invisible: a deletion was interrupted, or the earlier service left it.
        let has_rider = self.user_exists(journey.user_id).await?;
        Ok(has_rider.then_some(journey))
    }

    async fn count_journeys(&self, user_id: UserId) -> Result<u64, StoreError> {
        let db = &self.connection;
        let there = doc! { "user_id": oid(user_id.0), "is_being_deleted": Bson::Null };
        db.call(db.journeys.count_documents(there)).await
    }

    async fn journeys_of(
        &self,
        user_id: UserId,
        reader: UserId,
        page: Page<JourneyId>,
    ) -> Result<Result<Vec<Journey>, NotInList>, StoreError> {
        let db = &self.connection;
        let mut visible = doc! { "user_id": oid(user_id.0), "is_being_deleted": Bson::Null };
        if reader != user_id {
            visible.insert("visibility", doc! { "$ne": "private" });
        }
        if page != Page::everything() {
            // `created_at` may be anything that the earlier service wrote: where a page begins is told by the index.
            let ids = db
                .journeys
                .find(visible.clone())
                .sort(in_order())
                .projection(doc! { "_id": 1 });
            let ids = db.all(ids).await?;
            let ids = ids.iter().map(|journey| documents::id_of(journey, "journey"));
            let mut ids = ids.collect::<Result<Vec<_>, _>>()?;
            if let Some(after) = page.after {
                let Some(place) = ids.iter().position(|id| *id == after.0) else {
                    return Ok(Err(NotInList));
                };
                ids.drain(..=place);
            }
            ids.truncate(page.limit.map_or(usize::MAX, |limit| limit as usize));
            let ids: Vec<_> = ids.into_iter().map(oid).collect();
            visible.insert("_id", doc! { "$in": ids });
        }
        let journeys = db.all(db.journeys.find(visible).sort(in_order())).await?;
        let journeys = journeys.iter().map(|journey| documents::journey(journey));
        journeys.collect::<Result<_, _>>().map(Ok)
    }

    async fn active_journey(&self, user_id: UserId) -> Result<Option<Journey>, StoreError> {
        let db = &self.connection;
        let active = doc! { "user_id": oid(user_id.0), "active": true, "completed": { "$ne": true }, "is_being_deleted": Bson::Null };
        let journey = db.call(db.journeys.find_one(active)).await?;
        journey.map(|journey| documents::journey(&journey)).transpose()
    }

    async fn update_journey(
        &self,
        id: JourneyId,
        update: &JourneyUpdate,
    ) -> Result<Option<Journey>, StoreError> {
        let mut change = doc! { "name": update.name.as_str() };
        if let Some(description) = &update.description {
            change.insert("description", description.as_str());
        }
        if let Some(visibility) = update.visibility {
            change.insert("visibility", visibility.as_str());
        }
        match update.completed {
            Some(true) => change.extend(doc! { "completed": true, "active": false }),
            // What is not completed keeps whether it is active.
            Some(false) => {
                let mut uncompleted = change.clone();
                uncompleted.extend(doc! { "completed": false, "active": false });
                let completed = doc! { "_id": oid(id.0), "completed": true, "is_being_deleted": Bson::Null };
                if let Some(journey) = self.change_journey(completed, uncompleted).await? {
                    return Ok(Some(journey));
                }
            }
            None => {}
        }
        self.change_journey(doc! { "_id": oid(id.0), "is_being_deleted": Bson::Null }, change)
            .await
    }

    async fn complete_journey(&self, id: JourneyId) -> Result<bool, StoreError> {
        let db = &self.connection;
        let there = doc! { "_id": oid(id.0), "is_being_deleted": Bson::Null };
        let complete = doc! { "$set": { "completed": true, "active": false } };
        Ok(db
            .call(db.journeys.update_one(there, complete))
            .await?
            .matched_count
            > 0)
    }

    async fn toggle_active_journey(&self, id: JourneyId) -> Result<Toggled, StoreError> {
        let store = self.clone();
        // Killed between the steps, it leaves the rider on no journey, which they may be.
        to_the_end(async move {
            // Whenever another act comes between, this one is decided anew.
            loop {
                let Some(journey) = store.journey_of_anybody(id).await? else {
                    return Ok(Toggled::NoSuchJourney);
                };
                let outcome = match journey.status {
                    JourneyStatus::Completed => return Ok(Toggled::Completed),
                    JourneyStatus::Active => Toggled::Inactive,
                    JourneyStatus::Inactive => {
                        store.switch_off_other_than(&journey).await?;
                        Toggled::Active
                    }
                };
                if store.switch(id, outcome == Toggled::Active).await? {
                    return Ok(outcome);
                }
            }
        })
        .await
    }

    async fn delete_journey_with_markers(&self, id: JourneyId) -> Result<bool, StoreError> {
        let store = self.clone();
        to_the_end(async move {
            let db = &store.connection;
            // From here on nobody reads the journey, nor its markers, which are reached through it.
            let mark = doc! { "$set": { "is_being_deleted": true, "active": false } };
            let marked = db.journeys.find_one_and_update(doc! { "_id": oid(id.0) }, mark);
            let Some(before) = db.call(marked).await? else {
                return Ok(false);
            };
            store.finish_deleting_journey(id).await?;
            Ok(!documents::is_being_deleted(&before))
        })
        .await
    }
}

impl MongoStore {
    /// Finds a journey, whether its rider is there or not.
    pub(super) async fn journey_of_anybody(&self, id: JourneyId) -> Result<Option<Journey>, StoreError> {
        let journey = self.connection.journeys_by_id.document(id.0).await?;
        journey
            .filter(|journey| !documents::is_being_deleted(journey))
            .map(|journey| documents::journey(&journey))
            .transpose()
    }

    async fn change_journey(&self, which: Document, change: Document) -> Result<Option<Journey>, StoreError> {
        let db = &self.connection;
        let after = db
            .journeys
            .find_one_and_update(which, doc! { "$set": change })
            .return_document(ReturnDocument::After);
        let journey = db.call(after).await?;
        journey.map(|journey| documents::journey(&journey)).transpose()
    }

    /// Switches an uncompleted journey on or off; says `false` if it was that already or if another one is on.
    async fn switch(&self, id: JourneyId, on: bool) -> Result<bool, StoreError> {
        let db = &self.connection;
        let before = if on {
            doc! { "$ne": true }
        } else {
            doc! { "$eq": true }
        };
        let same = doc! {
            "_id": oid(id.0), "active": before, "completed": { "$ne": true }, "is_being_deleted": Bson::Null,
        };
        let switch = doc! { "$set": { "active": on } };
        match db.write(db.journeys.update_one(same, switch)).await? {
            Ok(updated) => Ok(updated.matched_count > 0),
            Err(_) => Ok(false),
        }
    }

    /// Switches off whichever other journey of a rider is active.
    async fn switch_off_other_than(&self, journey: &Journey) -> Result<(), StoreError> {
        let db = &self.connection;
        let active =
            doc! { "user_id": oid(journey.user_id.0), "active": true, "_id": { "$ne": oid(journey.id.0) } };
        let off = doc! { "$set": { "active": false } };
        db.call(db.journeys.update_many(active, off)).await.map(drop)
    }

    /// Removes the markers and the track of a journey that nobody reads any more, then the journey.
    pub(super) async fn finish_deleting_journey(&self, id: JourneyId) -> Result<(), StoreError> {
        let db = &self.connection;
        db.call(db.markers.delete_many(doc! { "journey_id": oid(id.0) }))
            .await?;
        self.remove_track(id).await?;
        db.call(db.journeys.delete_one(doc! { "_id": oid(id.0) }))
            .await
            .map(drop)
    }

    /// Finishes what interrupted deletions have left; says how many there were.
    pub(super) async fn finish_deleting_journeys(&self) -> Result<u64, StoreError> {
        let db = &self.connection;
        let marked = db
            .journeys
            .find(doc! { "is_being_deleted": true })
            .projection(doc! { "_id": 1 });
        let marked = db.all(marked).await?;
        for journey in &marked {
            self.finish_deleting_journey(JourneyId(documents::id_of(journey, "journey")?))
                .await?;
        }
        Ok(marked.len() as u64)
    }
}

/// Oldest first, as the index has them.
fn in_order() -> Document {
    doc! { "created_at": 1, "_id": 1 }
}
