//! Lines as operators read, compare and repair them.

use std::collections::{BTreeMap, BTreeSet};

use bson::oid::ObjectId as Oid;
use bson::{Document, RawDocumentBuf, doc};
use kairos_domain::id::JourneyId;
use kairos_domain::line::{EncodedLine, EncodedPart, LineKind, decode_parts};
use kairos_domain::store::{ContentsChange, LineChange, StoreError, WriteError};
use kairos_domain::usage::UsageChange;

use super::MongoStore;
use super::derived::ALL_AT_ONCE;
use super::documents::{
    self, encoded_line, id_of_line, if_readable, line_document, line_id, lines_of, object_id, parts_of,
};
use super::error::translate;
use super::transaction::{Abort, Transaction};
use crate::administration::{LineRecord, has_right_figures};

/// A line by its journey and kind.
pub(super) type LineKey = (JourneyId, LineKind);

impl MongoStore {
    /// Reads a line; `None` if it is gone.
    pub(super) async fn line_record(
        &self,
        (journey_id, kind): LineKey,
    ) -> Result<Option<LineRecord>, StoreError> {
        let (document, parts) = self.stored_line((journey_id, kind)).await?;
        if document.is_none() {
            return Ok(None);
        }
        let line = decode_parts(&parts).map_err(|problem| StoreError::Corrupt {
            what: kind.as_str(),
            id: journey_id.to_string(),
            problem: problem.to_string(),
        })?;
        Ok(Some(LineRecord {
            journey_id,
            kind,
            line,
        }))
    }

    /// Reads the document and the parts of a line.
    ///
    /// Reads them again if a concurrent write has changed the line: a standalone server has no transactions.
    async fn stored_line(
        &self,
        (journey_id, kind): LineKey,
    ) -> Result<(Option<RawDocumentBuf>, Vec<EncodedPart>), StoreError> {
        let db = &self.connection;
        let this = doc! { "_id": line_id(journey_id, kind) };
        let read = async || db.lines.find_one(this.clone()).await.map_err(translate);
        let mut line = read().await?;
        loop {
            let parts = db.line_parts.find(parts_of(journey_id, kind));
            let parts = db.all_in_long(parts.batch_size(ALL_AT_ONCE)).await?;
            let before = std::mem::replace(&mut line, read().await?);
            if before == line {
                let parts = parts.iter().map(|part| documents::part(part));
                return Ok((line, parts.collect::<Result<_, _>>()?));
            }
        }
    }

    /// Returns the lines whose figures or simplification differ from their parts.
    ///
    /// Leaves out unreadable lines, which another finding lists.
    pub(super) async fn wrong_lines(&self) -> Result<BTreeSet<LineKey>, StoreError> {
        let db = &self.connection;
        let of_parts =
            [doc! { "$group": { "_id": { "journey_id": "$_id.journey_id", "kind": "$_id.kind" } } }];
        let of_parts = db.line_parts.aggregate(of_parts).allow_disk_use(true);
        let mut lines = db.all_in_long(of_parts.with_type::<RawDocumentBuf>()).await?;
        let documents = db.lines.find(doc! {}).projection(doc! { "_id": 1 });
        lines.extend(db.all_in_long(documents).await?);
        let mut keys = BTreeSet::new();
        for line in &lines {
            keys.extend(if_readable(id_of_line(line))?);
        }
        let mut wrong = BTreeSet::new();
        for key in keys {
            if !self.is_right(key).await? && self.is_there(key.0).await? {
                wrong.insert(key);
            }
        }
        Ok(wrong)
    }

    async fn is_right(&self, key: LineKey) -> Result<bool, StoreError> {
        let Some((document, parts)) = if_readable(self.stored_line(key).await)? else {
            return Ok(true);
        };
        let Some(anew) = derived(parts, key.1) else {
            return Ok(true);
        };
        let stored = document.as_deref().map(encoded_line).transpose();
        let stored = if_readable(stored)?.flatten();
        Ok(stored.is_some_and(|(stored, bytes)| has_right_figures(&stored, &anew) && bytes == anew.bytes()))
    }

    /// Derives the figures and the simplification of a line anew.
    pub(super) async fn repair_line(&self, (journey_id, kind): LineKey) -> Result<(), StoreError> {
        let db = &self.connection;
        let act = |transaction: Transaction| async move {
            match self.count(&transaction, journey_id, UsageChange::default()).await {
                Err(Abort::Refused(WriteError::ParentGone)) => return Ok(()),
                held => held?,
            };
            let parts = db.line_parts.find(parts_of(journey_id, kind));
            let parts = transaction.all(parts.batch_size(ALL_AT_ONCE)).await?;
            let parts = parts.iter().map(|part| documents::part(part));
            if let Some(line) = derived(parts.collect::<Result<_, _>>()?, kind) {
                let lines = db.lines.clone_with_type::<Document>();
                let this = doc! { "_id": line_id(journey_id, kind) };
                let replacement = lines.replace_one(this, line_document(journey_id, kind, &line));
                transaction.replace(replacement.upsert(true)).await?;
            }
            Ok(())
        };
        db.transaction(act).await
    }

    /// Returns the bytes of the lines of each journey.
    pub(super) async fn line_bytes(&self, journeys: &[Oid]) -> Result<BTreeMap<Oid, i64>, StoreError> {
        let ids: Vec<_> = journeys.iter().map(|id| JourneyId(object_id(*id))).collect();
        let lines = self.connection.lines.find(lines_of(&ids));
        let lines = lines.projection(doc! { "bytes": 1 });
        let mut bytes = BTreeMap::new();
        for line in self.connection.all_in_long(lines).await? {
            if let Ok(id) = line
                .get_document("_id")
                .and_then(|id| id.get_object_id("journey_id"))
            {
                *bytes.entry(id).or_default() += line.get_i64("bytes").unwrap_or_default();
            }
        }
        Ok(bytes)
    }
}

/// Derives a line from its parts; `None` if they are unreadable.
fn derived(parts: Vec<EncodedPart>, kind: LineKind) -> Option<EncodedLine> {
    let line = decode_parts(&parts).ok()?;
    Some(EncodedLine {
        parts,
        ..EncodedLine::of(&line, kind)
    })
}

/// Returns the change of the line of a kind.
pub(super) const fn line_change(contents: &mut ContentsChange, kind: LineKind) -> &mut Option<LineChange> {
    match kind {
        LineKind::Route => &mut contents.route,
        LineKind::Track => &mut contents.track,
    }
}
