use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::ChangeJourneyError;
use crate::Kairos;
use crate::id::{JourneyId, MarkerId, ObjectId};
use crate::marker::{Marker, MarkerDetails};
use crate::store::{ContentsChange, MarkerChange, StoreError};
use crate::user::User;
use crate::writes::{IdempotencyKey, Retry, WriteRefused};

/// Markers to put on a journey and to remove from it, all of them or none. No id occurs twice.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MarkerBatch {
    /// The markers to add or to change.
    pub put: Vec<PutMarker>,
    /// The markers to remove.
    pub delete: Vec<MarkerId>,
}

/// A marker to add, or to change if it has an id.
#[derive(Debug, Clone, PartialEq)]
pub struct PutMarker {
    /// The marker to change.
    pub id: Option<MarkerId>,
    /// The details, in full.
    pub details: MarkerDetails,
}

/// The outcome of one item of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchOutcome {
    /// The marker.
    pub id: MarkerId,
    /// The change of the marker.
    pub status: BatchStatus,
}

/// The change that an item of a batch made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchStatus {
    /// The marker is new.
    Created,
    /// The marker was changed.
    Updated,
    /// The marker already had these details.
    Unchanged,
    /// The marker is gone.
    Deleted,
}

/// An item of a batch that cannot be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchFault {
    /// The journey has no marker with the id of this item of `put`.
    UnknownPut(usize, MarkerId),
    /// The journey has no marker with this item of `delete`.
    UnknownDelete(usize, MarkerId),
    /// This item of `put` would be a past marker that is dated later than tomorrow.
    PastInFuture(usize),
}

