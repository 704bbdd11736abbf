use std::collections::HashMap;

use async_trait::async_trait;
use bson::{Bson, Document, doc};
use kairos_domain::id::{JourneyId, UserId};
use kairos_domain::line::{EncodedLine, LineKind, LineParts};
use kairos_domain::schedule::Schedule;
use kairos_domain::store::{
    ContentsChange, Journeys as _, Lines, LinesOfJourney, OfJourney, SimplifiedLine, StoreError,
};
use tokio::task::spawn_blocking;

use super::MongoStore;
use super::contents::of_kind;
use super::derived::ALL_AT_ONCE;
use super::documents::{
    self, StoredLine, binary, id_of_part, line_document, line_id, lines_of, oid, parts_of, simplified_line,
};
use super::transaction::{Abort, Transaction};

/// Limit of parts that one command writes.
const PARTS_A_COMMAND: usize = 1_000;

#[async_trait]
impl Lines for MongoStore {
    async fn line(
        &self,
        journey_id: JourneyId,
        kind: LineKind,
        reader: UserId,
    ) -> Result<OfJourney<LineParts>, StoreError> {
        if self.journey(journey_id, reader).await?.is_none() {
            return Ok(OfJourney::NoJourney);
        }
        let db = &self.connection;
        let _turn = db.fence.page(reader).await?;
        let read = |transaction: Transaction| async move {
            let line = db.lines.find_one(doc! { "_id": line_id(journey_id, kind) });
            let line = transaction
                .find_one(line.projection(doc! { "simplified": 0 }))
                .await?;
            let Some(line) = line else {
                return Ok(OfJourney::Absent);
            };
            let parts = db
                .line_parts
                .find(parts_of(journey_id, kind))
                .batch_size(ALL_AT_ONCE);
            let parts = transaction.all(parts).await?;
            let parts = parts.iter().map(|part| documents::part(part));
            Ok(OfJourney::Present(LineParts {
                version: documents::line(&line)?.figures.version,
                parts: parts.collect::<Result<_, _>>()?,
            }))
        };
        db.snapshot(read).await
    }

    async fn lines_of(
        &self,
        journey_id: JourneyId,
        reader: UserId,
    ) -> Result<Option<LinesOfJourney>, StoreError> {
        if self.journey(journey_id, reader).await?.is_none() {
            return Ok(None);
        }
        let db = &self.connection;
        let lines = db.lines.find(lines_of(&[journey_id]));
        let lines = db.all(lines.projection(doc! { "simplified": 0 })).await?;
        let lines = lines.iter().map(|line| documents::line(line));
        let lines = lines.collect::<Result<Vec<_>, _>>()?;
        let figures = |kind| of_kind(&lines, kind).map(|line| line.figures);
        Ok(Some(LinesOfJourney {
            route: figures(LineKind::Route),
            track: figures(LineKind::Track),
        }))
    }

    async fn simplified_lines(
        &self,
        journeys: &[JourneyId],
        reader: UserId,
    ) -> Result<Vec<SimplifiedLine>, StoreError> {
        let db = &self.connection;
        let _turn = db.fence.page(reader).await?;
        let mut visible = self.journeys_by_ids(journeys.iter().copied()).await?;
        visible.retain(|_, journey| journey.is_visible_to(reader));
        self.retain_journeys_of_present_riders(&mut visible).await?;
        let ids: Vec<_> = visible.into_keys().collect();
        let lines = db
            .lines
            .find(lines_of(&ids))
            .sort(doc! { "_id": 1 })
            .projection(doc! { "simplified": 1 })
            .batch_size(ALL_AT_ONCE);
        let lines = db.all(lines).await?;
        spawn_blocking(move || lines.iter().map(|line| simplified_line(line)).collect())
            .await
            .map_err(|panicked| StoreError::Failed(panicked.into()))?
    }

