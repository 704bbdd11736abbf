use std::collections::HashSet;

use chrono::NaiveDate;

use super::bounds::{in_time, off_the_async_threads};
use super::{MeetingSearch, Track};
use crate::Kairos;
use crate::geo::{Distance, Position};
use crate::id::{JourneyId, UserId};
use crate::journey::{Journey, JourneyStatus, Visibility};
use crate::journeys::OwnJourneyError;
use crate::store::{EncounterCandidate, EncounterSearch, LikelyEncounter, LikelyEncounters, StoreError};
use crate::user::{PublicProfile, User};

/// What counts as an encounter, and how many to give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EncounterQuery {
    /// The first of my days that count; `None` is today. Theirs may be earlier by as much as `within_days`.
    pub from: Option<NaiveDate>,
    /// The last of my days that count; `None` is open.
    pub to: Option<NaiveDate>,
    /// How many days apart still counts, 0 to [`Self::MAX_WITHIN_DAYS`].
    pub within_days: u32,
    /// How far apart still counts, 0 to [`Self::MAX_DISTANCE_METRES`].
    pub max_distance_metres: f64,
    /// The most encounters to give, 1 to [`Self::MAX_LIMIT`].
    pub limit: u32,
}

impl EncounterQuery {
    /// How many days apart count when nothing is said.
    pub const DEFAULT_WITHIN_DAYS: u32 = 1;
    /// The most days apart that may be asked for.
    pub const MAX_WITHIN_DAYS: u32 = 14;
    /// How far counts when nothing is said.
    pub const DEFAULT_DISTANCE_METRES: f64 = 25_000.0;
    /// The furthest that may be asked for.
    pub const MAX_DISTANCE_METRES: f64 = 200_000.0;
    /// How many encounters are given when nothing is said.
    pub const DEFAULT_LIMIT: u32 = 50;
    /// The most encounters that may be asked for.
    pub const MAX_LIMIT: u32 = 500;
}

impl Default for EncounterQuery {
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            within_days: Self::DEFAULT_WITHIN_DAYS,
            max_distance_metres: Self::DEFAULT_DISTANCE_METRES,
            limit: Self::DEFAULT_LIMIT,
        }
    }
}

/// Somebody who will be near on the same days: the closest [meeting](super::Meeting) with one other journey.
#[derive(Debug, Clone, PartialEq)]
pub struct Encounter {
    /// The other journey.
    pub journey: Journey,
    /// Whose it is, as the reader may see them.
    pub rider: PublicProfile,
    /// My day.
    pub date: NaiveDate,
    /// Theirs.
    pub their_date: NaiveDate,
    /// Between the two days.
    pub days_apart: u32,
    /// Between the two positions.
    pub distance: Distance,
    /// Where I am on my day.
    pub position: Position,
    /// Where they are on theirs.
    pub their_position: Position,
}

/// Why no encounters were given. The refusals stand in the order in which they are checked.
#[derive(Debug, thiserror::Error)]
pub enum EncountersError {
    /// There is no journey of this id that the reader may know of.
    #[error("no such journey")]
    JourneyNotFound,
    /// It is another rider's.
    #[error("another rider's journey")]
    NotYourJourney,
    /// The reader's address is not verified.
    #[error("e-mail address not verified")]
    EmailNotVerified,
    /// Nobody else can see the journey.
    #[error("a private journey")]
    JourneyIsPrivate,
    /// The store could not say, or not in time.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OwnJourneyError> for EncountersError {
    fn from(error: OwnJourneyError) -> Self {
        match error {
            OwnJourneyError::JourneyNotFound => Self::JourneyNotFound,
            OwnJourneyError::NotYourJourney => Self::NotYourJourney,
            OwnJourneyError::Store(error) => Self::Store(error),
        }
    }
}

impl Kairos {
    /// Finds who will be near a rider's own journey on the same days: one encounter, the closest, for each other journey,
    /// sorted by my day, then distance, then journey.
    ///
    /// # Errors
    /// [`EncountersError`]. A rider sees only if they can be seen.
    pub async fn encounters(
        &self,
        reader: &User,
        journey_id: JourneyId,
        query: EncounterQuery,
    ) -> Result<Vec<Encounter>, EncountersError> {
        in_time(async {
            let journey = self.own_journey(reader, journey_id).await?;
            check_can_be_seen(reader, &journey)?;
            let markers = self.store.dated_markers_of(journey_id).await?;
            let from = query.from.unwrap_or_else(|| self.clock.today());
            let meetings = off_the_async_threads(move |_| {
                let track = Track::from_markers(&markers);
                let mine = track.between(Some(from), query.to);
                MeetingSearch::new(mine, query.within_days, query.max_distance_metres)
            });
            let search = EncounterSearch {
                meetings: meetings.await?,
                except_owner: reader.id,
            };
            let likely = |from, enough| self.store.likely_encounters(&search, from, enough);
            let decide = |mut journeys: Vec<JourneyId>| {
                journeys.retain(|id| *id != journey_id);
                self.decide(reader, &search, journeys)
            };
            let first_day = search.meetings.days().next().map(|day| day.date);
            Ok(first_encounters(first_day, query.limit, likely, decide).await?)
        })
        .await
    }

