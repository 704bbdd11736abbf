use chrono::NaiveDate;
use kairos_domain::discovery::{DayPosition, Track};
use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, ObjectId, UserId};
use kairos_domain::journey::{Journey, JourneyStatus, Visibility};
use kairos_domain::store::{EncounterCandidate, EncounterSearch, LikelyEncounters, StoreError};
use rusqlite::{Connection, params};

use crate::sqlite::connections::Patience;
use crate::sqlite::error::Fault;
use crate::sqlite::{journeys, rows, tracks};
use crate::tracks::{DayCells, NearestMeetings};

/// Who is in a cell on a day. All of it is in the index.
const ON_A_DAY: &str = "
    SELECT journey_id, longitude, latitude
    FROM track_days INDEXED BY track_days_by_day_cell
    WHERE day_cell = ?";

pub(super) fn likely(
    db: &Connection,
    search: &EncounterSearch,
    from: NaiveDate,
    enough: usize,
    patience: &Patience,
) -> Result<LikelyEncounters, Fault> {
    let mut nearest = NearestMeetings::new(search.meetings.clone());
    for journey_id in tracks::without_track(db, u32::MAX)? {
        patience.check()?;
        nearest.offer_markers(journey_id, &tracks::dated_markers(db, journey_id)?)?;
    }
    let mut query = db.prepare_cached(ON_A_DAY)?;
    let mut days = DayCells::of(&search.meetings, from);
    while let Some((date, cells)) = days.next() {
        patience.check()?;
        for cell in cells {
            let mut rows = query.query([cell])?;
            while let Some(row) = rows.next()? {
                // A track that can't be read is as good as none; `check` tells of it.
                if let Ok(position) = Position::new(row.get(1)?, row.get(2)?, None) {
                    let journey_id = JourneyId(ObjectId::from_bytes(row.get(0)?));
                    nearest.offer(journey_id, DayPosition { date, position })?;
                }
            }
        }
        if let Some(until) = days.through_until()
            && nearest.count_on(&(from..=until)) >= enough
        {
            return Ok(nearest.into_likely(from, Some(until)));
        }
    }
    Ok(nearest.into_likely(from, None))
}

pub(super) fn candidates(
    db: &Connection,
    ids: &[JourneyId],
    except_owner: UserId,
    patience: &Patience,
) -> Result<Vec<EncounterCandidate>, Fault> {
    let mut candidates = Vec::with_capacity(ids.len());
    for id in ids {
        patience.check()?;
        let journey = journeys::find(db, *id)?;
        if let Some(journey) = journey.filter(|journey| may_be_met(journey, except_owner)) {
            candidates.push(candidate(db, journey)?);
        }
    }
    Ok(candidates)
}

fn may_be_met(journey: &Journey, except_owner: UserId) -> bool {
    journey.visibility == Visibility::Public
        && journey.status != JourneyStatus::Completed
        && journey.user_id != except_owner
}

fn candidate(db: &Connection, journey: Journey) -> Result<EncounterCandidate, Fault> {
    let mut rider = db.prepare_cached("SELECT * FROM users WHERE id = ?")?;
    let rider = rows::first(rider.query(params![journey.user_id.0.bytes()])?, rows::user)?;
    Ok(EncounterCandidate {
        rider: rider.ok_or_else(|| ownerless(&journey))?,
        track: Track::from_markers(&tracks::dated_markers(db, journey.id)?),
        journey,
    })
}

fn ownerless(journey: &Journey) -> Fault {
    Fault::from(StoreError::Corrupt {
        what: "journey",
        id: journey.id.to_string(),
        problem: format!("its rider {} is gone", journey.user_id),
    })
}