    async fn schedule(
        &self,
        journey_id: JourneyId,
        reader: UserId,
    ) -> Result<OfJourney<Schedule>, StoreError> {
        if self.journey(journey_id, reader).await?.is_none() {
            return Ok(OfJourney::NoJourney);
        }
        let db = &self.connection;
        let schedule = db.schedules.find_one(doc! { "_id": oid(journey_id.0) });
        Ok(match db.call(schedule).await? {
            None => OfJourney::Absent,
            Some(schedule) => OfJourney::Present(documents::schedule(&schedule)?),
        })
    }
}

impl MongoStore {
    /// Reads those stored lines that a change affects.
    pub(super) async fn kept_lines(
        &self,
        transaction: &Transaction,
        contents: &ContentsChange,
    ) -> Result<Vec<StoredLine>, Abort> {
        if contents.lines().next().is_none() {
            return Ok(Vec::new());
        }
        self.lines_of_journey(transaction, contents.journey_id).await
    }

    /// Reads the lines of a journey without their parts.
    pub(super) async fn lines_of_journey(
        &self,
        transaction: &Transaction,
        journey_id: JourneyId,
    ) -> Result<Vec<StoredLine>, Abort> {
        let lines = self.connection.lines.find(lines_of(&[journey_id]));
        let lines = transaction
            .all(lines.projection(doc! { "simplified": 0 }))
            .await?;
        let lines = lines.iter().map(|line| documents::line(line));
        Ok(lines.collect::<Result<_, _>>()?)
    }

    /// Writes the changed lines. `kept` are the stored ones.
    pub(super) async fn write_lines(
        &self,
        transaction: &Transaction,
        contents: &ContentsChange,
        kept: &[StoredLine],
    ) -> Result<(), Abort> {
        let (db, id) = (&self.connection, contents.journey_id);
        let lines = db.lines.clone_with_type::<Document>();
        for (kind, change) in contents.lines().filter(|(_, change)| !change.is_none()) {
            let of_kind = of_kind(kept, kind);
            let this = doc! { "_id": line_id(id, kind) };
            match &change.after {
                Some(line) => {
                    let replacement = lines.replace_one(this, line_document(id, kind, line));
                    transaction.replace(replacement.upsert(true)).await?;
                    self.write_parts(transaction, id, kind, line, of_kind.is_some())
                        .await?;
                }
                None if of_kind.is_some() => {
                    transaction.delete(lines.delete_one(this)).await?;
                    let parts = db.line_parts.delete_many(parts_of(id, kind));
                    transaction.delete(parts).await?;
                }
                None => {}
            }
        }
        Ok(())
    }

    /// Writes the parts whose bytes have changed, and removes those of days that the line no longer has.
    async fn write_parts(
        &self,
        transaction: &Transaction,
        journey_id: JourneyId,
        kind: LineKind,
        line: &EncodedLine,
        is_there: bool,
    ) -> Result<(), Abort> {
        let parts = &self.connection.line_parts;
        let mut kept = HashMap::new();
        // The only part of a route changes with the route.
        if is_there && kind == LineKind::Track {
            let stored = parts.find(parts_of(journey_id, kind)).batch_size(ALL_AT_ONCE);
            for part in transaction.all(stored).await? {
                let part = documents::part(&part)?;
                kept.insert(part.day, part.bytes);
            }
        }
        let mut changed = Vec::new();
        for part in &line.parts {
            if kept.remove(&part.day).as_ref() != Some(&part.bytes) {
                changed.push(part);
            }
        }
        let gone: Vec<_> = kept
            .into_keys()
            .map(|day| id_of_part(journey_id, kind, day))
            .collect();
        if !gone.is_empty() {
            let gone = parts.delete_many(doc! { "_id": { "$in": gone } });
            transaction.delete(gone).await?;
        }
        for some in changed.chunks(PARTS_A_COMMAND) {
            let updates = some.iter().map(|part| {
                Bson::from(doc! {
                    "q": { "_id": id_of_part(journey_id, kind, part.day) },
                    "u": { "bytes": binary(part.bytes.clone()) },
                    "upsert": true,
                })
            });
            let command = doc! { "update": parts.name(), "updates": updates.collect::<Vec<_>>() };
            let command = self.connection.database.run_command(command);
            transaction.run_writes(command).await?;
        }
        Ok(())
    }
}
