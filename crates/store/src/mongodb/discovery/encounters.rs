use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bson::{Bson, doc};
use chrono::NaiveDate;
use futures_util::future::try_join_all;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kairos_domain::discovery::DatedMarker;
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::store::{EncounterSearch, LikelyEncounters, StoreError};
use mongodb::options::Hint;

use super::nearby::public_journeys_of_others;
use crate::mongodb::MongoStore;
use crate::mongodb::connection::to_the_end;
use crate::mongodb::documents::{self, Segment, dated_marker, if_readable, oid, segment, span_of};
use crate::mongodb::indexes::without_track_keys;
use crate::tracks::{DayCells, NearestMeetings};

/// How many queries for tracks go at once: the server has other cores.
const TRACK_QUERIES_AT_ONCE: usize = 2;

/// How many days of mine are searched at first, for as many as are wanted to be found there; then as many as it takes.
const FIRST_DAYS: usize = 4;

/// How many days are searched in one go at the most.
const MOST_DAYS: usize = 128;

/// Of how many days and cells in a span those who are met on one of them are seldom met on many.
const FEW_DAY_CELLS: usize = 1_500;

/// How many segments the server sends at a time; they are compared while the next ones come.
const SEGMENTS_A_BATCH: u32 = 1_000;

/// How many markers the server sends at a time.
const MARKERS_A_BATCH: u32 = 5_000;

/// How many queries for the markers of many journeys go at once.
const MARKER_QUERIES_AT_ONCE: usize = 2;

/// Of how many journeys without a track the markers are asked in one go.
const JOURNEYS_A_QUERY: usize = 100;

impl MongoStore {
    pub(super) async fn likely(
        &self,
        search: &EncounterSearch,
        from: NaiveDate,
        enough: usize,
    ) -> Result<LikelyEncounters, StoreError> {
        // Before the tracks are asked: a journey that is not behind by then has all in its track that was written until now.
        let behind = self.journeys_behind(search.except_owner).await?;
        let mut nearest = NearestMeetings::new(search.meetings.clone());
        self.take_markers(&behind, &mut nearest).await?;
        let nearest = Mutex::new(nearest);
        let mut days = DayCells::of(&search.meetings, from);
        let (mut searched, mut next) = (0, FIRST_DAYS + 2 * search.meetings.within_days() as usize);
        let until = loop {
            let part: Vec<_> = days.by_ref().take(next).collect();
            searched += part.len();
            stream::iter(queries(part.into_iter()))
                .map(async |day_cells| self.take_tracks(day_cells, &behind, &nearest).await)
                .buffered(TRACK_QUERIES_AT_ONCE)
                .try_collect::<()>()
                .await?;
            let Some(until) = days.through_until() else {
                break None;
            };
            let found = locked(&nearest).count_on(&(from..=until));
            if found >= enough {
                break Some(until);
            }
            next = days_for(enough - found, found, searched);
        };
        let nearest = nearest.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(nearest.into_likely(from, until))
    }

    /// The journeys whose tracks don't tell all that their markers do.
    async fn journeys_behind(&self, except_owner: UserId) -> Result<HashSet<JourneyId>, StoreError> {
        let db = &self.connection;
        let mut without_track = public_journeys_of_others(except_owner);
        without_track.extend(doc! { "has_track": Bson::Null, "completed": { "$ne": true } });
        let without_track = db
            .journeys
            .find(without_track)
            .hint(Hint::Keys(without_track_keys()))
            .projection(doc! { "_id": 1 });
        let (without_track, mut behind) =
            tokio::try_join!(db.all(without_track), self.journeys_with_untracked_markers())?;
        self.renew_soon(behind.iter().copied());
        // What has an odd id is invisible.
        let ids = without_track
            .iter()
            .filter_map(|journey| documents::id_of(journey, "journey").ok());
        behind.extend(ids.map(JourneyId));
        Ok(behind)
    }

    async fn take_markers(
        &self,
        journeys: &HashSet<JourneyId>,
        nearest: &mut NearestMeetings,
    ) -> Result<(), StoreError> {
        let journeys: Vec<_> = journeys.iter().copied().collect();
        for ids in journeys.chunks(JOURNEYS_A_QUERY) {
            for (id, markers) in self.dated_markers_on(ids).await? {
                nearest.offer_markers(id, &markers)?;
            }
        }
        Ok(())
    }

