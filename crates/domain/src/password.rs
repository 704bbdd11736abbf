//! Passwords and their hashes.

mod fair_queue;
mod hasher;

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

pub use hasher::{HashingError, PasswordHasher};

/// A valid new password, in NFC, because keyboards compose letters differently.
///
/// It has at least 8 characters, at most 72 bytes and no NUL. bcrypt sets the upper bound and forbids NUL. A
/// longer password is rejected, not truncated.
#[derive(Clone)]
pub struct NewPassword(String);

/// A password given for a check. It can be any text.
///
/// Only its first 72 bytes count, as they did when the earlier service made its hashes.
#[derive(Clone)]
pub struct PasswordAttempt(String);

/// A bcrypt hash in its usual text form, `$2b$12$…`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

/// Why a new password was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    /// Fewer than 8 characters.
    #[error("String should have at least 8 characters")]
    TooShort,
    /// More than 72 bytes of UTF-8.
    #[error("Value error, must be at most 72 bytes")]
    TooLong,
    /// The password has a NUL, at which some bcrypt implementations stop reading.
    #[error("Value error, must not contain a NUL character")]
    Nul,
}

impl NewPassword {
    /// The minimum number of characters.
    pub const MIN_CHARS: usize = 8;
    /// The maximum number of bytes.
    pub const MAX_BYTES: usize = 72;

    /// Parses a new password. The bounds apply to its NFC form.
    ///
    /// # Errors
    /// [`InvalidPassword`] for the bound that the password violates.
    pub fn parse(text: &str) -> Result<Self, InvalidPassword> {
        // The NFC form of a text has at least a quarter of its bytes.
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
    /// The most bytes of an attempt that are read. A log-in accepts any text, and normalising costs time.
    const MAX_BYTES_READ: usize = 1024;

    /// Wraps the text that a client sent.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Checks the password as sent, then its NFC form if that differs.
    ///
    /// New hashes are of the NFC form. Hashes of the earlier service are of the text as sent. Returns `None`
    /// if the stored text is not a bcrypt hash.
    ///
    /// The decoy hash, which no password matches, takes as many steps as the hash of another password.
    fn matches(&self, hash: &PasswordHash) -> Option<bool> {
        let matches = |text: &str| bcrypt::verify(text, &hash.0).ok();
        // bcrypt reads 72 bytes. A bounded number of bytes is enough to compose these.
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
    /// Wraps a stored hash.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the text form of the hash.
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
