use std::collections::HashSet;
use std::ops::RangeInclusive;

use chrono::{NaiveDate, TimeDelta};
use kairos_domain::discovery::{DayPosition, Itinerary, Meeting, MeetingSearch};
use kairos_domain::geo::Distance;
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::journey::Journey;
use kairos_domain::store::{EncounterMatch, EncounterSearch, StoreError};
use kairos_domain::user::User;

use super::{DayCells, NearestMeetings};
use crate::effort::Effort;

/// Days of the searching rider that are read first, in addition to those that `within_days` adds.
const FIRST_DAYS: usize = 4;

/// Maximum number of days that are read in one step.
const MOST_DAYS: usize = 128;

/// Maximum number of journeys that are verified in one step.
const MOST_CANDIDATES: usize = 55;

/// A search for encounters. It does no I/O: [`next`](Self::next) tells the store what to read.
///
/// The scan reads the surroundings of the searching rider's days in order, up to `until`. It then knows every
/// journey whose closest meeting is on one of these days. Other journeys may be known with a meeting that is
/// not their closest. Therefore the scan verifies candidates in the order of the answer, by reading their own
/// days. It ends when `limit` verified matches precede all open candidates. In a crowd, it finds the first
/// matches without reading the rest.
pub(crate) struct EncounterScan {
    rider: UserId,
    limit: usize,
    meetings: MeetingSearch,
    coming: DayCells,
    nearest: NearestMeetings,
    /// The searching rider's last day whose surroundings have been read; `None` after the last one.
    until: Option<NaiveDate>,
    /// Whether the last step was [`Step::Read`].
    is_reading: bool,
    /// The number of days read.
    days_read: usize,
    /// The number of candidates verified since the last [`Step::Read`].
    verified: usize,
    /// Unverified meetings up to `until`, in the reverse order of the answer.
    waiting: Vec<(Rank, Meeting)>,
    decided: HashSet<JourneyId>,
    matches: Vec<EncounterMatch>,
    effort: Effort,
}

/// A key that sorts meetings in the order of the answer.
type Rank = (NaiveDate, Distance, JourneyId);

/// The next step of the store.
#[derive(Debug, PartialEq)]
pub(crate) enum Step {
    /// Read the journeys in these cells on these days, and [`offer`](EncounterScan::offer) them.
    Read(Vec<(NaiveDate, Vec<i64>)>),
    /// Read these journeys, and [`verify`](EncounterScan::verify) those that exist.
    Verify(Vec<Candidate>),
    /// Return the [matches](EncounterScan::into_matches).
    Done,
}

/// A journey to be verified.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) journey_id: JourneyId,
    /// The days of its itinerary that the verification needs.
    pub(crate) days: RangeInclusive<NaiveDate>,
}

impl EncounterScan {
    /// Prepares a search; `mine` are the days of the searching rider's journey.
    pub(crate) fn new(search: &EncounterSearch, mine: Vec<DayPosition>, limit: u32, effort: Effort) -> Self {
        let mine = Itinerary::from_days(mine);
        let counting = mine.between(Some(search.from), search.to);
        let meetings = MeetingSearch::new(counting, search.within_days, search.max_distance_metres);
        Self {
            rider: search.rider,
            limit: limit as usize,
            coming: DayCells::of(&meetings),
            nearest: NearestMeetings::new(meetings.clone()),
            meetings,
            until: Some(NaiveDate::MIN),
            is_reading: false,
            days_read: 0,
            verified: 0,
            waiting: Vec::new(),
            decided: HashSet::from([search.journey_id]),
            matches: Vec::new(),
            effort,
        }
    }

    /// Returns the next step, when the previous one is done.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`] if the effort does not suffice for the step.
    pub(crate) fn next(&mut self) -> Result<Step, StoreError> {
        let step = self.next_step();
        self.effort.spend(match &step {
            Step::Read(days) => days.iter().map(|(_, cells)| cells.len()).sum(),
            Step::Verify(candidates) => candidates.len().saturating_mul(Effort::A_JOURNEY),
            Step::Done => 0,
        })?;
        Ok(step)
    }

    fn next_step(&mut self) -> Step {
        loop {
            if self.is_reading {
                self.is_reading = false;
                self.line_up();
            }
            let Some(until) = self.until else {
                // Everything has been read.
                return match self.waiting.last() {
                    Some((next, _)) if !self.is_full_before(|last| last < *next) => self.verify_some(),
                    _ => Step::Done,
                };
            };
            let step = match self.waiting.last() {
                Some((next, _)) if self.is_full_before(|last| last < *next) => Step::Done,
                // In a crowd, most journeys come closer on a later day. Reading more days is cheaper than
                // verifying them.
                Some(_) if self.is_worth_verifying(until) => self.verify_some(),
                None if self.is_full_before(|(date, ..)| date <= until) => Step::Done,
                _ => self.read_more(until),
            };
            if step != Step::Read(Vec::new()) {
                return step;
            }
        }
    }

