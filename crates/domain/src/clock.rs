//! The ports for time and randomness.
//!
//! All code that depends on either takes one of these ports, so that tests can control both.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};

/// The source of the current time.
pub trait Clock: Send + Sync {
    /// Returns the current instant, with the precision of the source.
    fn instant(&self) -> DateTime<Utc>;

    /// Returns the current instant to the millisecond, the precision of both stores and the API.
    fn now(&self) -> DateTime<Utc> {
        self.instant().trunc_subsecs(3)
    }

    /// Returns the current day in UTC.
    fn today(&self) -> NaiveDate {
        self.instant().date_naive()
    }
}

/// A source of unpredictable bytes for keys and tokens.
pub trait Randomness: Send + Sync {
    /// Fills `bytes` with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Randomness + '_ {
    /// Returns `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}
