//! Output for the person who started the program. Everything else goes to the log.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Write as _};

use console::{Term, truncate_str};
use serde::Serialize;

/// Prints a line on standard output.
///
/// A closed pipe (`kairos check | head -1`) is no error, whereas `println!` would panic.
pub fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Prints a line on standard error.
pub fn complain(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Returns a rider's text without characters that control a terminal or hide what is written.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if is_unsafe(c) {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

/// Cuts a line to the width of the terminal, if standard output is one.
pub fn fit_terminal(line: &str) -> Cow<'_, str> {
    match Term::stdout().size_checked() {
        Some((_, columns @ 1..)) => truncate_str(line, columns.into(), "…"),
        _ => Cow::Borrowed(line),
    }
}

/// Returns a value as one line of JSON, with characters that control a terminal escaped.
///
/// # Errors
/// If the serializer fails.
pub fn json_line(value: &impl Serialize) -> serde_json::Result<String> {
    let json = serde_json::to_string(value)?;
    // Such characters only occur within strings, where an escape means the same.
    Ok(json
        .chars()
        .map(|c| {
            if is_unsafe(c) {
                format!("\\u{:04x}", u32::from(c))
            } else {
                c.to_string()
            }
        })
        .collect())
}

/// Returns whether a terminal may interpret a character instead of showing it.
///
/// Such characters are control characters, line separators, and changes of the reading direction.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "Zoë 李 \u{1b}[2J\u{9b}1A\r\u{202e}x";

    #[test]
    fn a_name_can_not_control_the_terminal() {
        assert_eq!(printable(NAME), "Zoë 李 �[2J�1A��x");
    }

    #[test]
    fn json_is_escaped_and_means_the_same() {
        let line = json_line(&NAME).unwrap();
        assert!(!line.chars().any(is_unsafe), "{line}");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), NAME);
    }
}
