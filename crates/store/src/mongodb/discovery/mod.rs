//! Finding journeys in space and time. The index finds candidates, the domain's one distance decides.

mod cells;
mod encounters;
mod nearby;

use async_trait::async_trait;
use kairos_domain::store::{
    Discovery, EncounterCandidate, EncounterSearch, NearbyMatch, NearbySearch, StoreError,
};

pub(super) use cells::cell_of;

use super::MongoStore;

#[async_trait]
impl Discovery for MongoStore {
    async fn journeys_within(&self, search: &NearbySearch) -> Result<Vec<NearbyMatch>, StoreError> {
        let _turn = self.connection.discovery_turn().await?;
        self.nearby_journeys(search).await
    }

    async fn encounter_candidates(
        &self,
        search: &EncounterSearch,
    ) -> Result<Vec<EncounterCandidate>, StoreError> {
        let _turn = self.connection.discovery_turn().await?;
        self.candidates_by_days(search).await
    }
}
