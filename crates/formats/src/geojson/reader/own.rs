//! The file's data about the journey.

use std::fmt;
use std::marker::PhantomData;

use kairos_domain::schedule::Schedule;
use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize};

use super::super::properties::Properties;
use crate::collector::Collector;
use crate::numbers::date;
use crate::{MAX_TEXT_BYTES, ReadErrorKind};

/// The member that this service writes, with everything that GeoJSON has no place for.
#[derive(Default, DeriveDeserialize, Serialize)]
#[serde(default)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) schedule: Option<ScheduleMember>,
}

#[derive(Default, DeriveDeserialize, Serialize)]
#[serde(default)]
pub(crate) struct ScheduleMember {
    start_date: String,
    meters_per_day: u32,
    #[serde(deserialize_with = "few")]
    rest_dates: Vec<String>,
    #[serde(deserialize_with = "few")]
    rest_weekdays: Vec<u8>,
}

/// Reads the first [`Schedule::MAX_REST_DATES`] elements of an array. A file could have millions.
fn few<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct Few<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Few<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Vec<T>, A::Error> {
            let mut elements = Vec::new();
            while elements.len() < Schedule::MAX_REST_DATES
                && let Some(element) = array.next_element()?
            {
                elements.push(element);
            }
            while array.next_element::<IgnoredAny>()?.is_some() {}
            Ok(elements)
        }
    }
    deserializer.deserialize_seq(Few(PhantomData))
}

impl From<&Schedule> for ScheduleMember {
    fn from(schedule: &Schedule) -> Self {
        Self {
            start_date: schedule.start_date().to_string(),
            meters_per_day: schedule.metres_per_day(),
            rest_dates: schedule.rest_dates().iter().map(ToString::to_string).collect(),
            rest_weekdays: schedule.rest_weekdays().to_vec(),
        }
    }
}

impl ScheduleMember {
    /// Returns the schedule, or `None` if it is invalid.
    fn schedule(&self) -> Option<Schedule> {
        let rest_dates = self.rest_dates.iter().filter_map(|text| date(text)).collect();
        let rest_weekdays = self.rest_weekdays.clone();
        Schedule::new(
            date(&self.start_date)?,
            self.meters_per_day,
            rest_dates,
            rest_weekdays,
        )
        .ok()
    }
}

pub(super) fn read(collector: &mut Collector<'_>, member: Member) -> Result<(), ReadErrorKind> {
    if member.name.len().max(member.description.len()) > MAX_TEXT_BYTES {
        return Err(ReadErrorKind::TextTooLong);
    }
    collector.is_own = true;
    collector.file().schedule = member.schedule.as_ref().and_then(ScheduleMember::schedule);
    let about = About {
        name: Some(member.name),
        description: Some(member.description),
    };
    describe(collector, about, None)
}

/// The file's data about itself.
pub(super) struct About {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
}

/// Keeps what the file says about itself; the member that this service writes counts more.
pub(super) fn describe(
    collector: &mut Collector<'_>,
    about: About,
    properties: Option<Properties>,
) -> Result<(), ReadErrorKind> {
    let properties = properties.unwrap_or_default();
    if let Some(name) = about.name.or(properties.name)
        && collector.file().name.is_none()
    {
        let name = collector.name(&name, "the name of the file")?;
        collector.file().name = name;
    }
    if let Some(text) = about.description.or(properties.notes)
        && collector.file().description.is_none()
    {
        let text = collector.prose(&text, "the description of the file")?;
        collector.file().description = Some(text);
    }
    Ok(())
}
