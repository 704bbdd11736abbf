//! Routes and tracks: a row with the figures of each line, and a row for each part.

use std::collections::BTreeSet;

use async_trait::async_trait;
use kairos_domain::geo::Distance;
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::line::encoding::decode;
use kairos_domain::line::{EncodedLine, EncodedPart, LineKind, LineParts, LineVersion};
use kairos_domain::schedule::Schedule;
use kairos_domain::store::{
    LineChange, LineFigures, Lines, LinesOfJourney, OfJourney, SimplifiedLine, StoreError, WriteError,
};
use rusqlite::{Connection, Row, Transaction, params};

use super::error::Fault;
use super::rows::{self, Columns};
use super::{SqliteStore, journeys, schedules};

#[async_trait]
impl Lines for SqliteStore {
    async fn line(
        &self,
        journey_id: JourneyId,
        kind: LineKind,
        reader: UserId,
    ) -> Result<OfJourney<LineParts>, StoreError> {
        self.connections
            .list(reader, move |db| {
                if !journeys::is_visible(db, journey_id, reader)? {
                    return Ok(OfJourney::NoJourney);
                }
                let Some((version, _)) = stored(db, journey_id, kind)? else {
                    return Ok(OfJourney::Absent);
                };
                let parts = parts_of(db, journey_id, kind)?;
                Ok(OfJourney::Present(LineParts { version, parts }))
            })
            .await
    }

    async fn lines_of(
        &self,
        journey_id: JourneyId,
        reader: UserId,
    ) -> Result<Option<LinesOfJourney>, StoreError> {
        self.connections
            .read(move |db| figures_of(db, journey_id, reader))
            .await
    }

    async fn simplified_lines(
        &self,
        journeys: &[JourneyId],
        reader: UserId,
    ) -> Result<Vec<SimplifiedLine>, StoreError> {
        let journeys: BTreeSet<_> = journeys.iter().copied().collect();
        self.connections
            .list(reader, move |db| {
                let mut query = db.prepare_cached(
                    "SELECT id, kind, simplified FROM lines JOIN journeys ON id = journey_id
                     WHERE journey_id = ? AND (visibility = 'public' OR user_id = ?) ORDER BY kind",
                )?;
                let mut lines = Vec::new();
                for id in journeys {
                    let rows = query.query([id.0.bytes(), reader.0.bytes()])?;
                    lines.extend(rows::all(rows, simplified_line)?);
                }
                Ok(lines)
            })
            .await
    }

    async fn schedule(
        &self,
        journey_id: JourneyId,
        reader: UserId,
    ) -> Result<OfJourney<Schedule>, StoreError> {
        self.connections
            .read(move |db| schedules::find(db, journey_id, reader))
            .await
    }
}

/// Returns a kind as the schema stores it.
pub(super) const fn line_kind(kind: LineKind) -> i64 {
    match kind {
        LineKind::Route => 0,
        LineKind::Track => 1,
    }
}

/// Reads a kind.
pub(super) fn kind_at(row: &Row<'_>, column: usize) -> Result<LineKind, Fault> {
    let kind = row.get(column)?;
    let known = LineKind::ALL.into_iter().find(|known| line_kind(*known) == kind);
    Ok(known.ok_or_else(|| StoreError::Failed(format!("{kind} is no kind of line").into()))?)
}

/// Returns the version and the bytes of a line of a journey that exists.
fn stored(
    db: &Connection,
    journey_id: JourneyId,
    kind: LineKind,
) -> Result<Option<(LineVersion, i64)>, Fault> {
    let mut query = db.prepare_cached(
        "SELECT id, version, bytes FROM lines JOIN journeys ON id = journey_id WHERE journey_id = ? AND kind = ?",
    )?;
    let rows = query.query(params![journey_id.0.bytes(), line_kind(kind)])?;
    rows::first(rows, |row| {
        let row = Columns::of("line", row)?;
        Ok((LineVersion::from_bytes(row.get(1)?), row.get(2)?))
    })
}

/// Checks whether a journey has a line.
pub(super) fn exists(db: &Connection, journey_id: JourneyId, kind: LineKind) -> Result<bool, Fault> {
    Ok(stored(db, journey_id, kind)?.is_some())
}

/// Returns the parts of a line.
pub(super) fn parts_of(
    db: &Connection,
    journey_id: JourneyId,
    kind: LineKind,
) -> Result<Vec<EncodedPart>, Fault> {
    let mut query =
        db.prepare_cached("SELECT journey_id, day, bytes FROM line_parts WHERE journey_id = ? AND kind = ?")?;
    let rows = query.query(params![journey_id.0.bytes(), line_kind(kind)])?;
    rows::all(rows, |row| {
        let row = Columns::of("line", row)?;
        Ok(EncodedPart {
            day: row.day_or_none(1)?,
            bytes: row.get(2)?,
        })
    })
}

