//! GPX 1.0 and 1.1.

pub(crate) mod reader;
pub(crate) mod writer;

/// The namespace of our own elements.
const NAMESPACE: &str = "urn:kairos:gpx:1";

/// The `creator` of files that this service wrote.
const CREATOR: &str = "Kairos";

/// The `type` of a line or waypoint of the past.
pub(crate) const PAST: &str = "past";

/// The `type` of a line or waypoint of the plan.
pub(crate) const PLAN: &str = "plan";

/// The `type` of a day of the itinerary, which isn't read.
pub(crate) const DAY: &str = "day";
