use chrono::NaiveDate;

use super::deadline::in_time;
use crate::Kairos;
use crate::geo::{Distance, Position};
use crate::id::JourneyId;
use crate::journey::{Journey, Visibility};
use crate::journeys::ChangeJourneyError;
use crate::store::{EncounterMatch, EncounterSearch, StoreError};
use crate::user::{PublicProfile, User};
use crate::writes::WriteRefused;

/// The criteria of an encounter, and the number of encounters to return.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EncounterQuery {
    /// The first of the searching rider's days that count; `None` is today.
    pub from: Option<NaiveDate>,
    /// The last of the searching rider's days that count; `None` is open.
    pub to: Option<NaiveDate>,
    /// The most days between the two riders' days, 0 to [`Self::MAX_WITHIN_DAYS`].
    pub within_days: u32,
    /// The longest distance between the two riders, 0 to [`Self::MAX_DISTANCE_METRES`].
    pub max_distance_metres: f64,
    /// The most encounters to return, 1 to [`Self::MAX_LIMIT`].
    pub limit: u32,
}

impl EncounterQuery {
    /// The default of `within_days`.
    pub const DEFAULT_WITHIN_DAYS: u32 = 1;
    /// The largest permitted `within_days`.
    pub const MAX_WITHIN_DAYS: u32 = 14;
    /// The default of `max_distance_metres`.
    pub const DEFAULT_DISTANCE_METRES: f64 = 25_000.0;
    /// The largest permitted `max_distance_metres`.
    pub const MAX_DISTANCE_METRES: f64 = 200_000.0;
    /// The default of `limit`.
    pub const DEFAULT_LIMIT: u32 = 50;
    /// The largest permitted `limit`.
    pub const MAX_LIMIT: u32 = 500;
}

impl Default for EncounterQuery {
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            within_days: Self::DEFAULT_WITHIN_DAYS,
            max_distance_metres: Self::DEFAULT_DISTANCE_METRES,
            limit: Self::DEFAULT_LIMIT,
        }
    }
}

/// The closest [meeting](super::Meeting) with one other journey.
#[derive(Debug, Clone, PartialEq)]
pub struct Encounter {
    /// The other journey.
    pub journey: Journey,
    /// The other rider's profile, as far as the reader may see it.
    pub rider: PublicProfile,
    /// The day of the searching rider.
    pub date: NaiveDate,
    /// The day of the other rider.
    pub their_date: NaiveDate,
    /// The days between `date` and `their_date`.
    pub days_apart: u32,
    /// The distance between the two positions.
    pub distance: Distance,
    /// The searching rider's position on `date`.
    pub position: Position,
    /// The other rider's position on `their_date`.
    pub their_position: Position,
}

/// Why encounters were not returned. The variants are in the order of the checks.
#[derive(Debug, thiserror::Error)]
pub enum EncountersError {
    /// No journey that the reader may see has this id.
    #[error("no such journey")]
    JourneyNotFound,
    /// The journey belongs to another rider.
    #[error("another rider's journey")]
    NotYourJourney,
    /// The reader's address is not verified.
    #[error("e-mail address not verified")]
    EmailNotVerified,
    /// The journey is private.
    #[error("a private journey")]
    JourneyIsPrivate,
    /// The store failed, or the query reached its deadline.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangeJourneyError> for EncountersError {
    fn from(error: ChangeJourneyError) -> Self {
        match error {
            ChangeJourneyError::NotYourJourney => Self::NotYourJourney,
            ChangeJourneyError::Write(WriteRefused::Store(error)) => Self::Store(error),
            // No other error is possible, because a search writes nothing.
            _ => Self::JourneyNotFound,
        }
    }
}

impl Kairos {
    /// Returns the riders who will be near a rider's own journey on the same days.
    ///
    /// Each other journey has one encounter, the closest. The encounters are sorted by the searching rider's
    /// day, then distance, then journey.
    ///
    /// # Errors
    /// [`EncountersError`]. Only a rider whom other riders can find may search.
    pub async fn encounters(
        &self,
        reader: &User,
        journey_id: JourneyId,
        query: EncounterQuery,
    ) -> Result<Vec<Encounter>, EncountersError> {
        in_time(async {
            let journey = self.own_journey(reader, journey_id).await?;
            check_can_be_seen(reader, &journey)?;
            let search = EncounterSearch {
                journey_id,
                rider: reader.id,
                today: self.clock.today(),
                from: query.from.unwrap_or_else(|| self.clock.today()),
                to: query.to,
                within_days: query.within_days,
                max_distance_metres: query.max_distance_metres,
            };
            let found = self.store.encounters(&search, query.limit).await?;
            Ok(found
                .into_iter()
                .map(|found| Encounter::of(found, reader))
                .collect())
        })
        .await
    }
}

/// Checks that the encounters of other riders can include this rider and journey.
fn check_can_be_seen(rider: &User, journey: &Journey) -> Result<(), EncountersError> {
    if !rider.is_verified {
        return Err(EncountersError::EmailNotVerified);
    }
    match journey.visibility {
        Visibility::Public => Ok(()),
        Visibility::Private => Err(EncountersError::JourneyIsPrivate),
    }
}

impl Encounter {
    /// Returns the part of a match that `reader` may see.
    fn of(found: EncounterMatch, reader: &User) -> Self {
        let meeting = found.meeting;
        Self {
            rider: found.rider.public_profile(reader),
            journey: found.journey,
            date: meeting.mine.date,
            their_date: meeting.theirs.date,
            days_apart: meeting.days_apart,
            distance: meeting.distance,
            position: meeting.mine.position,
            their_position: meeting.theirs.position,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::fixtures::{journey, rider};

    #[test]
    fn an_unverified_rider_is_refused_before_a_private_journey_is() {
        let mut journey = journey(1, 1);
        let mut rider = rider(1);
        assert!(check_can_be_seen(&rider, &journey).is_ok());
        journey.visibility = Visibility::Private;
        assert!(matches!(
            check_can_be_seen(&rider, &journey),
            Err(EncountersError::JourneyIsPrivate)
        ));
        rider.is_verified = false;
        assert!(matches!(
            check_can_be_seen(&rider, &journey),
            Err(EncountersError::EmailNotVerified)
        ));
    }
}
