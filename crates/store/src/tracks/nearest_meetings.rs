use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::RangeInclusive;

use chrono::NaiveDate;
use kairos_domain::discovery::{DatedMarker, DayPosition, Meeting, MeetingSearch, Track};
use kairos_domain::id::JourneyId;
use kairos_domain::store::{LikelyEncounter, LikelyEncounters, StoreError};

/// With how many journeys a search keeps the closest meeting at the most: fifty million bytes.
const MOST_JOURNEYS: usize = 150_000;

/// The closest meeting with each journey, as far as it is known yet.
pub(crate) struct NearestMeetings {
    search: MeetingSearch,
    nearest: HashMap<JourneyId, Meeting>,
}

impl NearestMeetings {
    pub(crate) fn new(search: MeetingSearch) -> Self {
        Self {
            search,
            nearest: HashMap::new(),
        }
    }

    /// Takes into account where a journey is on a day.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`] when there are more than [so many](MOST_JOURNEYS) journeys.
    pub(crate) fn offer(&mut self, journey_id: JourneyId, theirs: DayPosition) -> Result<(), StoreError> {
        match self.search.closest_on(theirs) {
            Some(meeting) => self.keep_if_nearest(journey_id, meeting),
            None => Ok(()),
        }
    }

    /// Takes into account all that a journey's markers tell.
    ///
    /// # Errors
    /// As for [`Self::offer`].
    pub(crate) fn offer_markers(
        &mut self,
        journey_id: JourneyId,
        markers: &[DatedMarker],
    ) -> Result<(), StoreError> {
        match self.search.closest(&Track::from_markers(markers)) {
            Some(meeting) => self.keep_if_nearest(journey_id, meeting),
            None => Ok(()),
        }
    }

    fn keep_if_nearest(&mut self, journey_id: JourneyId, meeting: Meeting) -> Result<(), StoreError> {
        let is_full = self.nearest.len() >= MOST_JOURNEYS;
        match self.nearest.entry(journey_id) {
            Entry::Vacant(_) if is_full => return Err(StoreError::TooSlow),
            Entry::Vacant(first) => {
                first.insert(meeting);
            }
            Entry::Occupied(mut known) if meeting.closeness() < known.get().closeness() => {
                known.insert(meeting);
            }
            Entry::Occupied(_) => {}
        }
        Ok(())
    }

    /// With how many journeys the closest meeting is on some days of mine.
    pub(crate) fn count_on(&self, mine: &RangeInclusive<NaiveDate>) -> usize {
        let meetings = self.nearest.values();
        meetings
            .filter(|meeting| mine.contains(&meeting.mine.date))
            .count()
    }

    /// The meetings on days of mine from one on, until another or the last.
    pub(crate) fn into_likely(self, from: NaiveDate, until: Option<NaiveDate>) -> LikelyEncounters {
        let mine = from..=until.unwrap_or(NaiveDate::MAX);
        let nearest = self.nearest.into_iter();
        let encounters = nearest
            .filter(|(_, meeting)| mine.contains(&meeting.mine.date))
            .map(|(journey_id, meeting)| LikelyEncounter { journey_id, meeting })
            .collect();
        LikelyEncounters { encounters, until }
    }
}
