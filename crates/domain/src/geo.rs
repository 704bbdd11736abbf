//! Geometry on a sphere: positions, distances, and points between two positions.
//!
//! All geometry is in this file. Both stores use their own index as a pre-filter only, and decide by
//! [`distance`].

mod great_circle_segment;

use std::fmt;

pub(crate) use great_circle_segment::{DistanceTrend, GreatCircleSegment};

/// The radius of the sphere, in metres. It is MongoDB's value, so that both stores give the same results.
pub const EARTH_RADIUS_METRES: f64 = 6_378_100.0;

/// A GeoJSON position (RFC 7946, 3.1.1): WGS 84 degrees and, if it was given, an elevation in metres.
#[derive(Clone, Copy, PartialEq)]
pub struct Position {
    longitude: f64,
    latitude: f64,
    elevation: Option<f64>,
}

/// Why a position is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPosition {
    /// The longitude is not a finite number of −180 to 180 degrees.
    #[error("longitude must be between -180 and 180")]
    Longitude,
    /// The latitude is not a finite number of −90 to 90 degrees.
    #[error("latitude must be between -90 and 90")]
    Latitude,
    /// The elevation is not a finite number.
    #[error("elevation must be a finite number")]
    Elevation,
}

impl Position {
    /// Returns the position at a longitude and latitude in degrees and an elevation in metres.
    ///
    /// # Errors
    /// [`InvalidPosition`] for the first number that is out of its range or not finite.
    pub fn new(longitude: f64, latitude: f64, elevation: Option<f64>) -> Result<Self, InvalidPosition> {
        if !(-180.0..=180.0).contains(&longitude) {
            return Err(InvalidPosition::Longitude);
        }
        if !(-90.0..=90.0).contains(&latitude) {
            return Err(InvalidPosition::Latitude);
        }
        if elevation.is_some_and(|metres| !metres.is_finite()) {
            return Err(InvalidPosition::Elevation);
        }
        // Adding zero turns a negative zero into zero. Not every store preserves a negative zero.
        Ok(Self {
            longitude: longitude + 0.0,
            latitude: latitude + 0.0,
            elevation: elevation.map(|metres| metres + 0.0),
        })
    }

    /// Returns the position at degrees that are known to be in range, without an elevation.
    pub(crate) const fn at_valid_degrees(longitude: f64, latitude: f64) -> Self {
        Self {
            longitude,
            latitude,
            elevation: None,
        }
    }

    /// Returns the degrees east of Greenwich, −180 to 180.
    #[must_use]
    pub const fn longitude(self) -> f64 {
        self.longitude
    }

    /// Returns the degrees north of the equator, −90 to 90.
    #[must_use]
    pub const fn latitude(self) -> f64 {
        self.latitude
    }

    /// Returns the metres above the ellipsoid, if the rider's device gave them.
    #[must_use]
    pub const fn elevation(self) -> Option<f64> {
        self.elevation
    }

    /// Returns the point as a vector of length one from the centre of the sphere.
    #[must_use]
    pub fn unit_vector(self) -> UnitVector {
        UnitVector::at_degrees(self.longitude, self.latitude)
    }
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}, {})", self.longitude, self.latitude)
    }
}

/// A point of the sphere as a vector of length one.
///
/// In this form, the antimeridian and the poles need no special cases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnitVector {
    /// Towards 0° E 0° N.
    pub x: f64,
    /// Towards 90° E 0° N.
    pub y: f64,
    /// Towards the north pole.
    pub z: f64,
}

/// Two points with an angle of a smaller sine count as identical or antipodal.
///
/// On the sphere, this is less than a hundredth of a millimetre.
const NO_DIRECTION: f64 = 1e-12;

impl UnitVector {
    /// The point at a longitude and a latitude in degrees.
    #[must_use]
    pub fn at_degrees(longitude: f64, latitude: f64) -> Self {
        let (sin_lat, cos_lat) = latitude.to_radians().sin_cos();
        let (sin_lon, cos_lon) = longitude.to_radians().sin_cos();
        Self {
            x: cos_lat * cos_lon,
            y: cos_lat * sin_lon,
            z: sin_lat,
        }
    }

    fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    fn cross(self, other: Self) -> Self {
        Self {
            x: self.y * other.z - self.z * other.y,
            y: self.z * other.x - self.x * other.z,
            z: self.x * other.y - self.y * other.x,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            x: self.x - other.x,
            y: self.y - other.y,
            z: self.z - other.z,
        }
    }

    fn length(self) -> f64 {
        self.dot(self).sqrt()
    }

