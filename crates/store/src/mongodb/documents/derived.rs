//! The derived fields of a marker: its riding order, its position and its cells in the spatial index. They
//! are stored in one sub-document.

use bson::{Bson, Document, RawDocument};
use chrono::{DateTime, Datelike as _, NaiveDate};
use kairos_domain::discovery::DatedMarker;
use kairos_domain::geo::Position;
use kairos_domain::id::{MarkerId, ObjectId};
use kairos_domain::marker::{MarkerKind, MarkerPlace, RidingOrder};

use super::binary;
use super::marker::Fields;
use crate::spatial_index::{CODE_LEVELS, MortonCell};

/// The value of `derived.cells` for a marker whose position is unreadable. Readable markers have numbers
/// there.
pub(in crate::mongodb) const NOWHERE: &str = "nowhere";

#[derive(Debug, PartialEq)]
pub(in crate::mongodb) struct Derived {
    /// The sub-document `derived`.
    pub(in crate::mongodb) document: Document,
    /// The marker's contribution to the itinerary; `None` if the marker has no day.
    pub(in crate::mongodb) dated: Option<DatedMarker>,
}

impl Derived {
    /// Computes the derived fields of a stored marker, without those whose source is unreadable.
    pub(in crate::mongodb) fn of(document: &RawDocument) -> Self {
        let fields = Fields::of(document);
        let order = fields.as_ref().and_then(|fields| fields.order().ok());
        let position = fields.as_ref().and_then(|fields| fields.position().ok());
        Self {
            document: derived(order, position),
            dated: order
                .zip(position)
                .and_then(|(order, position)| dated(MarkerPlace { order, position })),
        }
    }
}

pub(super) fn derived(order: Option<RidingOrder>, position: Option<Position>) -> Document {
    let mut document = Document::new();
    if let Some(order) = order {
        document.insert("order", binary(riding_order_bytes(&order)));
    }
    let Some(position) = position else {
        document.insert("cells", NOWHERE);
        return document;
    };
    document.insert("place", binary(place(position)));
    document.insert(
        "cells",
        MortonCell::codes(position, CODE_LEVELS).map(Bson::from).to_vec(),
    );
    document
}

/// The value of the day in the riding order of a marker without one. Such markers sort last.
const NO_DAY: u32 = u32::MAX;

/// Encodes a riding order as bytes that sort in the same way: kind, day, instant of creation, id.
pub(in crate::mongodb) fn riding_order_bytes(order: &RidingOrder) -> [u8; 1 + 4 + 8 + 12] {
    let day = order
        .day
        .and_then(|day| u32::try_from(day.num_days_from_ce()).ok());
    // Inverting the sign bit sorts negative numbers first.
    let created_at = order.created_at.timestamp_millis() ^ i64::MIN;
    let mut bytes = [0; _];
    let parts = [u8::from(order.kind == MarkerKind::Plan)]
        .into_iter()
        .chain(day.unwrap_or(NO_DAY).to_be_bytes())
        .chain(created_at.to_be_bytes())
        .chain(order.id.0.bytes());
    bytes.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
    bytes
}

pub(in crate::mongodb) fn riding_order(bytes: &[u8]) -> Option<RidingOrder> {
    let (kind, rest) = bytes.split_first()?;
    let (day, rest) = rest.split_first_chunk()?;
    let (created_at, id) = rest.split_first_chunk()?;
    let day = match u32::from_be_bytes(*day) {
        NO_DAY => None,
        day => Some(NaiveDate::from_num_days_from_ce_opt(i32::try_from(day).ok()?)?),
    };
    Some(RidingOrder {
        kind: if *kind == 0 {
            MarkerKind::Past
        } else {
            MarkerKind::Plan
        },
        day,
        created_at: DateTime::from_timestamp_millis(i64::from_be_bytes(*created_at) ^ i64::MIN)?,
        id: MarkerId(ObjectId::from_bytes(id.try_into().ok()?)),
    })
}

fn dated(MarkerPlace { order, position }: MarkerPlace) -> Option<DatedMarker> {
    Some(DatedMarker {
        id: order.id,
        created_at: order.created_at,
        kind: order.kind,
        date: order.day?,
        position,
    })
}

