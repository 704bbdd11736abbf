//! The ports for time and chance, as this machine has them.

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
    /// Draws once, to see that there is any.
    ///
    /// # Errors
    /// When the system gives none.
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
            // The source does not fail once it has given (getrandom(2)). Should it, a key that can be guessed is worse than no server.
            std::process::abort();
        }
    }
}
