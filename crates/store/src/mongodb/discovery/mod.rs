//! Finding journeys in space and time. The index finds candidates, the domain's one distance decides.

mod candidates;
mod encounters;
mod nearby;

use async_trait::async_trait;
use chrono::NaiveDate;
use kairos_domain::discovery::DatedMarker;
use kairos_domain::geo::Position;
use kairos_domain::id::JourneyId;
use kairos_domain::store::{
    Discovery, EncounterCandidate, EncounterSearch, LikelyEncounters, NearbyMatch, NearbySearch, StoreError,
};

use super::MongoStore;

#[async_trait]
impl Discovery for MongoStore {
    async fn places_of(&self, journey_id: JourneyId) -> Result<Vec<Position>, StoreError> {
        self.places_on(journey_id).await
    }

    async fn journeys_within(&self, search: &NearbySearch) -> Result<Vec<NearbyMatch>, StoreError> {
        let _turn = self.connection.discovery_turn(2).await?;
        self.nearby_journeys(search).await
    }

    async fn dated_markers_of(&self, journey_id: JourneyId) -> Result<Vec<DatedMarker>, StoreError> {
        let mut markers = self.dated_markers_on(&[journey_id]).await?;
        Ok(markers.remove(&journey_id).unwrap_or_default())
    }

    async fn likely_encounters(
        &self,
        search: &EncounterSearch,
        from: NaiveDate,
        enough: usize,
    ) -> Result<LikelyEncounters, StoreError> {
        let _turn = self.connection.discovery_turn(2).await?;
        self.likely(search, from, enough).await
    }

    async fn encounter_candidates(
        &self,
        journeys: &[JourneyId],
        search: &EncounterSearch,
    ) -> Result<Vec<EncounterCandidate>, StoreError> {
        let _turn = self.connection.discovery_turn(3).await?;
        self.candidates(journeys, search).await
    }

    async fn renew_tracks(&self) -> Result<u64, StoreError> {
        self.renew_all_behind().await
    }
}
