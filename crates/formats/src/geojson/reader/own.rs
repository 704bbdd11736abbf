//! The file's data about the journey.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize};

use super::super::properties::Properties;
use crate::collector::Collector;
use crate::numbers::date;
use crate::{MAX_TEXT_BYTES, ReadErrorKind, Schedule};

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

/// The most rest days of a schedule; a file could name millions.
const MAX_REST_DAYS: usize = 366;

/// Reads the first [`MAX_REST_DAYS`] elements of an array.
fn few<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct Few<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Few<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Vec<T>, A::Error> {
            let mut elements = Vec::new();
            while elements.len() < MAX_REST_DAYS
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
            start_date: schedule.start_date.to_string(),
            meters_per_day: schedule.meters_per_day,
            rest_dates: schedule.rest_dates.iter().map(ToString::to_string).collect(),
            rest_weekdays: schedule.rest_weekdays.clone(),
        }
    }
}

impl ScheduleMember {
    fn schedule(&self) -> Option<Schedule> {
        Some(Schedule {
            start_date: date(&self.start_date)?,
            meters_per_day: self.meters_per_day,
            rest_dates: self.rest_dates.iter().filter_map(|text| date(text)).collect(),
            rest_weekdays: self.rest_weekdays.clone(),
        })
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
