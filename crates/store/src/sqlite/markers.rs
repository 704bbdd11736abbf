use async_trait::async_trait;
use kairos_domain::discovery::DatedMarker;
use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, MarkerId};
use kairos_domain::marker::{Marker, MarkerDetails};
use kairos_domain::store::{Markers, NotInList, Page, StoreError};
use rusqlite::{Connection, Transaction, named_params, params};

use super::error::{Fault, unless_parent_is_gone};
use super::journeys::limit;
use super::{SqliteStore, rows, tracks};
use crate::places::Cell;

#[async_trait]
impl Markers for SqliteStore {
    async fn insert_marker(&self, marker: &Marker) -> Result<bool, StoreError> {
        let marker = marker.clone();
        self.connections
            .write(move |db| {
                let is_inserted = insert(db, &marker)?;
                if is_inserted && marker.details.day().is_some() {
                    tracks::follow(db, marker.journey_id, marker.id, None)?;
                }
                Ok(is_inserted)
            })
            .await
    }

    async fn marker(&self, journey_id: JourneyId, id: MarkerId) -> Result<Option<Marker>, StoreError> {
        self.connections.read(move |db| find(db, journey_id, id)).await
    }

    async fn count_markers(&self, journey_id: JourneyId) -> Result<u64, StoreError> {
        self.connections
            .read(move |db| {
                Ok(db
                    .prepare_cached("SELECT count(*) FROM markers WHERE journey_id = ?")?
                    .query_row([journey_id.0.bytes()], |row| row.get(0))?)
            })
            .await
    }

    async fn markers_of(
        &self,
        journey_id: JourneyId,
        page: Page<MarkerId>,
    ) -> Result<Result<Vec<Marker>, NotInList>, StoreError> {
        self.connections
            .read(move |db| {
                let rows = match page.after {
                    None => db
                        .prepare_cached(
                            "SELECT * FROM markers WHERE journey_id = ?
                             ORDER BY kind, riding_day, created_at, id LIMIT ?",
                        )?
                        .query(params![journey_id.0.bytes(), limit(page.limit)])
                        .map_err(Fault::from)
                        .and_then(|rows| rows::all(rows, rows::marker))?,
                    Some(after) => {
                        if find(db, journey_id, after)?.is_none() {
                            return Ok(Err(NotInList));
                        }
                        db.prepare_cached(
                            "SELECT markers.* FROM markers, markers AS last
                             WHERE markers.journey_id = :journey_id AND last.id = :after
                                 AND (markers.kind, markers.riding_day, markers.created_at, markers.id)
                                     > (last.kind, last.riding_day, last.created_at, last.id)
                             ORDER BY markers.kind, markers.riding_day, markers.created_at, markers.id
                             LIMIT :limit",
                        )?
                        .query(named_params! {
                            ":journey_id": journey_id.0.bytes(),
                            ":after": after.0.bytes(),
                            ":limit": limit(page.limit),
                        })
                        .map_err(Fault::from)
                        .and_then(|rows| rows::all(rows, rows::marker))?
                    }
                };
                Ok(Ok(rows))
            })
            .await
    }

    async fn update_marker(
        &self,
        journey_id: JourneyId,
        id: MarkerId,
        details: &MarkerDetails,
    ) -> Result<Option<Marker>, StoreError> {
        let details = details.clone();
        self.connections
            .write(move |db| {
                let Some(before) = find(db, journey_id, id)? else {
                    return Ok(None);
                };
                overwrite(db, journey_id, id, &details)?;
                let before = DatedMarker::of(&before);
                let marker = find(db, journey_id, id)?;
                if before != marker.as_ref().and_then(DatedMarker::of) {
                    tracks::follow(db, journey_id, id, before)?;
                }
                Ok(marker)
            })
            .await
    }

    async fn delete_marker(&self, journey_id: JourneyId, id: MarkerId) -> Result<bool, StoreError> {
        self.connections
            .write(move |db| {
                let Some(marker) = find(db, journey_id, id)? else {
                    return Ok(false);
                };
                db.prepare_cached("DELETE FROM markers WHERE id = ?")?
                    .execute([id.0.bytes()])?;
                if let Some(before) = DatedMarker::of(&marker) {
                    tracks::follow(db, journey_id, id, Some(before))?;
                }
                Ok(true)
            })
            .await
    }
}

fn find(db: &Connection, journey_id: JourneyId, id: MarkerId) -> Result<Option<Marker>, Fault> {
    let mut query = db.prepare_cached("SELECT * FROM markers WHERE journey_id = ? AND id = ?")?;
    let rows = query.query([journey_id.0.bytes(), id.0.bytes()])?;
    rows::first(rows, rows::marker)
}

/// Adds a marker; says `false` if its journey is gone.
pub(super) fn insert(db: &Transaction<'_>, marker: &Marker) -> Result<bool, Fault> {
    let details = &marker.details;
    let inserted = db
        .prepare_cached(
            "INSERT INTO markers (id, journey_id, owner_id, name, notes, kind, longitude, latitude, elevation, cell, timestamp,
                 estimated_time, created_at)
             VALUES (:id, :journey_id, :owner_id, :name, :notes, :kind, :longitude, :latitude, :elevation, :cell, :timestamp,
                 :estimated_time, :created_at)",
        )?
        .execute(named_params! {
            ":id": marker.id.0.bytes(),
            ":journey_id": marker.journey_id.0.bytes(),
            ":owner_id": marker.owner_id.0.bytes(),
            ":name": details.name.as_str(),
            ":notes": details.notes.as_str(),
            ":kind": details.kind.as_str(),
            ":longitude": details.position.longitude(),
            ":latitude": details.position.latitude(),
            ":elevation": details.position.elevation(),
            ":cell": finest_cell(details.position),
            ":timestamp": details.timestamp.map(rows::date),
            ":estimated_time": details.estimated_time.map(rows::date),
            ":created_at": marker.created_at.timestamp_millis(),
        });
    unless_parent_is_gone(inserted)
}

/// Overwrites the details of a marker that is there.
fn overwrite(
    db: &Transaction<'_>,
    journey_id: JourneyId,
    id: MarkerId,
    details: &MarkerDetails,
) -> Result<(), Fault> {
    db.prepare_cached(
            "UPDATE markers SET name = :name, notes = :notes, kind = :kind, longitude = :longitude, latitude = :latitude,
                 elevation = :elevation, cell = :cell, timestamp = :timestamp, estimated_time = :estimated_time
             WHERE journey_id = :journey_id AND id = :id",
        )?
        .execute(named_params! {
            ":journey_id": journey_id.0.bytes(),
            ":id": id.0.bytes(),
            ":name": details.name.as_str(),
            ":notes": details.notes.as_str(),
            ":kind": details.kind.as_str(),
            ":longitude": details.position.longitude(),
            ":latitude": details.position.latitude(),
            ":elevation": details.position.elevation(),
            ":cell": finest_cell(details.position),
            ":timestamp": details.timestamp.map(rows::date),
            ":estimated_time": details.estimated_time.map(rows::date),
        })?;
    Ok(())
}

/// The number that the index of places knows a place by.
pub(super) fn finest_cell(position: Position) -> i64 {
    Cell::of(position, Cell::FINEST).path()
}
