//! Operations on a store for operators: inspect it, repair it, and copy it to another one.

mod records;

use async_trait::async_trait;
use kairos_domain::store::{Store, StoreError};

pub use records::{
    LegacyTokenRecord, Record, RecordCursor, RecordKind, RecordPage, SessionRecord, TokenRecord, UserRecord,
    WaitingMail,
};

/// How a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// What the database says it is, such as `MongoDB 6.0.5, standalone`.
    pub database: String,
    /// How many things of each kind there are.
    pub counts: Vec<(&'static str, u64)>,
    /// The indexes by name, with what they are over.
    pub indexes: Vec<String>,
    /// What somebody should look at, a sentence each.
    pub findings: Vec<String>,
}

/// A store with operations for operators.
#[async_trait]
pub trait AdminStore: Store {
    /// Whether opening the store has created the database.
    fn is_new(&self) -> bool;

    /// Looks at everything that lies there. That takes a while where there is much, and no request waits for it.
    async fn inspect(&self) -> Result<Inspection, StoreError>;

    /// Recomputes derived data that is wrong: spatial index entries, itineraries, the usage of journeys and
    /// riders.
    ///
    /// Returns a sentence for each kind of repair. The service may run meanwhile.
    async fn repair(&self) -> Result<Vec<String>, StoreError>;

    /// Counts the records of a kind that are not marked as deleted.
    async fn count_records(&self, kind: RecordKind) -> Result<u64, StoreError>;

    /// Returns the next records of a kind, at most `limit`, ordered by id; markers by journey, then id.
    async fn records_after(
        &self,
        kind: RecordKind,
        after: Option<RecordCursor>,
        limit: u32,
    ) -> Result<RecordPage, StoreError>;

    /// Adds records of one kind, and their derived data, in one transaction.
    ///
    /// Returns the ids of the orphans: records whose parent does not exist. The store does not add them. A
    /// record whose id exists stays as it is. [`StoreError::Conflict`] if a record violates another
    /// uniqueness rule.
    async fn add_records(&self, records: &[Record]) -> Result<Vec<kairos_domain::id::ObjectId>, StoreError>;
}

pub(crate) const MARKERS_IN_WRONG_CELLS: &str = "markers that the spatial index has elsewhere than they are";

pub(crate) const JOURNEYS_WITH_WRONG_USAGE: &str = "journeys whose counted markers or bytes are wrong";

pub(crate) const RIDERS_WITH_WRONG_USAGE: &str = "riders whose counted journeys or bytes are wrong";

pub(crate) const JOURNEYS_WITH_WRONG_ITINERARIES: &str =
    "journeys whose itineraries are not what their markers say";

/// How many ids a finding names.
const IDS_A_FINDING: usize = 20;

/// Returns a sentence with the problem, the number of things that have it, and the first of their names.
pub(crate) fn finding(what: &str, named: &[String]) -> Option<String> {
    let first = named.get(..IDS_A_FINDING).unwrap_or(named).join(", ");
    match named.len() {
        0 => None,
        count if count > IDS_A_FINDING => Some(format!("{what}: {count} ({first}, …)")),
        count => Some(format!("{what}: {count} ({first})")),
    }
}
