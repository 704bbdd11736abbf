//! What answers look like. The names are those that clients import.

mod coordinates;
mod discovery;
mod id;
mod itinerary;
mod journey;
mod line;
mod marker;
mod message;
mod null;
mod place;
mod schedule;
pub(crate) mod text;
mod tokens;
mod user;

pub(crate) use coordinates::{Coordinates, CoordinatesInput, CoordinatesPatch};
pub(crate) use discovery::{Encounter, NearbyJourney};
pub(crate) use id::Id;
pub(crate) use itinerary::Day;
pub(crate) use journey::{Journey, JourneyStats, Visibility};
pub(crate) use line::{LineFeature, LineFigures, LineSummary, Skipped};
pub(crate) use marker::{Marker, MarkerType};
pub(crate) use message::MessageResponse;
pub(crate) use null::Null;
pub(crate) use place::Place;
pub(crate) use schedule::Schedule;
pub(crate) use tokens::Tokens;
pub(crate) use user::{PublicUser, User};

/// An item of a list, which may hold thousands of them.
pub(crate) trait ListItem: serde::Serialize {
    /// The bytes of an item in JSON, without its texts. An estimate that reserves memory.
    const BYTES: usize = 400;

    /// Appends the item to JSON, as `serde_json` would.
    fn append(&self, json: &mut Vec<u8>) {
        text::append(self, json);
    }
}

impl ListItem for Journey {}
