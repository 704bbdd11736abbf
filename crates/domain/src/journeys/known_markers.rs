//! The markers that an import recognises.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::{ChangeJourneyError, ImportError, ReadOnError};
use crate::Kairos;
use crate::geo::Position;
use crate::id::JourneyId;
use crate::marker::{Marker, MarkerDetails, MarkerKind};
use crate::user::User;

impl Kairos {
    /// Returns those keys of `candidates` that markers of the journey have.
    pub(super) async fn known_markers(
        &self,
        rider: &User,
        journey_id: JourneyId,
        candidates: &[Marker],
    ) -> Result<HashSet<MarkerKey>, ImportError> {
        let mut known = HashSet::new();
        if candidates.is_empty() {
            return Ok(known);
        }
        let wanted: HashSet<_> = candidates
            .iter()
            .map(|marker| MarkerKey::of(&marker.details))
            .collect();
        let list = self.markers_for(rider.id, journey_id, None, None).await?;
        let mut list = list.ok_or(ChangeJourneyError::JourneyNotFound)?;
        let mut page = Some(list.take_first());
        while let Some(markers) = page {
            let keys = markers.iter().map(|marker| MarkerKey::of(&marker.details));
            known.extend(keys.filter(|key| wanted.contains(key)));
            page = list.read_on().await.map_err(|error| match error {
                ReadOnError::Gone => ImportError::Journey(ChangeJourneyError::JourneyNotFound),
                ReadOnError::Store(error) => error.into(),
            })?;
        }
        Ok(known)
    }
}

/// The fields by which an import recognises a marker.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct MarkerKey {
    name: String,
    kind: MarkerKind,
    timestamp: Option<NaiveDate>,
    estimated_time: Option<NaiveDate>,
    position: [Option<u64>; 3],
}

impl MarkerKey {
    pub(super) fn of(details: &MarkerDetails) -> Self {
        Self {
            name: details.name.as_str().to_owned(),
            kind: details.kind,
            timestamp: details.timestamp,
            estimated_time: details.estimated_time,
            position: bits(details.position),
        }
    }
}

fn bits(position: Position) -> [Option<u64>; 3] {
    let numbers = [
        Some(position.longitude()),
        Some(position.latitude()),
        position.elevation(),
    ];
    numbers.map(|number| number.map(f64::to_bits))
}
