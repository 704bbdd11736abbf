//! A position of a line.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::geo::{Position, UnitVector};

/// Units of 1e-7 degrees in a degree.
const UNITS_PER_DEGREE: f64 = 1e7;

/// Units of 0.1 m in a metre.
const UNITS_PER_METRE: f64 = 10.0;

const NO_ELEVATION: i32 = i32::MIN;
const NO_TIME: i64 = i64::MIN;

/// A position of a line in fixed-point numbers: 24 bytes instead of the 48 of three floats and an instant.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinePosition {
    longitude: i32,
    latitude: i32,
    /// In 0.1 m, or [`NO_ELEVATION`].
    elevation: i32,
    /// In milliseconds since 1970, or [`NO_TIME`].
    time: i64,
}

impl LinePosition {
    /// Rounds a position to 1e-7 degrees and 0.1 m, and its time to 1 ms; elevations beyond ±200 000 km saturate.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "degrees fit; a cast of a larger elevation saturates"
    )]
    pub fn new(position: Position, time: Option<DateTime<Utc>>) -> Self {
        Self {
            longitude: (position.longitude() * UNITS_PER_DEGREE).round() as i32,
            latitude: (position.latitude() * UNITS_PER_DEGREE).round() as i32,
            elevation: position.elevation().map_or(NO_ELEVATION, |metres| {
                ((metres * UNITS_PER_METRE).round() as i32).max(NO_ELEVATION + 1)
            }),
            time: time.map_or(NO_TIME, |time| time.timestamp_millis()),
        }
    }

    /// Takes fixed-point numbers; `None` if a coordinate is out of its range or the time is not representable.
    #[must_use]
    pub fn from_units(
        longitude: i32,
        latitude: i32,
        elevation: Option<i32>,
        time: Option<i64>,
    ) -> Option<Self> {
        let is_valid = (-1_800_000_000..=1_800_000_000).contains(&longitude)
            && (-900_000_000..=900_000_000).contains(&latitude)
            && elevation != Some(NO_ELEVATION)
            && time.is_none_or(|millis| DateTime::from_timestamp_millis(millis).is_some());
        is_valid.then(|| Self {
            longitude,
            latitude,
            elevation: elevation.unwrap_or(NO_ELEVATION),
            time: time.unwrap_or(NO_TIME),
        })
    }

    /// Degrees east of Greenwich, −180 to 180.
    #[must_use]
    pub fn longitude(self) -> f64 {
        f64::from(self.longitude) / UNITS_PER_DEGREE
    }

    /// Degrees north of the equator, −90 to 90.
    #[must_use]
    pub fn latitude(self) -> f64 {
        f64::from(self.latitude) / UNITS_PER_DEGREE
    }

    /// Metres above the ellipsoid.
    #[must_use]
    pub fn elevation(self) -> Option<f64> {
        self.elevation_units()
            .map(|units| f64::from(units) / UNITS_PER_METRE)
    }

    /// When the rider was there.
    #[must_use]
    pub fn time(self) -> Option<DateTime<Utc>> {
        self.time_millis().and_then(DateTime::from_timestamp_millis)
    }

    /// The longitude in 1e-7 degrees.
    #[must_use]
    pub const fn longitude_units(self) -> i32 {
        self.longitude
    }

    /// The latitude in 1e-7 degrees.
    #[must_use]
    pub const fn latitude_units(self) -> i32 {
        self.latitude
    }

    /// The elevation in 0.1 m.
    #[must_use]
    pub const fn elevation_units(self) -> Option<i32> {
        if self.elevation == NO_ELEVATION {
            None
        } else {
            Some(self.elevation)
        }
    }

    /// The time in milliseconds since 1970.
    #[must_use]
    pub const fn time_millis(self) -> Option<i64> {
        if self.time == NO_TIME {
            None
        } else {
            Some(self.time)
        }
    }

    /// The same position without a time.
    #[must_use]
    pub const fn without_time(mut self) -> Self {
        self.time = NO_TIME;
        self
    }

    /// The same position at a time.
    #[must_use]
    pub const fn with_time(mut self, time: DateTime<Utc>) -> Self {
        self.time = time.timestamp_millis();
        self
    }

    /// Whether the position is at exactly 0° E 0° N, where a device without a fix is.
    #[must_use]
    pub const fn is_null_island(self) -> bool {
        self.longitude == 0 && self.latitude == 0
    }

    /// The same point without elevation and time.
    #[must_use]
    pub fn position(self) -> Position {
        Position::at_valid_degrees(self.longitude(), self.latitude())
    }

    /// The same point as a vector from the sphere's centre.
    #[must_use]
    pub fn unit_vector(self) -> UnitVector {
        UnitVector::at_degrees(self.longitude(), self.latitude())
    }
}

impl fmt::Debug for LinePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}, {}", self.longitude(), self.latitude())?;
        if let Some(metres) = self.elevation() {
            write!(f, ", {metres} m")?;
        }
        if let Some(time) = self.time() {
            write!(f, ", {time:?}")?;
        }
        f.write_str(")")
    }
}
