//! Reads GeoJSON, feature by feature.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::OWN_MEMBER;
use super::coordinates::{Coordinates, CoordinatesSeed};
use super::guard::Guard;
use super::properties::{Properties, Text};
use crate::collector::Collector;
use crate::input::Input;
use crate::{MAX_TEXT_BYTES, ReadError, ReadErrorKind};

mod features;
pub(super) mod own;

/// Reads any GeoJSON object.
pub(crate) fn read(input: Input<'_>, collector: &mut Collector<'_>) -> Result<(), ReadError> {
    let mut guard = Guard::new(input);
    let mut context = Context {
        collector,
        fault: None,
        held: 0,
    };
    let mut json = serde_json::Deserializer::from_reader(&mut guard);
    let seed = ObjectSeed {
        context: &mut context,
        is_root: true,
    };
    let result = seed.deserialize(&mut json).and_then(|node| {
        json.end()?;
        Ok(node)
    });
    let line = guard.line();
    let node = match result {
        Ok(node) => node,
        Err(error) => {
            let kind = guard.fault().or(context.fault.take()).unwrap_or_else(|| {
                if error.is_eof() {
                    ReadErrorKind::Truncated
                } else {
                    ReadErrorKind::Malformed(error.to_string())
                }
            });
            return Err(kind.at_line(line));
        }
    };
    match node.kind.as_deref() {
        // Its features are done.
        Some("FeatureCollection") => {
            let about = own::About {
                name: node.name,
                description: node.description,
            };
            own::describe(collector, about, node.properties).map_err(ReadErrorKind::nowhere)
        }
        Some(kind) if kind == "Feature" || features::is_geometry(kind) => {
            let name = node
                .properties
                .as_ref()
                .and_then(|properties| properties.name.clone());
            let about = own::About {
                name: node.name.clone().or(name),
                description: node.description.clone(),
            };
            own::describe(collector, about, None).map_err(ReadErrorKind::nowhere)?;
            features::feature(collector, node, "").map_err(ReadErrorKind::nowhere)
        }
        _ => Err(ReadErrorKind::UnsupportedType.nowhere()),
    }
}

/// The state that the visitors share.
struct Context<'a, 'b> {
    collector: &'a mut Collector<'b>,
    /// Why reading stopped, if it wasn't the parser's decision.
    fault: Option<ReadErrorKind>,
    /// How many positions the feature at hand holds.
    held: usize,
}

impl Context<'_, '_> {
    fn stop<E: serde::de::Error>(&mut self, kind: ReadErrorKind) -> E {
        let error = E::custom(&kind);
        self.fault = Some(kind);
        error
    }
}

/// An object, whatever its type: a type may come last.
#[derive(Default)]
struct Node {
    kind: Option<String>,
    coordinates: Option<Coordinates>,
    properties: Option<Properties>,
    geometry: Option<Box<Self>>,
    geometries: Vec<Self>,
    name: Option<String>,
    description: Option<String>,
}

struct ObjectSeed<'c, 'a, 'b> {
    context: &'c mut Context<'a, 'b>,
    is_root: bool,
}

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_, '_, '_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ObjectSeed<'_, '_, '_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Node, E> {
        Ok(Node::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let Self { context, is_root } = self;
        let mut node = Node::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => node.kind = map.next_value::<Text>()?.0,
                "coordinates" => {
                    let mut coordinates = Coordinates::default();
                    let held = &mut context.held;
                    map.next_value_seed(CoordinatesSeed {
                        coordinates: &mut coordinates,
                        level: 1,
                        held,
                    })?;
                    node.coordinates = Some(coordinates);
                }
                "properties" => {
                    let properties: Properties = map.next_value()?;
                    let texts = [&properties.name, &properties.notes];
                    if texts
                        .into_iter()
                        .flatten()
                        .any(|text| text.len() > MAX_TEXT_BYTES)
                    {
                        return Err(context.stop(ReadErrorKind::TextTooLong));
                    }
                    node.properties = Some(properties);
                }
                "geometry" => {
                    let seed = ObjectSeed {
                        context: &mut *context,
                        is_root: false,
                    };
                    node.geometry = Some(Box::new(map.next_value_seed(seed)?));
                }
                "geometries" => map.next_value_seed(ArraySeed {
                    context: &mut *context,
                    take: Take::Geometries(&mut node.geometries),
                })?,
                "features" if is_root => {
                    map.next_value_seed(ArraySeed {
                        context: &mut *context,
                        take: Take::Features,
                    })?;
                }
                OWN_MEMBER if is_root => {
                    let member: own::Member = map.next_value()?;
                    own::read(context.collector, member).map_err(|kind| context.stop(kind))?;
                }
                "name" if is_root => node.name = text(context, &mut map)?,
                "description" if is_root => node.description = text(context, &mut map)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(node)
    }
}

fn text<'de, A: MapAccess<'de>>(
    context: &mut Context<'_, '_>,
    map: &mut A,
) -> Result<Option<String>, A::Error> {
    let Text(text) = map.next_value()?;
    if text.as_ref().is_some_and(|text| text.len() > MAX_TEXT_BYTES) {
        return Err(context.stop(ReadErrorKind::TextTooLong));
    }
    Ok(text)
}

enum Take<'t> {
    Features,
    Geometries(&'t mut Vec<Node>),
}

struct ArraySeed<'c, 'a, 'b, 't> {
    context: &'c mut Context<'a, 'b>,
    take: Take<'t>,
}

impl<'de> DeserializeSeed<'de> for ArraySeed<'_, '_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ArraySeed<'_, '_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut array: A) -> Result<(), A::Error> {
        for index in 0.. {
            let seed = ObjectSeed {
                context: &mut *self.context,
                is_root: false,
            };
            let Some(node) = array.next_element_seed(seed)? else {
                break;
            };
            match &mut self.take {
                Take::Geometries(geometries) => geometries.push(node),
                Take::Features => {
                    self.context.held = 0;
                    if node.kind.is_none() {
                        continue;
                    }
                    let place = format!("features[{index}]");
                    let done = features::feature(self.context.collector, node, &place);
                    done.map_err(|kind| self.context.stop(kind))?;
                }
            }
        }
        Ok(())
    }
}
