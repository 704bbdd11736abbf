//! What answers look like. The names are those that clients import.

mod coordinates;
mod discovery;
mod journey;
mod marker;
mod message;
mod null;
mod text;
mod tokens;
mod user;

pub(crate) use coordinates::{Coordinates, CoordinatesInput, CoordinatesPatch};
pub(crate) use discovery::{Encounter, NearbyJourney};
pub(crate) use journey::{Journey, JourneyStats, Visibility};
pub(crate) use marker::{Marker, MarkerType};
pub(crate) use message::MessageResponse;
pub(crate) use null::Null;
pub(crate) use tokens::Tokens;
pub(crate) use user::{PublicUser, User};
