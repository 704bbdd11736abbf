//! Limits on the number of values in a body. A parsed value takes up to 100 times its bytes.

use super::validation_error::Objection;

/// The most values in a JSON document.
const MAX_VALUES: usize = 100_000;

/// The most fields in a form.
const MAX_FIELDS: usize = 1_000;

/// The most items in a list of words.
const MAX_WORDS: usize = 100;

/// Checks the number of values in a JSON document before they are parsed.
pub(super) fn check_values(json: &[u8]) -> Result<(), Objection> {
    let mut values = 0;
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            // Every value but the first of the document follows one of these bytes.
            b'[' | b'{' | b',' => values += 1,
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
    }
    check(values, MAX_VALUES, "Document should have", "values")
}

fn skip_string<'a>(bytes: &mut impl Iterator<Item = &'a u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
}

/// Checks the number of fields in a form.
pub(super) fn check_fields(fields: usize) -> Result<(), Objection> {
    check(fields, MAX_FIELDS, "Form should have", "fields")
}

/// Checks the number of items in a list of words.
pub(super) fn check_words(words: usize) -> Result<(), Objection> {
    check(words, MAX_WORDS, "List should have", "items")
}

fn check(count: usize, most: usize, subject: &str, items: &str) -> Result<(), Objection> {
    if count > most {
        return Err(Objection::new(
            "too_long",
            format!("{subject} at most {most} {items}"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_outside_of_strings() {
        let commas = ",".repeat(MAX_VALUES);
        let text = format!(r#"{{"a\\": "{commas}", "b": "\"{commas}[{{"}}"#);
        assert!(check_values(text.as_bytes()).is_ok());
        for value in ["[0]", "{}", "0", r#""\\""#] {
            let list = |length| format!("[{}]", vec![value; length].join(","));
            assert!(check_values(list(MAX_VALUES / 2).as_bytes()).is_ok(), "{value}");
            assert!(check_values(list(MAX_VALUES + 1).as_bytes()).is_err(), "{value}");
        }
    }
}
