//! Changes of the parts of a journey. All changes of one act are in one transaction.

use async_trait::async_trait;
use bson::{Document, doc};
use kairos_domain::discovery::DatedMarker;
use kairos_domain::id::JourneyId;
use kairos_domain::journey::{Journey, JourneyStatus};
use kairos_domain::line::LineKind;
use kairos_domain::marker::Marker;
use kairos_domain::store::{Contents, ContentsChange, MarkerChange, ScheduleChange, Write, WriteError};
use kairos_domain::usage::{JourneyUsage, UsageChange};

use super::MongoStore;
use super::derived::MarkersChange;
use super::documents::{self, StoredLine, journey_document, oid, schedule_document, usage_document};
use super::transaction::{Abort, Transaction};

#[async_trait]
impl Contents for MongoStore {
    async fn insert_journey_with(
        &self,
        journey: &Journey,
        contents: &ContentsChange,
        write: &Write,
    ) -> Result<(), WriteError> {
        check_versions(contents, &[])?;
        let is_new = |schedule: &ScheduleChange| schedule.before.is_none();
        if !contents.schedule.iter().all(is_new) {
            return Err(WriteError::Changed);
        }
        let of_contents = usage_of(contents, &[]);
        let own = JourneyUsage {
            bytes: journey.text_bytes(),
            ..JourneyUsage::default()
        };
        let usage = own.after(of_contents).map_err(WriteError::Full)?;
        let change = UsageChange {
            journeys: 1,
            bytes: usage.bytes,
            ..of_contents
        };
        let mut document = journey_document(journey);
        document.insert("usage", usage_document(usage));
        let (document, dated) = (&document, &MarkersChange::of(contents));
        let db = &self.connection;
        let act = |transaction: Transaction| async move {
            self.take_key(&transaction, write).await?;
            self.charge(&transaction, write, change).await?;
            if journey.status == JourneyStatus::Active {
                self.switch_off_other_than(&transaction, journey).await?;
            }
            let journeys = db.journeys.clone_with_type::<Document>();
            transaction.insert(journeys.insert_one(document)).await?;
            self.write_schedule(&transaction, contents).await?;
            self.write_lines(&transaction, contents, &[]).await?;
            self.write_markers(&transaction, contents).await?;
            self.derive_itinerary(&transaction, journey.id, dated).await
        };
        db.write(act).await
    }

    async fn change_contents(&self, contents: &ContentsChange, write: &Write) -> Result<(), WriteError> {
        let dated = &MarkersChange::of(contents);
        // One command can compare and write a single marker.
        let single = match contents.markers.as_slice() {
            [change] => change.before().map(|before| (before, change.after())),
            _ => None,
        };
        let act = |transaction: Transaction| async move {
            self.take_key(&transaction, write).await?;
            let id = contents.journey_id;
            let kept = self.kept_lines(&transaction, contents).await?;
            let usage = usage_of(contents, &kept);
            let journey = self.count(&transaction, id, usage).await?;
            check_versions(contents, &kept)?;
            let stored = match single {
                Some((before, after)) => self.change_one_marker(&transaction, before, after).await?,
                None => self.markers_before(&transaction, contents).await?,
            };
            Self::check_markers(contents, &stored, journey.user_id()).await?;
            if let Some(change) = &contents.schedule {
                self.check_schedule(&transaction, id, change).await?;
            }
            // `derive` counts the usage of a journey that has yet to be migrated.
            let mut counted = UsageChange::default();
            if let Some(held) = journey.usage() {
                held.after(usage).map_err(WriteError::Full)?;
                counted = usage;
            }
            self.charge(&transaction, write, counted).await?;
            self.write_schedule(&transaction, contents).await?;
            self.write_lines(&transaction, contents, &kept).await?;
            if single.is_none() {
                self.write_markers(&transaction, contents).await?;
            }
            self.derive(&transaction, id, &journey, dated).await
        };
        self.connection.write(act).await
    }
}

impl MongoStore {
    /// Changes one marker and nothing else.
    pub(super) async fn change_marker(
        &self,
        change: MarkerChange,
        marker: &Marker,
        write: &Write,
    ) -> Result<(), WriteError> {
        let is_there = change.before().is_some();
        let contents = ContentsChange {
            markers: vec![change],
            ..ContentsChange::none(marker.journey_id)
        };
        match self.change_contents(&contents, write).await {
            // The marker was deleted together with its journey.
            Err(WriteError::ParentGone) if is_there => Err(WriteError::Changed),
            changed => changed,
        }
    }

    async fn check_schedule(
        &self,
        transaction: &Transaction,
        journey_id: JourneyId,
        change: &ScheduleChange,
    ) -> Result<(), Abort> {
        let stored = doc! { "_id": oid(journey_id.0) };
        let stored = transaction
            .find_one(self.connection.schedules.find_one(stored))
            .await?;
        let stored = stored.as_deref().map(documents::schedule).transpose()?;
        if stored == change.before {
            Ok(())
        } else {
            Err(WriteError::Changed.into())
        }
    }

    pub(super) async fn write_schedule(
        &self,
        transaction: &Transaction,
        contents: &ContentsChange,
    ) -> Result<(), Abort> {
        let Some(change) = &contents.schedule else {
            return Ok(());
        };
        let schedules = self.connection.schedules.clone_with_type::<Document>();
        let of_journey = doc! { "_id": oid(contents.journey_id.0) };
        match &change.after {
            Some(schedule) => {
                let document = schedule_document(contents.journey_id, schedule);
                let replacement = schedules.replace_one(of_journey, document).upsert(true);
                transaction.replace(replacement).await.map(drop)
            }
            None => transaction
                .delete(schedules.delete_one(of_journey))
                .await
                .map(drop),
        }
    }
}

impl MarkersChange {
    pub(super) fn of(contents: &ContentsChange) -> Self {
        let dated = |marker: Option<&Marker>| marker.and_then(DatedMarker::of);
        let changes = || contents.markers.iter();
        Self {
            before: changes().filter_map(|change| dated(change.before())).collect(),
            after: changes().filter_map(|change| dated(change.after())).collect(),
        }
    }
}

/// Returns the stored line of a kind.
pub(super) fn of_kind(kept: &[StoredLine], kind: LineKind) -> Option<&StoredLine> {
    kept.iter().find(|line| line.kind == kind)
}

/// Returns the change of the journey's usage. `kept` are the stored lines.
pub(super) fn usage_of(contents: &ContentsChange, kept: &[StoredLine]) -> UsageChange {
    let markers = contents.markers.iter();
    let markers = markers.map(|change| UsageChange::of_marker(change.before(), change.after()));
    let lines = contents.lines().map(|(kind, change)| UsageChange {
        line_bytes: change.bytes_added(of_kind(kept, kind).map_or(0, |line| line.bytes)),
        ..UsageChange::default()
    });
    markers.chain(lines).sum()
}

fn check_versions(contents: &ContentsChange, kept: &[StoredLine]) -> Result<(), WriteError> {
    for (kind, change) in contents.lines() {
        let version = of_kind(kept, kind).map(|line| line.figures.version);
        if version != change.before {
            return Err(WriteError::Changed);
        }
    }
    Ok(())
}
