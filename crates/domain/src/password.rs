//! Passwords and their hashes.

mod fair_queue;
mod hasher;

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

pub use hasher::{HashingError, PasswordHasher};

/// A password that may be set, in NFC: keyboards differ in how they compose letters.
///
/// It has 8 characters to 72 bytes, and no NUL (the bounds of bcrypt; longer is refused, not cut).
#[derive(Clone)]
pub struct NewPassword(String);

/// A password that somebody claims to be theirs; any text may be tried. Beyond 72 bytes the first 72 count,
/// as they did when old hashes were made.
#[derive(Clone)]
pub struct PasswordAttempt(String);

/// A bcrypt hash in its usual text form, `$2b$12$…`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

/// Why a new password was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    /// Fewer than 8 characters.
    #[error("String should have at least 8 characters")]
    TooShort,
    /// More than 72 bytes of UTF-8.
    #[error("Value error, must be at most 72 bytes")]
    TooLong,
    /// It has a NUL, at which some bcrypt implementations stop reading.
    #[error("Value error, must not contain a NUL character")]
    Nul,
}

impl NewPassword {
    /// The fewest characters.
    pub const MIN_CHARS: usize = 8;
    /// The most bytes.
    pub const MAX_BYTES: usize = 72;

    /// Reads a password that is to be set. The bounds are those of its NFC form.
    ///
    /// # Errors
    /// [`InvalidPassword`] says which bound it breaks.
    pub fn parse(text: &str) -> Result<Self, InvalidPassword> {
        // No letter has more than four times as many bytes as its NFC form.
        if text.len() > 4 * Self::MAX_BYTES {
            return Err(InvalidPassword::TooLong);
        }
        let text: String = text.nfc().collect();
        if text.chars().count() < Self::MIN_CHARS {
            return Err(InvalidPassword::TooShort);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(InvalidPassword::TooLong);
        }
        if text.contains('\0') {
            return Err(InvalidPassword::Nul);
        }
        Ok(Self(text))
    }
}

impl PasswordAttempt {
    /// The most bytes of an attempt that are read. A log-in takes any text, and normalising it costs time.
    const MAX_BYTES_READ: usize = 1024;

    /// Takes what somebody typed.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Checks the password as it came, then its NFC form if that differs: new hashes are of NFC, those of the earlier
    /// service are of the text as it came. Returns `None` if the stored text is no bcrypt hash.
    ///
    /// A hash that no password has takes as many steps as one of another password.
    fn matches(&self, hash: &PasswordHash) -> Option<bool> {
        let matches = |text: &str| bcrypt::verify(text, &hash.0).ok();
        // bcrypt reads 72 bytes, which a bounded number of bytes composes to.
        let read = self.0.floor_char_boundary(Self::MAX_BYTES_READ);
        let text = self.0.get(..read).unwrap_or(&self.0);
        let composed: String = text.nfc().collect();
        match matches(text)? {
            false if composed != text => matches(&composed),
            is_right => Some(is_right),
        }
    }
}

impl PasswordHash {
    /// Takes a hash that a store holds.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The hash's text form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! hide_in_debug {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}
hide_in_debug!(NewPassword, PasswordAttempt, PasswordHash);

#[cfg(test)]
mod tests;