    /// The encounters with some journeys that their own markers bear out.
    async fn decide(
        &self,
        reader: &User,
        search: &EncounterSearch,
        journeys: Vec<JourneyId>,
    ) -> Result<Vec<Encounter>, StoreError> {
        let candidates = self.store.encounter_candidates(&journeys, search).await?;
        let (reader, meetings) = (reader.clone(), search.meetings.clone());
        off_the_async_threads(move |caller| {
            let candidates = candidates.into_iter().take_while(|_| caller.waits());
            candidates
                .filter_map(|candidate| encounter_with(candidate, &reader, &meetings))
                .collect()
        })
        .await
    }
}

/// The first encounters of all that are likely, as `decide` says that they are.
///
/// `likely` is asked for part after part of my days, until there are enough, and `decide` only about those who may be among the first.
async fn first_encounters<L, D>(
    first_day: Option<NaiveDate>,
    limit: u32,
    mut likely: impl FnMut(NaiveDate, usize) -> L,
    mut decide: impl FnMut(Vec<JourneyId>) -> D,
) -> Result<Vec<Encounter>, StoreError>
where
    L: Future<Output = Result<LikelyEncounters, StoreError>>,
    D: Future<Output = Result<Vec<Encounter>, StoreError>>,
{
    let limit = limit as usize;
    let mut confirmed: Vec<Encounter> = Vec::new();
    let mut decided: HashSet<JourneyId> = HashSet::new();
    let mut next_day = first_day;
    // Where those who were told of did not do, more are asked for by so much that what is looked at twice is less than what is looked at in the end.
    let mut at_least = 0;
    while let Some(from) = next_day {
        // Those of later days may yet be preceded by others.
        let known = confirmed.partition_point(|encounter| encounter.date < from);
        if known >= limit {
            break;
        }
        let wanted = candidates_for(limit - known);
        let LikelyEncounters {
            mut encounters,
            until,
        } = likely(from, wanted.max(at_least)).await?;
        at_least = encounters.len().saturating_mul(4);
        encounters.retain(|likely| !decided.contains(&likely.journey_id));
        encounters.sort_unstable_by_key(LikelyEncounter::place_in_order);
        let mut rest = encounters.as_slice();
        let is_told_too_early = loop {
            let Some(next) = rest.first() else { break false };
            let is_full = confirmed.len() >= limit;
            if is_full && confirmed.last().map(Encounter::place_in_order) < Some(next.place_in_order()) {
                break false;
            }
            // Most are met more closely later on: more days tell which, all at once.
            if until.is_some() && encounters.len() - rest.len() >= 2 * wanted {
                break true;
            }
            let batch = candidates_for(limit.saturating_sub(confirmed.len()));
            let (batch, others) = rest.split_at(batch.min(CANDIDATES_AT_ONCE).min(rest.len()));
            rest = others;
            let journeys: Vec<_> = batch.iter().map(|likely| likely.journey_id).collect();
            decided.extend(&journeys);
            confirmed.extend(decide(journeys).await?);
            confirmed.sort_unstable_by_key(Encounter::place_in_order);
            confirmed.truncate(limit);
        };
        if !is_told_too_early {
            next_day = until.and_then(|until| until.succ_opt());
        }
    }
    Ok(confirmed)
}

/// How many candidates there should be, so that so many are confirmed: one or the other is private, or met more closely on a later day.
fn candidates_for(missing: usize) -> usize {
    missing + missing / 8 + 5
}

/// How many candidates are asked about at once, at the most: each may have ten thousand markers.
const CANDIDATES_AT_ONCE: usize = 55;

/// What encounters are sorted by.
type PlaceInOrder = (NaiveDate, Distance, JourneyId);

impl Encounter {
    fn place_in_order(&self) -> PlaceInOrder {
        (self.date, self.distance, self.journey.id)
    }
}

impl LikelyEncounter {
    fn place_in_order(&self) -> PlaceInOrder {
        (self.meeting.mine.date, self.meeting.distance, self.journey_id)
    }
}

/// Whether others could meet this rider on this journey as well.
fn check_can_be_seen(rider: &User, journey: &Journey) -> Result<(), EncountersError> {
    if !rider.is_verified {
        return Err(EncountersError::EmailNotVerified);
    }
    match journey.visibility {
        Visibility::Public => Ok(()),
        Visibility::Private => Err(EncountersError::JourneyIsPrivate),
    }
}

/// Whether `reader` may be told of meeting this journey. A store should give no other, but its answer may be older than
/// the owner's wish to be left alone.
fn may_be_met(journey: &Journey, reader: UserId) -> bool {
    journey.visibility == Visibility::Public
        && journey.status != JourneyStatus::Completed
        && journey.user_id != reader
}

fn encounter_with(
    candidate: EncounterCandidate,
    reader: &User,
    meetings: &MeetingSearch,
) -> Option<Encounter> {
    if !may_be_met(&candidate.journey, reader.id) {
        return None;
    }
    let meeting = meetings.closest(&candidate.track)?;
    Some(Encounter {
        rider: candidate.rider.public_profile(reader),
        journey: candidate.journey,
        date: meeting.mine.date,
        their_date: meeting.theirs.date,
        days_apart: meeting.days_apart,
        distance: meeting.distance,
        position: meeting.mine.position,
        their_position: meeting.theirs.position,
    })
}

#[cfg(test)]
mod tests;
