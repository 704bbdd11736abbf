//! Everything that a browser loads: the web app, its maps, and the pages of the server.
//!
//! The build compresses the files and embeds them, so the program needs no file beside it. No page loads
//! anything from another host. The crate knows no route but those of its files; `kairos-api` decides which
//! page a path shows.

mod assets;
mod html;
mod own_map;
mod ranges;
mod unchanging;
mod web_app;

pub use assets::router;
pub use html::{DOCS, Page, REDOC, RESET_PASSWORD, RenderedPage, START, VERIFY};
pub use unchanging::{Encodings, Unchanging};
pub use web_app::{MapSettings, Refusals, WebApp};
