//! Text that riders write, within the bounds the API promises.

/// A name of a rider, a journey or a marker: 1 to 200 characters, not only white space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

/// A description or notes: up to 10 000 characters, possibly none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prose(String);

/// A line that a rider may add to their profile (telephone number, Instagram name, country): up to 200 characters.
#[derive(Clone, PartialEq, Eq)]
pub struct ProfileLine(String);

/// Why a text was refused. Lengths are in characters (Unicode scalar values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// It has fewer characters than it must.
    #[error("String should have at least {0} character{s}", s = if *.0 == 1 { "" } else { "s" })]
    TooShort(usize),
    /// It has more characters than it may.
    #[error("String should have at most {0} characters")]
    TooLong(usize),
    /// It has characters, but none that can be seen.
    #[error("Value error, must not be only white space")]
    Blank,
}

impl Name {
    /// The longest name, in characters.
    pub const MAX_CHARS: usize = 200;

    /// Reads a name; white space around it is kept as it was written.
    ///
    /// # Errors
    /// [`InvalidText`] says which bound the text breaks.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        if text.is_empty() {
            return Err(InvalidText::TooShort(1));
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(InvalidText::TooLong(Self::MAX_CHARS));
        }
        if text.chars().all(char::is_whitespace) {
            return Err(InvalidText::Blank);
        }
        Ok(Self(text.to_owned()))
    }

    /// Takes a name that a store holds; documents of the earlier service are read as they are.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Prose {
    /// The longest prose, in characters.
    pub const MAX_CHARS: usize = 10_000;

    /// Reads a description or notes.
    ///
    /// # Errors
    /// [`InvalidText::TooLong`] beyond [`Self::MAX_CHARS`].
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        if text.chars().count() > Self::MAX_CHARS {
            return Err(InvalidText::TooLong(Self::MAX_CHARS));
        }
        Ok(Self(text.to_owned()))
    }

    /// Takes a text that a store holds, unjudged.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl ProfileLine {
    /// The longest line, in characters.
    pub const MAX_CHARS: usize = 200;

    /// Reads a line of a profile.
    ///
    /// # Errors
    /// [`InvalidText::TooLong`] beyond [`Self::MAX_CHARS`].
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        if text.chars().count() > Self::MAX_CHARS {
            return Err(InvalidText::TooLong(Self::MAX_CHARS));
        }
        Ok(Self(text.to_owned()))
    }

    /// Takes a line that a store holds, unjudged.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
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
    }
}
