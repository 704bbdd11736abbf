//! The ports for time and randomness, implemented by the operating system.

use chrono::{DateTime, Utc};
use kairos_domain::clock::{Clock, Randomness};

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everybody else is handed"
    )]
    fn instant(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy)]
pub struct OsRandomness(());

impl OsRandomness {
    /// Reads once from the source of randomness, to check that it works.
    ///
    /// # Errors
    /// If the system provides no randomness.
    pub fn open() -> Result<Self, getrandom::Error> {
        draw(&mut [0; 32]).map(|()| Self(()))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the randomness that everybody else is handed"
)]
fn draw(bytes: &mut [u8]) -> Result<(), getrandom::Error> {
    getrandom::fill(bytes)
}

impl Randomness for OsRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        if draw(bytes).is_err() {
            // Once the source has worked, it does not fail (getrandom(2)). If it did, a guessable key would
            // be worse than no server.
            std::process::abort();
        }
    }
}
