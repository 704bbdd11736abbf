use std::collections::VecDeque;
use std::iter::once;
use std::slice::from_ref;

use kairos_domain::id::ObjectId;
use kairos_domain::store::StoreError;

use super::{ManagedStore, Record, RecordKind};

/// How often one record may clash before that is taken for something else than the source's going on.
const MOST_CLASHES: usize = 20;

/// Adds records of a kind to a store where some of them clash with what was added before, and says which could not be added because their
/// parent is not there.
///
/// Who reads a store page by page while it is used may read two accounts of one address: one that has it no longer, and the one that has it
/// now. So what clashes is removed, and read once more with what it clashed with.
///
/// # Errors
/// [`StoreError::Conflict`] when that doesn't help.
pub async fn add_as_they_are_now(
    kind: RecordKind,
    records: &[Record],
    source: &dyn ManagedStore,
    target: &dyn ManagedStore,
) -> Result<Vec<ObjectId>, StoreError> {
    let mut parentless = Vec::new();
    for record in records {
        let mut clashes = 0;
        let mut to_add = VecDeque::from([record.clone()]);
        while let Some(record) = to_add.pop_front() {
            match target.add_records(from_ref(&record)).await {
                Ok(without_parent) => parentless.extend(without_parent),
                Err(clash @ StoreError::Conflict(_)) => {
                    clashes += 1;
                    let rivals = target.remove_rivals(&record).await?;
                    if rivals.is_empty() || clashes > MOST_CLASHES {
                        return Err(clash);
                    }
                    for id in once(record.id()).chain(rivals) {
                        to_add.extend(source.record(kind, id).await?);
                    }
                }
                Err(fault) => return Err(fault),
            }
        }
    }
    Ok(parentless)
}
