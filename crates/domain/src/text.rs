//! Texts of riders, within the bounds that the API promises.

use std::ops::RangeInclusive;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// A name of a rider, a journey or a marker: 1 to 200 characters, at least one of them visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

/// A description or notes: up to 10 000 characters, possibly empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prose(String);

/// A line of a profile (telephone number, Instagram name, country): up to 200 characters.
#[derive(Clone, PartialEq, Eq)]
pub struct ProfileLine(String);

/// Why a text was rejected. Lengths are in characters (Unicode scalar values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// The text has fewer characters than the minimum.
    #[error("String should have at least {0} character{s}", s = if *.0 == 1 { "" } else { "s" })]
    TooShort(usize),
    /// The text has more characters than the maximum.
    #[error("String should have at most {0} characters")]
    TooLong(usize),
    /// The text has characters, but none of them is visible.
    #[error("Value error, must have a visible character")]
    Blank,
}

/// Invisible characters that their general category does not reveal.
///
/// They are `Default_Ignorable_Code_Point` of the Unicode Character Database (`DerivedCoreProperties.txt`,
/// version 16) outside the category `Cf`, and the Braille blank.
const BLANK: [RangeInclusive<char>; 13] = [
    '\u{34f}'..='\u{34f}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{2065}'..='\u{2065}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fff8}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

fn is_visible(character: char) -> bool {
    // An unassigned character may be visible, such as an emoji of a newer Unicode version.
    let shows_nothing = matches!(
        character.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::SpaceSeparator
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    );
    !shows_nothing && !BLANK.iter().any(|range| range.contains(&character))
}

impl Name {
    /// The longest name, in characters.
    pub const MAX_CHARS: usize = 200;

    /// Parses a name. Surrounding white space stays.
    ///
    /// # Errors
    /// [`InvalidText`] for the bound that the text violates.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        if text.is_empty() {
            return Err(InvalidText::TooShort(1));
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(InvalidText::TooLong(Self::MAX_CHARS));
        }
        if !text.chars().any(is_visible) {
            return Err(InvalidText::Blank);
        }
        Ok(Self(text.to_owned()))
    }

    /// Wraps a stored name without validating it, because the earlier service had other bounds.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Prose {
    /// The longest prose, in characters.
    pub const MAX_CHARS: usize = 10_000;

    /// Parses a description or notes.
    ///
    /// # Errors
    /// [`InvalidText::TooLong`] beyond [`Self::MAX_CHARS`].
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        if text.chars().count() > Self::MAX_CHARS {
            return Err(InvalidText::TooLong(Self::MAX_CHARS));
        }
        Ok(Self(text.to_owned()))
    }

    /// Wraps a stored text without validating it.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl ProfileLine {
    /// The longest line, in characters.
    pub const MAX_CHARS: usize = 200;

    /// Parses a line of a profile.
    ///
    /// # Errors
    /// [`InvalidText::TooLong`] beyond [`Self::MAX_CHARS`].
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        if text.chars().count() > Self::MAX_CHARS {
            return Err(InvalidText::TooLong(Self::MAX_CHARS));
        }
        Ok(Self(text.to_owned()))
    }

    /// Wraps a stored line without validating it.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

// Telephone numbers do not belong in logs.
impl std::fmt::Debug for ProfileLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProfileLine(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_count_characters_not_bytes() {
        assert!(Name::parse(&"🚲".repeat(200)).is_ok());
        assert_eq!(Name::parse(&"🚲".repeat(201)), Err(InvalidText::TooLong(200)));
        assert!(Prose::parse(&"é".repeat(10_000)).is_ok());
        assert_eq!(
            Prose::parse(&"é".repeat(10_001)),
            Err(InvalidText::TooLong(10_000))
        );
    }

    #[test]
    fn a_name_must_show_something() {
        assert_eq!(Name::parse(""), Err(InvalidText::TooShort(1)));
        assert_eq!(Name::parse(" \t\u{a0}\n"), Err(InvalidText::Blank));
        assert_eq!(Name::parse(" a ").unwrap().as_str(), " a ");
        for blank in [
            "\u{200b}",
            "\u{2060}",
            "\u{feff}",
            "\u{3164}",
            "\u{2800}",
            "\u{115f}",
            "\u{1160}",
            "\u{ffa0}",
            "\u{ad}",
            "\u{fe0f}",
            "\u{e0100}",
            "\u{e0020}",
            "\u{180e}",
            "\u{180b}",
            "\u{34f}",
            "\u{17b4}",
            "\u{202e}",
            "\u{7}",
            "\u{0}",
            "\u{85}",
            "\u{2028}",
            "\u{3000}",
            "\u{61c}",
            "\u{2065}",
            "\u{fff9}",
            "\u{200d}\u{200c} \u{2061}",
        ] {
            assert_eq!(Name::parse(blank), Err(InvalidText::Blank), "{blank:?}");
            let visible = format!("{blank}.{blank}");
            assert_eq!(Name::parse(&visible).unwrap().as_str(), visible);
        }
        // A character of a newer Unicode than this program knows, and one of a private font, may show
        // something.
        for visible in [
            "1\u{fe0f}\u{20e3}",
            "👩\u{200d}🚒",
            "ᅟ각",
            "\u{1fadf}",
            "\u{e000}",
            "-",
        ] {
            assert!(Name::parse(visible).is_ok(), "{visible:?}");
        }
    }
}
