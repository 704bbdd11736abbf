//! The `coordinates` of any geometry, flat: the type may come behind them.

use std::fmt;

use kairos_domain::geo::Position;
use kairos_domain::line::{LinePosition, MAX_POSITIONS};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::numbers::BadPosition;

/// The most positions of one feature that are held at once.
const MAX_HELD: usize = 2 * MAX_POSITIONS;

/// The positions of a geometry.
#[derive(Default)]
pub(super) struct Coordinates {
    /// The depth of the positions: 1 for a Point.
    pub(super) depth: usize,
    /// The single position of a Point, as it was written.
    pub(super) point: Option<Result<Position, BadPosition>>,
    pub(super) positions: Vec<Result<LinePosition, BadPosition>>,
    /// For each array of positions the index behind its last.
    pub(super) ends: Vec<usize>,
    /// Whether there were more positions than any line may have.
    pub(super) is_too_long: bool,
}

/// Reads an array, nested or not.
pub(super) struct CoordinatesSeed<'a> {
    pub(super) coordinates: &'a mut Coordinates,
    pub(super) level: usize,
    /// How many positions all geometries of the feature at hand hold.
    pub(super) held: &'a mut usize,
}

/// The kind of an array's element.
pub(super) enum Element {
    Number(f64),
    Array,
    Other,
}

impl<'de> DeserializeSeed<'de> for CoordinatesSeed<'_> {
    type Value = Element;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Element, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CoordinatesSeed<'_> {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("coordinates")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Element, A::Error> {
        let (mut numbers, mut count) = ([0.0; 3], 0);
        let mut holds_positions = false;
        let mut holds_other = false;
        loop {
            let positions_before = self.coordinates.ends.len();
            let seed = CoordinatesSeed {
                coordinates: &mut *self.coordinates,
                level: self.level + 1,
                held: &mut *self.held,
            };
            match array.next_element_seed(seed)? {
                Some(Element::Number(number)) => {
                    if let Some(slot) = numbers.get_mut(count) {
                        *slot = number;
                    }
                    count += 1;
                }
                Some(Element::Array) => holds_positions |= self.coordinates.ends.len() == positions_before,
                Some(Element::Other) => holds_other = true,
                None => break,
            }
        }
        let [longitude, latitude, elevation] = numbers;
        if count > 0 || holds_other {
            let position = if count < 2 || holds_other {
                Err(BadPosition::TooFewNumbers)
            } else {
                let elevation = (count > 2).then_some(elevation);
                Position::new(longitude, latitude, elevation).map_err(BadPosition::from)
            };
            self.coordinates.position(self.level, position, self.held);
        } else if holds_positions {
            self.coordinates.end_array();
        }
        Ok(Element::Array)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Element::Other)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Element, E> {
        Ok(Element::Number(number))
    }

    #[expect(clippy::cast_precision_loss, reason = "such a number is out of any range")]
    fn visit_u64<E: Error>(self, number: u64) -> Result<Element, E> {
        Ok(Element::Number(number as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "such a number is out of any range")]
    fn visit_i64<E: Error>(self, number: i64) -> Result<Element, E> {
        Ok(Element::Number(number as f64))
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Element, E> {
        Ok(Element::Other)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Element, E> {
        Ok(Element::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Element, E> {
        Ok(Element::Other)
    }
}

impl Coordinates {
    fn end_array(&mut self) {
        let end = self.positions.len();
        if self.ends.last().copied().unwrap_or(0) < end {
            self.ends.push(end);
        }
    }

    fn position(&mut self, level: usize, position: Result<Position, BadPosition>, held: &mut usize) {
        self.depth = self.depth.max(level);
        if level == 1 {
            self.point = Some(position.clone());
        }
        *held += 1;
        if self.positions.len() > MAX_POSITIONS || *held > MAX_HELD {
            self.is_too_long = true;
            return;
        }
        self.positions
            .push(position.map(|position| LinePosition::new(position, None)));
    }
}
