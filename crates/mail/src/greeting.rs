//! Text of others, made fit to stand in a mail.

use kairos_domain::text::Name;

/// The text on one line, without characters that do not show or that turn the reading direction.
pub(crate) fn one_line(text: &str) -> String {
    let visible: String = text
        .chars()
        .filter(|c| !turns_text(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name to greet a rider by, or none where the mail is better off without it.
///
/// Anybody may register somebody else's address under any name, so a name is also a way to have this service
/// carry a stranger's words. A mail shows at most as much of it as the API takes, and nothing of one that mail
/// programs would turn into a link.
pub(crate) fn greeting_name(name: &Name) -> Option<String> {
    let line: String = one_line(name.as_str()).chars().take(Name::MAX_CHARS).collect();
    (!line.is_empty() && !reads_as_link(&line)).then_some(line)
}

/// Marks that change the direction of the text after them, and the byte order mark.
const fn turns_text(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// Whether a mail program may make a link of it: a scheme, or a dot inside a word (`example.org`, not `J. R. Doe`).
fn reads_as_link(line: &str) -> bool {
    let host_like = line.split_whitespace().any(|word| {
        word.match_indices('.').any(|(at, _)| {
            let (before, after) = word.split_at(at);
            before.ends_with(char::is_alphanumeric)
                && after.chars().skip(1).take_while(|c| c.is_alphanumeric()).count() >= 2
        })
    });
    host_like || line.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn greeting(name: &str) -> Option<String> {
        greeting_name(&Name::stored(name.to_owned()))
    }

    #[test]
    fn a_name_stays_as_its_rider_wrote_it() {
        for name in [
            "Ann",
            "Zoë 🚲 <b>",
            "J. R. Doe",
            "李 小龍",
            "👩‍🚀",
            "Ann O'Neill & Co.",
        ] {
            assert_eq!(greeting(name).as_deref(), Some(name));
        }
    }

    #[test]
    fn a_name_stays_on_its_line() {
        assert_eq!(
            greeting(" Ann\r\nBcc: eve\0\u{2028}\u{202e}x ").as_deref(),
            Some("Ann Bcc: eve x")
        );
        assert_eq!(greeting("\0\u{7}"), None);
        assert_eq!(
            greeting(&"é".repeat(5_000)).map(|name| name.chars().count()),
            Some(200)
        );
    }

    #[test]
    fn a_name_that_reads_as_a_link_is_left_out() {
        for name in [
            "You won: https://x",
            "go to evil.example now",
            "www.evil",
            "ann@example.org",
        ] {
            assert_eq!(greeting(name), None, "{name}");
        }
    }
}
