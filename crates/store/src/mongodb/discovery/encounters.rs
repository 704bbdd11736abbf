use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bson::{Document, doc};
use chrono::{Days, NaiveDate};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kairos_domain::discovery::{DayPosition, Itinerary};
use kairos_domain::id::JourneyId;
use kairos_domain::journey::Journey;
use kairos_domain::marker::MarkerKind;
use kairos_domain::store::{EncounterMatch, EncounterSearch, StoreError, Users as _};
use kairos_domain::user::User;
use tokio::task::yield_now;

use crate::effort::Effort;
use crate::itinerary::{Candidate, EncounterScan, Step};
use crate::mongodb::MongoStore;
use crate::mongodb::documents::{
    dated_marker_of_index, if_readable, midnight, object_id, span, span_of, spans_between, spans_of,
};
use crate::mongodb::transaction::Transaction;

/// Limit of concurrent queries for spans, which run on several cores of the server.
const QUERIES_AT_ONCE: usize = 2;

/// Number of cells (each of one day) up to which the query of a span is split.
///
/// Few journeys match both halves of such a query.
const FEW_DAY_CELLS: usize = 1_500;

/// Spans in one reply of the server. The store compares them while the next reply is on its way.
const SPANS_A_BATCH: u32 = 1_000;

/// Number of spans after which the task yields to others.
const SPANS_BETWEEN_PAUSES: usize = 100;

/// A batch size that usually covers all spans of one verification.
const ALL_AT_ONCE: u32 = 10_000;

impl MongoStore {
    pub(super) async fn scan_for_encounters(
        &self,
        search: &EncounterSearch,
        limit: u32,
        effort: Effort,
    ) -> Result<Vec<EncounterMatch>, StoreError> {
        let mut in_future = self.days_in_future(search.today).await?;
        let mine = match in_future.remove(&search.journey_id) {
            Some(mine) => mine,
            None => {
                let mine = self.days_of(vec![spans_of(search.journey_id)]).await?;
                mine.into_values().flatten().collect()
            }
        };
        let mut scan = EncounterScan::new(search, mine, limit, effort);
        if !in_future.is_empty() {
            scan.take_out(in_future.keys().copied());
            let found = self.journeys_and_riders(in_future.keys().copied()).await?;
            verify_each(&mut scan, found, in_future);
        }
        loop {
            match scan.next()? {
                Step::Read(day_cells) => {
                    let reading = Mutex::new(scan);
                    stream::iter(queries(day_cells))
                        .map(async |day_cells| self.offer(day_cells, &reading).await)
                        .buffered(QUERIES_AT_ONCE)
                        .try_collect::<()>()
                        .await?;
                    scan = reading.into_inner().unwrap_or_else(PoisonError::into_inner);
                }
                Step::Verify(candidates) => self.verify(&candidates, &mut scan).await?,
                Step::Done => return Ok(scan.into_matches()),
            }
        }
    }

    async fn offer(&self, day_cells: Vec<i64>, scan: &Mutex<EncounterScan>) -> Result<(), StoreError> {
        let db = &self.connection;
        let spans = db
            .itinerary_spans
            .find(doc! { "day_cells": { "$in": day_cells } })
            .projection(doc! { "days": 1 })
            .batch_size(SPANS_A_BATCH)
            .max_time(db.time_to_search());
        let mut spans = db.call(spans).await?;
        let mut read = 0_usize;
        while db.call(spans.advance()).await? {
            read += 1;
            if read.is_multiple_of(SPANS_BETWEEN_PAUSES) {
                yield_now().await;
            }
            // The search skips an unreadable span; `kairos check` reports it.
            if let Some((journey_id, days)) = if_readable(span(spans.current()))? {
                let mut scan = scan.lock().unwrap_or_else(PoisonError::into_inner);
                days.into_iter().try_for_each(|day| scan.offer(journey_id, day))?;
            }
        }
        Ok(())
    }

    async fn verify(&self, candidates: &[Candidate], scan: &mut EncounterScan) -> Result<(), StoreError> {
        let spans = candidates.iter().map(|candidate| {
            let (first, last) = (span_of(*candidate.days.start()), span_of(*candidate.days.end()));
            spans_between(candidate.journey_id, first, last)
        });
        let ids = candidates.iter().map(|candidate| candidate.journey_id);
        let (days, found) = tokio::try_join!(self.days_of(spans.collect()), self.journeys_and_riders(ids))?;
        verify_each(scan, found, days);
        Ok(())
    }

