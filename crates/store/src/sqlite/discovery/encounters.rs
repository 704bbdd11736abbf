use chrono::{NaiveDate, TimeDelta};
use kairos_domain::id::UserId;
use kairos_domain::store::{EncounterCandidate, EncounterSearch, StoreError};
use rusqlite::{Connection, Row, named_params};

use crate::sqlite::error::Fault;
use crate::sqlite::rows;

/// The journeys that are on the way on some of the days that matter, wherever they are.
pub(super) fn candidates(
    db: &Connection,
    search: &EncounterSearch,
) -> Result<Vec<EncounterCandidate>, Fault> {
    let (Some(first), Some(last)) = (search.mine.first(), search.mine.last()) else {
        return Ok(Vec::new());
    };
    // A line through dated markers is nowhere before the first of them nor after the last. Both kinds are asked for by
    // name, so that the index in riding order gives their first and last day at once.
    let mut query = db.prepare_cached(
        "SELECT * FROM journeys
         WHERE visibility = 'public' AND status <> 'completed' AND user_id <> :except_owner
             AND EXISTS (SELECT 1 FROM markers WHERE journey_id = journeys.id
                 AND kind IN ('past', 'plan') AND riding_day <= :last_day)
             AND EXISTS (SELECT 1 FROM markers WHERE journey_id = journeys.id
                 AND kind IN ('past', 'plan') AND riding_day >= :first_day AND riding_day <> 'undated')",
    )?;
    let within = TimeDelta::days(i64::from(search.within_days));
    let journeys = query.query(named_params! {
        ":except_owner": search.except_owner.0.bytes(),
        ":first_day": day_of_the_calendar(first.date.checked_sub_signed(within)),
        ":last_day": day_of_the_calendar(last.date.checked_add_signed(within)),
    })?;
    rows::all(journeys, |journey| candidate(db, journey))
}

/// A day as the schema writes it; what lies beyond the calendar is its nearest end.
fn day_of_the_calendar(day: Option<NaiveDate>) -> String {
    match day.map(rows::date) {
        Some(day) if day.len() == "9999-12-31".len() => day,
        Some(day) if day.starts_with('-') => "0000-01-01".to_owned(),
        _ => "9999-12-31".to_owned(),
    }
}

fn candidate(db: &Connection, journey: &Row<'_>) -> Result<EncounterCandidate, Fault> {
    let journey = rows::journey(journey)?;
    let mut rider = db.prepare_cached("SELECT * FROM users WHERE id = ?")?;
    let rider = rows::first(rider.query([journey.user_id.0.bytes()])?, rows::user)?
        .ok_or_else(|| ownerless(&journey.id.to_string(), journey.user_id))?;
    let mut markers = db.prepare_cached(
        "SELECT * FROM markers WHERE journey_id = ? AND riding_day <> 'undated'
         ORDER BY kind, riding_day, created_at, id",
    )?;
    let markers = rows::all(markers.query([journey.id.0.bytes()])?, rows::marker)?;
    Ok(EncounterCandidate {
        journey,
        rider,
        markers,
    })
}

fn ownerless(journey: &str, owner: UserId) -> Fault {
    Fault::from(StoreError::Corrupt {
        what: "journey",
        id: journey.to_owned(),
        problem: format!("its rider {owner} is gone"),
    })
}
