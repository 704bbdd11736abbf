//! The world to be measured: riders between the cities of Europe and elsewhere, a journey each.
//!
//! Journeys run from one city to the next along the great circle. Popular cities get more journeys. Markers
//! deviate from the great circle as roads do. Most of the world is therefore empty, and some corridors are
//! crowded.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use fastrand::Rng;
use kairos_domain::email_address::EmailAddress;
use kairos_domain::geo::{Position, along_great_circle};
use kairos_domain::id::{JourneyId, MarkerId, ObjectId, UserId};
use kairos_domain::journey::{Journey, JourneyStatus, Visibility};
use kairos_domain::marker::{Marker, MarkerDetails, MarkerKind};
use kairos_domain::password::PasswordHash;
use kairos_domain::text::{Name, Prose};
use kairos_domain::user::{Contact, User};
use kairos_store::administration::{AdminStore, Record, UserRecord};

use crate::cities::{city, neighbour};

/// The number of markers in an ordinary journey.
const MARKERS_A_JOURNEY: u32 = 50;

/// The number of markers in the great traveller's journey: the most that are allowed.
const MARKERS_OF_THE_GREAT_JOURNEY: u32 = 10_000;

/// The number of markers in the great scribe's journey, one a day, before the benchmark adds more.
const MARKERS_OF_THE_LONG_JOURNEY: u32 = 9_000;

/// The number of markers in the great planner's journey, one a day, before the benchmark adds more.
const MARKERS_OF_THE_PLANNED_JOURNEY: u32 = 1_000;

/// The number of days over which departures are spread, half of them before today.
const DAYS_OF_DEPARTURE: u32 = 180;

/// The width in degrees of the band around a route in which its markers lie.
///
/// Each coordinate deviates by at most half of this width.
const STRAYING: f64 = 0.4;

/// The number of records that one transaction adds.
const RECORDS_A_STEP: usize = 1_000;

/// The parameters of a world.
#[derive(Debug)]
pub(crate) struct World {
    seed: u64,
    /// The number of journeys. Each rider has one.
    pub(crate) journeys: u32,
    /// The number of markers.
    pub(crate) markers: u64,
    today: NaiveDate,
    /// The password of every rider.
    password: PasswordHash,
}

impl World {
    /// Describes a random world around today. The same seed and size give the same world.
    pub(crate) fn drawn(seed: u64, journeys: u32, password: PasswordHash) -> Self {
        Self {
            seed,
            password,
            journeys,
            markers: u64::from(journeys) * u64::from(MARKERS_A_JOURNEY)
                + u64::from(MARKERS_OF_THE_GREAT_JOURNEY)
                + u64::from(MARKERS_OF_THE_LONG_JOURNEY)
                + u64::from(MARKERS_OF_THE_PLANNED_JOURNEY),
            today: today().date_naive(),
        }
    }

    /// The number of the rider whose journey has ten thousand markers, and of that journey.
    pub(crate) const GREAT_TRAVELLER: u32 = u32::MAX;

    /// The number of the rider who keeps adding markers to a long journey, and of that journey.
    pub(crate) const GREAT_SCRIBE: u32 = u32::MAX - 1;

    /// The number of the rider who keeps adding markers to a journey of a thousand, and of that journey.
    pub(crate) const GREAT_PLANNER: u32 = u32::MAX - 2;

    /// Returns the days from today until a journey departs. The number is negative for past departures.
    fn days_until_departure(number: u32) -> i64 {
        // A prime multiplier, so that journeys with consecutive numbers do not depart together.
        let place = u64::from(number) * 7_919 % u64::from(DAYS_OF_DEPARTURE);
        place.cast_signed() - i64::from(DAYS_OF_DEPARTURE / 2)
    }

    /// Checks whether a journey has days from today on.
    fn is_yet_to_end(number: u32) -> bool {
        matches!(number, Self::GREAT_SCRIBE | Self::GREAT_PLANNER)
            || Self::days_until_departure(number) + i64::from(MARKERS_A_JOURNEY) > 0
    }

    /// Checks whether only its rider may see a journey.
    pub(crate) fn is_private(number: u32) -> bool {
        number % 16 == 7
    }

    /// Checks whether other riders may meet the rider of a journey from today on.
    pub(crate) fn may_be_met(number: u32) -> bool {
        Self::is_yet_to_end(number) && !Self::is_private(number)
    }

    /// Picks a random day of a journey.
    pub(crate) fn day_of(number: u32, random: &mut Rng) -> NaiveDate {
        let day = Self::days_until_departure(number) + random.i64(0..i64::from(MARKERS_A_JOURNEY));
        today().date_naive() + TimeDelta::days(day)
    }

    pub(crate) fn journey_id(number: u32) -> JourneyId {
        JourneyId(id(Kind::Journey, number))
    }

    pub(crate) fn rider(number: u32) -> UserId {
        UserId(id(Kind::User, number))
    }

    pub(crate) fn email(number: u32) -> String {
        format!("rider{number}@example.org")
    }

