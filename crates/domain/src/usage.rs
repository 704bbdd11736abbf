//! The usage of riders and journeys, and the rate of writes.
//!
//! Stores update them in the transaction of each act.

use chrono::{DateTime, TimeDelta, Utc};

use crate::journey::Journey;
use crate::marker::Marker;

/// A bound that a write would exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// [`RiderUsage::MAX_JOURNEYS`].
    Journeys,
    /// [`JourneyUsage::MAX_MARKERS`].
    Markers,
    /// [`JourneyUsage::MAX_BYTES`].
    JourneyText,
    /// [`RiderUsage::MAX_BYTES`] or [`RiderUsage::MAX_BYTES_UNVERIFIED`].
    Account,
}

/// The change of a usage by an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UsageChange {
    /// Journeys added, or removed if negative.
    pub journeys: i64,
    /// Markers added, or removed if negative.
    pub markers: i64,
    /// Bytes of text added, or removed if negative.
    pub bytes: i64,
    /// Bytes of encoded lines added, or removed if negative.
    pub line_bytes: i64,
}

impl UsageChange {
    /// Returns the change of usage when `after` replaces marker `before`. `None` is no marker.
    #[must_use]
    pub fn of_marker(before: Option<&Marker>, after: Option<&Marker>) -> Self {
        let bytes = |marker: Option<&Marker>| marker.map_or(0, Marker::text_bytes);
        Self {
            journeys: 0,
            markers: i64::from(after.is_some()) - i64::from(before.is_some()),
            bytes: bytes(after) - bytes(before),
            line_bytes: 0,
        }
    }
}

impl std::ops::Add for UsageChange {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            journeys: self.journeys + other.journeys,
            markers: self.markers + other.markers,
            bytes: self.bytes + other.bytes,
            line_bytes: self.line_bytes + other.line_bytes,
        }
    }
}

impl std::iter::Sum for UsageChange {
    fn sum<I: Iterator<Item = Self>>(changes: I) -> Self {
        changes.fold(Self::default(), std::ops::Add::add)
    }
}

/// The usage of a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JourneyUsage {
    /// The number of markers.
    pub markers: i64,
    /// UTF-8 bytes of the journey's name and description, and of the names and notes of its markers.
    pub bytes: i64,
    /// Bytes of the journey's encoded lines.
    pub line_bytes: i64,
}

/// The usage of a rider: all journeys together, and the rate of writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RiderUsage {
    /// The number of journeys.
    pub journeys: i64,
    /// The sum of their bytes: texts and lines.
    pub bytes: i64,
    /// The rate of the rider's writes.
    pub writes: WriteRate,
}

impl JourneyUsage {
    /// The most markers on a journey.
    pub const MAX_MARKERS: i64 = 10_000;
    /// The most bytes of text in a journey.
    pub const MAX_BYTES: i64 = 8 << 20;

    /// Returns the usage after a change.
    ///
    /// # Errors
    /// The [`Bound`] that the change would exceed. A change that adds nothing never fails.
    pub fn after(self, change: UsageChange) -> Result<Self, Bound> {
        let after = Self {
            markers: self.markers + change.markers,
            bytes: self.bytes + change.bytes,
            line_bytes: self.line_bytes + change.line_bytes,
        };
        if change.markers > 0 && after.markers > Self::MAX_MARKERS {
            return Err(Bound::Markers);
        }
        if change.bytes > 0 && after.bytes > Self::MAX_BYTES {
            return Err(Bound::JourneyText);
        }
        Ok(after)
    }
}

impl RiderUsage {
    /// The most journeys of a rider.
    pub const MAX_JOURNEYS: i64 = 1_000;
    /// The most bytes of a verified rider.
    pub const MAX_BYTES: i64 = 256 << 20;
    /// The most bytes of a rider who is not verified.
    pub const MAX_BYTES_UNVERIFIED: i64 = 32 << 20;

    /// Returns the usage after a change. [`WriteRate::admit`] counts the writes.
    ///
    /// # Errors
    /// The [`Bound`] that the change would exceed. A change that adds nothing never fails.
    pub fn after(self, change: UsageChange, is_verified: bool) -> Result<Self, Bound> {
        let bytes = change.bytes + change.line_bytes;
        let after = Self {
            journeys: self.journeys + change.journeys,
            bytes: self.bytes + bytes,
            ..self
        };
        let max_bytes = if is_verified {
            Self::MAX_BYTES
        } else {
            Self::MAX_BYTES_UNVERIFIED
        };
        if change.journeys > 0 && after.journeys > Self::MAX_JOURNEYS {
            return Err(Bound::Journeys);
        }
        if bytes > 0 && after.bytes > max_bytes {
            return Err(Bound::Account);
        }
        Ok(after)
    }
}

