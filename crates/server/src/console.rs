//! What the program says to the person who started it. Everything else is logged.

use std::fmt::Display;
use std::io::{self, Write as _};

/// Says a line on standard output. Nobody listening any more (`kairos check | head -1`) is no fault, for which `println!`
/// would panic.
pub fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Says a line on standard error.
pub fn complain(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
