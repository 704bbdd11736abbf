//! What happens on a connection.

use std::sync::atomic::{AtomicBool, Ordering};

/// What happens on a connection, as its requests tell its stream.
#[derive(Debug, Default)]
pub(super) struct Activity {
    is_unread: AtomicBool,
}

impl Activity {
    /// Notes that the client may still be sending when the connection is closed.
    pub(super) fn leave_unread(&self) {
        self.is_unread.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_unread(&self) -> bool {
        self.is_unread.load(Ordering::Relaxed)
    }
}