    /// Adds the world to a store.
    pub(crate) async fn fill(&self, store: &dyn AdminStore) -> anyhow::Result<()> {
        let mut random = Rng::with_seed(self.seed);
        let (mut users, mut journeys, mut markers) = (Vec::new(), Vec::new(), Vec::new());
        for number in
            (0..self.journeys).chain([Self::GREAT_PLANNER, Self::GREAT_SCRIBE, Self::GREAT_TRAVELLER])
        {
            users.push(Record::User(self.user(number)?));
            let journey = Self::journey(number)?;
            markers.extend(self.markers(number, &mut random)?.into_iter().map(Record::Marker));
            journeys.push(Record::Journey(journey));
            if markers.len() >= RECORDS_A_STEP {
                for records in [&mut users, &mut journeys, &mut markers] {
                    add(store, records).await?;
                    records.clear();
                }
            }
        }
        for records in [users, journeys, markers] {
            add(store, &records).await?;
        }
        Ok(())
    }

    /// Returns the account of a rider.
    pub(crate) fn user(&self, number: u32) -> anyhow::Result<UserRecord> {
        Ok(UserRecord {
            user: User {
                id: Self::rider(number),
                email: EmailAddress::parse(&Self::email(number))?,
                is_verified: true,
                name: Name::parse(&format!("Rider {number}"))?,
                contact: Contact::default(),
                password: self.password.clone(),
                credential_version: 0,
                address_version: 0,
            },
            holds_its_address: true,
            mails: Vec::new(),
        })
    }

    /// Returns a journey without its markers.
    pub(crate) fn journey(number: u32) -> anyhow::Result<Journey> {
        Ok(Journey {
            id: Self::journey_id(number),
            user_id: Self::rider(number),
            name: Name::parse(&format!("Journey {number}"))?,
            description: Prose::parse("From one city to the next, and on.")?,
            created_at: today(),
            status: if Self::is_yet_to_end(number) {
                JourneyStatus::Inactive
            } else {
                JourneyStatus::Completed
            },
            visibility: if Self::is_private(number) {
                Visibility::Private
            } else {
                Visibility::Public
            },
        })
    }

    /// Generates the markers of a journey from city to city, usually one a day.
    fn markers(&self, number: u32, random: &mut Rng) -> anyhow::Result<Vec<Marker>> {
        let (count, days_a_leg, markers_a_day) = match number {
            Self::GREAT_TRAVELLER => (MARKERS_OF_THE_GREAT_JOURNEY, 10, 100),
            Self::GREAT_SCRIBE => (MARKERS_OF_THE_LONG_JOURNEY, 10, 1),
            Self::GREAT_PLANNER => (MARKERS_OF_THE_PLANNED_JOURNEY, 10, 1),
            _ => (
                MARKERS_A_JOURNEY,
                MARKERS_A_JOURNEY.div_ceil(random.u32(1..=3)),
                1,
            ),
        };
        let start = self.today + TimeDelta::days(Self::days_until_departure(number));
        let markers_a_leg = days_a_leg * markers_a_day;
        let (mut from, mut to) = (city(random), neighbour(city(random), random));
        let mut markers = Vec::new();
        for marker in 0..count {
            let of_leg = marker % markers_a_leg;
            if marker > 0 && of_leg == 0 {
                (from, to) = (to, neighbour(to, random));
            }
            let on_the_line = along_great_circle(from, to, f64::from(of_leg) / f64::from(markers_a_leg));
            let mut stray =
                |degrees: f64, most: f64| (degrees + (random.f64() - 0.5) * STRAYING).clamp(-most, most);
            let position = Position::new(
                stray(on_the_line.longitude(), 180.0),
                stray(on_the_line.latitude(), 90.0),
                None,
            )?;
            let date = start + Days::new((marker / markers_a_day).into());
            let kind = if date < self.today {
                MarkerKind::Past
            } else {
                MarkerKind::Plan
            };
            markers.push(Marker {
                id: MarkerId(marker_id(number, marker)),
                journey_id: Self::journey_id(number),
                owner_id: Self::rider(number),
                created_at: today() + TimeDelta::milliseconds(marker.into()),
                details: MarkerDetails {
                    name: Name::parse(&format!("Day {}", marker / markers_a_day))?,
                    notes: Prose::parse("Water at the cemetery, bread in the village.")?,
                    kind,
                    position,
                    timestamp: (kind == MarkerKind::Past).then_some(date),
                    estimated_time: (kind == MarkerKind::Plan).then_some(date),
                },
            });
        }
        Ok(markers)
    }
}

/// Adds records of one kind to a store.
pub(crate) async fn add(store: &dyn AdminStore, records: &[Record]) -> anyhow::Result<()> {
    for step in records.chunks(RECORDS_A_STEP) {
        store.add_records(step).await?;
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Kind {
    User,
    Journey,
}

/// Returns an id. Ids ascend with their number, like those of a real service.
fn id(kind: Kind, number: u32) -> ObjectId {
    let [a, b, c, d] = number.to_be_bytes();
    ObjectId::from_bytes([0x69, a, b, c, d, kind as u8, 0, 0, 0, 0, 0, 1])
}

pub(crate) fn marker_id(journey: u32, marker: u32) -> ObjectId {
    let ([a, b, c, d], [e, f, g, h]) = (journey.to_be_bytes(), marker.to_be_bytes());
    ObjectId::from_bytes([0x69, a, b, c, d, e, f, g, h, 0, 0, 2])
}

#[expect(
    clippy::disallowed_methods,
    reason = "the world lies around the day it is measured on"
)]
pub(crate) fn today() -> DateTime<Utc> {
    let now = Utc::now();
    now - TimeDelta::nanoseconds(now.timestamp_subsec_nanos().into())
}
