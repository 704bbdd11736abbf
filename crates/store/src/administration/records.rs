use chrono::{DateTime, Utc};
use kairos_domain::id::{JourneyId, ObjectId, SessionId, UserId};
use kairos_domain::journey::Journey;
use kairos_domain::line::{Line, LineKind, MAX_POSITIONS};
use kairos_domain::mail::OutboxMail;
use kairos_domain::marker::Marker;
use kairos_domain::schedule::Schedule;
use kairos_domain::store::{NewSession, PresentedToken, Rotation};
use kairos_domain::token::TokenHash;
use kairos_domain::user::User;

/// The kinds of records, parents before children.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// Accounts with their waiting mails.
    Users,
    /// Sessions with their tokens.
    Sessions,
    /// Journeys.
    Journeys,
    /// Markers.
    Markers,
    /// Routes.
    Routes,
    /// Tracks.
    Tracks,
    /// Schedules.
    Schedules,
}

impl RecordKind {
    /// All kinds, parents before children.
    pub const ALL: [Self; 7] = [
        Self::Users,
        Self::Sessions,
        Self::Journeys,
        Self::Markers,
        Self::Routes,
        Self::Tracks,
        Self::Schedules,
    ];

    /// Returns the name of the kind.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Sessions => "sessions",
            Self::Journeys => "journeys",
            Self::Markers => "markers",
            Self::Routes => "routes",
            Self::Tracks => "tracks",
            Self::Schedules => "schedules",
        }
    }
}

impl From<LineKind> for RecordKind {
    fn from(kind: LineKind) -> Self {
        match kind {
            LineKind::Route => Self::Routes,
            LineKind::Track => Self::Tracks,
        }
    }
}

/// A complete record of a store.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// An account.
    User(UserRecord),
    /// A session.
    Session(SessionRecord),
    /// A journey.
    Journey(Journey),
    /// A marker.
    Marker(Marker),
    /// A route or track.
    Line(LineRecord),
    /// A schedule.
    Schedule(ScheduleRecord),
}

impl Record {
    /// Returns the kind of the record.
    #[must_use]
    pub fn kind(&self) -> RecordKind {
        match self {
            Self::User(_) => RecordKind::Users,
            Self::Session(_) => RecordKind::Sessions,
            Self::Journey(_) => RecordKind::Journeys,
            Self::Marker(_) => RecordKind::Markers,
            Self::Line(record) => record.kind.into(),
            Self::Schedule(_) => RecordKind::Schedules,
        }
    }

    /// Returns the id, which is unique among the records of the kind. A line or schedule has its journey's.
    #[must_use]
    pub const fn id(&self) -> ObjectId {
        match self {
            Self::User(record) => record.user.id.0,
            Self::Session(session) => session.id.0,
            Self::Journey(journey) => journey.id.0,
            Self::Marker(marker) => marker.id.0,
            Self::Line(record) => record.journey_id.0,
            Self::Schedule(record) => record.journey_id.0,
        }
    }

    /// Returns the id of the parent. A record whose parent does not exist is an orphan.
    #[must_use]
    pub const fn parent(&self) -> Option<(RecordKind, ObjectId)> {
        match self {
            Self::User(_) => None,
            Self::Session(session) => Some((RecordKind::Users, session.user_id.0)),
            Self::Journey(journey) => Some((RecordKind::Users, journey.user_id.0)),
            Self::Marker(marker) => Some((RecordKind::Journeys, marker.journey_id.0)),
            Self::Line(record) => Some((RecordKind::Journeys, record.journey_id.0)),
            Self::Schedule(record) => Some((RecordKind::Journeys, record.journey_id.0)),
        }
    }
}

/// An account with its data that is not part of [`User`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// The account.
    pub user: User,
    /// Whether the account holds its address in the unique index. If the earlier service created several
    /// accounts with one address, only one of them holds it.
    pub holds_its_address: bool,
    /// The waiting mails of the account.
    pub mails: Vec<WaitingMail>,
}

/// A waiting mail of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingMail {
    /// The earliest instant of the next delivery attempt.
    pub due_at: DateTime<Utc>,
    /// The mail.
    pub mail: OutboxMail,
}

