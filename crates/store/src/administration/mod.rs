//! Operations on a store for operators: inspect it, repair it, and copy it to another one.

mod records;

use async_trait::async_trait;
use kairos_domain::line::EncodedLine;
use kairos_domain::store::{Store, StoreError};

pub use records::{
    LegacyTokenRecord, LineRecord, Record, RecordCursor, RecordKind, RecordPage, ScheduleRecord,
    SessionRecord, TokenRecord, UserRecord, WaitingMail,
};

/// The result of an inspection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The name and version of the database, such as `MongoDB 6.0.5, standalone`.
    pub database: String,
    /// The number of records of each kind.
    pub counts: Vec<(&'static str, u64)>,
    /// The indexes: name and fields.
    pub indexes: Vec<String>,
    /// The problems that need an operator, one sentence each.
    pub findings: Vec<String>,
}

/// A store with operations for operators.
#[async_trait]
pub trait AdminStore: Store {
    /// Checks whether opening the store has created the database.
    fn is_new(&self) -> bool;

    /// Inspects the whole database. In a large one, the inspection takes long, so no request waits for it.
    async fn inspect(&self) -> Result<Inspection, StoreError>;

    /// Recomputes wrong derived data: spatial index entries, itineraries, the figures and simplifications of
    /// lines, the usage of journeys and riders.
    ///
    /// Returns a sentence for each kind of repair. The service may run meanwhile.
    async fn repair(&self) -> Result<Vec<String>, StoreError>;

    /// Counts the records of a kind that are not marked as deleted.
    async fn count_records(&self, kind: RecordKind) -> Result<u64, StoreError>;

    /// Returns the next records of a kind, at most `limit`, ordered by id; markers by journey, then id.
    ///
    /// A page of lines ends after a bounded number of positions.
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

pub(crate) const LINES_WITH_WRONG_FIGURES: &str =
    "lines whose version, length, bytes or simplification are not what their positions say";

/// Checks the figures and the simplification of a stored line against those that its positions give.
///
/// Another machine's sines may give another millimetre.
pub(crate) fn has_right_figures(stored: &EncodedLine, anew: &EncodedLine) -> bool {
    stored.version == anew.version
        && (stored.length.metres() - anew.length.metres()).abs() < 0.0015
        && stored.simplified == anew.simplified
}

/// Maximum number of ids in a finding.
const IDS_A_FINDING: usize = 20;

/// Returns a sentence with the problem, the number of affected items, and the first of their names.
pub(crate) fn finding(what: &str, named: &[String]) -> Option<String> {
    let first = named.get(..IDS_A_FINDING).unwrap_or(named).join(", ");
    match named.len() {
        0 => None,
        count if count > IDS_A_FINDING => Some(format!("{what}: {count} ({first}, …)")),
        count => Some(format!("{what}: {count} ({first})")),
    }
}
