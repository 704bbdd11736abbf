use std::collections::HashMap;

use bson::{Bson, doc};
use chrono::{NaiveDate, TimeDelta};
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::marker::Marker;
use kairos_domain::store::{EncounterCandidate, EncounterSearch, StoreError, Users as _};
use kairos_domain::user::User;

use super::nearby::public_journeys_of_others;
use crate::mongodb::MongoStore;
use crate::mongodb::documents::{self, id_of, if_readable, midnight, oid};

impl MongoStore {
    /// The journeys that are on the way on some of the days that matter, wherever they are.
    pub(super) async fn candidates_by_days(
        &self,
        search: &EncounterSearch,
    ) -> Result<Vec<EncounterCandidate>, StoreError> {
        let (Some(first), Some(last)) = (search.mine.first(), search.mine.last()) else {
            return Ok(Vec::new());
        };
        let within = TimeDelta::days(i64::from(search.within_days));
        let ids = self
            .on_the_way(
                first.date.checked_sub_signed(within).unwrap_or(NaiveDate::MIN),
                last.date
                    .checked_add_signed(within + TimeDelta::days(1))
                    .unwrap_or(NaiveDate::MAX),
            )
            .await?;
        let db = &self.connection;
        let mut met = public_journeys_of_others(search.except_owner);
        met.insert("completed", doc! { "$ne": true });
        met.insert("_id", doc! { "$in": ids });
        let mut candidates = Vec::new();
        let mut riders = HashMap::new();
        for journey in db.all(db.journeys.find(met)).await? {
            let Some(journey) = if_readable(documents::journey(&journey))? else {
                continue;
            };
            let rider = self.rider_of(journey.user_id, &mut riders).await?;
            let markers = if_readable(self.dated_markers(journey.id).await)?;
            if let (Some(rider), Some(markers)) = (rider, markers) {
                candidates.push(EncounterCandidate {
                    journey,
                    rider,
                    markers,
                });
            }
        }
        Ok(candidates)
    }

    /// The journeys with a dated marker before `end` and one not before `start`. A line through dated markers is nowhere before the
    /// first of them nor after the last.
    async fn on_the_way(&self, start: NaiveDate, end: NaiveDate) -> Result<Vec<Bson>, StoreError> {
        let db = &self.connection;
        let day = doc! { "$cond": [{ "$eq": ["$marker_type", "past"] }, "$timestamp", "$estimated_time"] };
        let steps = [
            doc! { "$project": { "journey_id": 1, "day": day } },
            doc! { "$match": { "day": { "$type": "date" } } },
            doc! { "$group": { "_id": "$journey_id", "first": { "$min": "$day" }, "last": { "$max": "$day" } } },
            doc! { "$match": { "first": { "$lt": midnight(end) }, "last": { "$gte": midnight(start) } } },
        ];
        let journeys = db.markers.aggregate(steps).max_time(db.timeout);
        let journeys = db.all(journeys.with_type::<bson::RawDocumentBuf>()).await?;
        // A marker may name no journey at all.
        let ids = journeys
            .iter()
            .filter_map(|journey| id_of(journey, "journey").ok());
        Ok(ids.map(|id| Bson::ObjectId(oid(id))).collect())
    }

    async fn rider_of(
        &self,
        id: UserId,
        known: &mut HashMap<UserId, Option<User>>,
    ) -> Result<Option<User>, StoreError> {
        if let Some(rider) = known.get(&id) {
            return Ok(rider.clone());
        }
        let rider = if_readable(self.user(id).await)?.flatten();
        known.insert(id, rider.clone());
        Ok(rider)
    }

    async fn dated_markers(&self, journey_id: JourneyId) -> Result<Vec<Marker>, StoreError> {
        let db = &self.connection;
        let markers = db
            .all(db.markers.find(doc! { "journey_id": oid(journey_id.0) }))
            .await?;
        let mut markers = self.read_in_riding_order(journey_id, markers).await?;
        markers.retain(|marker| marker.details.day().is_some());
        Ok(markers)
    }
}
