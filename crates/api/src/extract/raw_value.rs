use serde_json::{Map, Value};

/// A value as received: typed in a JSON document, text in a query or a form.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RawValue<'a> {
    Json(&'a Value),
    Text(&'a str),
    /// A text that equals the stored one. Parsers accept it unchecked.
    Stored(&'a str),
    /// Bytes of a query or a form that are not UTF-8.
    Garbled,
}

/// The fields of one part of a request.
#[derive(Debug)]
pub(super) enum Entries {
    Json(Map<String, Value>),
    /// Names and values as received; a value is `None` if it is not UTF-8. If a name occurs several times,
    /// the last value counts, except for [words](Self::words).
    Text(Vec<(String, Option<String>)>),
}

impl Entries {
    pub(super) fn get(&self, name: &str) -> Option<RawValue<'_>> {
        match self {
            Self::Json(object) => object.get(name).map(RawValue::Json),
            Self::Text(pairs) => named(pairs, name).next_back(),
        }
    }

    /// Returns the words of a field, which may be repeated, separated by commas, or both.
    pub(super) fn words(&self, name: &str) -> Vec<RawValue<'_>> {
        let Self::Text(pairs) = self else {
            return self.get(name).into_iter().collect();
        };
        let mut words = Vec::new();
        for raw in named(pairs, name) {
            match raw {
                RawValue::Text(text) => {
                    let parts = text.split(',').map(str::trim);
                    words.extend(parts.filter(|word| !word.is_empty()).map(RawValue::Text));
                }
                other => words.push(other),
            }
        }
        words
    }
}

fn named<'a>(
    pairs: &'a [(String, Option<String>)],
    name: &str,
) -> impl DoubleEndedIterator<Item = RawValue<'a>> {
    pairs
        .iter()
        .filter(move |(key, _)| key == name)
        .map(|(_, value)| value.as_deref().map_or(RawValue::Garbled, RawValue::Text))
}

impl<'a> RawValue<'a> {
    /// Returns the value as an answer may show it; `None` if it is not UTF-8.
    pub(super) fn to_value(self) -> Option<Value> {
        match self {
            Self::Json(value) => Some(value.clone()),
            Self::Text(text) | Self::Stored(text) => Some(text.into()),
            Self::Garbled => None,
        }
    }

    /// Returns the text of a JSON string, or of a value in a query or a form.
    pub(super) fn as_text(self) -> Option<&'a str> {
        match self {
            Self::Json(value) => value.as_str(),
            Self::Text(text) | Self::Stored(text) => Some(text),
            Self::Garbled => None,
        }
    }

    pub(super) const fn is_null(self) -> bool {
        matches!(self, Self::Json(Value::Null))
    }
}

/// Parses a query or an urlencoded form (WHATWG URL Standard, 5.1).
///
/// A value that is not UTF-8 becomes `None`, so that parsers can reject it.
pub(super) fn urlencoded(text: &[u8]) -> Entries {
    let pairs = text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    let decoded = pairs.filter_map(|pair| {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let name = decode(halves.next().unwrap_or_default())?;
        Some((name, decode(halves.next().unwrap_or_default())))
    });
    Entries::Text(decoded.collect())
}

/// Decodes `+` and percent escapes; returns `None` if the result is not UTF-8.
fn decode(text: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    percent_encoding::percent_decode(&spaced)
        .decode_utf8()
        .ok()
        .map(Into::into)
}
