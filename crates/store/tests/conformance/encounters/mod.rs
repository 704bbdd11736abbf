//! Who is near on the same days.

mod candidates;
mod likely;
mod tracks;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kairos_domain::discovery::{DayPosition, Meeting, MeetingSearch};
use kairos_domain::geo::{Distance, Position};
use kairos_domain::id::JourneyId;
use kairos_domain::marker::{Marker, MarkerKind};
use kairos_domain::store::EncounterSearch;
use kairos_domain::user::User;

pub(crate) use candidates::*;
pub(crate) use likely::*;
pub(crate) use tracks::*;

use crate::world::{World, day};

/// A meeting as far as it counts: days apart, distance, my day and theirs.
type Met = (u32, Distance, NaiveDate, NaiveDate);

fn met(meeting: &Meeting) -> Met {
    (
        meeting.days_apart,
        meeting.distance,
        meeting.mine.date,
        meeting.theirs.date,
    )
}

pub(crate) fn search(
    reader: &User,
    mine: &[DayPosition],
    within_days: u32,
    max_distance_metres: f64,
) -> EncounterSearch {
    EncounterSearch {
        meetings: MeetingSearch::new(mine, within_days, max_distance_metres),
        except_owner: reader.id,
    }
}

/// Somebody who stays at a place for some days.
pub(crate) fn staying(place: Position, days: std::ops::RangeInclusive<i64>) -> Vec<DayPosition> {
    days.map(|number| DayPosition {
        date: day(number),
        position: place,
    })
    .collect()
}

/// Whom a search meets, as far as they may be met.
pub(crate) async fn meets(world: &World, search: &EncounterSearch) -> BTreeMap<JourneyId, Met> {
    let likely = world.store.likely_encounters(search, NaiveDate::MIN, usize::MAX);
    let likely = likely.await.unwrap();
    assert_eq!(likely.until, None);
    let likely = likely.encounters;
    let ids: Vec<_> = likely.iter().map(|likely| likely.journey_id).collect();
    let candidates = world.store.encounter_candidates(&ids, search).await.unwrap();
    let mut meets = BTreeMap::new();
    for candidate in candidates {
        let meeting = search.meetings.closest(&candidate.track);
        let told = likely
            .iter()
            .find(|likely| likely.journey_id == candidate.journey.id);
        assert_eq!(told.map(|likely| met(&likely.meeting)), meeting.as_ref().map(met));
        let twice = meets.insert(candidate.journey.id, met(&meeting.unwrap()));
        assert_eq!(twice, None);
    }
    meets
}

fn dated(marker: &mut Marker, kind: MarkerKind, number: Option<i64>) {
    let date = number.map(day);
    marker.details.kind = kind;
    (marker.details.timestamp, marker.details.estimated_time) = match kind {
        MarkerKind::Past => (date, None),
        MarkerKind::Plan => (None, date),
    };
}
