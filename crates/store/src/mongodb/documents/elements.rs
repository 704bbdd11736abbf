//! Reads the elements of a BSON document without checks that markers do not need.
//!
//! In a list of markers, `RawDocument`'s iterator would take several times as long. The time of a list on
//! MongoDB would then be an eighth longer.

use bson::oid::ObjectId as Oid;
use bson::{DateTime, RawDocument};

/// The value of an element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    /// Null, or undefined.
    Null,
    Boolean(bool),
    /// A number of any type but `Decimal128`.
    Number(f64),
    Text(&'a str),
    Id(Oid),
    Instant(DateTime),
    Document(Elements<'a>),
    Array(Elements<'a>),
    /// A type that no field of a marker has.
    Other,
}

/// The elements of a document: their names and values. `None` is an unreadable element, and the last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Elements<'a>(&'a [u8]);

type Element<'a> = (&'a [u8], Value<'a>);

impl<'a> Elements<'a> {
    pub(super) fn of(document: &'a RawDocument) -> Self {
        Self::within(document.as_bytes()).unwrap_or(Self(&[]))
    }

    /// Returns the elements between a document's length and its terminator.
    fn within(document: &'a [u8]) -> Option<Self> {
        document.get(4..)?.strip_suffix(&[0]).map(Self)
    }

    /// Returns the first value with a name; `None` if there is none.
    pub(super) fn get(mut self, name: &[u8]) -> Option<Value<'a>> {
        self.find_map(|element| element.filter(|(found, _)| *found == name))
            .map(|(_, value)| value)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Option<Element<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let first = split_first(self.0);
        self.0 = first.map_or(&[], |(_, rest)| rest);
        Some(first.map(|(element, _)| element))
    }
}

/// Reads the first element, and returns it with the bytes after it.
fn split_first(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (kind, rest) = bytes.split_first()?;
    let (name, rest) = split_c_string(rest)?;
    let other = |bytes: usize| Some((Value::Other, rest.get(bytes..)?));
    let (value, rest) = match kind {
        0x01 => number(rest, f64::from_le_bytes),
        0x02 => split_text(rest).map(|(text, rest)| (Value::Text(text), rest)),
        0x03 => nested(rest, Value::Document),
        0x04 => nested(rest, Value::Array),
        0x05 => other(length(rest)?.checked_add(5)?),
        0x06 | 0x0a => Some((Value::Null, rest)),
        0x07 => fixed(rest, |bytes| Value::Id(Oid::from_bytes(bytes))),
        0x08 => fixed(rest, |[byte]: [u8; 1]| Value::Boolean(byte == 1)),
        0x09 => fixed(rest, |bytes| {
            Value::Instant(DateTime::from_millis(i64::from_le_bytes(bytes)))
        }),
        0x0b => {
            let (_, rest) = split_c_string(rest)?;
            split_c_string(rest).map(|(_, rest)| (Value::Other, rest))
        }
        0x0c => other(length(rest)?.checked_add(4 + 12)?),
        0x0d | 0x0e => other(length(rest)?.checked_add(4)?),
        0x0f => other(length(rest)?),
        0x10 => number(rest, |bytes| f64::from(i32::from_le_bytes(bytes))),
        0x11 => other(8),
        #[expect(clippy::cast_precision_loss, reason = "no place has 2^53 degrees")]
        0x12 => number(rest, |bytes| i64::from_le_bytes(bytes) as f64),
        0x13 => other(16),
        0x7f | 0xff => other(0),
        _ => None,
    }?;
    Some(((name, value), rest))
}

fn nested<'a>(
    bytes: &'a [u8],
    read: impl FnOnce(Elements<'a>) -> Value<'a>,
) -> Option<(Value<'a>, &'a [u8])> {
    let (document, rest) = bytes.split_at_checked(length(bytes)?)?;
    Some((read(Elements::within(document)?), rest))
}

fn fixed<'a, const N: usize>(
    bytes: &'a [u8],
    read: impl FnOnce([u8; N]) -> Value<'a>,
) -> Option<(Value<'a>, &'a [u8])> {
    let (value, rest) = bytes.split_first_chunk()?;
    Some((read(*value), rest))
}

fn number<'a, const N: usize>(
    bytes: &'a [u8],
    read: impl FnOnce([u8; N]) -> f64,
) -> Option<(Value<'a>, &'a [u8])> {
    fixed(bytes, |bytes| Value::Number(read(bytes)))
}

fn length(bytes: &[u8]) -> Option<usize> {
    let length = i32::from_le_bytes(*bytes.first_chunk()?);
    usize::try_from(length).ok()
}

fn split_c_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}

