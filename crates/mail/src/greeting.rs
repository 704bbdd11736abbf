//! Makes text that riders wrote safe to show in a mail.

use kairos_domain::text::Name;
use unicode_normalization::UnicodeNormalization as _;

/// The maximum number of digits in a name: enough for a year, too few for a telephone number.
const MAX_DIGITS: usize = 4;

/// Puts the text on one line, without invisible characters and without marks that change its direction.
pub(crate) fn one_line(text: &str) -> String {
    let visible: String = text
        .chars()
        .filter(|c| !turns_text(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the name to greet a rider by, or `None` if the mail should not show the name.
///
/// The mail shows no more of a name than the API accepts. It omits a name that a mail program would turn into
/// a link: a web address, a host, a mailbox or a telephone number.
pub(crate) fn greeting_name(name: &Name) -> Option<String> {
    let line: String = one_line(name.as_str()).chars().take(Name::MAX_CHARS).collect();
    let shown = as_it_looks(&line);
    let is_telephone_number = shown.chars().filter(|c| c.is_numeric()).count() > MAX_DIGITS;
    let is_link = is_telephone_number || shown.split_whitespace().any(reads_as_link);
    (!shown.trim().is_empty() && !is_link).then_some(line)
}

/// Checks for marks that change the direction of the text after them, and for the byte order mark.
const fn turns_text(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// Replaces look-alike characters with plain ones (NFKC) and drops invisible ones.
fn as_it_looks(text: &str) -> String {
    let shown = text.nfkc().filter(|c| !is_invisible(*c));
    shown.map(|c| if c == '。' { '.' } else { c }).collect()
}

/// Checks for invisible characters.
///
/// These are Unicode's `Default_Ignorable_Code_Point` and the empty Braille cell.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Checks whether a mail program may turn a word into a link.
///
/// A link has a dot inside the word (`example.org`, `192.0.2.1`). Initials such as `J.R.` do not count. A
/// link may also have a colon or an at sign that is followed by text (`mailto:ann`, `2001:db8::1`,
/// `ann@host`).
fn reads_as_link(word: &str) -> bool {
    word.char_indices().any(|(at, c)| {
        let (before, after) = word.split_at(at);
        let after = after.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '.' => {
                let label = after.split('.').next().unwrap_or_default();
                let is_initial = label.chars().nth(1).is_none() && !label.starts_with(char::is_numeric);
                !before.is_empty() && label.starts_with(char::is_alphanumeric) && !is_initial
            }
            ':' => after.starts_with(|c: char| c.is_alphanumeric() || "/:[".contains(c)),
            '@' => !before.is_empty() && after.starts_with(char::is_alphanumeric),
            _ => false,
        }
    })
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
            "J.R. Doe",
            "Dr. Ann St. John",
            "李 小龍",
            "👩‍🚀",
            "می‌خواهم",
            "Ann O'Neill & Co.",
            "Ann :) @ home",
            "@ann_rides",
            "Rider 1987",
            "Ann...",
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
        assert_eq!(
            greeting(&"é".repeat(5_000)).map(|name| name.chars().count()),
            Some(200)
        );
    }

    #[test]
    fn a_name_without_a_visible_character_is_left_out() {
        for name in [
            "",
            " ",
            "\0\u{7}",
            "\u{200b}",
            "\u{3164}\u{ad}",
            "\u{2800} \u{2060}",
        ] {
            assert_eq!(greeting(name), None, "{name:?}");
        }
    }

    #[test]
    fn a_name_that_reads_as_a_link_is_left_out() {
        for name in [
            "You won: https://x",
            "go to evil.example now",
            "www.evil",
            "ann@example.org",
            // Characters that browsers treat as full stops.
            "evil。com",
            "evil．com",
            "evil｡com",
            "evil․com",
            "evil﹒com",
            "ｅｖｉｌ．ｃｏｍ",
            // Invisible characters.
            "evil\u{200d}.com",
            "evil.\u{200d}com",
            "evil\u{200b}.\u{2060}c\u{ad}om",
            "evil.c\u{335}om",
            "evil\u{335}.com",
            "evil.\u{fe0f}com",
            // Other URL schemes, mailboxes and hosts.
            "mailto:ann",
            "tel：110",
            "ｈｔｔｐ：／／evil",
            "ann＠evil",
            "192.0.2.1",
            "1.1.1.1",
            "１．１．１．１",
            "⒈⒈⒈1",
            "go to 10.9",
            "2001:db8::1",
            "[::1]",
            "fe80::a",
        ] {
            assert_eq!(greeting(name), None, "{name}");
        }
    }

    #[test]
    fn a_name_that_reads_as_a_telephone_number_is_left_out() {
        for name in [
            "+49 170 1234567",
            "call 0170/1234-567",
            "(555) 123 4567",
            "5 5 5 1 2 3 4",
            "٠١٢٣٤٥٦٧٨٩",
            "０１７０１２３４５６７",
            "①②③④⑤⑥",
            "0️⃣1️⃣7️⃣0️⃣1️⃣",
            "1\u{200b}2\u{200b}3\u{200b}4\u{200b}5",
        ] {
            assert_eq!(greeting(name), None, "{name}");
        }
    }
}
