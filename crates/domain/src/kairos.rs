//! The service as an object: its ports, and the settings that the rules need.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tokio::sync::Notify;

use crate::clock::{Clock, Randomness};
use crate::id::{IdSource, ObjectId};
use crate::journey::Visibility;
use crate::mail::Mailer;
use crate::password::PasswordHasher;
use crate::rate_limiter::RateLimiter;
use crate::store::Store;
use crate::token::TokenCodec;
use crate::write_turns::WriteTurns;

/// Everything riders can do, as methods. They stand with their acts, in [`crate::accounts`], [`crate::journeys`] and
/// [`crate::discovery`].
pub struct Kairos {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) mailer: Arc<dyn Mailer>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) tokens: Arc<dyn TokenCodec>,
    pub(crate) passwords: PasswordHasher,
    pub(crate) rate_limiter: RateLimiter,
    pub(crate) settings: Settings,
    /// Rings when a mail was put into the outbox.
    pub(crate) mail_is_due: Notify,
    /// Notified when a deletion was marked.
    pub(crate) deletion_is_due: Notify,
    pub(crate) write_turns: WriteTurns,
    ids: IdSource,
}

/// What the domain needs of the world.
pub struct Ports {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Whoever delivers mail.
    pub mailer: Arc<dyn Mailer>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Unpredictable bytes.
    pub randomness: Arc<dyn Randomness>,
    /// Who signs and reads tokens.
    pub tokens: Arc<dyn TokenCodec>,
    /// Who hashes passwords.
    pub passwords: PasswordHasher,
}

/// What an operator may choose.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long tokens are good.
    pub lifetimes: TokenLifetimes,
    /// Where the links in mails lead, without a trailing slash.
    pub frontend_url: String,
    /// Whether log-ins, registrations, mails and writes are limited.
    pub rate_limit: bool,
    /// When mails leave.
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

/// When the mails that an act puts into the outbox leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailsLeave {
    /// Soon: [`Kairos::deliver_mail`] runs beside the acts, and nobody waits for it.
    InTheBackground,
    /// Before the act ends, where the process sleeps between acts and no worker could run. What doesn't leave in time stays for
    /// [`Kairos::deliver_due_mail`], which somebody has to call now and then.
    BeforeTheActEnds {
        /// How long an act may wait for them. Acts that must not tell whether there is an account always take as long.
        within: Duration,
    },
}

/// How long tokens are good.
#[derive(Debug, Clone, Copy)]
pub struct TokenLifetimes {
    /// Access tokens.
    pub access: TimeDelta,
    /// Refresh tokens, each.
    pub refresh: TimeDelta,
    /// Links that verify an address.
    pub verification: TimeDelta,
    /// Links that set a new password.
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
    /// The day it is in UTC.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.clock.today()
    }

    /// Puts the service together.
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
