//! `kairos licences`: prints the licences of the program and its dependencies.

use std::io::{self, Write as _};

use flate2::read::GzDecoder;

const NOTICES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/notices.gz"));

/// Prints the notices. A closed pipe (`kairos licences | head`) is no error.
///
/// # Errors
/// If standard output can't be written.
pub fn print() -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    let printed = io::copy(&mut GzDecoder::new(NOTICES), &mut output).and_then(|_| output.flush());
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
