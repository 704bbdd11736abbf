use async_trait::async_trait;
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::journey::{Journey, JourneyAge, JourneyStatus};
use kairos_domain::store::{
    Batch, Contents as _, ContentsChange, Journeys, Page, StoreError, Write, WriteError,
};
use kairos_domain::usage::UsageChange;
use kairos_domain::user::User;
use rusqlite::{Connection, Transaction, named_params, params};

use super::deletions::{self, Of};
use super::error::{Fault, unless_parent_is_gone};
use super::{SqliteStore, rows, usage, users};

#[async_trait]
impl Journeys for SqliteStore {
    async fn insert_journey(&self, journey: &Journey, write: &Write) -> Result<(), WriteError> {
        self.insert_journey_with(journey, &ContentsChange::none(journey.id), write)
            .await
    }

    async fn journey(&self, id: JourneyId, reader: UserId) -> Result<Option<Journey>, StoreError> {
        self.connections
            .read(move |db| find_visible(db, id, reader))
            .await
    }

    async fn rider_and_journey(
        &self,
        rider: UserId,
        id: JourneyId,
    ) -> Result<(Option<User>, Option<Journey>), StoreError> {
        self.connections
            .read(move |db| Ok((users::find(db, rider)?, find_visible(db, id, rider)?)))
            .await
    }

    async fn journeys_of(
        &self,
        user_id: UserId,
        reader: UserId,
        page: Page<JourneyAge>,
    ) -> Result<Batch<Journey>, StoreError> {
        self.connections
            .list(reader, move |db| {
                let mut query = db.prepare_cached(concat!(
                    "SELECT ",
                    rows::journey_columns!(),
                    " FROM journeys
                     WHERE user_id = :user_id
                         AND (visibility = 'public' OR :reader = :user_id)
                         AND (created_at, id) > (:after_created_at, :after_id)
                     ORDER BY created_at, id"
                ))?;
                let (created_at, id) = match page.after {
                    Some(last) => (last.created_at.timestamp_millis(), last.id.0.bytes()),
                    None => (i64::MIN, [0; 12]),
                };
                let rows = query.query(named_params! {
                    ":user_id": user_id.0.bytes(),
                    ":reader": reader.0.bytes(),
                    ":after_created_at": created_at,
                    ":after_id": id,
                })?;
                page.take(rows::each(rows, rows::journey))
            })
            .await
    }

    async fn active_journey(&self, user_id: UserId, reader: UserId) -> Result<Option<Journey>, StoreError> {
        let active = self.connections.read(move |db| {
            let mut query = db.prepare_cached(concat!(
                "SELECT ",
                rows::journey_columns!(),
                " FROM journeys
                 WHERE user_id = ?1 AND status = 'active' AND (visibility = 'public' OR user_id = ?2)"
            ))?;
            rows::first(query.query([user_id.0.bytes(), reader.0.bytes()])?, rows::journey)
        });
        active.await
    }

    async fn replace_journey(
        &self,
        before: &Journey,
        after: &Journey,
        write: &Write,
    ) -> Result<(), WriteError> {
        let (before, after, write) = (before.clone(), after.clone(), write.clone());
        self.connections
            .write(move |db| {
                usage::take_key(db, &write)?;
                check(db, &before)?;
                if after.status == JourneyStatus::Active && before.status != JourneyStatus::Active {
                    switch_off_the_active_one(db, before.user_id)?;
                }
                db.prepare_cached(
                    "UPDATE journeys SET name = ?, description = ?, visibility = ?, status = ? WHERE id = ?",
                )?
                .execute(params![
                    after.name.as_str(),
                    after.description.as_str(),
                    after.visibility.as_str(),
                    rows::status(after.status),
                    before.id.0.bytes(),
                ])?;
                let change = UsageChange {
                    bytes: after.text_bytes() - before.text_bytes(),
                    ..UsageChange::default()
                };
                usage::count_in_journey(db, &write, before.id, change)
            })
            .await
    }

    async fn delete_journey(&self, before: &Journey, write: &Write) -> Result<(), WriteError> {
        let (before, write) = (before.clone(), write.clone());
        self.connections
            .write(move |db| {
                usage::take_key(db, &write)?;
                check(db, &before)?;
                let change = UsageChange {
                    journeys: -1,
                    bytes: -usage::bytes_held(db, before.id)?,
                    ..UsageChange::default()
                };
                usage::count(db, &write, change)?;
                deletions::delete_journeys(db, Of::Journey, before.id.0.bytes())
            })
            .await
    }
}

pub(super) fn find(db: &Connection, id: JourneyId) -> Result<Option<Journey>, Fault> {
    let mut query = db.prepare_cached(concat!(
        "SELECT ",
        rows::journey_columns!(),
        " FROM journeys WHERE id = ?"
    ))?;
    rows::first(query.query([id.0.bytes()])?, rows::journey)
}

/// Reads a journey that the reader may see. A private one takes as long as an unknown one.
fn find_visible(db: &Connection, id: JourneyId, reader: UserId) -> Result<Option<Journey>, Fault> {
    let mut query = db.prepare_cached(concat!(
        "SELECT ",
        rows::journey_columns!(),
        " FROM journeys WHERE id = ? AND (visibility = 'public' OR user_id = ?)"
    ))?;
    rows::first(query.query([id.0.bytes(), reader.0.bytes()])?, rows::journey)
}

/// Checks whether a journey exists for a reader.
pub(super) fn is_visible(db: &Connection, id: JourneyId, reader: UserId) -> Result<bool, Fault> {
    let mut query =
        db.prepare_cached("SELECT 1 FROM journeys WHERE id = ? AND (visibility = 'public' OR user_id = ?)")?;
    Ok(query.exists([id.0.bytes(), reader.0.bytes()])?)
}

pub(super) fn exists(db: &Connection, id: JourneyId) -> Result<bool, Fault> {
    let mut query = db.prepare_cached("SELECT 1 FROM journeys WHERE id = ?")?;
    Ok(query.exists([id.0.bytes()])?)
}

/// Checks that the stored journey still equals `before`.
fn check(db: &Connection, before: &Journey) -> Result<(), Fault> {
    match find(db, before.id)? {
        Some(stored) if stored == *before => Ok(()),
        _ => Err(WriteError::Changed.into()),
    }
}

/// Adds a journey. Returns `false` if the rider is gone.
pub(super) fn insert(db: &Transaction<'_>, journey: &Journey) -> Result<bool, Fault> {
    let inserted = db
        .prepare_cached(
            "INSERT INTO journeys (id, user_id, name, description, created_at, status, visibility)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
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

pub(super) fn switch_off_the_active_one(db: &Transaction<'_>, user_id: UserId) -> Result<(), Fault> {
    db.prepare_cached("UPDATE journeys SET status = 'inactive' WHERE user_id = ? AND status = 'active'")?
        .execute([user_id.0.bytes()])?;
    Ok(())
}
