//! Riders, journeys and markers for the tests of this crate. Days are counted from 1 June 2026, places are
//! degrees.

use chrono::{DateTime, NaiveDate, TimeDelta};

use crate::discovery::{DatedMarker, Itinerary};
use crate::email_address::EmailAddress;
use crate::geo::Position;
use crate::id::{JourneyId, MarkerId, ObjectId, UserId};
use crate::journey::{Journey, JourneyStatus, Visibility};
use crate::marker::{Marker, MarkerDetails, MarkerKind};
use crate::password::PasswordHash;
use crate::text::{Name, ProfileLine, Prose};
use crate::user::{Contact, User};

pub(crate) fn id(number: u8) -> ObjectId {
    ObjectId::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number])
}

pub(crate) fn day(number: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 1).unwrap() + TimeDelta::days(number)
}

pub(crate) fn at(longitude: f64, latitude: f64) -> Position {
    Position::new(longitude, latitude, None).unwrap()
}

pub(crate) fn marker(kind: MarkerKind, date: Option<NaiveDate>, position: Position) -> Marker {
    let (timestamp, estimated_time) = match kind {
        MarkerKind::Past => (date, None),
        MarkerKind::Plan => (None, date),
    };
    Marker {
        id: MarkerId(id(0)),
        journey_id: JourneyId(id(0)),
        owner_id: UserId(id(0)),
        created_at: DateTime::UNIX_EPOCH,
        details: MarkerDetails {
            name: Name::parse("Camp").unwrap(),
            notes: Prose::default(),
            kind,
            position,
            timestamp,
            estimated_time,
        },
    }
}

pub(crate) fn past(number: i64, longitude: f64, latitude: f64) -> Marker {
    marker(MarkerKind::Past, Some(day(number)), at(longitude, latitude))
}

pub(crate) fn plan(number: i64, longitude: f64, latitude: f64) -> Marker {
    marker(MarkerKind::Plan, Some(day(number)), at(longitude, latitude))
}

/// The line through the dated ones of some markers.
pub(crate) fn itinerary(markers: &[Marker]) -> Itinerary {
    let dated: Vec<_> = markers.iter().filter_map(DatedMarker::of).collect();
    Itinerary::from_markers(&dated)
}

impl Marker {
    /// The same marker, created so many seconds later.
    pub(crate) fn created(mut self, seconds: i64) -> Self {
        self.created_at += TimeDelta::seconds(seconds);
        self
    }

    pub(crate) fn with_id(mut self, number: u8) -> Self {
        self.id = MarkerId(id(number));
        self
    }
}

pub(crate) fn journey(number: u8, owner: u8) -> Journey {
    Journey {
        id: JourneyId(id(number)),
        user_id: UserId(id(owner)),
        name: Name::parse("To the sea").unwrap(),
        description: Prose::default(),
        created_at: DateTime::UNIX_EPOCH,
        status: JourneyStatus::Inactive,
        visibility: Visibility::Public,
    }
}

pub(crate) fn rider(number: u8) -> User {
    User {
        id: UserId(id(number)),
        email: EmailAddress::parse("ann@example.org").unwrap(),
        is_verified: true,
        name: Name::parse("Ann").unwrap(),
        contact: Contact {
            phonenumber: Some(ProfileLine::parse("+49 30 1234").unwrap()),
            ..Contact::default()
        },
        password: PasswordHash::stored("not a hash".to_owned()),
        credential_version: 0,
        address_version: 0,
    }
}
