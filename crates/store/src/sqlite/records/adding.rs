use std::collections::BTreeSet;

use kairos_domain::id::{JourneyId, ObjectId};
use kairos_domain::line::EncodedLine;
use rusqlite::{Connection, Transaction};

use crate::administration::{LineRecord, Record, SessionRecord};
use crate::sqlite::error::Fault;
use crate::sqlite::itinerary::{self, Changed};
use crate::sqlite::{journeys, legacy_tokens, lines, markers, outbox, schedules, sessions, usage, users};

fn is_there(db: &Connection, record: &Record) -> Result<bool, Fault> {
    let query = match record {
        Record::Line(LineRecord { journey_id, kind, .. }) => {
            return lines::exists(db, *journey_id, *kind);
        }
        Record::User(_) => "SELECT 1 FROM users WHERE id = ?",
        Record::Session(SessionRecord {
            has_ended: true,
            legacy_token: Some(earlier),
            ..
        }) => {
            let mut known = db.prepare_cached("SELECT 1 FROM legacy_refresh_tokens WHERE hash = ?")?;
            return Ok(known.exists([earlier.hash.bytes()])?);
        }
        Record::Session(_) => "SELECT 1 FROM sessions WHERE id = ?",
        Record::Journey(_) => "SELECT 1 FROM journeys WHERE id = ?",
        Record::Marker(_) => "SELECT 1 FROM markers WHERE id = ?",
        Record::Schedule(_) => "SELECT 1 FROM schedules WHERE journey_id = ?",
    };
    Ok(db.prepare_cached(query)?.exists([record.id().bytes()])?)
}

/// Adds records and their derived data. Returns the ids of the orphans.
pub(in crate::sqlite) fn add_all(db: &Transaction<'_>, records: &[Record]) -> Result<Vec<ObjectId>, Fault> {
    let mut parentless = Vec::new();
    let (mut riders, mut changed) = (BTreeSet::new(), BTreeSet::new());
    for record in records {
        if is_there(db, record)? {
            continue;
        }
        if !add(db, record)? {
            parentless.push(record.id());
            continue;
        }
        match record {
            Record::Journey(journey) => {
                riders.insert(journey.user_id);
                changed.insert((journey.id, false));
            }
            Record::Marker(marker) => {
                changed.insert((marker.journey_id, marker.details.day().is_some()));
            }
            Record::Line(record) => {
                changed.insert((record.journey_id, false));
            }
            Record::User(_) | Record::Session(_) | Record::Schedule(_) => {}
        }
    }
    for (journey_id, has_new_days) in changed {
        usage::derive_journey(db, journey_id)?;
        if has_new_days {
            itinerary::follow(db, journey_id, Changed::Any)?;
        }
        riders.extend(journeys::find(db, journey_id)?.map(|journey| journey.user_id));
    }
    for rider in riders {
        usage::derive_rider(db, rider)?;
    }
    Ok(parentless)
}

/// Adds a record. Returns `false` if its parent does not exist.
fn add(db: &Transaction<'_>, record: &Record) -> Result<bool, Fault> {
    match record {
        Record::User(record) => {
            users::insert(db, &record.user, record.holds_its_address)?;
            for waiting in &record.mails {
                outbox::insert(db, &waiting.mail, waiting.due_at)?;
            }
            Ok(true)
        }
        Record::Session(session) => add_session(db, session),
        Record::Journey(journey) => journeys::insert(db, journey),
        Record::Marker(marker) => on_journey(db, marker.journey_id, || markers::insert(db, marker)),
        Record::Line(record) => on_journey(db, record.journey_id, || {
            let line = EncodedLine::of(&record.line, record.kind);
            lines::put(db, record.journey_id, record.kind, &line)
        }),
        Record::Schedule(record) => on_journey(db, record.journey_id, || {
            schedules::change(db, record.journey_id, Some(&record.schedule))
        }),
    }
}

/// Adds a record to a journey. Returns `false` if the journey does not exist.
fn on_journey(
    db: &Transaction<'_>,
    journey_id: JourneyId,
    add: impl FnOnce() -> Result<(), Fault>,
) -> Result<bool, Fault> {
    let is_there = journeys::exists(db, journey_id)?;
    if is_there {
        add()?;
    }
    Ok(is_there)
}

fn add_session(db: &Transaction<'_>, session: &SessionRecord) -> Result<bool, Fault> {
    if !session.has_ended && !sessions::insert(db, session)? {
        return Ok(false);
    }
    match &session.legacy_token {
        Some(earlier) => {
            let live = (!session.has_ended).then_some(session.id);
            legacy_tokens::remember(db, earlier, session.user_id, live)
        }
        None => Ok(true),
    }
}