/// A session: all refresh tokens that descend from one login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// Its id.
    pub id: SessionId,
    /// The rider who logged in.
    pub user_id: UserId,
    /// The instant of the login.
    pub created_at: DateTime<Utc>,
    /// The expiry of the latest refresh token.
    pub expires_at: DateTime<Utc>,
    /// The valid tokens in the order of their hashes: the unused ones, and used ones that are still valid.
    pub tokens: Vec<TokenRecord>,
    /// The token of the earlier service that started the session.
    pub legacy_token: Option<LegacyTokenRecord>,
    /// Whether the session has ended. An ended session is kept until its legacy token expires, so that the
    /// token cannot start another session.
    pub has_ended: bool,
}

impl SessionRecord {
    pub(crate) fn new(session: &NewSession) -> Self {
        Self {
            id: session.id,
            user_id: session.user_id,
            created_at: session.created_at,
            expires_at: session.expires_at,
            tokens: vec![TokenRecord::unused(session.token, session.expires_at)],
            legacy_token: None,
            has_ended: false,
        }
    }

    /// Returns the session that a token of the earlier service starts when it is rotated.
    pub(crate) fn of_legacy_token(rotation: &Rotation) -> Self {
        Self {
            id: rotation.session_id,
            user_id: rotation.user_id,
            created_at: rotation.now,
            expires_at: rotation.expires_at,
            tokens: vec![TokenRecord {
                predecessor: Some(rotation.presented.hash),
                ..TokenRecord::unused(rotation.successor, rotation.expires_at)
            }],
            legacy_token: Some(LegacyTokenRecord::first_used(&rotation.presented, rotation.now)),
            has_ended: false,
        }
    }
}

/// A refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// Its hash.
    pub hash: TokenHash,
    /// The used token that is valid until this one or another of its unused successors is used.
    pub predecessor: Option<TokenHash>,
    /// When it was used first.
    pub first_used_at: Option<DateTime<Utc>>,
    /// The instant when the token expires.
    pub expires_at: DateTime<Utc>,
}

impl TokenRecord {
    pub(crate) const fn unused(hash: TokenHash, expires_at: DateTime<Utc>) -> Self {
        Self {
            hash,
            predecessor: None,
            first_used_at: None,
            expires_at,
        }
    }
}

/// A refresh token of the earlier service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegacyTokenRecord {
    /// Its hash.
    pub hash: TokenHash,
    /// When it was used first.
    pub first_used_at: DateTime<Utc>,
    /// The instant when the token expires.
    pub expires_at: DateTime<Utc>,
}

impl LegacyTokenRecord {
    pub(crate) const fn first_used(token: &PresentedToken, now: DateTime<Utc>) -> Self {
        Self {
            hash: token.hash,
            first_used_at: now,
            expires_at: token.expires_at,
        }
    }
}

/// A route or track. Another store encodes the line anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRecord {
    /// The journey.
    pub journey_id: JourneyId,
    /// The use of the line.
    pub kind: LineKind,
    /// The line.
    pub line: Line,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleRecord {
    /// The journey.
    pub journey_id: JourneyId,
    /// The schedule.
    pub schedule: Schedule,
}

/// A position in the list of records of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordCursor {
    /// The journey of a marker; absent for other kinds.
    pub journey_id: Option<ObjectId>,
    /// The id of the record that was read last.
    pub id: ObjectId,
}

/// A page of records of one kind.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RecordPage {
    /// The readable records.
    pub records: Vec<Record>,
    /// The unreadable records, with the reasons.
    pub unreadable: Vec<String>,
    /// The position of the last record, readable or not; absent at the end of the list.
    pub last: Option<RecordCursor>,
}

impl RecordPage {
    /// Checks whether the lines of the page have so many positions that a store adds no further record.
    ///
    /// A page therefore needs at most 5 MB of memory for lines, and so does the transaction that adds it.
    pub(crate) fn is_full(&self) -> bool {
        let positions = self.records.iter().map(|record| match record {
            Record::Line(record) => record.line.positions().len(),
            Record::User(_)
            | Record::Session(_)
            | Record::Journey(_)
            | Record::Marker(_)
            | Record::Schedule(_) => 0,
        });
        positions.sum::<usize>() >= MAX_POSITIONS
    }
}
