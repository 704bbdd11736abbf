//! The `properties` of a feature, as far as they are of use.

use std::fmt;

use kairos_domain::line::MAX_POSITIONS;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use crate::numbers;

/// Texts by what they mean, and the times of the positions.
#[derive(Default)]
pub(super) struct Properties {
    pub(super) name: Option<String>,
    pub(super) notes: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) time: Option<String>,
    pub(super) timestamp: Option<String>,
    pub(super) estimated_time: Option<String>,
    /// In milliseconds since 1970, flat, in order of the positions.
    pub(super) times: Vec<Option<i64>>,
}

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PropertiesVisitor)
    }
}

struct PropertiesVisitor;

impl<'de> Visitor<'de> for PropertiesVisitor {
    type Value = Properties;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("properties")
    }

    fn visit_unit<E: Error>(self) -> Result<Properties, E> {
        Ok(Properties::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Properties, A::Error> {
        let mut properties = Properties::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "name" | "title" => set(&mut properties.name, map.next_value()?),
                "notes" | "desc" | "description" => set(&mut properties.notes, map.next_value()?),
                "type" | "marker_type" => set(&mut properties.kind, map.next_value()?),
                "time" => set(&mut properties.time, map.next_value()?),
                "timestamp" => set(&mut properties.timestamp, map.next_value()?),
                "estimated_time" => set(&mut properties.estimated_time, map.next_value()?),
                // The second is what togeojson wrote until its version 4.
                "times" | "coordTimes" => map.next_value_seed(Times(&mut properties.times))?,
                "coordinateProperties" => {
                    let inner: Self::Value = map.next_value()?;
                    properties.times = inner.times;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(properties)
    }
}

fn set(slot: &mut Option<String>, Text(text): Text) {
    if text.is_some() {
        *slot = text;
    }
}

/// A string, or a number as one; anything else is passed over.
pub(super) struct Text(pub(super) Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(Some(text.to_owned())))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Text, E> {
                Ok(Text(Some(number.to_string())))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Text, E> {
                Ok(Text(Some(number.to_string())))
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<Text, E> {
                Ok(Text(Some(number.to_string())))
            }
            fn visit_bool<E: Error>(self, _: bool) -> Result<Text, E> {
                Ok(Text(None))
            }
            fn visit_unit<E: Error>(self) -> Result<Text, E> {
                Ok(Text(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Text, A::Error> {
                while array.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

/// Arrays of times, nested or not.
struct Times<'a>(&'a mut Vec<Option<i64>>);

impl Times<'_> {
    fn push(self, time: Option<i64>) {
        // One more than fits tells that there are too many.
        if self.0.len() <= MAX_POSITIONS {
            self.0.push(time);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Times<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Times<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("times")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while array.next_element_seed(Times(&mut *self.0))?.is_some() {}
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.push(numbers::time(text).map(|time| time.timestamp_millis()));
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.push(None);
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.push(None);
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.push(None);
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.push(None);
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.push(None);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.push(None);
        Ok(())
    }
}
