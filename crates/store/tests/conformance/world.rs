use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kairos_domain::email_address::EmailAddress;
use kairos_domain::geo::Position;
use kairos_domain::id::{JourneyId, MailId, MarkerId, ObjectId, SessionId, UserId};
use kairos_domain::journey::{Journey, JourneyStatus, Visibility};
use kairos_domain::mail::{MailKind, OutboxMail};
use kairos_domain::marker::{Marker, MarkerDetails, MarkerKind};
use kairos_domain::password::PasswordHash;
use kairos_domain::store::{NewSession, Page, Store};
use kairos_domain::text::{Name, ProfileLine, Prose};
use kairos_domain::token::TokenHash;
use kairos_domain::user::{Contact, User};

/// Text that has broken things before.
pub(crate) const NASTY: [&str; 6] = [
    "🚲👩‍🚀 Zoë",
    "a\0b",
    "'; DROP TABLE users; --",
    "$where",
    "a.b.$c",
    "\u{202e}\u{feff}\r\n\t",
];

/// A store, and what to put into it. Ids and times go up with each thing made, in whichever world.
pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
}

static MADE: AtomicU64 = AtomicU64::new(1);

impl World {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    pub(crate) fn number(&self) -> u64 {
        MADE.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn id(&self) -> ObjectId {
        object_id(self.number())
    }

    /// An account that is not in the store yet.
    pub(crate) fn user(&self, email: &str) -> User {
        User {
            id: UserId(self.id()),
            email: EmailAddress::stored(email.to_owned()),
            is_verified: false,
            name: Name::parse("Ann").unwrap(),
            contact: Contact {
                phonenumber: Some(ProfileLine::parse("+49 30 1234").unwrap()),
                instagram: None,
                country: Some(ProfileLine::parse("Österreich").unwrap()),
            },
            password: PasswordHash::stored("$2b$12$hash".to_owned()),
            credential_version: 0,
        }
    }

    pub(crate) fn mail_to(&self, user: &User, kind: MailKind) -> OutboxMail {
        OutboxMail {
            id: MailId(self.id()),
            user_id: user.id,
            to: user.email.clone(),
            kind,
            created_at: now(),
            attempts: 0,
        }
    }

    /// A rider in the store.
    pub(crate) async fn rider(&self) -> User {
        let user = self.user(&format!("rider{}@example.org", self.number()));
        let mail = self.mail_to(&user, MailKind::VerifyEmail);
        self.store.register_user(&user, &mail).await.unwrap();
        user
    }

    /// A public, inactive journey that is not in the store yet.
    pub(crate) fn new_journey(&self, user: &User) -> Journey {
        let number = self.number();
        Journey {
            id: JourneyId(object_id(number)),
            user_id: user.id,
            name: Name::parse("To the sea").unwrap(),
            description: Prose::parse("Slowly.").unwrap(),
            created_at: now() + TimeDelta::milliseconds(number.cast_signed()),
            status: JourneyStatus::Inactive,
            visibility: Visibility::Public,
        }
    }

    /// A journey in the store, changed before it goes there.
    pub(crate) async fn journey_with(&self, user: &User, change: impl FnOnce(&mut Journey)) -> Journey {
        let mut journey = self.new_journey(user);
        change(&mut journey);
        assert!(self.store.insert_journey(&journey).await.unwrap());
        journey
    }

    pub(crate) async fn journey(&self, user: &User) -> Journey {
        self.journey_with(user, |_| {}).await
    }

    /// A plan without a date that is not in the store yet.
    pub(crate) fn new_marker(&self, journey: &Journey, position: Position) -> Marker {
        let number = self.number();
        Marker {
            id: MarkerId(object_id(number)),
            journey_id: journey.id,
            owner_id: journey.user_id,
            created_at: now() + TimeDelta::milliseconds(number.cast_signed()),
            details: MarkerDetails {
                name: Name::parse("Camp").unwrap(),
                notes: Prose::default(),
                kind: MarkerKind::Plan,
                position,
                timestamp: None,
                estimated_time: None,
            },
        }
    }

    /// A marker in the store, changed before it goes there.
    pub(crate) async fn marker_with(
        &self,
        journey: &Journey,
        position: Position,
        change: impl FnOnce(&mut Marker),
    ) -> Marker {
        let mut marker = self.new_marker(journey, position);
        change(&mut marker);
        assert!(self.store.insert_marker(&marker).await.unwrap());
        marker
    }

    pub(crate) async fn marker(&self, journey: &Journey, position: Position) -> Marker {
        self.marker_with(journey, position, |_| {}).await
    }

    /// A plan for a day.
    pub(crate) async fn plan(&self, journey: &Journey, position: Position, date: NaiveDate) -> Marker {
        self.marker_with(journey, position, |marker| {
            marker.details.estimated_time = Some(date);
        })
        .await
    }

    /// A private journey of a rider, a completed one, and an active one.
    pub(crate) async fn private_completed_and_active(&self, user: &User) -> [Journey; 3] {
        [
            self.journey_with(user, |journey| journey.visibility = Visibility::Private)
                .await,
            self.journey_with(user, |journey| journey.status = JourneyStatus::Completed)
                .await,
            self.journey_with(user, |journey| journey.status = JourneyStatus::Active)
                .await,
        ]
    }

    /// A session in the store, with its only token.
    pub(crate) async fn session(&self, user: &User) -> NewSession {
        let session = NewSession {
            id: SessionId(self.id()),
            user_id: user.id,
            token: self.token(),
            created_at: now(),
            expires_at: now() + TimeDelta::days(8),
        };
        self.store.start_session(&session).await.unwrap();
        session
    }

    pub(crate) fn token(&self) -> TokenHash {
        TokenHash::of(&self.number().to_string())
    }

    /// All of a rider's journeys, as they see them.
    pub(crate) async fn journeys_of(&self, user: &User) -> Vec<Journey> {
        let list = self.store.journeys_of(user.id, user.id, Page::everything()).await;
        list.unwrap().unwrap()
    }

    pub(crate) async fn markers_of(&self, journey: &Journey) -> Vec<Marker> {
        let list = self.store.markers_of(journey.id, Page::everything()).await;
        list.unwrap().unwrap()
    }
}

pub(crate) fn object_id(number: u64) -> ObjectId {
    let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
    ObjectId::from_bytes([0x6a, 0, 0, 0, a, b, c, d, e, f, g, h])
}

/// Noon of 15 May 2026 and a few milliseconds, as all instants in a store have milliseconds.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_778_846_400_123).unwrap()
}

pub(crate) fn at(longitude: f64, latitude: f64) -> Position {
    Position::new(longitude, latitude, None).unwrap()
}

/// A day, counted from 1 June 2026.
pub(crate) fn day(number: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 1).unwrap() + TimeDelta::days(number)
}
