use kairos_domain::id::ObjectId;
use kairos_domain::store::StoreError;

use super::{ManagedStore, RecordKind};

/// Why a record that a store has was not added to another one, which says that its parent is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parentless {
    /// What it belongs to is gone: nobody sees it.
    Orphan,
    /// What it belongs to can't be read.
    OfUnreadable,
    /// The store has gone on: it was made with its parents after those were read, or is gone by now.
    Overtaken,
}

/// Finds out why a record was not added, by what the store says of it and of its parents now.
///
/// # Errors
/// Those of the store.
pub async fn why_parentless(
    kind: RecordKind,
    id: ObjectId,
    source: &dyn ManagedStore,
) -> Result<Parentless, StoreError> {
    let Some(mut record) = source.record(kind, id).await? else {
        return Ok(Parentless::Overtaken);
    };
    while let Some((kind, id)) = record.parent() {
        record = match source.record(kind, id).await {
            Ok(Some(parent)) => parent,
            Ok(None) => return Ok(Parentless::Orphan),
            Err(StoreError::Corrupt { .. }) => return Ok(Parentless::OfUnreadable),
            Err(fault) => return Err(fault),
        };
    }
    Ok(Parentless::Overtaken)
}
