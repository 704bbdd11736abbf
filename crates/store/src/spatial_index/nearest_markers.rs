use std::collections::HashMap;
use std::collections::hash_map::Entry;

use kairos_domain::geo::{Distance, Position};
use kairos_domain::id::{JourneyId, MarkerId};
use kairos_domain::store::StoreError;

/// Maximum number of journeys whose nearest marker a search keeps. With their ranking, they take 50 MB.
const MOST_JOURNEYS: usize = 400_000;

/// The nearest known marker of each journey.
#[derive(Debug, Default)]
pub(crate) struct NearestMarkers(HashMap<JourneyId, (Distance, MarkerId, Position)>);

/// A journey with its nearest marker.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ranked {
    pub(crate) distance: Distance,
    pub(crate) journey_id: JourneyId,
    pub(crate) marker_id: MarkerId,
    pub(crate) position: Position,
}

impl NearestMarkers {
    /// Keeps a marker if it is the nearest of its journey so far.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`] when there are more than [`MOST_JOURNEYS`] journeys.
    pub(crate) fn offer(
        &mut self,
        journey_id: JourneyId,
        distance: Distance,
        marker_id: MarkerId,
        position: Position,
    ) -> Result<(), StoreError> {
        let is_full = self.0.len() >= MOST_JOURNEYS;
        match self.0.entry(journey_id) {
            Entry::Vacant(_) if is_full => return Err(StoreError::TooSlow),
            Entry::Vacant(first) => {
                first.insert((distance, marker_id, position));
            }
            Entry::Occupied(mut known) if (distance, marker_id) < (known.get().0, known.get().1) => {
                known.insert((distance, marker_id, position));
            }
            Entry::Occupied(_) => {}
        }
        Ok(())
    }

    /// Returns the journeys within a radius, nearest first, ties by id.
    pub(crate) fn ranked_within(&self, radius_metres: f64) -> Vec<Ranked> {
        let ranked = |(journey_id, (distance, marker_id, position)): (&JourneyId, &(_, _, _))| Ranked {
            distance: *distance,
            journey_id: *journey_id,
            marker_id: *marker_id,
            position: *position,
        };
        let within = self
            .0
            .iter()
            .map(ranked)
            .filter(|ranked| ranked.distance.metres() <= radius_metres);
        let mut ranking: Vec<_> = within.collect();
        ranking.sort_unstable_by_key(|ranked| (ranked.distance, ranked.journey_id));
        ranking
    }
}

#[cfg(test)]
mod tests {
    use kairos_domain::id::ObjectId;

    use super::*;

    #[test]
    fn what_would_take_too_much_memory_is_given_up() {
        let id = |number: usize| {
            let mut id = [0; 12];
            id[..8].copy_from_slice(&number.to_be_bytes());
            ObjectId::from_bytes(id)
        };
        let somewhere = Position::new(1.0, 2.0, None).unwrap();
        let mut nearest = NearestMarkers::default();
        let mut offer = |number| {
            nearest.offer(
                JourneyId(id(number)),
                Distance::default(),
                MarkerId(id(number)),
                somewhere,
            )
        };
        for number in 0..MOST_JOURNEYS {
            offer(number).unwrap();
        }
        // A journey that is known takes no additional memory.
        offer(7).unwrap();
        assert!(matches!(offer(MOST_JOURNEYS), Err(StoreError::TooSlow)));
        assert_eq!(nearest.ranked_within(0.0).len(), MOST_JOURNEYS);
    }
}
