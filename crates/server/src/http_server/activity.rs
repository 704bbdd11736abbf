//! The activity on a connection.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// The activity on a connection: shared by its stream, its requests, and the list of connections.
#[derive(Debug)]
pub(super) struct Activity {
    state: Mutex<State>,
    eviction: Notify,
}

#[derive(Debug, Clone, Copy)]
struct State {
    phase: Phase,
    /// The client may still be sending when the connection is closed.
    is_unread: bool,
}

/// Where a connection is between two answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No part of a request has come since the last answer.
    Idle { since: Instant },
    /// The head of a request is coming.
    Head { since: Instant },
    /// A request is being answered.
    Request { is_answered: bool },
}

impl Activity {
    pub(super) fn new() -> Self {
        let phase = Phase::Idle {
            since: Instant::now(),
        };
        Self {
            state: Mutex::new(State {
                phase,
                is_unread: false,
            }),
            eviction: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that bytes have come.
    pub(super) fn receive(&self) {
        let phase = &mut self.state().phase;
        if let Phase::Idle { .. } = phase {
            *phase = Phase::Head {
                since: Instant::now(),
            };
        }
    }

    /// Notes that the head of a request is there.
    pub(super) fn begin_request(&self) {
        self.state().phase = Phase::Request { is_answered: false };
    }

    /// Notes that the whole answer was given to the stream.
    pub(super) fn end_answer(&self) {
        let phase = &mut self.state().phase;
        if let Phase::Request { .. } = phase {
            *phase = Phase::Request { is_answered: true };
        }
    }

    /// Notes that the stream has written everything that it was given.
    pub(super) fn flush(&self) {
        let phase = &mut self.state().phase;
        if *phase == (Phase::Request { is_answered: true }) {
            *phase = Phase::Idle {
                since: Instant::now(),
            };
        }
    }

    /// Notes that the client may still be sending when the connection is closed.
    pub(super) fn leave_unread(&self) {
        self.state().is_unread = true;
    }

    pub(super) fn is_unread(&self) -> bool {
        self.state().is_unread
    }

    pub(super) fn is_in_request(&self) -> bool {
        matches!(self.state().phase, Phase::Request { .. })
    }

    /// Returns for how long no part of a request has come.
    pub(super) fn idle_time(&self) -> Option<Duration> {
        match self.state().phase {
            Phase::Idle { since } => Some(since.elapsed()),
            Phase::Head { .. } | Phase::Request { .. } => None,
        }
    }

    /// Returns when the head began that is coming.
    pub(super) fn head_since(&self) -> Option<Instant> {
        match self.state().phase {
            Phase::Head { since } => Some(since),
            Phase::Idle { .. } | Phase::Request { .. } => None,
        }
    }

    /// Asks for the connection to be closed.
    pub(super) fn evict(&self) {
        self.eviction.notify_one();
    }

    /// Waits until the connection is to be closed.
    pub(super) async fn evicted(&self) {
        self.eviction.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_idle_from_the_written_answer_to_the_first_byte() {
        let activity = Activity::new();
        assert!(activity.idle_time().is_some());
        activity.receive();
        assert!(activity.idle_time().is_none() && activity.head_since().is_some());
        activity.begin_request();
        activity.flush();
        assert!(activity.idle_time().is_none() && activity.head_since().is_none());
        activity.end_answer();
        assert!(activity.idle_time().is_none());
        activity.flush();
        assert!(activity.idle_time().is_some());
    }
}
