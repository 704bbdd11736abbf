//! Great-circle segments, and the distance of a point along them.

use super::{NO_DIRECTION, UnitVector};

/// A great-circle segment, prepared for the distances of many points to it.
pub(crate) struct GreatCircleSegment {
    a: UnitVector,
    b: UnitVector,
    /// The normal of the plane and its vector products with the ends; `None` if the ends give no direction.
    plane: Option<[UnitVector; 3]>,
}

impl GreatCircleSegment {
    pub(crate) fn new(a: UnitVector, b: UnitVector) -> Self {
        let normal = a.cross(b);
        let sine = normal.length();
        let normal = UnitVector {
            x: normal.x / sine,
            y: normal.y / sine,
            z: normal.z / sine,
        };
        let plane = (sine >= NO_DIRECTION).then(|| [normal, normal.cross(a), b.cross(normal)]);
        Self { a, b, plane }
    }

    /// Returns the square of the chord from a point to the nearest point of the segment, in squares of the
    /// radius. Between antipodes, which have no one segment, the nearer end counts.
    pub(crate) fn chord_squared_to(&self, point: UnitVector) -> f64 {
        let Some([normal, ..]) = self.plane_beside(point) else {
            return point.chord_squared_to(self.a).min(point.chord_squared_to(self.b));
        };
        // The normal is imprecise between near points, but at right angles to `a`. The offset from `a` keeps
        // that error small.
        let height = point.minus(self.a).dot(normal).clamp(-1.0, 1.0);
        let squared = height * height;
        // 2 − 2·√(1 − h²), without the cancellation near zero.
        2.0 * squared / (1.0 + (1.0 - squared).sqrt())
    }

    /// Returns the angle from the first end to the point of the segment nearest to `point`, in radians.
    pub(crate) fn angle_to_nearest(&self, point: UnitVector) -> f64 {
        if let Some([_, ahead, _]) = self.plane_beside(point) {
            ahead.dot(point).atan2(self.a.dot(point))
        } else if point.chord_squared_to(self.b) < point.chord_squared_to(self.a) {
            self.a.angle_to(self.b)
        } else {
            0.0
        }
    }

    /// Returns the plane if the point of the segment that is nearest to `point` lies between the ends.
    fn plane_beside(&self, point: UnitVector) -> Option<[UnitVector; 3]> {
        self.plane
            .filter(|[_, ahead, back]| ahead.dot(point) >= 0.0 && back.dot(point) >= 0.0)
    }
}

/// The change of the distance to a point along a great-circle segment, from its first end to its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DistanceTrend {
    Grows,
    Falls,
    FallsThenGrows,
}

impl DistanceTrend {
    /// Returns the trend along the segment from `a` to `b`, for a point within a quarter of the sphere.
    pub(crate) fn along(a: UnitVector, b: UnitVector, point: UnitVector) -> Self {
        if !leads_towards(a, b, point) {
            Self::Grows
        } else if leads_towards(b, a, point) {
            Self::FallsThenGrows
        } else {
            Self::Falls
        }
    }
}

/// Checks whether the distance to a point falls where one leaves `a` towards `b`.
///
/// This is the sign of ((a × b) × a) · point. Written with differences, it needs no square root and no
/// division, and it is precise where `a` and `b` are near.
fn leads_towards(a: UnitVector, b: UnitVector, point: UnitVector) -> bool {
    let (to_b, to_point) = (b.minus(a), point.minus(a));
    to_b.dot(to_point) > to_b.dot(to_b) * to_point.dot(to_point) / 4.0
}
