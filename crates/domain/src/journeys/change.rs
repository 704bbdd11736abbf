use super::ChangeJourneyError;
use crate::Kairos;
use crate::id::JourneyId;
use crate::journey::{Journey, JourneyStatus, Visibility};
use crate::text::{Name, Prose};
use crate::user::User;
use crate::writes::Precondition;

/// A change of a journey. `None` keeps the present value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JourneyChange {
    /// The new name.
    pub name: Option<Name>,
    /// The new description.
    pub description: Option<Prose>,
    /// The new visibility.
    pub visibility: Option<Visibility>,
    /// Whether the journey is active.
    pub active: Option<bool>,
    /// Whether the journey is completed.
    pub completed: Option<bool>,
}

impl JourneyChange {
    /// Returns the change that completes a journey.
    #[must_use]
    pub fn completion() -> Self {
        Self {
            completed: Some(true),
            ..Self::default()
        }
    }

    fn applied_to(&self, journey: &Journey) -> Result<Journey, ChangeJourneyError> {
        let was_completed = journey.status == JourneyStatus::Completed;
        let is_completed = self.completed.unwrap_or(was_completed);
        // Completing a journey deactivates it, unless the change sets `active`, too.
        let is_active = self
            .active
            .unwrap_or(journey.status == JourneyStatus::Active && !is_completed);
        Ok(Journey {
            name: self.name.clone().unwrap_or_else(|| journey.name.clone()),
            description: self
                .description
                .clone()
                .unwrap_or_else(|| journey.description.clone()),
            visibility: self.visibility.unwrap_or(journey.visibility),
            status: match (is_active, is_completed) {
                (true, true) => return Err(ChangeJourneyError::CompletedAndActive),
                (true, false) => JourneyStatus::Active,
                (false, true) => JourneyStatus::Completed,
                (false, false) => JourneyStatus::Inactive,
            },
            ..journey.clone()
        })
    }
}

impl Kairos {
    /// Changes a rider's own journey and returns the changed journey.
    ///
    /// # Errors
    /// [`ChangeJourneyError`].
    pub async fn change_journey(
        &self,
        rider: &User,
        id: JourneyId,
        precondition: &Precondition<Journey>,
        change: &JourneyChange,
    ) -> Result<Journey, ChangeJourneyError> {
        self.replace_journey(rider, id, precondition, |journey| change.applied_to(journey))
            .await
    }

    /// Toggles whether a rider's own journey is active. Concurrent calls toggle one after the other.
    ///
    /// # Errors
    /// [`ChangeJourneyError`].
    pub async fn toggle_active_journey(
        &self,
        rider: &User,
        id: JourneyId,
        precondition: &Precondition<Journey>,
    ) -> Result<Journey, ChangeJourneyError> {
        self.replace_journey(rider, id, precondition, |journey| {
            let toggle = JourneyChange {
                active: Some(journey.status != JourneyStatus::Active),
                ..JourneyChange::default()
            };
            toggle.applied_to(journey)
        })
        .await
    }

    async fn replace_journey(
        &self,
        rider: &User,
        id: JourneyId,
        precondition: &Precondition<Journey>,
        decide: impl Fn(&Journey) -> Result<Journey, ChangeJourneyError>,
    ) -> Result<Journey, ChangeJourneyError> {
        let _turn = self.write_turns.turn(rider.id).await?;
        loop {
            let before = self.own_journey(rider, id).await?;
            precondition.check(&before)?;
            let after = decide(&before)?;
            if after == before {
                return Ok(after);
            }
            let write = self.write_of(rider.id);
            let replaced = self.store.replace_journey(&before, &after, &write).await;
            if self.is_done(replaced)? {
                return Ok(after);
            }
        }
    }

    /// Deletes a rider's own journey with its markers.
    ///
    /// # Errors
    /// [`ChangeJourneyError`].
    pub async fn delete_journey(
        &self,
        rider: &User,
        id: JourneyId,
        precondition: &Precondition<Journey>,
    ) -> Result<(), ChangeJourneyError> {
        let _turn = self.write_turns.turn(rider.id).await?;
        loop {
            let before = self.own_journey(rider, id).await?;
            precondition.check(&before)?;
            let write = self.write_of(rider.id);
            let deleted = self.store.delete_journey(&before, &write).await;
            if self.is_done(deleted)? {
                self.deletion_is_due.notify_one();
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::fixtures::journey;

    #[test]
    fn a_status_follows_from_what_is_named_and_what_was() {
        use JourneyStatus::{Active, Completed, Inactive};
        let (yes, no) = (Some(true), Some(false));
        for (before, active, completed, after) in [
            (Inactive, None, None, Some(Inactive)),
            (Active, None, yes, Some(Completed)),
            (Active, None, no, Some(Active)),
            (Active, no, None, Some(Inactive)),
            (Inactive, yes, None, Some(Active)),
            (Completed, None, no, Some(Inactive)),
            (Completed, yes, None, None),
            (Completed, yes, no, Some(Active)),
            (Completed, no, None, Some(Completed)),
            (Inactive, yes, yes, None),
        ] {
            let mut journey = journey(1, 1);
            journey.status = before;
            let change = JourneyChange {
                active,
                completed,
                ..JourneyChange::default()
            };
            let outcome = change.applied_to(&journey).ok().map(|journey| journey.status);
            assert_eq!(outcome, after, "{before:?} {active:?} {completed:?}");
        }
    }
}