/// The rate of a rider's writes, by a sliding window of sixty seconds.
///
/// The writes of the previous minute count in proportion to its share of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WriteRate {
    /// Minutes since 1970.
    pub minute: i64,
    /// Writes in that minute.
    pub writes: u32,
    /// Writes in the minute before it.
    pub writes_before: u32,
}

impl WriteRate {
    /// The most writes in a minute.
    pub const MAX_A_MINUTE: u32 = 600;

    /// Counts a write at `now`.
    ///
    /// # Errors
    /// The instant of the next admitted write, if this one exceeds the rate.
    pub fn admit(self, now: DateTime<Utc>) -> Result<Self, DateTime<Utc>> {
        let millis = now.timestamp_millis();
        let (minute, into_minute) = (millis.div_euclid(60_000), millis.rem_euclid(60_000));
        let (writes, writes_before) = match minute - self.minute {
            // If the clock was set back, writes count in the later minute.
            ..=0 => (self.writes, self.writes_before),
            1 => (0, self.writes),
            _ => (0, 0),
        };
        let room = i64::from(Self::MAX_A_MINUTE) - i64::from(writes) - 1;
        // `writes_before` counts in proportion to the part of its minute in the last sixty seconds.
        let counted = i64::from(writes_before) * (60_000 - into_minute);
        if room < 0 || counted > room * 60_000 {
            let wait = if room < 0 {
                // In the next minute, this one is the minute before.
                let needed = (i64::from(writes) - i64::from(Self::MAX_A_MINUTE) + 1) * 60_000;
                60_000 - into_minute + div_up(needed, i64::from(writes).max(1))
            } else {
                60_000 - into_minute - room * 60_000 / i64::from(writes_before).max(1)
            };
            return Err(now + TimeDelta::milliseconds(wait));
        }
        Ok(Self {
            minute: minute.max(self.minute),
            writes: writes + 1,
            writes_before,
        })
    }
}

fn div_up(number: i64, by: i64) -> i64 {
    (number + by - 1).div_euclid(by)
}

impl Journey {
    /// Returns the UTF-8 bytes of the journey's own texts.
    #[must_use]
    pub fn text_bytes(&self) -> i64 {
        bytes(&[self.name.as_str(), self.description.as_str()])
    }
}

impl Marker {
    /// Returns the UTF-8 bytes of the marker's texts.
    #[must_use]
    pub fn text_bytes(&self) -> i64 {
        bytes(&[self.details.name.as_str(), self.details.notes.as_str()])
    }
}

fn bytes(texts: &[&str]) -> i64 {
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
    }

    #[test]
    fn six_hundred_writes_are_admitted_and_the_next_one_when_it_is_told() {
        for start in [0, 1, 59_999, 31_234] {
            let mut rate = WriteRate::default();
            for _ in 0..WriteRate::MAX_A_MINUTE {
                rate = rate.admit(at(start)).unwrap();
            }
            let again = rate.admit(at(start)).unwrap_err();
            assert!(again > at(start));
            assert!(rate.admit(again).is_ok(), "{start}: {again}");
            assert!(
                rate.admit(again - TimeDelta::milliseconds(200)).is_err(),
                "{start}"
            );
        }
    }

    #[test]
    fn a_burst_at_the_end_of_a_minute_counts_in_the_next() {
        let mut rate = WriteRate::default();
        for _ in 0..WriteRate::MAX_A_MINUTE {
            rate = rate.admit(at(59_000)).unwrap();
        }
        assert!(rate.admit(at(60_000)).is_err());
        // Half a minute later half of them count.
        let mut admitted = 0;
        while let Ok(next) = rate.admit(at(90_000)) {
            rate = next;
            admitted += 1;
        }
        assert_eq!(admitted, 300);
    }

    #[test]
    fn a_clock_that_goes_back_admits_no_more() {
        let mut rate = WriteRate::default();
        for _ in 0..WriteRate::MAX_A_MINUTE {
            rate = rate.admit(at(120_000)).unwrap();
        }
        assert!(rate.admit(at(0)).is_err());
    }

    #[test]
    fn a_change_that_adds_nothing_is_never_refused() {
        let over = JourneyUsage {
            markers: JourneyUsage::MAX_MARKERS + 5,
            bytes: JourneyUsage::MAX_BYTES + 5,
            line_bytes: 0,
        };
        assert!(over.after(UsageChange::default()).is_ok());
        let one = |markers, bytes| UsageChange {
            journeys: 0,
            markers,
            bytes,
            line_bytes: 0,
        };
        assert!(over.after(one(-1, -3)).is_ok());
        assert_eq!(over.after(one(1, 0)), Err(Bound::Markers));
        assert_eq!(over.after(one(0, 1)), Err(Bound::JourneyText));
        let rider = RiderUsage {
            bytes: RiderUsage::MAX_BYTES_UNVERIFIED,
            ..RiderUsage::default()
        };
        assert_eq!(rider.after(one(0, 1), false), Err(Bound::Account));
        assert!(rider.after(one(0, 1), true).is_ok());
    }
}
