use async_trait::async_trait;
use kairos_domain::journey::{Journey, JourneyStatus};
use kairos_domain::store::{Contents, ContentsChange, Write, WriteError};
use kairos_domain::usage::UsageChange;
use rusqlite::Transaction;

use super::error::Fault;
use super::{SqliteStore, journeys, lines, markers, schedules, usage};

#[async_trait]
impl Contents for SqliteStore {
    async fn insert_journey_with(
        &self,
        journey: &Journey,
        contents: &ContentsChange,
        write: &Write,
    ) -> Result<(), WriteError> {
        let (journey, contents, write) = (journey.clone(), contents.clone(), write.clone());
        self.connections
            .write(move |db| {
                usage::take_key(db, &write)?;
                if journey.status == JourneyStatus::Active {
                    journeys::switch_off_the_active_one(db, journey.user_id)?;
                }
                if !journeys::insert(db, &journey)? {
                    return Err(WriteError::ParentGone.into());
                }
                let own = UsageChange {
                    journeys: 1,
                    bytes: journey.text_bytes(),
                    ..UsageChange::default()
                };
                change(db, &contents, own, &write)
            })
            .await
    }

    async fn change_contents(&self, contents: &ContentsChange, write: &Write) -> Result<(), WriteError> {
        let (contents, write) = (contents.clone(), write.clone());
        self.connections
            .write(move |db| {
                usage::take_key(db, &write)?;
                change(db, &contents, UsageChange::default(), &write)
            })
            .await
    }
}

/// Changes parts of a journey. All writers of markers, lines and schedules call this function.
///
/// It checks everything before it writes, so that a rejected change costs little. `own` is the change of usage
/// by the journey itself.
fn change(
    db: &Transaction<'_>,
    contents: &ContentsChange,
    own: UsageChange,
    write: &Write,
) -> Result<(), Fault> {
    let journey_id = contents.journey_id;
    for marker in &contents.markers {
        markers::check(db, marker)?;
    }
    let markers = contents.markers.iter();
    let markers = markers.map(|change| UsageChange::of_marker(change.before(), change.after()));
    let mut added = own + markers.sum();
    for (kind, line) in contents.lines() {
        let held = lines::check(db, journey_id, kind, line)?;
        added.line_bytes += line.bytes_added(held);
    }
    if let Some(schedule) = &contents.schedule {
        schedules::check(db, journey_id, schedule.before.as_ref())?;
    }
    usage::count_in_journey(db, write, journey_id, added)?;
    markers::change(db, journey_id, &contents.markers)?;
    for (kind, line) in contents.lines() {
        lines::change(db, journey_id, kind, line)?;
    }
    if let Some(schedule) = &contents.schedule {
        schedules::change(db, journey_id, schedule.after.as_ref())?;
    }
    Ok(())
}
