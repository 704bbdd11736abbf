use std::collections::HashMap;
use std::collections::hash_map::Entry;

use kairos_domain::discovery::{DatedMarker, DayPosition, Meeting, MeetingSearch, Track};
use kairos_domain::id::JourneyId;
use kairos_domain::store::LikelyEncounter;

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
    pub(crate) fn offer(&mut self, journey_id: JourneyId, theirs: DayPosition) {
        if let Some(meeting) = self.search.closest_on(theirs) {
            self.keep_if_nearest(journey_id, meeting);
        }
    }

    /// Takes into account all that a journey's markers tell.
    pub(crate) fn offer_markers(&mut self, journey_id: JourneyId, markers: &[DatedMarker]) {
        if let Some(meeting) = self.search.closest(&Track::from_markers(markers)) {
            self.keep_if_nearest(journey_id, meeting);
        }
    }

    fn keep_if_nearest(&mut self, journey_id: JourneyId, meeting: Meeting) {
        match self.nearest.entry(journey_id) {
            Entry::Vacant(first) => {
                first.insert(meeting);
            }
            Entry::Occupied(mut known) if meeting.closeness() < known.get().closeness() => {
                known.insert(meeting);
            }
            Entry::Occupied(_) => {}
        }
    }

    pub(crate) fn into_likely(self) -> Vec<LikelyEncounter> {
        let likely = |(journey_id, meeting)| LikelyEncounter { journey_id, meeting };
        self.nearest.into_iter().map(likely).collect()
    }
}