    async fn take_tracks(
        &self,
        day_cells: Vec<i64>,
        behind: &HashSet<JourneyId>,
        nearest: &Mutex<NearestMeetings>,
    ) -> Result<(), StoreError> {
        let db = &self.connection;
        let segments = db
            .track_segments
            .find(doc! { "day_cells": { "$in": day_cells } })
            .projection(doc! { "days": 1 })
            .batch_size(SEGMENTS_A_BATCH)
            .max_time(db.time_to_search());
        let mut segments = db.call(segments).await?;
        while db.call(segments.advance()).await? {
            // A track that can't be read is as good as none; `check` tells of it.
            if let Some(Segment { journey_id, days, .. }) = if_readable(segment(segments.current()))?
                && !behind.contains(&journey_id)
            {
                let mut nearest = locked(nearest);
                days.into_iter()
                    .try_for_each(|day| nearest.offer(journey_id, day))?;
            }
        }
        Ok(())
    }

    /// The dated markers of some journeys. One that can't be read is nowhere.
    pub(in crate::mongodb) async fn dated_markers_on(
        &self,
        ids: &[JourneyId],
    ) -> Result<HashMap<JourneyId, Vec<DatedMarker>>, StoreError> {
        // Side by side: the server and this process have other cores.
        let parts = ids
            .chunks(ids.len().div_ceil(MARKER_QUERIES_AT_ONCE).max(1))
            .map(|ids| {
                let (store, ids) = (self.clone(), ids.to_vec());
                to_the_end(async move { store.read_dated_markers_on(&ids).await })
            });
        let mut of_journeys = HashMap::with_capacity(ids.len());
        for part in try_join_all(parts).await? {
            of_journeys.extend(part);
        }
        Ok(of_journeys)
    }

    async fn read_dated_markers_on(
        &self,
        ids: &[JourneyId],
    ) -> Result<HashMap<JourneyId, Vec<DatedMarker>>, StoreError> {
        let db = &self.connection;
        let ids: Vec<_> = ids.iter().map(|id| oid(id.0)).collect();
        let markers = db
            .markers
            .find(doc! { "journey_id": { "$in": ids } })
            .projection(documents::fields_of_dated_markers())
            .batch_size(MARKERS_A_BATCH)
            .max_time(db.time_to_search());
        let mut markers = db.call(markers).await?;
        let mut of_journeys: HashMap<_, Vec<_>> = HashMap::new();
        while db.call(markers.advance()).await? {
            if let Some((id, marker)) = dated_marker(markers.current()) {
                of_journeys.entry(id).or_default().push(marker);
            }
        }
        Ok(of_journeys)
    }
}

fn locked(nearest: &Mutex<NearestMeetings>) -> MutexGuard<'_, NearestMeetings> {
    nearest.lock().unwrap_or_else(PoisonError::into_inner)
}

/// On how many days as many more will be found as are missing, if it goes on as it did.
fn days_for(missing: usize, found: usize, searched: usize) -> usize {
    let as_it_did = searched.saturating_mul(missing) / found.max(1);
    as_it_did.clamp(FIRST_DAYS, MOST_DAYS)
}

/// Days and cells for a query each: those of one span, so that no segment is read by two of them, or of half a span, if they are so few that hardly
/// anybody is met in both. Where a part of my days ends within a span, the next part reads its segments again.
fn queries(day_cells: impl Iterator<Item = (NaiveDate, Vec<i64>)>) -> impl Iterator<Item = Vec<i64>> {
    let mut day_cells = day_cells.peekable();
    let spans = std::iter::from_fn(move || {
        let (first, mut span) = day_cells.next()?;
        while let Some((_, cells)) = day_cells.next_if(|(date, _)| span_of(*date) == span_of(first)) {
            span.extend(cells);
        }
        Some(span)
    });
    spans.flat_map(|mut span| {
        let half = if span.len() <= FEW_DAY_CELLS {
            span.len() / 2
        } else {
            0
        };
        let later = span.split_off(half);
        [span, later].into_iter().filter(|query| !query.is_empty())
    })
}
