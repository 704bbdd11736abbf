//! JSON merge patches of journeys and markers.

mod journeys;
mod markers;

const UNKNOWN: &str = "5f43a1b2c3d4e5f60718293a";
