//! What an operator asks of a store beside serving from it: how it is, and to be moved to another one.

mod clashes;
mod parentless;
mod records;

use async_trait::async_trait;
use kairos_domain::id::ObjectId;
use kairos_domain::store::{Store, StoreError};

pub use clashes::add_as_they_are_now;
pub use parentless::{Parentless, why_parentless};
pub use records::{
    EarlierTokenRecord, Record, RecordKind, RecordPage, SessionRecord, TokenRecord, UserRecord, WaitingMail,
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

/// A store that can tell how it is.
#[async_trait]
pub trait Inspect: Store {
    /// Looks at everything that lies there. That takes a while where there is much, and no request waits for it.
    async fn inspect(&self) -> Result<Inspection, StoreError>;

    /// Derives anew what follows from other data and is not as it should be: the cells of markers, the tracks of journeys. Says what that was, a
    /// sentence each. The service may go on meanwhile.
    async fn repair(&self) -> Result<Vec<String>, StoreError>;
}

/// A store that can be read out and filled.
#[async_trait]
pub trait Transfer: Store {
    /// How many records of a kind there are; things that are being deleted don't count.
    async fn count_records(&self, kind: RecordKind) -> Result<u64, StoreError>;

    /// The next records of a kind by their ids, at most `limit`.
    async fn records_after(
        &self,
        kind: RecordKind,
        after: Option<ObjectId>,
        limit: u32,
    ) -> Result<RecordPage, StoreError>;

    /// Adds records of one kind, and says which could not be added because their parent is not there. Those whose id is there are
    /// left as they are. [`StoreError::Conflict`] when one clashes with something else.
    async fn add_records(&self, records: &[Record]) -> Result<Vec<ObjectId>, StoreError>;

    /// A record as it is now; `None` if it is gone, or being deleted.
    async fn record(&self, kind: RecordKind, id: ObjectId) -> Result<Option<Record>, StoreError>;

    /// Removes what a record can't be beside (another account that holds its address, another journey of its rider that is active), with all that
    /// hangs on it, and says what that was. Only for a store that holds nothing but copies: nothing asks whether what goes is somebody's.
    async fn remove_rivals(&self, record: &Record) -> Result<Vec<ObjectId>, StoreError>;
}

/// A store that an operator can look after.
pub trait ManagedStore: Inspect + Transfer {}

impl<S: Inspect + Transfer> ManagedStore for S {}

/// What `repair` mends, as both stores call it.
pub(crate) const MARKERS_IN_WRONG_CELLS: &str =
    "markers that the index of places has elsewhere than they are";

/// What `repair` mends, as both stores call it.
pub(crate) const JOURNEYS_WITH_WRONG_TRACKS: &str = "journeys whose tracks are not what their markers say";

/// How many ids a finding names.
const IDS_A_FINDING: usize = 20;

/// What is the matter with some things, how many they are, and their names, if there are not too many; nothing if there are none.
pub(crate) fn finding(what: &str, named: &[String]) -> Option<String> {
    let first = named.get(..IDS_A_FINDING).unwrap_or(named).join(", ");
    match named.len() {
        0 => None,
        count if count > IDS_A_FINDING => Some(format!("{what}: {count} ({first}, …)")),
        count => Some(format!("{what}: {count} ({first})")),
    }
}
