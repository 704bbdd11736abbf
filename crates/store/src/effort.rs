//! The limit of a search's work.

use kairos_domain::store::StoreError;

/// The number of index entries of a [short](Effort::short) search. Reading them takes some ten milliseconds.
const ENTRIES_OF_A_SHORT_SEARCH: usize = 20_000;

/// The work that a search may still do, as a number of index entries to read.
///
/// A search counts its work instead of measuring time, so that it ends at the same entry on every machine.
#[derive(Debug)]
pub(crate) struct Effort {
    entries: usize,
}

impl Effort {
    /// The cost of reading a journey with its rider, in index entries.
    pub(crate) const A_JOURNEY: usize = 10;

    /// The cost of preparing a search around one more origin, in index entries.
    pub(crate) const AN_ORIGIN: usize = 4;

    /// Returns the effort of a search that must not delay others.
    pub(crate) const fn short() -> Self {
        Self {
            entries: ENTRIES_OF_A_SHORT_SEARCH,
        }
    }

    /// Returns the effort of a search that only its deadline ends.
    pub(crate) const fn unlimited() -> Self {
        Self { entries: usize::MAX }
    }

    /// Counts work that is about to be done.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`] if the search may not do it.
    pub(crate) fn spend(&mut self, entries: usize) -> Result<(), StoreError> {
        self.entries = self.entries.checked_sub(entries).ok_or(StoreError::TooSlow)?;
        Ok(())
    }
}
