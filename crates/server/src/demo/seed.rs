//! Fills a store with one verified rider on each route.

use std::net::Ipv4Addr;

use anyhow::Context as _;
use chrono::{DateTime, NaiveDate, Utc};
use kairos_domain::client::Client;
use kairos_domain::email_address::EmailAddress;
use kairos_domain::geo::Position;
use kairos_domain::id::{IdSource, JourneyId, MailId, MarkerId, UserId};
use kairos_domain::journey::{Journey, JourneyStatus, Visibility};
use kairos_domain::line::{EncodedLine, Line, LineBuilder, LineKind, LinePosition};
use kairos_domain::mail::{MailKind, OutboxMail};
use kairos_domain::marker::{Marker, MarkerDetails, MarkerKind};
use kairos_domain::password::{NewPassword, PasswordHash};
use kairos_domain::store::{ContentsChange, LineChange, MarkerChange, Registration, Store, Write};
use kairos_domain::text::{Name, ProfileLine, Prose};
use kairos_domain::user::{Contact, User};

use crate::compose::Service;

use super::routes::{Route, Waypoint, routes_around};

/// The riders of the demo, in the order of its routes.
const RIDERS: [(&str, &str); 9] = [
    ("Ada", "Portugal"),
    ("Bruno", "Switzerland"),
    ("Chiara", "Italy"),
    ("Dora", "Hungary"),
    ("Ellis", "Canada"),
    ("Farid", "Uzbekistan"),
    ("Grace", "New Zealand"),
    ("Hanna", "Norway"),
    ("Inoke", "Fiji"),
];

/// The password of every rider of the demo. There is nothing to protect.
const PASSWORD: &str = "demo-password";

/// The rider whose account a visitor of the demo uses.
pub(crate) struct DemoRider {
    /// The e-mail address.
    pub(crate) email: String,
    pub(crate) password: &'static str,
    /// The journey of the rider.
    pub(crate) journey_id: JourneyId,
}

/// Adds the riders with their journeys, markers and routes, and returns the first rider.
pub(crate) async fn seed(service: &Service) -> anyhow::Result<DemoRider> {
    let today = service.clock.today();
    let this_machine = Client::at(Ipv4Addr::LOCALHOST.into());
    let seeder = Seeder {
        store: &*service.store,
        ids: IdSource::new(&*service.randomness),
        now: service.clock.now(),
        today,
        password: service
            .passwords
            .hash(this_machine, NewPassword::parse(PASSWORD)?)
            .await?,
    };
    let mut first = None;
    for ((name, country), route) in RIDERS.iter().zip(routes_around(today)?) {
        let (email, journey_id) = seeder.add_rider(name, country, &route).await?;
        first.get_or_insert(DemoRider {
            email,
            password: PASSWORD,
            journey_id,
        });
    }
    first.context("the demo has no rider")
}

struct Seeder<'a> {
    store: &'a dyn Store,
    ids: IdSource,
    now: DateTime<Utc>,
    today: NaiveDate,
    password: PasswordHash,
}

impl Seeder<'_> {
    async fn add_rider(
        &self,
        name: &str,
        country: &str,
        route: &Route,
    ) -> anyhow::Result<(String, JourneyId)> {
        let email = format!("{}@example.org", name.to_lowercase());
        let user = User {
            id: UserId(self.ids.next(self.now)),
            email: EmailAddress::parse(&email)?,
            is_verified: true,
            name: Name::parse(name)?,
            contact: Contact {
                country: Some(ProfileLine::parse(country)?),
                ..Contact::default()
            },
            password: self.password.clone(),
            credential_version: 0,
            address_version: 0,
        };
        // Every new account comes with a verification mail. The worker drops this one, since the account is
        // already verified.
        let mail = OutboxMail {
            id: MailId(self.ids.next(self.now)),
            user_id: user.id,
            to: user.email.clone(),
            kind: MailKind::VerifyEmail,
            created_at: self.now,
            attempts: 0,
        };
        let rider = user.id;
        let registration = Registration {
            user,
            mail,
            invitation: None,
        };
        self.store.register_user(&registration).await?;
        let write = Write {
            rider,
            now: self.now,
            is_limited: false,
            key: None,
        };
        let journey = Journey {
            id: JourneyId(self.ids.next(self.now)),
            user_id: rider,
            name: Name::parse(&route.name)?,
            description: Prose::default(),
            created_at: self.now,
            status: self.status(route),
            visibility: Visibility::Public,
        };
        let markers = route.waypoints.iter().map(|waypoint| {
            let marker = self.marker(&journey, waypoint)?;
            Ok(MarkerChange::Insert(marker))
        });
        let contents = ContentsChange {
            markers: markers.collect::<anyhow::Result<_>>()?,
            route: Some(LineChange {
                before: None,
                after: Some(EncodedLine::of(&line(route)?, LineKind::Route)),
            }),
            ..ContentsChange::none(journey.id)
        };
        self.store
            .insert_journey_with(&journey, &contents, &write)
            .await?;
        Ok((email, journey.id))
    }

    /// Returns the status of a journey: active from its first day to its last, then completed.
    fn status(&self, route: &Route) -> JourneyStatus {
        let mut days = route.waypoints.iter().map(|waypoint| waypoint.date);
        match (days.next(), days.next_back()) {
            (_, Some(last)) if last < self.today => JourneyStatus::Completed,
            (Some(first), _) if first <= self.today => JourneyStatus::Active,
            _ => JourneyStatus::Inactive,
        }
    }

    fn marker(&self, journey: &Journey, waypoint: &Waypoint) -> anyhow::Result<Marker> {
        let [longitude, latitude] = waypoint.coordinates;
        let reached = waypoint.date <= self.today;
        Ok(Marker {
            id: MarkerId(self.ids.next(self.now)),
            journey_id: journey.id,
            owner_id: journey.user_id,
            created_at: self.now,
            details: MarkerDetails {
                name: Name::parse(&waypoint.name)?,
                notes: Prose::default(),
                kind: if reached {
                    MarkerKind::Past
                } else {
                    MarkerKind::Plan
                },
                position: Position::new(longitude, latitude, None)?,
                timestamp: reached.then_some(waypoint.date),
                estimated_time: (!reached).then_some(waypoint.date),
            },
        })
    }
}

/// Returns the line from town to town.
fn line(route: &Route) -> anyhow::Result<Line> {
    let mut builder = LineBuilder::default();
    for waypoint in &route.waypoints {
        let [longitude, latitude] = waypoint.coordinates;
        let position = Position::new(longitude, latitude, None)?;
        builder.push(LinePosition::new(position, None))?;
    }
    Ok(builder.finish())
}
