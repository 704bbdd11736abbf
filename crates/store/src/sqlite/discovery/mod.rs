//! Finding journeys in space and time. The index finds candidates, the domain's one distance decides.

mod encounters;
mod nearby;

use async_trait::async_trait;
use kairos_domain::store::{
    Discovery, EncounterCandidate, EncounterSearch, NearbyMatch, NearbySearch, StoreError,
};

use super::SqliteStore;

#[async_trait]
impl Discovery for SqliteStore {
    async fn journeys_within(&self, search: &NearbySearch) -> Result<Vec<NearbyMatch>, StoreError> {
        let search = search.clone();
        self.connections
            .read(move |db| nearby::journeys_within(db, &search))
            .await
    }

    async fn encounter_candidates(
        &self,
        search: &EncounterSearch,
    ) -> Result<Vec<EncounterCandidate>, StoreError> {
        let search = search.clone();
        self.connections
            .read(move |db| encounters::candidates(db, &search))
            .await
    }
}
