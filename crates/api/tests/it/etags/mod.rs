//! Entity tags: reading only what has changed, and changing only what was read.

mod reading;
mod writing;

const UNKNOWN: &str = "5f43a1b2c3d4e5f60718293a";
