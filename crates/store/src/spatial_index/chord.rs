//! The radius of a search as a chord: a straight line through the sphere.

use kairos_domain::geo::EARTH_RADIUS_METRES;

/// Margin of a search, in metres. Distances are rounded to the millimetre before they are compared, so a
/// place slightly beyond the radius may count as within it.
const ROUNDING_METRES: f64 = 0.001;

/// Largest relative difference that rounding makes between the squares of two equal chords.
pub(super) const CHORD_NOISE: f64 = 1e-9;

/// Returns the chord of an arc, in radii of the sphere. It is never too short for a place at that distance.
pub(crate) fn chord_of(metres: f64) -> f64 {
    // Beyond a right angle, a chord determines its angle badly. The search then covers the whole sphere.
    let angle = (metres + ROUNDING_METRES) / EARTH_RADIUS_METRES;
    if angle < std::f64::consts::FRAC_PI_2 {
        2.0 * (angle / 2.0).sin() * (1.0 + CHORD_NOISE)
    } else {
        2.1
    }
}