    /// Excludes journeys from the search by stored days. The store [verifies](Self::verify) them by their
    /// days as of today.
    pub(crate) fn take_out(&mut self, journeys: impl IntoIterator<Item = JourneyId>) {
        self.decided.extend(journeys);
    }

    /// Adds a position of a journey, whether or not the search may show the journey.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`] if the effort is used up, or if there are too many journeys to keep.
    pub(crate) fn offer(&mut self, journey_id: JourneyId, theirs: DayPosition) -> Result<(), StoreError> {
        self.effort.spend(1)?;
        self.nearest.offer(journey_id, theirs)
    }

    /// Verifies an existing candidate by its rider and the requested days.
    pub(crate) fn verify(&mut self, journey: Journey, rider: User, days: Vec<DayPosition>) {
        if !journey.may_be_found_by(self.rider, false) {
            return;
        }
        let Some(meeting) = self.meetings.closest(&Itinerary::from_days(days)) else {
            return;
        };
        let found = EncounterMatch {
            journey,
            rider,
            meeting,
        };
        let at = self
            .matches
            .partition_point(|before| rank_of(before) < rank_of(&found));
        self.matches.insert(at, found);
        self.matches.truncate(self.limit);
    }

    /// Returns the matches in order, once the scan is [done](Step::Done).
    pub(crate) fn into_matches(self) -> Vec<EncounterMatch> {
        self.matches
    }

    /// Checks whether there are enough matches, and whether `comes_before` holds for the last one.
    fn is_full_before(&self, comes_before: impl FnOnce(Rank) -> bool) -> bool {
        let last = self.matches.get(self.limit.saturating_sub(1));
        last.is_some_and(|last| comes_before(rank_of(last)))
    }

    /// Checks whether enough journeys are known up to a day, and few of them had a closer meeting later.
    fn is_worth_verifying(&self, until: NaiveDate) -> bool {
        let matched = self
            .matches
            .partition_point(|found| found.meeting.mine.date <= until);
        let is_enough = matched + self.waiting.len() >= self.limit;
        is_enough && self.verified <= 2 * self.limit
    }

    fn line_up(&mut self) {
        self.verified = 0;
        let known = self.nearest.until(self.until.unwrap_or(NaiveDate::MAX));
        let open = known.filter(|(id, _)| !self.decided.contains(id));
        let in_line = open.map(|(id, meeting)| ((meeting.mine.date, meeting.distance, id), meeting));
        self.waiting = in_line.collect();
        self.waiting
            .sort_unstable_by(|(one, _), (other, _)| other.cmp(one));
    }

    fn verify_some(&mut self) -> Step {
        let missing = self.limit.saturating_sub(self.matches.len());
        // Some candidates are private, or have a closer meeting on a later day.
        let some = (missing + missing / 8 + 5).min(MOST_CANDIDATES);
        let rest = self.waiting.len().saturating_sub(some);
        let next = self.waiting.split_off(rest);
        self.verified += next.len();
        let candidates = next.into_iter().rev().map(|((.., journey_id), meeting)| {
            self.decided.insert(journey_id);
            Candidate {
                journey_id,
                days: match self.until {
                    None => meeting.theirs.date..=meeting.theirs.date,
                    Some(_) => self.all_days(),
                },
            }
        });
        Step::Verify(candidates.collect())
    }

    fn read_more(&mut self, until: NaiveDate) -> Step {
        let known = self.nearest.until(until).count();
        let days = match self.days_read {
            0 => FIRST_DAYS + 2 * self.meetings.within_days() as usize,
            // Extrapolate from the days read so far; double them if enough journeys are known already.
            read => match self.limit.saturating_sub(known) {
                0 => read,
                missing => read.saturating_mul(missing) / known.max(1),
            },
        };
        let part: Vec<_> = self
            .coming
            .by_ref()
            .take(days.clamp(FIRST_DAYS, MOST_DAYS))
            .collect();
        self.days_read += part.len();
        self.until = self.coming.through_until();
        self.is_reading = true;
        Step::Read(part)
    }

    /// Returns all days on which somebody may be met.
    fn all_days(&self) -> RangeInclusive<NaiveDate> {
        let within = TimeDelta::days(i64::from(self.meetings.within_days()));
        let (first, last) = self.meetings.first_and_last().unwrap_or_default();
        first - within..=last + within
    }
}

fn rank_of(found: &EncounterMatch) -> Rank {
    (found.meeting.mine.date, found.meeting.distance, found.journey.id)
}

#[cfg(test)]
mod tests;
