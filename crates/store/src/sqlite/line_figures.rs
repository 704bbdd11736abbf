//! Compares the figures and simplifications of lines with their parts, and derives them anew.

use kairos_domain::geo::Distance;
use kairos_domain::id::JourneyId;
use kairos_domain::line::{EncodedLine, Line, LineKind, LineVersion, decode_parts};
use kairos_domain::store::StoreError;
use rusqlite::{Connection, Transaction, params};

use super::error::Fault;
use super::{journeys, lines, rows, usage};
use crate::administration::has_right_figures;

/// Decodes a line of a journey, whatever its stored version is.
pub(super) fn decoded(db: &Connection, journey_id: JourneyId, kind: LineKind) -> Result<Line, Fault> {
    let parts = lines::parts_of(db, journey_id, kind)?;
    decode_parts(&parts).map_err(|problem| {
        Fault::from(StoreError::Corrupt {
            what: kind.as_str(),
            id: journey_id.to_string(),
            problem: problem.to_string(),
        })
    })
}

/// Returns the lines whose stored figures or simplification are wrong. Leaves out unreadable lines, which
/// another finding lists.
pub(super) fn wrong_lines(db: &Connection) -> Result<Vec<(JourneyId, LineKind)>, Fault> {
    let mut query = db.prepare(
        "SELECT journey_id, kind FROM (SELECT journey_id, kind FROM line_parts UNION SELECT journey_id, kind FROM lines)
         WHERE journey_id IN (SELECT id FROM journeys)",
    )?;
    let lines = rows::all(query.query([])?, |row| {
        Ok((JourneyId(rows::id(row, 0)?), lines::kind_at(row, 1)?))
    })?;
    let mut wrong = Vec::new();
    for (journey_id, kind) in lines {
        if !is_right(db, journey_id, kind)? {
            wrong.push((journey_id, kind));
        }
    }
    Ok(wrong)
}

fn is_right(db: &Connection, journey_id: JourneyId, kind: LineKind) -> Result<bool, Fault> {
    let Some(anew) = derived(db, journey_id, kind)? else {
        return Ok(true);
    };
    let mut query = db.prepare_cached(
        "SELECT version, metres, simplified, bytes FROM lines WHERE journey_id = ? AND kind = ?",
    )?;
    let rows = query.query(params![journey_id.0.bytes(), lines::line_kind(kind)])?;
    let stored = rows::first(rows, |row| {
        let stored = EncodedLine {
            version: LineVersion::from_bytes(row.get(0)?),
            length: Distance::from_metres(row.get(1)?),
            simplified: row.get(2)?,
            parts: Vec::new(),
        };
        Ok((stored, row.get::<_, i64>(3)?))
    })?;
    Ok(stored.is_some_and(|(stored, bytes)| has_right_figures(&stored, &anew) && bytes == anew.bytes()))
}

/// Derives the figures of a line from its parts. Returns `None` if the parts are unreadable.
fn derived(db: &Connection, journey_id: JourneyId, kind: LineKind) -> Result<Option<EncodedLine>, Fault> {
    let parts = lines::parts_of(db, journey_id, kind)?;
    Ok(decode_parts(&parts).ok().map(|line| EncodedLine {
        parts,
        ..EncodedLine::of(&line, kind)
    }))
}

/// Derives the figures of a line and the usage of its rider anew.
pub(super) fn derive(db: &Transaction<'_>, (journey_id, kind): (JourneyId, LineKind)) -> Result<(), Fault> {
    if let Some(line) = derived(db, journey_id, kind)? {
        lines::put_figures(db, journey_id, kind, &line)?;
    }
    match journeys::find(db, journey_id)? {
        Some(journey) => usage::derive_rider(db, journey.user_id),
        None => Ok(()),
    }
}
