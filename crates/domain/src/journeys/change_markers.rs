use super::ChangeJourneyError;
use crate::Kairos;
use crate::geo::Position;
use crate::id::{JourneyId, MarkerId};
use crate::marker::{Marker, MarkerDetails, MarkerKind};
use crate::store::StoreError;
use crate::text::{Name, Prose};
use crate::user::User;
use crate::writes::{IdempotencyKey, Precondition, Retry, WriteRefused};
use chrono::NaiveDate;

/// Why a marker was not added, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeMarkerError {
    /// No journey that the rider may see has this id.
    #[error("no such journey")]
    JourneyNotFound,
    /// The marker is not on that journey.
    #[error("no such marker")]
    MarkerNotFound,
    /// The journey belongs to another rider.
    #[error("the journey belongs to another rider")]
    NotYourJourney,
    /// The marker would be a past marker that is dated later than tomorrow.
    #[error("a past marker is dated later than tomorrow")]
    PastInFuture,
    /// The write was refused.
    #[error(transparent)]
    Write(#[from] WriteRefused),
}

impl From<StoreError> for ChangeMarkerError {
    fn from(error: StoreError) -> Self {
        Self::Write(error.into())
    }
}

impl From<ChangeJourneyError> for ChangeMarkerError {
    fn from(error: ChangeJourneyError) -> Self {
        match error {
            ChangeJourneyError::NotYourJourney => Self::NotYourJourney,
            ChangeJourneyError::Write(refused) => Self::Write(refused),
            ChangeJourneyError::JourneyNotFound | ChangeJourneyError::CompletedAndActive => {
                Self::JourneyNotFound
            }
        }
    }
}

/// A change of a marker. `None` keeps the present value; the inner `None` of a date removes it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MarkerChange {
    /// The new name.
    pub name: Option<Name>,
    /// The new notes.
    pub notes: Option<Prose>,
    /// The new kind.
    pub kind: Option<MarkerKind>,
    /// The new position.
    pub position: Option<Position>,
    /// The new day of a past marker.
    pub timestamp: Option<Option<NaiveDate>>,
    /// The new day of a planned marker.
    pub estimated_time: Option<Option<NaiveDate>>,
}

impl MarkerChange {
    fn applied_to(&self, details: &MarkerDetails) -> MarkerDetails {
        MarkerDetails {
            name: self.name.clone().unwrap_or_else(|| details.name.clone()),
            notes: self.notes.clone().unwrap_or_else(|| details.notes.clone()),
            kind: self.kind.unwrap_or(details.kind),
            position: self.position.unwrap_or(details.position),
            timestamp: self.timestamp.unwrap_or(details.timestamp),
            estimated_time: self.estimated_time.unwrap_or(details.estimated_time),
        }
    }
}

impl From<MarkerDetails> for MarkerChange {
    /// Returns a change of all fields.
    fn from(details: MarkerDetails) -> Self {
        Self {
            name: Some(details.name),
            notes: Some(details.notes),
            kind: Some(details.kind),
            position: Some(details.position),
            timestamp: Some(details.timestamp),
            estimated_time: Some(details.estimated_time),
        }
    }
}

impl Kairos {
    /// Adds a marker to a rider's own journey.
    ///
    /// A repeated request with the same key returns the marker as it is now.
    ///
    /// # Errors
    /// [`ChangeMarkerError`].
    pub async fn add_marker(
        &self,
        rider: &User,
        journey_id: JourneyId,
        details: MarkerDetails,
        key: Option<&IdempotencyKey>,
    ) -> Result<Marker, ChangeMarkerError> {
        let journey = self.own_journey(rider, journey_id).await?;
        if details.is_past_in_future(self.clock.today()) {
            return Err(ChangeMarkerError::PastInFuture);
        }
        let now = self.clock.now();
        let marker = Marker {
            id: MarkerId(self.new_id(now)),
            journey_id,
            owner_id: journey.user_id,
            created_at: now,
            details,
        };
        let _turn = self.write_turns.turn(rider.id).await?;
        loop {
            if let Some(made) = self.made_before(rider.id, key).await? {
                let id = made.first().ok_or(ChangeMarkerError::MarkerNotFound)?;
                let marker = self.store.marker(journey_id, MarkerId(*id)).await?;
                return marker.ok_or(ChangeMarkerError::MarkerNotFound);
            }
            let write = self.keyed_write_of(rider.id, key, &[marker.id.0]);
            match self.store.insert_marker(&marker, &write).await {
                Ok(()) => return Ok(marker),
                Err(error) => match self.retry_after(error)? {
                    Retry::Again => {}
                    Retry::ParentGone => return Err(ChangeMarkerError::JourneyNotFound),
                },
            }
        }
    }

    /// Changes a marker on a rider's own journey and returns the changed marker.
    ///
    /// # Errors
    /// [`ChangeMarkerError`].
    pub async fn change_marker(
        &self,
        rider: &User,
        journey_id: JourneyId,
        id: MarkerId,
        precondition: &Precondition<Marker>,
        change: &MarkerChange,
    ) -> Result<Marker, ChangeMarkerError> {
        let _turn = self.write_turns.turn(rider.id).await?;
        loop {
            let before = self.own_marker(rider, journey_id, id).await?;
            precondition.check(&before)?;
            let after = Marker {
                details: change.applied_to(&before.details),
                ..before.clone()
            };
            if after == before {
                return Ok(after);
            }
            // An existing database may hold such a marker. Its other fields can still be changed.
            let day = |details: &MarkerDetails| (details.kind, details.timestamp);
            if after.details.is_past_in_future(self.clock.today())
                && day(&after.details) != day(&before.details)
            {
                return Err(ChangeMarkerError::PastInFuture);
            }
            let write = self.write_of(rider.id);
            let replaced = self.store.replace_marker(&before, &after, &write).await;
            if self.is_done(replaced)? {
                return Ok(after);
            }
        }
    }

    /// Removes a marker from a rider's own journey.
    ///
    /// # Errors
    /// [`ChangeMarkerError`].
    pub async fn delete_marker(
        &self,
        rider: &User,
        journey_id: JourneyId,
        id: MarkerId,
        precondition: &Precondition<Marker>,
    ) -> Result<(), ChangeMarkerError> {
        let _turn = self.write_turns.turn(rider.id).await?;
        loop {
            let before = self.own_marker(rider, journey_id, id).await?;
            precondition.check(&before)?;
            let deleted = self.store.delete_marker(&before, &self.write_of(rider.id)).await;
            if self.is_done(deleted)? {
                return Ok(());
            }
        }
    }

    /// Returns a marker on the rider's own journey. Existence is checked before ownership.
    async fn own_marker(
        &self,
        rider: &User,
        journey_id: JourneyId,
        id: MarkerId,
    ) -> Result<Marker, ChangeMarkerError> {
        let journey = self
            .store
            .journey(journey_id, rider.id)
            .await?
            .ok_or(ChangeMarkerError::JourneyNotFound)?;
        let marker = self.store.marker(journey_id, id).await?;
        let marker = marker.ok_or(ChangeMarkerError::MarkerNotFound)?;
        // The owner of the journey counts. In a database of the earlier service, a marker may name another
        // rider.
        if journey.user_id == rider.id {
            Ok(marker)
        } else {
            Err(ChangeMarkerError::NotYourJourney)
        }
    }
}