fn split_text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (text, rest) = bytes.get(4..)?.split_at_checked(length(bytes)?)?;
    Some((std::str::from_utf8(text.strip_suffix(&[0])?).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use bson::spec::BinarySubtype;
    use bson::{
        Binary, Bson, Decimal128, Document, JavaScriptCodeWithScope, RawBsonRef, RawDocumentBuf, Regex,
        Timestamp, doc,
    };
    use proptest::prelude::*;

    use super::*;

    /// Converts a value of the driver's own reader.
    fn value(read: RawBsonRef<'_>) -> Value<'_> {
        match read {
            RawBsonRef::Null | RawBsonRef::Undefined => Value::Null,
            RawBsonRef::Boolean(value) => Value::Boolean(value),
            RawBsonRef::Double(number) => Value::Number(number),
            RawBsonRef::Int32(number) => Value::Number(f64::from(number)),
            RawBsonRef::Int64(number) => Value::Number(number as f64),
            RawBsonRef::String(text) => Value::Text(text),
            RawBsonRef::ObjectId(id) => Value::Id(id),
            RawBsonRef::DateTime(instant) => Value::Instant(instant),
            RawBsonRef::Document(nested) => Value::Document(Elements::of(nested)),
            RawBsonRef::Array(nested) => Value::Array(Elements::within(nested.as_bytes()).unwrap()),
            _ => Value::Other,
        }
    }

    fn any_bson() -> impl Strategy<Value = Bson> {
        let leaf = prop_oneof![
            Just(Bson::Null),
            Just(Bson::Undefined),
            Just(Bson::MinKey),
            Just(Bson::MaxKey),
            any::<bool>().prop_map(Bson::Boolean),
            any::<i32>().prop_map(Bson::Int32),
            any::<i64>().prop_map(Bson::Int64),
            (-1e9..1e9).prop_map(Bson::Double),
            any::<String>().prop_map(Bson::String),
            any::<String>().prop_map(Bson::JavaScriptCode),
            any::<String>().prop_map(Bson::Symbol),
            any::<[u8; 12]>().prop_map(|bytes| Bson::ObjectId(Oid::from_bytes(bytes))),
            any::<i64>().prop_map(|millis| Bson::DateTime(DateTime::from_millis(millis))),
            any::<[u8; 16]>().prop_map(|bytes| Bson::Decimal128(Decimal128::from_bytes(bytes))),
            any::<Vec<u8>>().prop_map(|bytes| {
                let subtype = BinarySubtype::Generic;
                Bson::Binary(Binary { subtype, bytes })
            }),
            any::<(u32, u32)>().prop_map(|(time, increment)| Bson::Timestamp(Timestamp { time, increment })),
            "[a-z]{0,5}".prop_map(|pattern| {
                let (pattern, options) = (pattern.try_into().unwrap(), "i".to_owned().try_into().unwrap());
                Bson::RegularExpression(Regex { pattern, options })
            }),
            any::<String>().prop_map(|code| {
                let scope = doc! { "a": 1 };
                Bson::JavaScriptCodeWithScope(JavaScriptCodeWithScope { code, scope })
            }),
        ];
        leaf.prop_recursive(3, 20, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Bson::Array),
                prop::collection::vec(("[a-zé]{0,9}", inner), 0..5)
                    .prop_map(|elements| Bson::Document(elements.into_iter().collect())),
            ]
        })
    }

    fn any_document() -> impl Strategy<Value = Document> {
        prop::collection::vec(("[a-zé_]{0,9}", any_bson()), 0..12)
            .prop_map(|elements| elements.into_iter().collect())
    }

    proptest! {
        #[test]
        fn elements_are_those_that_the_driver_reads(document in any_document()) {
            let document = RawDocumentBuf::try_from(&document).unwrap();
            let expected: Vec<_> = document
                .iter()
                .map(|element| element.map(|(name, read)| (name.as_str().as_bytes(), value(read))).ok())
                .collect();
            prop_assert_eq!(Elements::of(&document).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn a_document_that_is_cut_off_or_damaged_is_read_up_to_there(
            document in any_document(),
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
        ) {
            let mut bytes = RawDocumentBuf::try_from(&document).unwrap().into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            for damaged in [&bytes[..], &bytes[..at]] {
                if let Some(elements) = Elements::within(damaged) {
                    let unreadable = elements.filter(Option::is_none).count();
                    prop_assert!(unreadable <= 1);
                }
            }
        }
    }

    #[test]
    fn a_value_is_found_by_its_name() {
        let document = RawDocumentBuf::try_from(&doc! { "a": 1, "b": { "a": 2 }, "c": "d" }).unwrap();
        let elements = Elements::of(&document);
        assert_eq!(elements.get(b"c"), Some(Value::Text("d")));
        assert_eq!(elements.get(b"a"), Some(Value::Number(1.0)));
        assert_eq!(elements.get(b"d"), None);
    }
}
