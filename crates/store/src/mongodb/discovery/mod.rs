//! Discovery. The index finds candidates, and the domain's functions verify them.

mod encounters;
mod nearby;

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use bson::{Bson, doc};
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::journey::Journey;
use kairos_domain::store::{
    Discovery, EncounterMatch, EncounterSearch, NearbyMatch, NearbySearch, StoreError,
};

use super::MongoStore;
use super::documents::{self, id_of, if_readable, oid};

#[async_trait]
impl Discovery for MongoStore {
    async fn nearby(&self, search: &NearbySearch) -> Result<Vec<NearbyMatch>, StoreError> {
        let fence = &self.connection.fence;
        fence
            .search(search.reader, |effort| self.nearby_journeys(search, effort))
            .await
    }

    async fn encounters(
        &self,
        search: &EncounterSearch,
        limit: u32,
    ) -> Result<Vec<EncounterMatch>, StoreError> {
        let fence = &self.connection.fence;
        fence
            .search(search.rider, |effort| {
                self.scan_for_encounters(search, limit, effort)
            })
            .await
    }
}

impl MongoStore {
    /// Reads the journeys that are readable and not being deleted.
    pub(super) async fn journeys_by_ids(
        &self,
        ids: impl Iterator<Item = JourneyId>,
    ) -> Result<HashMap<JourneyId, Journey>, StoreError> {
        let db = &self.connection;
        let ids: Vec<_> = ids.map(|id| oid(id.0)).collect();
        let there = doc! { "_id": { "$in": ids }, "is_being_deleted": Bson::Null };
        let journeys = db.all(db.journeys.find(there)).await?;
        let journeys = journeys
            .iter()
            .filter_map(|journey| if_readable(documents::journey(journey)).transpose());
        journeys
            .map(|journey| journey.map(|journey| (journey.id, journey)))
            .collect()
    }

    /// Removes the journeys of deleted riders.
    pub(super) async fn retain_journeys_of_present_riders(
        &self,
        journeys: &mut HashMap<JourneyId, Journey>,
    ) -> Result<(), StoreError> {
        let db = &self.connection;
        let riders = Self::riders_of(journeys.values()).into_iter();
        let riders: Vec<_> = riders.map(|id| oid(id.0)).collect();
        let there = doc! { "_id": { "$in": riders }, "is_being_deleted": Bson::Null };
        let there = db.all(db.users.find(there).projection(doc! { "_id": 1 })).await?;
        let there = there.iter().filter_map(|rider| id_of(rider, "user").ok());
        let there: HashSet<_> = there.map(UserId).collect();
        journeys.retain(|_, journey| there.contains(&journey.user_id));
        Ok(())
    }

    /// Returns the distinct ids of the journeys' riders.
    fn riders_of<'a>(journeys: impl Iterator<Item = &'a Journey>) -> Vec<UserId> {
        let riders: HashSet<_> = journeys.map(|journey| journey.user_id).collect();
        riders.into_iter().collect()
    }
}
