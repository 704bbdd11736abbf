use std::collections::HashMap;
use std::collections::hash_map::Entry;

use kairos_domain::geo::Distance;
use kairos_domain::id::{JourneyId, MarkerId};

/// The nearest marker of each journey, as far as it is known yet.
#[derive(Debug, Default)]
pub(crate) struct NearestMarkers(HashMap<JourneyId, (Distance, MarkerId)>);

/// A journey with the marker that speaks for it. The order of these is that of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ranked {
    pub(crate) distance: Distance,
    pub(crate) journey_id: JourneyId,
    pub(crate) marker_id: MarkerId,
}

impl NearestMarkers {
    /// Takes a marker into account.
    pub(crate) fn offer(&mut self, journey_id: JourneyId, distance: Distance, marker_id: MarkerId) {
        match self.0.entry(journey_id) {
            Entry::Vacant(first) => {
                first.insert((distance, marker_id));
            }
            Entry::Occupied(mut known) if (distance, marker_id) < *known.get() => {
                known.insert((distance, marker_id));
            }
            Entry::Occupied(_) => {}
        }
    }

    /// The journeys up to a distance, nearest first, ties by id.
    pub(crate) fn ranked_within(&self, radius: Distance) -> Vec<Ranked> {
        let ranked = |(journey_id, (distance, marker_id)): (&JourneyId, &(Distance, MarkerId))| Ranked {
            distance: *distance,
            journey_id: *journey_id,
            marker_id: *marker_id,
        };
        let within = self
            .0
            .iter()
            .map(ranked)
            .filter(|ranked| ranked.distance <= radius);
        let mut ranking: Vec<_> = within.collect();
        ranking.sort_unstable();
        ranking
    }
}
