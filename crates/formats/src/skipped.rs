//! The parts of a file that were left out.

/// The most entries that are listed; more are counted.
const MAX_ENTRIES: usize = 100;

/// The list of what was left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Skipped {
    /// The number of parts that were left out.
    pub count: usize,
    /// The first 100 of them.
    pub entries: Vec<SkippedEntry>,
}

/// One thing that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedEntry {
    /// Its place, such as `line 812, trkpt` or `features[3]`.
    pub place: String,
    /// Why it was left out.
    pub reason: String,
}

impl Skipped {
    /// Adds an entry.
    pub(crate) fn add(&mut self, place: impl Into<String>, reason: impl Into<String>) {
        self.count += 1;
        if self.entries.len() < MAX_ENTRIES {
            self.entries.push(SkippedEntry {
                place: place.into(),
                reason: reason.into(),
            });
        }
    }

    /// Adds an entry whose texts are only made if it is listed, for a file may have millions.
    pub(crate) fn add_at(&mut self, place: impl Fn() -> String, reason: &impl ToString) {
        if self.entries.len() < MAX_ENTRIES {
            self.add(place(), reason.to_string());
        } else {
            self.count += 1;
        }
    }

    /// Adds all entries of another list.
    pub(crate) fn append(&mut self, other: Self) {
        self.count += other.count;
        let room = MAX_ENTRIES - self.entries.len();
        self.entries.extend(other.entries.into_iter().take(room));
    }
}
