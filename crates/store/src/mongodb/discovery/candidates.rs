//! Journeys that may be met, with where they are: from their tracks, if those are known to be whole, or else from their markers.
//!
//! A track is in several documents, which are not read at one moment. It was whole if its journey says the same drawn revision before and
//! after they were read, all of them are of that revision, and no marker said by the second time that the track is behind it: then all that was written before
//! the call is in it.

use std::collections::{BTreeSet, HashMap, HashSet};

use bson::{Document, RawDocumentBuf, doc};
use chrono::TimeDelta;
use kairos_domain::discovery::{DayPosition, MeetingSearch, Track};
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::journey::Journey;
use kairos_domain::store::{EncounterCandidate, EncounterSearch, StoreError};
use kairos_domain::user::User;

use super::nearby::public_journeys_of_others;
use crate::mongodb::MongoStore;
use crate::mongodb::documents::{
    self, Drawing, Segment, drawing, if_readable, is_being_deleted, oid, segment, segment_id, span_of,
};

/// How many spans of a track are looked up at the most. A search through more of them asks the markers.
const SPANS_AT_MOST: usize = 64;

/// The track of a journey, as far as its segments were read.
#[derive(Default)]
struct Pieces {
    days: Vec<DayPosition>,
    revisions: HashSet<Option<i64>>,
}

impl MongoStore {
    pub(super) async fn candidates(
        &self,
        ids: &[JourneyId],
        search: &EncounterSearch,
    ) -> Result<Vec<EncounterCandidate>, StoreError> {
        let db = &self.connection;
        let mut met = public_journeys_of_others(search.except_owner);
        met.extend(among(ids));
        met.insert("completed", doc! { "$ne": true });
        let (found, untracked) = tokio::try_join!(
            db.all(db.journeys.find(met)),
            self.journeys_with_untracked_markers()
        )?;
        let mut journeys = Vec::with_capacity(found.len());
        let mut drawn = HashMap::with_capacity(found.len());
        for document in &found {
            let Some(journey) = if_readable(documents::journey(document))? else {
                continue;
            };
            match drawing(document) {
                Drawing::Done(revision) if !untracked.contains(&journey.id) => {
                    drawn.insert(journey.id, revision);
                }
                // Whoever was at it may have been interrupted.
                Drawing::Unfinished => self.renew_soon([journey.id]),
                Drawing::Done(_) | Drawing::NotBegun => {}
            }
            journeys.push(journey);
        }
        let pieces = self.track_pieces(drawn.keys(), &search.meetings).await?;
        let (riders, afterwards) = tokio::try_join!(self.riders_of(&journeys), self.drawings(drawn.keys()))?;
        let mut tracks = whole_tracks(pieces, &drawn, &afterwards);
        let others = journeys.iter().map(|journey| journey.id);
        let others: Vec<_> = others.filter(|id| !tracks.contains_key(id)).collect();
        let markers = self.dated_markers_on(&others).await?;
        tracks.extend(
            markers
                .iter()
                .map(|(id, markers)| (*id, Track::from_markers(markers))),
        );
        let candidates = journeys.into_iter().filter_map(|journey| {
            Some(EncounterCandidate {
                rider: riders.get(&journey.user_id)?.clone(),
                track: tracks.remove(&journey.id).unwrap_or_default(),
                journey,
            })
        });
        Ok(candidates.collect())
    }

    /// What the tracks of some journeys say of the days that a search is about.
    async fn track_pieces(
        &self,
        journeys: impl Iterator<Item = &JourneyId>,
        search: &MeetingSearch,
    ) -> Result<HashMap<JourneyId, Pieces>, StoreError> {
        let spans = spans_of(search);
        if spans.len() > SPANS_AT_MOST {
            return Ok(HashMap::new());
        }
        let mut pieces: HashMap<_, Pieces> = journeys.map(|id| (*id, Pieces::default())).collect();
        let ids = pieces
            .keys()
            .flat_map(|id| spans.iter().map(|span| segment_id(*id, *span)));
        let db = &self.connection;
        let segments = db
            .track_segments
            .find(doc! { "_id": { "$in": ids.collect::<Vec<_>>() } })
            .projection(doc! { "days": 1, "elevations": 1, "revision": 1 });
        for document in db.all(segments).await? {
            match if_readable(segment(&document))? {
                Some(Segment {
                    journey_id,
                    revision,
                    days,
                }) => {
                    if let Some(pieces) = pieces.get_mut(&journey_id) {
                        pieces.days.extend(days);
                        pieces.revisions.insert(revision);
                    }
                }
                // Whose it is can't be told: all are asked themselves.
                None => return Ok(HashMap::new()),
            }
        }
        Ok(pieces)
    }

