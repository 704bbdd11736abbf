//! Finding journeys in space and time. The index finds candidates, the domain's one distance decides.

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

use super::{SqliteStore, tracks};

#[async_trait]
impl Discovery for SqliteStore {
    async fn places_of(&self, journey_id: JourneyId) -> Result<Vec<Position>, StoreError> {
        self.connections
            .read(move |db| nearby::places_of(db, journey_id))
            .await
    }

    async fn journeys_within(&self, search: &NearbySearch) -> Result<Vec<NearbyMatch>, StoreError> {
        let search = search.clone();
        self.connections
            .search(move |db, patience| nearby::journeys_within(db, &search, patience))
            .await
    }

    async fn dated_markers_of(&self, journey_id: JourneyId) -> Result<Vec<DatedMarker>, StoreError> {
        self.connections
            .read(move |db| tracks::dated_markers(db, journey_id))
            .await
    }

    async fn likely_encounters(
        &self,
        search: &EncounterSearch,
        from: NaiveDate,
        enough: usize,
    ) -> Result<LikelyEncounters, StoreError> {
        let search = search.clone();
        self.connections
            .search(move |db, patience| encounters::likely(db, &search, from, enough, patience))
            .await
    }

    async fn encounter_candidates(
        &self,
        journeys: &[JourneyId],
        search: &EncounterSearch,
    ) -> Result<Vec<EncounterCandidate>, StoreError> {
        let (journeys, except_owner) = (journeys.to_vec(), search.except_owner);
        self.connections
            .search(move |db, patience| encounters::candidates(db, &journeys, except_owner, patience))
            .await
    }

    async fn renew_tracks(&self) -> Result<u64, StoreError> {
        self.renew_missing_tracks().await
    }
}
