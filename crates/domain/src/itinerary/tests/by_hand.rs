//! The itinerary of journeys whose days anybody can work out.

mod days;
mod places;

/// Out and back on the same road, 100 km each way.
const OUT_AND_BACK: &[&[(f64, f64)]] = &[&[(0.0, 0.0), (100.0, 0.0), (0.0, 0.0)]];

/// A road of 300 km. A metre less keeps the rounding of degrees from adding a day.
const STRAIGHT: &[&[(f64, f64)]] = &[&[(0.0, 0.0), (100.0, 0.0), (299.999, 0.0)]];
