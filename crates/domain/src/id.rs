//! Identifiers: MongoDB ObjectIds, which existing databases and clients already use.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};

use crate::clock::Randomness;

/// An id of twelve bytes: four of seconds since 1970, five of the process, three of a counter.
///
/// Ids sort by time of creation: to the second between processes, and exactly within one process. This makes
/// them good primary keys in both stores.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId([u8; 12]);

/// The text does not consist of 24 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is 24 hexadecimal digits")]
pub struct MalformedId;

impl ObjectId {
    /// Returns the id with these twelve bytes, most significant first.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 12]) -> Self {
        Self(bytes)
    }

    /// Returns the twelve bytes, most significant first.
    #[must_use]
    pub const fn bytes(self) -> [u8; 12] {
        self.0
    }

    /// Returns the 24 lower-case hexadecimal digits, in ASCII.
    #[must_use]
    pub fn digits(self) -> [u8; 24] {
        // Without a branch, so that the compiler converts several bytes at once.
        let digit = |half: u8| half + b'0' + u8::from(half > 9) * (b'a' - b'0' - 10);
        let mut digits = [0; 24];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(self.0) {
            pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 0xf)]);
        }
        digits
    }
}

impl FromStr for ObjectId {
    type Err = MalformedId;

    /// Parses 24 hexadecimal digits of either case.
    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let digits: &[u8; 24] = text.as_bytes().try_into().map_err(|_| MalformedId)?;
        let mut bytes = [0; 12];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            for digit in pair {
                let value = char::from(*digit).to_digit(16).ok_or(MalformedId)?;
                *byte = (*byte << 4) | u8::try_from(value).map_err(|_| MalformedId)?;
            }
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.digits()).unwrap_or_default())
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! id_of {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub ObjectId);

        impl From<$name> for ObjectId {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = MalformedId;
            fn from_str(text: &str) -> Result<Self, MalformedId> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
}

id_of!(
    /// The id of a rider's account.
    UserId
);
id_of!(
    /// The id of a journey.
    JourneyId
);
id_of!(
    /// The id of a marker.
    MarkerId
);
id_of!(
    /// The id of a session: the family of refresh tokens that descend from one log-in.
    SessionId
);
id_of!(
    /// The id of a mail in the outbox.
    MailId
);

/// A generator of ids in ascending order.
#[derive(Debug)]
pub struct IdSource {
    process: [u8; 5],
    counter: AtomicU32,
}

impl IdSource {
    /// Chooses a random process part and counter start, so that ids of two processes do not collide.
    #[must_use]
    pub fn new(randomness: &dyn Randomness) -> Self {
        let [a, b, c, d, e, x, y, z] = randomness.bytes();
        // The counter starts with its top bit clear. It therefore does not wrap within the first eight
        // million ids of a process, and ids of one second keep their order.
        Self {
            process: [a, b, c, d, e],
            counter: AtomicU32::new(u32::from_be_bytes([0, x & 0x7f, y, z])),
        }
    }

    /// Returns the next id, dated `now`.
    pub fn next(&self, now: DateTime<Utc>) -> ObjectId {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an ObjectId holds the low 32 bits of the seconds"
        )]
        let [s0, s1, s2, s3] = (now.timestamp() as u32).to_be_bytes();
        let [p0, p1, p2, p3, p4] = self.process;
        let [_, c0, c1, c2] = self.counter.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        ObjectId([s0, s1, s2, s3, p0, p1, p2, p3, p4, c0, c1, c2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;
    impl Randomness for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0xab);
        }
    }

    #[test]
    fn both_cases_are_read_and_lower_case_is_given() {
        let id: ObjectId = "5F43A1B2c3d4e5f60718293A".parse().unwrap();
        assert_eq!(id.to_string(), "5f43a1b2c3d4e5f60718293a");
    }

    #[test]
    fn anything_but_24_digits_is_malformed() {
        for text in [
            "",
            "5f43",
            "5f43a1b2c3d4e5f60718293g",
            "5f43a1b2c3d4e5f60718293aa",
            "é23456789012345678901234",
            "+f43a1b2c3d4e5f60718293a",
        ] {
            assert_eq!(text.parse::<ObjectId>(), Err(MalformedId), "{text}");
        }
    }

    #[test]
    fn ids_of_one_process_are_in_order() {
        let source = IdSource::new(&Fixed);
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let ids: Vec<_> = (0..1000).map(|_| source.next(now)).collect();
        assert!(ids.is_sorted());
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