    /// Checks whether two points are too near to each other to give a direction.
    pub(crate) fn is_same_point(self, other: Self) -> bool {
        self.chord_squared_to(other) < NO_DIRECTION * NO_DIRECTION
    }

    /// Returns the angle between two points as seen from the centre, in radians.
    ///
    /// The arctangent of sine and cosine keeps its precision at every angle; the haversine form loses it near
    /// the antipodes, the arc cosine for near points. (W. Kahan, "How Futile are Mindless Assessments of
    /// Roundoff in Floating-Point Computation?", 2006, § 12.)
    #[must_use]
    pub fn angle_to(self, other: Self) -> f64 {
        self.cross(other).length().atan2(self.dot(other))
    }

    /// Returns the square of the chord between two points, in squares of the radius.
    ///
    /// The value grows with the angle and costs far less to compute. It is imprecise near the antipodes.
    #[must_use]
    pub fn chord_squared_to(self, other: Self) -> f64 {
        let chord = self.minus(other);
        chord.dot(chord)
    }

    /// Returns the great-circle distance to another point.
    #[must_use]
    pub fn distance_to(self, other: Self) -> Distance {
        Distance::from_metres(EARTH_RADIUS_METRES * self.angle_to(other))
    }

    fn position(self) -> Position {
        let longitude = self.y.atan2(self.x).to_degrees();
        Position {
            // The range is half open: 180° E becomes 180° W.
            longitude: if longitude >= 180.0 { -180.0 } else { longitude },
            latitude: self.z.atan2(self.x.hypot(self.y)).to_degrees(),
            elevation: None,
        }
    }
}

/// A length along a great circle, rounded to the millimetre, so that it can be compared exactly.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Distance {
    millimetres: u64,
}

impl Distance {
    /// Returns a length in metres, rounded to the nearest millimetre; halves round up.
    #[must_use]
    pub fn from_metres(metres: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "half the sphere's girth is 2.1e10 mm; a cast of anything else saturates"
        )]
        Self {
            millimetres: (metres * 1000.0).round() as u64,
        }
    }

    pub(crate) const fn from_millimetres(millimetres: u64) -> Self {
        Self { millimetres }
    }

    pub(crate) const fn millimetres(self) -> u64 {
        self.millimetres
    }

    /// Returns the length at `parts` of `all` equal parts from this one to a greater one; halves round up.
    pub(crate) const fn towards(self, end: Self, parts: u64, all: u64) -> Self {
        let way = end.millimetres.saturating_sub(self.millimetres);
        Self {
            millimetres: self.millimetres + (2 * way * parts + all) / (2 * all),
        }
    }

    /// Returns the length of an arc from the square of its chord, in squares of the radius.
    pub(crate) fn of_chord_squared(squared: f64) -> Self {
        let half_chord = (squared.sqrt() / 2.0).min(1.0);
        Self::from_metres(2.0 * EARTH_RADIUS_METRES * half_chord.asin())
    }

    /// Returns the length in metres, with three decimals.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "2.1e10 mm are far below 2^53")]
    pub fn metres(self) -> f64 {
        self.millimetres as f64 / 1000.0
    }
}

impl std::ops::Add for Distance {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            millimetres: self.millimetres.saturating_add(other.millimetres),
        }
    }
}

impl std::iter::Sum for Distance {
    fn sum<I: Iterator<Item = Self>>(distances: I) -> Self {
        distances.fold(Self::default(), |sum, distance| sum + distance)
    }
}

impl fmt::Debug for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} m", self.metres())
    }
}

/// Returns the great-circle distance between two positions. Elevations are ignored.
#[must_use]
pub fn distance(a: Position, b: Position) -> Distance {
    a.unit_vector().distance_to(b.unit_vector())
}

/// Returns the point at `fraction` (0 to 1) of the way from `a` to `b` along the great circle.
///
/// Between antipodes all paths have the same length; the result is then `a`. The longitude is in [−180, 180).
#[must_use]
pub fn along_great_circle(a: Position, b: Position, fraction: f64) -> Position {
    let (from, to) = (a.unit_vector(), b.unit_vector());
    let normal = from.cross(to);
    let sine = normal.length();
    if sine < NO_DIRECTION {
        return from.position();
    }
    // Rotate from `a` towards `b`. `ahead` is the unit vector at right angles to `a` in the plane of both.
    let ahead = normal.cross(from);
    let (sin_turn, cos_turn) = (from.angle_to(to) * fraction).sin_cos();
    let turn = sin_turn / sine;
    UnitVector {
        x: from.x * cos_turn + ahead.x * turn,
        y: from.y * cos_turn + ahead.y * turn,
        z: from.z * cos_turn + ahead.z * turn,
    }
    .position()
}

#[cfg(test)]
mod tests;