/// Encodes a position: longitude, latitude, and elevation or NaN.
fn place(position: Position) -> [u8; 24] {
    let numbers = [
        position.longitude(),
        position.latitude(),
        position.elevation().unwrap_or(f64::NAN),
    ];
    let mut bytes = [0; 24];
    let parts = numbers.into_iter().flat_map(f64::to_le_bytes);
    bytes.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
    bytes
}

/// Reads a marker's position from its derived fields.
pub(in crate::mongodb) fn place_of(document: &RawDocument) -> Option<Position> {
    let bytes = document
        .get_document("derived")
        .ok()?
        .get_binary("place")
        .ok()?
        .bytes;
    let (longitude, rest) = bytes.split_first_chunk()?;
    let (latitude, elevation) = rest.split_first_chunk()?;
    let elevation = f64::from_le_bytes(elevation.try_into().ok()?);
    Position::new(
        f64::from_le_bytes(*longitude),
        f64::from_le_bytes(*latitude),
        Some(elevation).filter(|elevation| !elevation.is_nan()),
    )
    .ok()
}

/// Reads a marker's riding order from its derived fields.
pub(in crate::mongodb) fn order_of(document: &RawDocument) -> Option<&[u8]> {
    let derived = document.get_document("derived").ok()?;
    Some(derived.get_binary("order").ok()?.bytes)
}

/// Reads a marker's riding order and position from an entry of the index in riding order.
pub(in crate::mongodb) fn marker_place_of_index(document: &RawDocument) -> Option<MarkerPlace> {
    Some(MarkerPlace {
        order: riding_order(order_of(document)?)?,
        position: place_of(document)?,
    })
}

/// Reads a dated marker from an entry of the index in riding order.
pub(in crate::mongodb) fn dated_marker_of_index(document: &RawDocument) -> Option<DatedMarker> {
    dated(marker_place_of_index(document)?)
}

#[cfg(test)]
mod tests {
    use kairos_domain::id::{JourneyId, UserId};
    use kairos_domain::marker::{Marker, MarkerDetails};
    use kairos_domain::text::{Name, Prose};
    use proptest::prelude::*;

    use super::super::{marker, marker_document, marker_place};
    use super::*;

    fn markers() -> impl Strategy<Value = Marker> {
        let date = prop_oneof![
            Just(None),
            (1..3_652_059).prop_map(NaiveDate::from_num_days_from_ce_opt)
        ];
        (any::<bool>(), date, -5_i64..5, 0_u8..4).prop_map(|(is_past, date, millis, number)| Marker {
            id: MarkerId(ObjectId::from_bytes([number; 12])),
            journey_id: JourneyId(ObjectId::from_bytes([0; 12])),
            owner_id: UserId(ObjectId::from_bytes([0; 12])),
            created_at: DateTime::from_timestamp_millis(millis).unwrap(),
            details: MarkerDetails {
                name: Name::stored("Camp".to_owned()),
                notes: Prose::default(),
                kind: if is_past {
                    MarkerKind::Past
                } else {
                    MarkerKind::Plan
                },
                position: Position::new(-0.0, 90.0, Some(7.5)).unwrap(),
                timestamp: date.filter(|_| is_past),
                estimated_time: date.filter(|_| !is_past),
            },
        })
    }

    proptest! {
        #[test]
        fn what_is_derived_says_order_day_and_place(one in markers(), other in markers()) {
            let raw = |marker: &Marker| bson::RawDocumentBuf::try_from(&marker_document(marker)).unwrap();
            let (raw_one, raw_other) = (raw(&one), raw(&other));
            let derived = order_of(&raw_one).unwrap().cmp(order_of(&raw_other).unwrap());
            prop_assert_eq!(derived, one.riding_order().cmp(&other.riding_order()));
            prop_assert_eq!(dated_marker_of_index(&raw_one), DatedMarker::of(&one));
            let place = MarkerPlace { order: one.riding_order(), position: one.details.position };
            prop_assert_eq!(marker_place_of_index(&raw_one), Some(place));
            prop_assert_eq!(marker_place(&raw_one).unwrap(), place);
            let anew = Derived::of(&raw_one);
            let written = marker_document(&one);
            prop_assert_eq!(Some(&Bson::from(anew.document)), written.get("derived"));
            prop_assert_eq!(anew.dated, DatedMarker::of(&one));
            prop_assert_eq!(marker(&raw_one, None).unwrap(), Some(one));
        }
    }
}
