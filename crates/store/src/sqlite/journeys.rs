use async_trait::async_trait;
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::journey::{Journey, JourneyStatus};
use kairos_domain::store::{JourneyUpdate, Journeys, NotInList, Page, StoreError, Toggled};
use rusqlite::{Connection, Transaction, named_params, params};

use super::error::{Fault, unless_parent_is_gone};
use super::{SqliteStore, rows};

#[async_trait]
impl Journeys for SqliteStore {
    async fn insert_journey(&self, journey: &Journey) -> Result<bool, StoreError> {
        let journey = journey.clone();
        self.connections
            .write(move |db| {
                if journey.status == JourneyStatus::Active {
                    switch_off_the_active_one(db, journey.user_id)?;
                }
                insert(db, &journey)
            })
            .await
    }

    async fn journey(&self, id: JourneyId) -> Result<Option<Journey>, StoreError> {
        self.connections.read(move |db| find(db, id)).await
    }

    async fn count_journeys(&self, user_id: UserId) -> Result<u64, StoreError> {
        self.connections
            .read(move |db| {
                Ok(db
                    .prepare_cached("SELECT count(*) FROM journeys WHERE user_id = ?")?
                    .query_row([user_id.0.bytes()], |row| row.get(0))?)
            })
            .await
    }

    async fn journeys_of(
        &self,
        user_id: UserId,
        reader: UserId,
        page: Page<JourneyId>,
    ) -> Result<Result<Vec<Journey>, NotInList>, StoreError> {
        self.connections
            .read(move |db| {
                let mut after = None;
                if let Some(id) = page.after {
                    let last = find(db, id)?;
                    match last.filter(|last| last.user_id == user_id && last.is_visible_to(reader)) {
                        Some(last) => after = Some(last),
                        None => return Ok(Err(NotInList)),
                    }
                }
                let mut query = db.prepare_cached(
                    "SELECT * FROM journeys
                     WHERE user_id = :user_id
                         AND (visibility = 'public' OR :reader = :user_id)
                         AND (created_at, id) > (:after_created_at, :after_id)
                     ORDER BY created_at, id
                     LIMIT :limit",
                )?;
                let rows = query.query(named_params! {
                    ":user_id": user_id.0.bytes(),
                    ":reader": reader.0.bytes(),
                    ":after_created_at": after.as_ref().map_or(i64::MIN, |last| last.created_at.timestamp_millis()),
                    ":after_id": after.as_ref().map_or([0; 12], |last| last.id.0.bytes()),
                    ":limit": limit(page.limit),
                })?;
                rows::all(rows, rows::journey).map(Ok)
            })
            .await
    }

    async fn active_journey(&self, user_id: UserId) -> Result<Option<Journey>, StoreError> {
        self.connections
            .read(move |db| {
                let mut query =
                    db.prepare_cached("SELECT * FROM journeys WHERE user_id = ? AND status = 'active'")?;
                rows::first(query.query([user_id.0.bytes()])?, rows::journey)
            })
            .await
    }

    async fn update_journey(
        &self,
        id: JourneyId,
        update: &JourneyUpdate,
    ) -> Result<Option<Journey>, StoreError> {
        let update = update.clone();
        self.connections
            .write(move |db| {
                let Some(before) = find(db, id)? else {
                    return Ok(None);
                };
                let status = match (update.completed, before.status) {
                    (Some(true), _) => JourneyStatus::Completed,
                    (Some(false), JourneyStatus::Completed) => JourneyStatus::Inactive,
                    (Some(false) | None, kept) => kept,
                };
                let after = Journey {
                    name: update.name,
                    description: update.description.unwrap_or(before.description),
                    visibility: update.visibility.unwrap_or(before.visibility),
                    status,
                    ..before
                };
                db.prepare_cached(
                    "UPDATE journeys SET name = ?, description = ?, visibility = ?, status = ? WHERE id = ?",
                )?
                .execute(params![
                    after.name.as_str(),
                    after.description.as_str(),
                    after.visibility.as_str(),
                    rows::status(after.status),
                    id.0.bytes(),
                ])?;
                Ok(Some(after))
            })
            .await
    }

    async fn complete_journey(&self, id: JourneyId) -> Result<bool, StoreError> {
        self.connections
            .write(move |db| set_status(db, id, JourneyStatus::Completed))
            .await
    }

    async fn toggle_active_journey(&self, id: JourneyId) -> Result<Toggled, StoreError> {
        self.connections
            .write(move |db| {
                let Some(journey) = find(db, id)? else {
                    return Ok(Toggled::NoSuchJourney);
                };
                match journey.status {
                    JourneyStatus::Completed => Ok(Toggled::Completed),
                    JourneyStatus::Active => {
                        set_status(db, id, JourneyStatus::Inactive)?;
                        Ok(Toggled::Inactive)
                    }
                    JourneyStatus::Inactive => {
                        switch_off_the_active_one(db, journey.user_id)?;
                        set_status(db, id, JourneyStatus::Active)?;
                        Ok(Toggled::Active)
                    }
                }
            })
            .await
    }

    async fn delete_journey_with_markers(&self, id: JourneyId) -> Result<bool, StoreError> {
        self.connections
            .write(move |db| {
                let mut delete = db.prepare_cached("DELETE FROM journeys WHERE id = ?")?;
                Ok(delete.execute([id.0.bytes()])? > 0)
            })
            .await
    }
}

pub(super) fn find(db: &Connection, id: JourneyId) -> Result<Option<Journey>, Fault> {
    let mut query = db.prepare_cached("SELECT * FROM journeys WHERE id = ?")?;
    rows::first(query.query([id.0.bytes()])?, rows::journey)
}

/// A limit as SQL has it: a negative one is none.
pub(super) fn limit(limit: Option<u32>) -> i64 {
    limit.map_or(-1, i64::from)
}

pub(super) fn insert(db: &Transaction<'_>, journey: &Journey) -> Result<bool, Fault> {
    let inserted = db
        .prepare_cached(
            // Without markers its track is nowhere, and so it has one.
            "INSERT INTO journeys (id, user_id, name, description, created_at, status, visibility, has_track)
             VALUES (?, ?, ?, ?, ?, ?, ?, 1)",
        )?
        .execute(params![
            journey.id.0.bytes(),
            journey.user_id.0.bytes(),
            journey.name.as_str(),
            journey.description.as_str(),
            journey.created_at.timestamp_millis(),
            rows::status(journey.status),
            journey.visibility.as_str(),
        ]);
    unless_parent_is_gone(inserted)
}

fn set_status(db: &Transaction<'_>, id: JourneyId, status: JourneyStatus) -> Result<bool, Fault> {
    let mut update = db.prepare_cached("UPDATE journeys SET status = ? WHERE id = ?")?;
    Ok(update.execute(params![rows::status(status), id.0.bytes()])? > 0)
}

fn switch_off_the_active_one(db: &Transaction<'_>, user_id: UserId) -> Result<(), Fault> {
    db.prepare_cached("UPDATE journeys SET status = 'inactive' WHERE user_id = ? AND status = 'active'")?
        .execute([user_id.0.bytes()])?;
    Ok(())
}
