use chrono::NaiveDate;

use super::{ChangeJourneyError, ViewJourneyError};
use crate::Kairos;
use crate::id::JourneyId;
use crate::schedule::{Schedule, ScheduleTooLong};
use crate::store::{ContentsChange, LineChange, LineFigures, ScheduleChange, StoreError};
use crate::user::User;
use crate::writes::{Precondition, WriteRefused};

/// The schedule of a journey, with the day of its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleWithEnd {
    /// The schedule.
    pub schedule: Schedule,
    /// The day on which a rider who follows the schedule alone reaches the end of the route.
    pub end_date: NaiveDate,
}

/// Why a schedule was not shown.
#[derive(Debug, thiserror::Error)]
pub enum ViewScheduleError {
    /// The journey cannot be seen.
    #[error(transparent)]
    Journey(#[from] ViewJourneyError),
    /// The journey has no schedule.
    #[error("the journey has no schedule")]
    NoSchedule,
}

/// Why a schedule was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeScheduleError {
    /// The rider may not change the journey.
    #[error(transparent)]
    Journey(#[from] ChangeJourneyError),
    /// The journey has no schedule.
    #[error("the journey has no schedule")]
    NoSchedule,
    /// The journey has no route.
    #[error("the journey has no route")]
    NoRoute,
    /// The schedule would not reach the end of the route in time.
    #[error(transparent)]
    TooLong(#[from] ScheduleTooLong),
    /// The write was refused.
    #[error(transparent)]
    Write(#[from] WriteRefused),
}

impl From<StoreError> for ViewScheduleError {
    fn from(error: StoreError) -> Self {
        Self::Journey(error.into())
    }
}

impl From<StoreError> for ChangeScheduleError {
    fn from(error: StoreError) -> Self {
        Self::Write(error.into())
    }
}

/// The route of a journey and its schedule.
#[derive(Default)]
struct Planned {
    route: Option<LineFigures>,
    schedule: Option<ScheduleWithEnd>,
}

impl Kairos {
    /// Returns the schedule of a journey that the reader may see.
    ///
    /// # Errors
    /// [`ViewScheduleError`].
    pub async fn view_schedule(
        &self,
        reader: &User,
        journey_id: JourneyId,
    ) -> Result<ScheduleWithEnd, ViewScheduleError> {
        let planned = self.planned(reader, journey_id).await?;
        let planned = planned.ok_or(ViewJourneyError::JourneyNotFound)?;
        planned.schedule.ok_or(ViewScheduleError::NoSchedule)
    }

    /// Sets the schedule of a rider's own journey.
    ///
    /// # Errors
    /// [`ChangeScheduleError`].
    pub async fn put_schedule(
        &self,
        rider: &User,
        journey_id: JourneyId,
        precondition: &Precondition<Option<ScheduleWithEnd>>,
        schedule: Schedule,
    ) -> Result<ScheduleWithEnd, ChangeScheduleError> {
        let _turn = self.write_turns.turn(rider.id).await?;
        loop {
            let planned = self.own_planned(rider, journey_id).await?;
            precondition.check(&planned.schedule)?;
            let route = planned.route.ok_or(ChangeScheduleError::NoRoute)?;
            let after = ScheduleWithEnd {
                end_date: schedule.end_date(route.length)?,
                schedule: schedule.clone(),
            };
            let before = planned.schedule.map(|before| before.schedule);
            if before.as_ref() == Some(&schedule) {
                return Ok(after);
            }
            let contents = ContentsChange {
                route: Some(LineChange::kept(route)),
                schedule: Some(ScheduleChange {
                    before,
                    after: Some(schedule.clone()),
                }),
                ..ContentsChange::none(journey_id)
            };
            if self.change_own_contents(rider, &contents, None).await? {
                return Ok(after);
            }
        }
    }

    /// Removes the schedule from a rider's own journey.
    ///
    /// # Errors
    /// [`ChangeScheduleError`].
    pub async fn delete_schedule(
        &self,
        rider: &User,
        journey_id: JourneyId,
        precondition: &Precondition<Option<ScheduleWithEnd>>,
    ) -> Result<(), ChangeScheduleError> {
        let _turn = self.write_turns.turn(rider.id).await?;
        loop {
            let stored = self.own_planned(rider, journey_id).await?.schedule;
            let before = stored.clone().ok_or(ChangeScheduleError::NoSchedule)?;
            precondition.check(&stored)?;
            let contents = ContentsChange {
                schedule: Some(ScheduleChange {
                    before: Some(before.schedule),
                    after: None,
                }),
                ..ContentsChange::none(journey_id)
            };
            if self.change_own_contents(rider, &contents, None).await? {
                return Ok(());
            }
        }
    }

    async fn own_planned(&self, rider: &User, journey_id: JourneyId) -> Result<Planned, ChangeScheduleError> {
        self.own_journey(rider, journey_id).await?;
        let planned = self.planned(rider, journey_id).await?;
        Ok(planned.ok_or(ChangeJourneyError::JourneyNotFound)?)
    }

    /// Returns the route and the schedule of a journey; `None` if the reader may not see it.
    async fn planned(&self, reader: &User, journey_id: JourneyId) -> Result<Option<Planned>, StoreError> {
        let Some(lines) = self.store.lines_of(journey_id, reader.id).await? else {
            return Ok(None);
        };
        // The schedule went with its route.
        let Some(route) = lines.route else {
            return Ok(Some(Planned::default()));
        };
        let Some(schedule) = self.store.schedule(journey_id, reader.id).await?.of_seen() else {
            return Ok(None);
        };
        let with_end = schedule.map(|schedule| match schedule.end_date(route.length) {
            Ok(end_date) => Ok(ScheduleWithEnd { schedule, end_date }),
            Err(error) => Err(StoreError::Corrupt {
                what: "schedule of journey",
                id: journey_id.to_string(),
                problem: error.to_string(),
            }),
        });
        Ok(Some(Planned {
            route: Some(route),
            schedule: with_end.transpose()?,
        }))
    }
}
