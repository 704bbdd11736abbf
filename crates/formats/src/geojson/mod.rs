//! GeoJSON (RFC 7946).

mod coordinates;
mod guard;
mod properties;
pub(crate) mod reader;
pub(crate) mod writer;

/// The member of a `FeatureCollection` that this service writes about the journey.
const OWN_MEMBER: &str = "kairos";