/// Why a batch was rejected.
#[derive(Debug, thiserror::Error)]
pub enum PutMarkersError {
    /// The rider may not change the journey.
    #[error(transparent)]
    Journey(#[from] ChangeJourneyError),
    /// Some items cannot be carried out.
    #[error("some items cannot be carried out: {0:?}")]
    Items(Vec<BatchFault>),
    /// The write was refused.
    #[error(transparent)]
    Write(#[from] WriteRefused),
}

impl From<StoreError> for PutMarkersError {
    fn from(error: StoreError) -> Self {
        Self::Write(error.into())
    }
}

impl MarkerBatch {
    /// Decides what the batch changes. `new` are the markers for the items without an id, in their order.
    fn plan(
        &self,
        new: &[Marker],
        stored: &HashMap<MarkerId, Marker>,
        today: NaiveDate,
    ) -> Result<(Vec<MarkerChange>, Vec<BatchOutcome>), Vec<BatchFault>> {
        let mut changes = Vec::new();
        let mut outcomes = Vec::new();
        let mut faults = Vec::new();
        let mut new = new.iter();
        for (index, item) in self.put.iter().enumerate() {
            let before = item.id.map(|id| stored.get(&id).ok_or(id));
            let (before, after) = match before {
                Some(Err(id)) => {
                    faults.push(BatchFault::UnknownPut(index, id));
                    continue;
                }
                Some(Ok(before)) => {
                    let details = item.details.clone();
                    (
                        Some(before),
                        Marker {
                            details,
                            ..before.clone()
                        },
                    )
                }
                None => match new.next() {
                    Some(marker) => (None, marker.clone()),
                    None => continue,
                },
            };
            // An existing database may hold such a marker. Its other fields can still be changed.
            let day = |details: &MarkerDetails| (details.kind, details.timestamp);
            let keeps_its_day = before.is_some_and(|before| day(&before.details) == day(&after.details));
            if after.details.is_past_in_future(today) && !keeps_its_day {
                faults.push(BatchFault::PastInFuture(index));
                continue;
            }
            let status = match before {
                None => BatchStatus::Created,
                Some(before) if *before == after => BatchStatus::Unchanged,
                Some(_) => BatchStatus::Updated,
            };
            outcomes.push(BatchOutcome { id: after.id, status });
            match before {
                None => changes.push(MarkerChange::Insert(after)),
                Some(before) if *before == after => {}
                Some(before) => {
                    let before = before.clone();
                    changes.push(MarkerChange::Replace { before, after });
                }
            }
        }
        for (index, id) in self.delete.iter().enumerate() {
            match stored.get(id) {
                None => faults.push(BatchFault::UnknownDelete(index, *id)),
                Some(before) => {
                    changes.push(MarkerChange::Delete(before.clone()));
                    outcomes.push(BatchOutcome {
                        id: *id,
                        status: BatchStatus::Deleted,
                    });
                }
            }
        }
        if faults.is_empty() {
            Ok((changes, outcomes))
        } else {
            Err(faults)
        }
    }

    fn ids(&self) -> Vec<MarkerId> {
        let put = self.put.iter().filter_map(|item| item.id);
        put.chain(self.delete.iter().copied()).collect()
    }
}

impl Kairos {
    /// Carries out a batch of changes of markers on a rider's own journey, all of them or none.
    ///
    /// Returns the outcomes of `put`, then of `delete`, in their order. A repeated request with the same key
    /// returns the same ids, each as unchanged or, if the marker is gone, as deleted.
    ///
    /// # Errors
    /// [`PutMarkersError`].
    pub async fn put_markers(
        &self,
        rider: &User,
        journey_id: JourneyId,
        batch: &MarkerBatch,
        key: Option<&IdempotencyKey>,
    ) -> Result<Vec<BatchOutcome>, PutMarkersError> {
        let journey = self.own_journey(rider, journey_id).await?;
        let new = batch.put.iter().filter(|item| item.id.is_none());
        let new = self.new_markers(&journey, new.map(|item| item.details.clone()));
        let _turn = self.write_turns.turn(rider.id).await?;
        loop {
            if let Some(made) = self.made_before(rider.id, key).await? {
                return self.outcomes_now(journey_id, &made).await;
            }
            let stored = self.store.markers_by_id(journey_id, &batch.ids()).await?;
            let stored = stored.into_iter().map(|marker| (marker.id, marker)).collect();
            let (markers, outcomes) = batch
                .plan(&new, &stored, self.clock.today())
                .map_err(PutMarkersError::Items)?;
            if markers.is_empty() && key.is_none() {
                return Ok(outcomes);
            }
            let change = ContentsChange {
                markers,
                ..ContentsChange::none(journey_id)
            };
            let ids: Vec<_> = outcomes.iter().map(|outcome| outcome.id.0).collect();
            let write = self.keyed_write_of(rider.id, key, &ids);
            match self.store.change_contents(&change, &write).await {
                Ok(()) => return Ok(outcomes),
                Err(error) => match self.retry_after(error)? {
                    Retry::Again => {}
                    Retry::ParentGone => return Err(ChangeJourneyError::JourneyNotFound.into()),
                },
            }
        }
    }

    /// Returns those of the given markers that are on a rider's own journey.
    ///
    /// # Errors
    /// [`ChangeJourneyError`].
    pub async fn own_markers(
        &self,
        rider: &User,
        journey_id: JourneyId,
        ids: &[MarkerId],
    ) -> Result<Vec<Marker>, ChangeJourneyError> {
        self.own_journey(rider, journey_id).await?;
        Ok(self.store.markers_by_id(journey_id, ids).await?)
    }

    /// Returns new markers of a journey. Those of one day keep their order in the journey.
    pub(super) fn new_markers(
        &self,
        journey: &crate::journey::Journey,
        details: impl Iterator<Item = MarkerDetails>,
    ) -> Vec<Marker> {
        let now = self.clock.now();
        let markers = details.map(|details| Marker {
            // Markers of one instant are in order of their ids, which ascend.
            id: MarkerId(self.new_id(now)),
            journey_id: journey.id,
            owner_id: journey.user_id,
            created_at: now,
            details,
        });
        markers.collect()
    }

    async fn outcomes_now(
        &self,
        journey_id: JourneyId,
        ids: &[ObjectId],
    ) -> Result<Vec<BatchOutcome>, PutMarkersError> {
        let ids: Vec<_> = ids.iter().copied().map(MarkerId).collect();
        let markers = self.store.markers_by_id(journey_id, &ids).await?;
        let there: HashSet<_> = markers.into_iter().map(|marker| marker.id).collect();
        let outcomes = ids.into_iter().map(|id| BatchOutcome {
            id,
            status: if there.contains(&id) {
                BatchStatus::Unchanged
            } else {
                BatchStatus::Deleted
            },
        });
        Ok(outcomes.collect())
    }
}
