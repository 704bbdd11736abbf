use std::collections::BTreeMap;

use async_trait::async_trait;
use kairos_domain::discovery::DatedMarker;
use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, MarkerId, UserId};
use kairos_domain::marker::{Marker, MarkerPlace, RidingOrder};
use kairos_domain::store::{
    Batch, Contents as _, ContentsChange, MarkerChange, Markers, Page, StoreError, Write, WriteError,
};
use kairos_domain::user::User;
use rusqlite::{Connection, Transaction, named_params, params};

use super::error::Fault;
use super::itinerary::{self, Changed};
use super::{SqliteStore, journeys, rows, users};
use crate::spatial_index::MortonCell;

#[async_trait]
impl Markers for SqliteStore {
    async fn insert_marker(&self, marker: &Marker, write: &Write) -> Result<(), WriteError> {
        self.change_marker(marker.journey_id, MarkerChange::Insert(marker.clone()), write)
            .await
    }

    async fn marker(&self, journey_id: JourneyId, id: MarkerId) -> Result<Option<Marker>, StoreError> {
        self.connections.read(move |db| find(db, journey_id, id)).await
    }

    async fn markers_by_id(
        &self,
        journey_id: JourneyId,
        ids: &[MarkerId],
    ) -> Result<Vec<Marker>, StoreError> {
        let ids = ids.to_vec();
        self.connections
            .snapshot(move |db| {
                let found = ids.into_iter().map(|id| find(db, journey_id, id));
                found.filter_map(Result::transpose).collect()
            })
            .await
    }

    async fn markers_of(
        &self,
        journey_id: JourneyId,
        reader: UserId,
        page: Page<RidingOrder>,
    ) -> Result<Option<Batch<Marker>>, StoreError> {
        self.connections
            .list(reader, move |db| visible_page(db, journey_id, reader, page))
            .await
    }

    async fn rider_and_markers(
        &self,
        rider: UserId,
        journey_id: JourneyId,
        limit: u32,
    ) -> Result<(Option<User>, Option<Batch<Marker>>), StoreError> {
        let first = Page { after: None, limit };
        self.connections
            .list(rider, move |db| {
                Ok((
                    users::find(db, rider)?,
                    visible_page(db, journey_id, rider, first)?,
                ))
            })
            .await
    }

    async fn marker_places_of(
        &self,
        journey_id: JourneyId,
        reader: UserId,
    ) -> Result<Option<Vec<MarkerPlace>>, StoreError> {
        self.connections
            .list(reader, move |db| {
                if !journeys::is_visible(db, journey_id, reader)? {
                    return Ok(None);
                }
                let mut query = db.prepare_cached(concat!(
                    "SELECT ",
                    rows::marker_place_columns!(),
                    " FROM markers INDEXED BY markers_in_riding_order WHERE journey_id = ?
                     ORDER BY kind, riding_day, created_at, id"
                ))?;
                let places = rows::all(query.query([journey_id.0.bytes()])?, rows::marker_place);
                places.map(Some)
            })
            .await
    }

    async fn have_more_markers_than(
        &self,
        most: u32,
        journeys: &[JourneyId],
        reader: UserId,
    ) -> Result<bool, StoreError> {
        let journeys = journeys.to_vec();
        self.connections
            .list(reader, move |db| {
                let mut held = db.prepare_cached("SELECT markers_held FROM journeys WHERE id = ?")?;
                let mut markers = 0;
                for id in journeys {
                    let of_journey =
                        rows::first(held.query([id.0.bytes()])?, |row| Ok(row.get::<_, i64>(0)?));
                    markers += of_journey?.unwrap_or_default();
                }
                Ok(markers > i64::from(most))
            })
            .await
    }

    async fn replace_marker(&self, before: &Marker, after: &Marker, write: &Write) -> Result<(), WriteError> {
        let (before, after) = (before.clone(), after.clone());
        self.change_marker(after.journey_id, MarkerChange::Replace { before, after }, write)
            .await
    }

    async fn delete_marker(&self, before: &Marker, write: &Write) -> Result<(), WriteError> {
        self.change_marker(before.journey_id, MarkerChange::Delete(before.clone()), write)
            .await
    }
}

impl SqliteStore {
    async fn change_marker(
        &self,
        journey_id: JourneyId,
        change: MarkerChange,
        write: &Write,
    ) -> Result<(), WriteError> {
        let contents = ContentsChange {
            markers: vec![change],
            ..ContentsChange::none(journey_id)
        };
        self.change_contents(&contents, write).await
    }
}

/// Checks that a marker can be changed: the stored one still equals the one that the caller saw.
pub(super) fn check(db: &Connection, change: &MarkerChange) -> Result<(), Fault> {
    let Some(before) = change.before() else {
        return Ok(());
    };
    match find(db, before.journey_id, before.id)? {
        Some(stored) if stored == *before => Ok(()),
        _ => Err(WriteError::Changed.into()),
    }
}

