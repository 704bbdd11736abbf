//! How far a search reaches, as a straight line through the sphere.

use kairos_domain::geo::EARTH_RADIUS_METRES;

/// How much wider than asked is searched, in metres: distances count rounded to the millimetre, so that one a
/// little beyond the radius may be within it.
const ROUNDING_METRES: f64 = 0.001;

/// By how much the squares of two equal chords may differ for the rounding of their computation.
pub(super) const CHORD_NOISE: f64 = 1e-9;

/// The chord under an arc, in radii of the sphere; never too short for what is as near as the arc.
pub(crate) fn chord_of(metres: f64) -> f64 {
    // Beyond a right angle the chord says too little about the angle: everything is searched.
    let angle = (metres + ROUNDING_METRES) / EARTH_RADIUS_METRES;
    if angle < std::f64::consts::FRAC_PI_2 {
        2.0 * (angle / 2.0).sin() * (1.0 + CHORD_NOISE)
    } else {
        2.1
    }
}