    async fn journeys_and_riders(&self, ids: impl Iterator<Item = JourneyId>) -> Result<Found, StoreError> {
        let journeys = self.journeys_by_ids(ids).await?;
        let riders = self.users(&Self::riders_of(journeys.values())).await?;
        Ok((journeys, riders))
    }

    /// Returns the days as of today for journeys with a past marker on a day later than tomorrow.
    ///
    /// Their stored itineraries include such a marker, so that the stored days do not depend on the time.
    async fn days_in_future(
        &self,
        today: NaiveDate,
    ) -> Result<HashMap<JourneyId, Vec<DayPosition>>, StoreError> {
        let Some(day_after_tomorrow) = today.checked_add_days(Days::new(2)) else {
            return Ok(HashMap::new());
        };
        let db = &self.connection;
        let in_future = doc! {
            "marker_type": MarkerKind::Past.as_str(), "timestamp": { "$gte": midnight(day_after_tomorrow) },
        };
        let in_future = db.markers.find(in_future);
        let in_future = in_future.projection(doc! { "_id": 0, "journey_id": 1 });
        let in_future = db.all(in_future).await?;
        let ids = in_future
            .iter()
            .filter_map(|marker| marker.get_object_id("journey_id").ok());
        let mut markers: HashMap<_, Vec<_>> = ids.map(|id| (id, Vec::new())).collect();
        if markers.is_empty() {
            return Ok(HashMap::new());
        }
        let of_journeys = doc! { "journey_id": { "$in": markers.keys().copied().collect::<Vec<_>>() } };
        let fields = doc! { "_id": 0, "journey_id": 1, "derived.order": 1, "derived.place": 1 };
        for marker in db.all(db.markers.find(of_journeys).projection(fields)).await? {
            if let (Ok(id), Some(marker)) =
                (marker.get_object_id("journey_id"), dated_marker_of_index(&marker))
            {
                markers.entry(id).or_default().push(marker);
            }
        }
        let days = markers.into_iter().map(|(id, markers)| {
            let itinerary = Itinerary::as_of(today, &markers);
            (JourneyId(object_id(id)), itinerary.days().to_vec())
        });
        Ok(days.collect())
    }

    /// Reads the days of several spans from one snapshot.
    async fn days_of(
        &self,
        spans: Vec<Document>,
    ) -> Result<HashMap<JourneyId, Vec<DayPosition>>, StoreError> {
        let which = &doc! { "$or": spans };
        let db = &self.connection;
        let read = |transaction: Transaction| async move {
            let spans = db
                .itinerary_spans
                .find(which.clone())
                .projection(doc! { "days": 1, "elevations": 1 })
                .batch_size(ALL_AT_ONCE);
            transaction.all(spans).await
        };
        let mut days: HashMap<_, Vec<_>> = HashMap::new();
        for document in db.snapshot(read).await? {
            if let Some((journey_id, of_span)) = if_readable(span(&document))? {
                days.entry(journey_id).or_default().extend(of_span);
            }
        }
        Ok(days)
    }
}

/// Journeys by id, and their riders.
type Found = (HashMap<JourneyId, Journey>, Vec<User>);

fn verify_each(
    scan: &mut EncounterScan,
    (journeys, riders): Found,
    mut days: HashMap<JourneyId, Vec<DayPosition>>,
) {
    let riders: HashMap<_, _> = riders.into_iter().map(|rider| (rider.id, rider)).collect();
    for (id, journey) in journeys {
        if let Some(rider) = riders.get(&journey.user_id) {
            scan.verify(journey, rider.clone(), days.remove(&id).unwrap_or_default());
        }
    }
}

/// Groups days and cells into queries by span, so that no two queries read the same document.
///
/// A span with few cells is split in two, because hardly any journey is in both halves. If a part of the
/// rider's days ends within a span, the next part reads the documents of that span again.
fn queries(day_cells: Vec<(NaiveDate, Vec<i64>)>) -> impl Iterator<Item = Vec<i64>> {
    let mut day_cells = day_cells.into_iter().peekable();
    let spans = std::iter::from_fn(move || {
        let (first, mut cells) = day_cells.next()?;
        while let Some((_, more)) = day_cells.next_if(|(date, _)| span_of(*date) == span_of(first)) {
            cells.extend(more);
        }
        Some(cells)
    });
    spans.flat_map(|mut cells| {
        let half = if cells.len() <= FEW_DAY_CELLS {
            cells.len() / 2
        } else {
            0
        };
        let later = cells.split_off(half);
        [cells, later].into_iter().filter(|query| !query.is_empty())
    })
}
