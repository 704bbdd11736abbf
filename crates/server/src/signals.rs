//! The signals that ask the program to stop: SIGTERM and Ctrl-C.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The number of `SIGXFSZ` on Linux and macOS.
const FILE_SIZE_EXCEEDED: i32 = 25;

/// Makes a write beyond the maximum file size fail, as it does on a full disk.
///
/// By default, exceeding that limit (`ulimit -f`, `LimitFSIZE`) ends the process.
///
/// # Errors
/// If the system refuses to install the handler.
pub fn survive_file_size_limit() -> io::Result<()> {
    // The handler remains installed when the stream of signals is dropped.
    signal(SignalKind::from_raw(FILE_SIZE_EXCEEDED)).map(drop)
}

/// A listener for the signals that ask the program to stop.
#[derive(Debug)]
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// Starts to listen. From now on, these signals no longer end the process by themselves.
    ///
    /// # Errors
    /// If the system refuses to install the handlers.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
