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

/// What counts as an encounter, and how many to give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EncounterQuery {
    /// The first of the searching rider's days that count; `None` is today.
    pub from: Option<NaiveDate>,
    /// The last of the searching rider's days that count; `None` is open.
    pub to: Option<NaiveDate>,
    /// How many days apart still counts, 0 to [`Self::MAX_WITHIN_DAYS`].
    pub within_days: u32,
    /// How far apart still counts, 0 to [`Self::MAX_DISTANCE_METRES`].
    pub max_distance_metres: f64,
    /// The most encounters to give, 1 to [`Self::MAX_LIMIT`].
    pub limit: u32,
}

impl EncounterQuery {
    /// How many days apart count when nothing is said.
    pub const DEFAULT_WITHIN_DAYS: u32 = 1;
    /// The most days apart that may be asked for.
    pub const MAX_WITHIN_DAYS: u32 = 14;
    /// How far counts when nothing is said.
    pub const DEFAULT_DISTANCE_METRES: f64 = 25_000.0;
    /// The furthest that may be asked for.
    pub const MAX_DISTANCE_METRES: f64 = 200_000.0;
    /// How many encounters are given when nothing is said.
    pub const DEFAULT_LIMIT: u32 = 50;
    /// The most encounters that may be asked for.
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

/// Somebody who will be near on the same days: the closest [meeting](super::Meeting) with one other journey.
#[derive(Debug, Clone, PartialEq)]
pub struct Encounter {
    /// The other journey.
    pub journey: Journey,
    /// The other rider, as the reader may see them.
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

/// Why no encounters were given. The refusals stand in the order in which they are checked.
#[derive(Debug, thiserror::Error)]
pub enum EncountersError {
    /// There is no journey of this id that the reader may know of.
    #[error("no such journey")]
    JourneyNotFound,
    /// It is another rider's.
    #[error("another rider's journey")]
    NotYourJourney,
    /// The reader's address is not verified.
    #[error("e-mail address not verified")]
    EmailNotVerified,
    /// Nobody else can see the journey.
    #[error("a private journey")]
    JourneyIsPrivate,
    /// The store could not say, or not in time.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangeJourneyError> for EncountersError {
    fn from(error: ChangeJourneyError) -> Self {
        match error {
            ChangeJourneyError::NotYourJourney => Self::NotYourJourney,
            ChangeJourneyError::Write(WriteRefused::Store(error)) => Self::Store(error),
            // Nothing is written here.
            _ => Self::JourneyNotFound,
        }
    }
}

impl Kairos {
    /// Finds the riders who will be near a rider's own journey on the same days.
    ///
    /// There is one encounter, the closest, for each other journey. They are sorted by the searching rider's day, then
    /// distance, then journey.
    ///
    /// # Errors
    /// [`EncountersError`]. A rider sees only if they can be seen.
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

/// Whether others could meet this rider on this journey as well.
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