/// Writes changes of a journey's markers, and updates its itinerary.
pub(super) fn change(
    db: &Transaction<'_>,
    journey_id: JourneyId,
    changes: &[MarkerChange],
) -> Result<(), Fault> {
    let mut dated = BTreeMap::new();
    for change in changes {
        match change {
            MarkerChange::Insert(marker) => insert(db, marker)?,
            MarkerChange::Replace { after, .. } => overwrite(db, after)?,
            MarkerChange::Delete(marker) => delete(db, marker.id)?,
        }
        let before = change.before().and_then(DatedMarker::of);
        if before != change.after().and_then(DatedMarker::of) {
            dated.insert(change.id(), before);
        }
    }
    if dated.is_empty() {
        return Ok(());
    }
    itinerary::follow(db, journey_id, Changed::Markers(dated))
}

fn find(db: &Connection, journey_id: JourneyId, id: MarkerId) -> Result<Option<Marker>, Fault> {
    let mut query = db.prepare_cached(concat!(
        "SELECT ",
        rows::marker_columns!(),
        " FROM markers WHERE id = ?1 AND journey_id = ?2 AND EXISTS (SELECT 1 FROM journeys WHERE id = ?2)"
    ))?;
    let rows = query.query([id.0.bytes(), journey_id.0.bytes()])?;
    rows::first(rows, rows::marker)
}

/// Returns a page of a journey's markers; `None` if the reader may not see the journey.
fn visible_page(
    db: &Connection,
    journey_id: JourneyId,
    reader: UserId,
    page: Page<RidingOrder>,
) -> Result<Option<Batch<Marker>>, Fault> {
    if journeys::is_visible(db, journey_id, reader)? {
        of_journey(db, journey_id, page).map(Some)
    } else {
        Ok(None)
    }
}

fn of_journey(
    db: &Connection,
    journey_id: JourneyId,
    page: Page<RidingOrder>,
) -> Result<Batch<Marker>, Fault> {
    let mut query = db.prepare_cached(concat!(
        "SELECT ",
        rows::marker_columns!(),
        " FROM markers
         WHERE journey_id = :journey_id AND (kind, riding_day, created_at, id) > (:kind, :day, :created_at, :id)
         ORDER BY kind, riding_day, created_at, id"
    ))?;
    let (kind, day, created_at, id) = match page.after {
        Some(last) => (
            rows::marker_kind(last.kind),
            rows::day_or_none(last.day),
            last.created_at.timestamp_millis(),
            last.id.0.bytes(),
        ),
        None => (i64::MIN, 0, 0, [0; 12]),
    };
    let rows = query.query(named_params! {
        ":journey_id": journey_id.0.bytes(),
        ":kind": kind,
        ":day": day,
        ":created_at": created_at,
        ":id": id,
    })?;
    page.take(rows::each(rows, rows::marker))
}

pub(super) fn insert(db: &Transaction<'_>, marker: &Marker) -> Result<(), Fault> {
    let details = &marker.details;
    db.prepare_cached(
        "INSERT INTO markers (id, journey_id, owner_id, created_at, name, notes, kind, longitude, latitude, elevation,
             timestamp, estimated_time, cell)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        marker.id.0.bytes(),
        marker.journey_id.0.bytes(),
        marker.owner_id.0.bytes(),
        marker.created_at.timestamp_millis(),
        details.name.as_str(),
        details.notes.as_str(),
        rows::marker_kind(details.kind),
        details.position.longitude(),
        details.position.latitude(),
        details.position.elevation(),
        details.timestamp.map(rows::day),
        details.estimated_time.map(rows::day),
        finest_cell(details.position),
    ])?;
    Ok(())
}

fn overwrite(db: &Transaction<'_>, marker: &Marker) -> Result<(), Fault> {
    let details = &marker.details;
    db.prepare_cached(
        "UPDATE markers SET name = ?, notes = ?, kind = ?, longitude = ?, latitude = ?, elevation = ?, timestamp = ?,
             estimated_time = ?, cell = ?
         WHERE id = ?",
    )?
    .execute(params![
        details.name.as_str(),
        details.notes.as_str(),
        rows::marker_kind(details.kind),
        details.position.longitude(),
        details.position.latitude(),
        details.position.elevation(),
        details.timestamp.map(rows::day),
        details.estimated_time.map(rows::day),
        finest_cell(details.position),
        marker.id.0.bytes(),
    ])?;
    Ok(())
}

fn delete(db: &Transaction<'_>, id: MarkerId) -> Result<(), Fault> {
    db.prepare_cached("DELETE FROM markers WHERE id = ?")?
        .execute([id.0.bytes()])?;
    Ok(())
}

/// Returns the finest cell of a position in the spatial index.
pub(super) fn finest_cell(position: Position) -> i64 {
    MortonCell::of(position, MortonCell::FINEST).path()
}