fn figures_of(
    db: &Connection,
    journey_id: JourneyId,
    reader: UserId,
) -> Result<Option<LinesOfJourney>, Fault> {
    let mut query = db.prepare_cached(
        "SELECT id, kind, version, metres FROM journeys LEFT JOIN lines ON journey_id = id
         WHERE id = ? AND (visibility = 'public' OR user_id = ?)",
    )?;
    let mut rows = query.query([journey_id.0.bytes(), reader.0.bytes()])?;
    let mut figures = None;
    while let Some(row) = rows.next()? {
        let lines = figures.get_or_insert_with(LinesOfJourney::default);
        if row.get::<_, Option<i64>>(1)?.is_none() {
            continue;
        }
        let kind = kind_at(row, 1)?;
        let row = Columns::of("line", row)?;
        let line = LineFigures {
            version: LineVersion::from_bytes(row.get(2)?),
            length: Distance::from_metres(row.get(3)?),
        };
        match kind {
            LineKind::Route => lines.route = Some(line),
            LineKind::Track => lines.track = Some(line),
        }
    }
    Ok(figures)
}

fn simplified_line(row: &Row<'_>) -> Result<SimplifiedLine, Fault> {
    let kind = kind_at(row, 1)?;
    let row = Columns::of("line", row)?;
    let bytes: Vec<u8> = row.get(2)?;
    Ok(SimplifiedLine {
        journey_id: JourneyId(row.id),
        kind,
        line: decode(&bytes).map_err(|problem| row.corrupt(problem))?,
    })
}

/// Checks that the stored line still has the version that the caller saw. Returns the bytes that it holds.
pub(super) fn check(
    db: &Connection,
    journey_id: JourneyId,
    kind: LineKind,
    change: &LineChange,
) -> Result<i64, Fault> {
    let stored = stored(db, journey_id, kind)?;
    if stored.map(|(version, _)| version) != change.before {
        return Err(WriteError::Changed.into());
    }
    Ok(stored.map_or(0, |(_, bytes)| bytes))
}

/// Writes or removes a line.
pub(super) fn change(
    db: &Transaction<'_>,
    journey_id: JourneyId,
    kind: LineKind,
    change: &LineChange,
) -> Result<(), Fault> {
    match &change.after {
        _ if change.is_none() => Ok(()),
        Some(line) => put(db, journey_id, kind, line),
        None => {
            for statement in [
                "DELETE FROM lines WHERE journey_id = ? AND kind = ?",
                "DELETE FROM line_parts WHERE journey_id = ? AND kind = ?",
            ] {
                db.prepare_cached(statement)?
                    .execute(params![journey_id.0.bytes(), line_kind(kind)])?;
            }
            Ok(())
        }
    }
}

/// Adds or replaces a line. Of its parts, it writes only those whose bytes differ from the stored ones.
pub(super) fn put(
    db: &Transaction<'_>,
    journey_id: JourneyId,
    kind: LineKind,
    line: &EncodedLine,
) -> Result<(), Fault> {
    put_figures(db, journey_id, kind, line)?;
    let (journey_id, kind) = (journey_id.0.bytes(), line_kind(kind));
    let mut days = db.prepare_cached("SELECT day FROM line_parts WHERE journey_id = ? AND kind = ?")?;
    let days = rows::all(days.query(params![journey_id, kind])?, |row| {
        Ok(row.get::<_, i64>(0)?)
    })?;
    let mut gone: BTreeSet<_> = days.into_iter().collect();
    let mut put = db.prepare_cached(
        "INSERT INTO line_parts (journey_id, kind, day, bytes) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET bytes = excluded.bytes WHERE bytes <> excluded.bytes",
    )?;
    for part in &line.parts {
        let day = rows::day_or_none(part.day);
        gone.remove(&day);
        put.execute(params![journey_id, kind, day, part.bytes])?;
    }
    let mut delete =
        db.prepare_cached("DELETE FROM line_parts WHERE journey_id = ? AND kind = ? AND day = ?")?;
    for day in gone {
        delete.execute(params![journey_id, kind, day])?;
    }
    Ok(())
}

/// Writes the derived data of a line.
pub(super) fn put_figures(
    db: &Transaction<'_>,
    journey_id: JourneyId,
    kind: LineKind,
    line: &EncodedLine,
) -> Result<(), Fault> {
    db.prepare_cached(
        "INSERT INTO lines (journey_id, kind, version, metres, bytes, simplified) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET version = excluded.version, metres = excluded.metres, bytes = excluded.bytes,
             simplified = excluded.simplified",
    )?
    .execute(params![
        journey_id.0.bytes(),
        line_kind(kind),
        line.version.bytes(),
        line.length.metres(),
        line.bytes(),
        line.simplified,
    ])?;
    Ok(())
}
