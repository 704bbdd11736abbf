//! The service object, with its ports and settings.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tokio::sync::Notify;

use crate::clock::{Clock, Randomness};
use crate::cpu_work::CpuWork;
use crate::file_turns::FileTurns;
use crate::id::{IdSource, ObjectId};
use crate::journey::Visibility;
use crate::mail::Mailer;
use crate::password::PasswordHasher;
use crate::rate_limiter::RateLimiter;
use crate::store::Store;
use crate::token::TokenCodec;
use crate::write_turns::WriteTurns;

/// The most lines that are decoded, simplified or encoded at once.
const LINES_AT_ONCE: usize = 2;

/// The service: each act of a rider is a method.
///
/// The methods are defined in [`crate::accounts`], [`crate::journeys`] and [`crate::discovery`].
pub struct Kairos {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) mailer: Arc<dyn Mailer>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) tokens: Arc<dyn TokenCodec>,
    pub(crate) passwords: PasswordHasher,
    pub(crate) rate_limiter: RateLimiter,
    pub(crate) settings: Settings,
    /// Notified when a mail was added to the outbox.
    pub(crate) mail_is_due: Notify,
    /// Notified when a deletion was marked.
    pub(crate) deletion_is_due: Notify,
    pub(crate) write_turns: WriteTurns,
    pub(crate) file_turns: Arc<FileTurns>,
    /// Decodes, simplifies and encodes lines.
    pub(crate) line_work: CpuWork,
    ids: IdSource,
}

/// The ports that the domain needs.
pub struct Ports {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The mail provider.
    pub mailer: Arc<dyn Mailer>,
    /// The source of the current time.
    pub clock: Arc<dyn Clock>,
    /// The source of random bytes.
    pub randomness: Arc<dyn Randomness>,
    /// The port that signs and reads tokens.
    pub tokens: Arc<dyn TokenCodec>,
    /// The password hasher with its queue.
    pub passwords: PasswordHasher,
}

/// The settings of an operator.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The lifetimes of tokens.
    pub lifetimes: TokenLifetimes,
    /// The base URL of the links in mails, without a trailing slash.
    pub frontend_url: String,
    /// Whether log-ins, registrations, mails and writes are limited.
    pub rate_limit: bool,
    /// The time at which mails are sent.
    pub mails_leave: MailsLeave,
    /// The riders who may register.
    pub registration: RegistrationPolicy,
    /// The visibility of journeys that are created without one.
    pub default_visibility: Visibility,
    /// The default radius of nearby journeys, in metres.
    pub nearby_distance_metres: f64,
}

/// The riders who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RegistrationPolicy {
    /// Everybody.
    #[default]
    Open,
    /// Riders with an invitation.
    ByInvitation,
    /// Nobody.
    Closed,
}

/// The time at which the mails of an act are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailsLeave {
    /// Soon after the act. The worker [`Kairos::deliver_mail`] runs in the background, and no act waits for
    /// it.
    InTheBackground,
    /// Before the act ends.
    ///
    /// This is for platforms that suspend the process between acts, so that no worker can run. A mail that is
    /// not sent in time stays in the outbox. The operator has to call [`Kairos::deliver_due_mail`] regularly
    /// to send it.
    BeforeTheActEnds {
        /// The longest time that an act waits for its mails. Acts that must not reveal whether an account
        /// exists always take this long.
        within: Duration,
    },
}

/// The lifetimes of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenLifetimes {
    /// The lifetime of an access token.
    pub access: TimeDelta,
    /// The lifetime of each refresh token.
    pub refresh: TimeDelta,
    /// The lifetime of a link that verifies an address.
    pub verification: TimeDelta,
    /// The lifetime of a link that sets a new password.
    pub password_reset: TimeDelta,
}

impl Default for TokenLifetimes {
    fn default() -> Self {
        Self {
            access: TimeDelta::minutes(60),
            refresh: TimeDelta::days(8),
            verification: TimeDelta::minutes(15),
            password_reset: TimeDelta::minutes(15),
        }
    }
}

impl Kairos {
    /// Returns the current time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Returns the current day in UTC.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.clock.today()
    }

    /// Returns the service with these ports and settings.
    #[must_use]
    pub fn new(ports: Ports, settings: Settings) -> Self {
        Self {
            ids: IdSource::new(&*ports.randomness),
            rate_limiter: RateLimiter::new(
                Arc::<dyn Store>::clone(&ports.store),
                Arc::clone(&ports.clock),
                settings.rate_limit,
            ),
            store: ports.store,
            mailer: ports.mailer,
            clock: ports.clock,
            randomness: ports.randomness,
            tokens: ports.tokens,
            passwords: ports.passwords,
            settings,
            mail_is_due: Notify::new(),
            deletion_is_due: Notify::new(),
            write_turns: WriteTurns::default(),
            file_turns: Arc::default(),
            line_work: CpuWork::new(LINES_AT_ONCE),
        }
    }

    pub(crate) fn new_id(&self, now: DateTime<Utc>) -> ObjectId {
        self.ids.next(now)
    }
}

impl fmt::Debug for Kairos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kairos")
            .field("store", &self.store)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
