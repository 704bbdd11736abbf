use async_trait::async_trait;
use chrono::NaiveDate;

use super::StoreError;
use crate::discovery::{DatedMarker, Meeting, MeetingSearch, Track};
use crate::geo::{Distance, Position};
use crate::id::{JourneyId, MarkerId, UserId};
use crate::journey::Journey;
use crate::user::User;

/// Finding other riders' journeys in space and time.
#[async_trait]
pub trait Discovery: Send + Sync {
    /// Where a journey's markers are, in no particular order, whether it may be seen or not.
    async fn places_of(&self, journey_id: JourneyId) -> Result<Vec<Position>, StoreError>;

    /// The journeys of which some marker lies within the radius of some origin, each with the nearest of its markers: nearest
    /// first, ties by journey id (and, within a journey, by marker id), at most `limit`. Private journeys and
    /// those of `except_owner` are not among them.
    ///
    /// The answer is exact: an index only finds the candidates, [`distance`](crate::geo::distance) decides. What is written meanwhile may be in it or
    /// not; a marker that is moved meanwhile may be found in neither place where a store reads no snapshot.
    async fn journeys_within(&self, search: &NearbySearch) -> Result<Vec<NearbyMatch>, StoreError>;

    /// A journey's dated markers, in no particular order, whether it may be seen or not.
    async fn dated_markers_of(&self, journey_id: JourneyId) -> Result<Vec<DatedMarker>, StoreError>;

    /// The journeys of others that are near on the same days: those whose closest meeting is on one of my days from `from` until the one that is
    /// told, each once with that meeting, in no particular order. Others may be among them, with a meeting on one of these days that is not
    /// their closest. The day that is told comes when there are `enough` of them all, so that in a crowd the first are found without the rest, and is
    /// never before `from`; without so many, all of my days are gone through. `enough` is at least one.
    ///
    /// Days are asked for part after part, each as it is at that moment: a journey whose closest meeting is moved meanwhile from a later part to an
    /// earlier one may be found in neither.
    ///
    /// This is told by tracks that are kept by the day, beside the markers. Where those are behind (an act was interrupted, or another service wrote
    /// the markers), the markers are asked instead, so that whatever was written before the call is in the answer. What is written
    /// meanwhile may be in it or not, and there may be journeys that nobody is to be told of: the domain decides by the
    /// [candidates](Self::encounter_candidates) themselves.
    async fn likely_encounters(
        &self,
        search: &EncounterSearch,
        from: NaiveDate,
        enough: usize,
    ) -> Result<LikelyEncounters, StoreError>;

    /// Those of some journeys that may be met in a search, since they are public, not completed and of others, each with its rider and with where it
    /// is: as its markers say, and nothing else.
    async fn encounter_candidates(
        &self,
        journeys: &[JourneyId],
        search: &EncounterSearch,
    ) -> Result<Vec<EncounterCandidate>, StoreError>;

    /// Brings up to date the tracks that are behind their journeys' markers, and says how many there were. Nobody needs to wait for it: what is
    /// behind is answered from the markers.
    async fn renew_tracks(&self) -> Result<u64, StoreError>;
}

/// A search around places.
#[derive(Debug, Clone, PartialEq)]
pub struct NearbySearch {
    /// Where to search.
    pub origins: Vec<Position>,
    /// The journey whose markers are there, if one's are. It does not count.
    pub around: Option<JourneyId>,
    /// How far from each origin, the rim included.
    pub radius_metres: f64,
    /// Whose journeys do not count.
    pub except_owner: UserId,
    /// Whether completed journeys count.
    pub include_completed: bool,
    /// The most journeys to give.
    pub limit: u32,
}

/// A journey that was found, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct NearbyMatch {
    /// The journey.
    pub journey: Journey,
    /// Its marker that is nearest to any origin.
    pub marker_id: MarkerId,
    /// How far that is.
    pub distance: Distance,
}

/// A search along a line in space and time.
#[derive(Debug, Clone)]
pub struct EncounterSearch {
    /// Where the searching rider is on which day, and how near is near enough.
    pub meetings: MeetingSearch,
    /// Whose journeys do not count.
    pub except_owner: UserId,
}

/// The journeys that are near on the same days, as far as was looked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LikelyEncounters {
    /// The journeys.
    pub encounters: Vec<LikelyEncounter>,
    /// The last of my days that was looked at; `None` if that were all.
    pub until: Option<NaiveDate>,
}

/// A journey that is near on the same days, unless its markers say otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LikelyEncounter {
    /// The journey.
    pub journey_id: JourneyId,
    /// Where it comes closest.
    pub meeting: Meeting,
}

/// A journey that may be met.
#[derive(Debug, Clone, PartialEq)]
pub struct EncounterCandidate {
    /// The journey.
    pub journey: Journey,
    /// Whose it is.
    pub rider: User,
    /// Where it is on the days on which the search may meet it. Of others it tells or not.
    pub track: Track,
}
