//! KML 2.2 with the tracks of Google's extension, and KMZ archives.

pub(crate) mod archive;
mod coordinates;
pub(crate) mod reader;
pub(crate) mod writer;
