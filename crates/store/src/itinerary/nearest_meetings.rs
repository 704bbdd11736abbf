use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::NaiveDate;
use kairos_domain::discovery::{DayPosition, Meeting, MeetingSearch};
use kairos_domain::id::JourneyId;
use kairos_domain::store::StoreError;

/// Maximum number of journeys whose closest meeting a search keeps. They take 50 MB.
const MOST_JOURNEYS: usize = 150_000;

/// The closest known meeting with each journey.
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

    /// Adds a position of a journey on a day. Keeps the meeting if it is the closest with that journey.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`] when there are more than [`MOST_JOURNEYS`] journeys.
    pub(crate) fn offer(&mut self, journey_id: JourneyId, theirs: DayPosition) -> Result<(), StoreError> {
        match self.search.closest_on(theirs) {
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

    /// Returns the journeys whose closest known meeting is on a day of the searching rider up to `until`.
    pub(crate) fn until(&self, until: NaiveDate) -> impl Iterator<Item = (JourneyId, Meeting)> {
        let known = self.nearest.iter().map(|(id, meeting)| (*id, *meeting));
        known.filter(move |(_, meeting)| meeting.mine.date <= until)
    }
}
