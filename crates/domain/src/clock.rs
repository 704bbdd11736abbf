//! The ports for time and chance. Everything that depends on either takes one of these, so that a test can
//! say what time it is.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The instant, with whatever precision the source has.
    fn instant(&self) -> DateTime<Utc>;

    /// The instant to the millisecond, which is what both stores and the API can hold.
    fn now(&self) -> DateTime<Utc> {
        self.instant().trunc_subsecs(3)
    }

    /// The day it is in UTC.
    fn today(&self) -> NaiveDate {
        self.instant().date_naive()
    }
}

/// Gives unpredictable bytes, good enough for keys and tokens.
pub trait Randomness: Send + Sync {
    /// Overwrites `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Randomness + '_ {
    /// Draws `N` bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}
