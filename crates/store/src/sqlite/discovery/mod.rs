//! Discovery. The index finds candidates, and the domain's functions verify them.

mod encounters;
mod nearby;

use async_trait::async_trait;
use kairos_domain::store::{
    Discovery, EncounterMatch, EncounterSearch, NearbyMatch, NearbySearch, StoreError,
};

use super::SqliteStore;

#[async_trait]
impl Discovery for SqliteStore {
    async fn nearby(&self, search: &NearbySearch) -> Result<Vec<NearbyMatch>, StoreError> {
        let search = search.clone();
        self.connections
            .search(search.reader, move |db, patience, effort| {
                nearby::search(db, &search, patience, effort)
            })
            .await
    }

    async fn encounters(
        &self,
        search: &EncounterSearch,
        limit: u32,
    ) -> Result<Vec<EncounterMatch>, StoreError> {
        let search = *search;
        self.connections
            .search(search.rider, move |db, patience, effort| {
                encounters::search(db, &search, limit, patience, effort)
            })
            .await
    }
}