    /// How far the drawing of some journeys' tracks is.
    pub(in crate::mongodb) async fn drawings(
        &self,
        journeys: impl IntoIterator<Item = &JourneyId>,
    ) -> Result<HashMap<JourneyId, Drawing>, StoreError> {
        let db = &self.connection;
        let journeys = db
            .journeys
            .find(among(journeys))
            .projection(documents::fields_of_drawing());
        let journeys = db.all(journeys).await?;
        let drawings = journeys.iter().filter_map(|journey| {
            let id = documents::id_of(journey, "journey").ok()?;
            Some((JourneyId(id), drawing(journey)))
        });
        Ok(drawings.collect())
    }

    async fn riders_of(&self, journeys: &[Journey]) -> Result<HashMap<UserId, User>, StoreError> {
        let db = &self.connection;
        let ids: HashSet<_> = journeys.iter().map(|journey| journey.user_id).collect();
        let ids: Vec<_> = ids.into_iter().map(|id| oid(id.0)).collect();
        let riders = db.all(db.users.find(doc! { "_id": { "$in": ids } })).await?;
        let there = riders
            .iter()
            .filter(|rider: &&RawDocumentBuf| !is_being_deleted(rider));
        let riders = there.filter_map(|rider| if_readable(documents::user(rider)).transpose());
        riders.map(|rider| rider.map(|rider| (rider.id, rider))).collect()
    }
}

/// The tracks that were read at once, as it were.
fn whole_tracks(
    pieces: HashMap<JourneyId, Pieces>,
    drawn: &HashMap<JourneyId, i64>,
    afterwards: &HashMap<JourneyId, Drawing>,
) -> HashMap<JourneyId, Track> {
    let whole = pieces.into_iter().filter(|(id, pieces)| {
        let is_whole = |revision: &i64| {
            afterwards.get(id) == Some(&Drawing::Done(*revision))
                && pieces.revisions.iter().all(|piece| *piece == Some(*revision))
        };
        drawn.get(id).is_some_and(is_whole)
    });
    whole
        .map(|(id, pieces)| (id, Track::from_days(pieces.days)))
        .collect()
}

/// The spans in which somebody may be met.
fn spans_of(search: &MeetingSearch) -> BTreeSet<i32> {
    let within = TimeDelta::days(i64::from(search.within_days()));
    let spans = search
        .days()
        .flat_map(|mine| span_of(mine.date - within)..=span_of(mine.date + within));
    spans.collect()
}

fn among<'a>(journeys: impl IntoIterator<Item = &'a JourneyId>) -> Document {
    let ids = journeys.into_iter().map(|id| oid(id.0));
    doc! { "_id": { "$in": ids.collect::<Vec<_>>() } }
}

#[cfg(test)]
mod tests {
    use kairos_domain::id::ObjectId;

    use super::*;

    #[test]
    fn a_track_that_was_drawn_anew_while_it_was_read_is_not_whole() {
        let [stays, is_drawn, goes] = [1, 2, 3].map(|number| JourneyId(ObjectId::from_bytes([number; 12])));
        let pieces = || Pieces {
            days: Vec::new(),
            revisions: HashSet::from([Some(7)]),
        };
        let pieces = [stays, is_drawn, goes].map(|id| (id, pieces()));
        let drawn = HashMap::from([(stays, 7), (is_drawn, 7), (goes, 7)]);
        let afterwards = HashMap::from([(stays, Drawing::Done(7)), (is_drawn, Drawing::Done(8))]);
        let whole = whole_tracks(HashMap::from(pieces), &drawn, &afterwards);
        assert_eq!(whole.into_keys().collect::<Vec<_>>(), [stays]);
    }
}
