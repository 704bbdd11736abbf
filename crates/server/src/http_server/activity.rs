//! The activity on a connection.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::bounds::ServerBounds;

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
#[derive(Debug, Clone, Copy)]
enum Phase {
    /// No part of a request has come since the last answer.
    Idle { since: Instant },
    /// The head of a request is coming.
    Head { since: Instant },
    /// A request is received and worked on.
    Request,
    /// An answer is sent.
    Answer {
        since: Instant,
        written_bytes: u64,
        /// Whether the stream was given all of it.
        is_whole: bool,
    },
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
        self.state().phase = Phase::Request;
    }

    /// Notes that the answer begins.
    pub(super) fn begin_answer(&self) {
        self.state().phase = Phase::Answer {
            since: Instant::now(),
            written_bytes: 0,
            is_whole: false,
        };
    }

    /// Notes that the whole answer was given to the stream.
    pub(super) fn end_answer(&self) {
        if let Phase::Answer { is_whole, .. } = &mut self.state().phase {
            *is_whole = true;
        }
    }

    /// Notes that the socket has taken so many bytes.
    pub(super) fn write(&self, bytes: usize) {
        if let Phase::Answer { written_bytes, .. } = &mut self.state().phase {
            *written_bytes += bytes as u64;
        }
    }

    /// Returns until when the answer that is sent has time.
    pub(super) fn answer_deadline(&self, bounds: &ServerBounds) -> Option<Instant> {
        match self.state().phase {
            Phase::Answer {
                since, written_bytes, ..
            } => Some(since + bounds.answer_time(written_bytes)),
            _ => None,
        }
    }

    /// Notes that the stream has written everything that it was given.
    pub(super) fn flush(&self) {
        let phase = &mut self.state().phase;
        if let Phase::Answer { is_whole: true, .. } = phase {
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
        matches!(self.state().phase, Phase::Request | Phase::Answer { .. })
    }

    /// Returns for how long no part of a request has come.
    pub(super) fn idle_time(&self) -> Option<Duration> {
        match self.state().phase {
            Phase::Idle { since } => Some(since.elapsed()),
            _ => None,
        }
    }

    /// Returns when the head began that is coming.
    pub(super) fn head_since(&self) -> Option<Instant> {
        match self.state().phase {
            Phase::Head { since } => Some(since),
            _ => None,
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

    #[tokio::test(start_paused = true)]
    async fn an_answer_has_time_as_long_as_it_goes_fast_enough() {
        let (activity, bounds) = (Activity::new(), ServerBounds::default());
        let begun = Instant::now();
        let seconds = || {
            let deadline = activity.answer_deadline(&bounds)?;
            Some((deadline - begun).as_secs_f64())
        };
        activity.begin_request();
        activity.write(9);
        assert_eq!(seconds(), None);
        activity.begin_answer();
        assert_eq!(seconds(), Some(120.0));
        // Two minutes at 64 KiB/s, and a second more.
        activity.write(120 * 64 * 1024);
        assert_eq!(seconds(), Some(120.0));
        activity.write(64 * 1024);
        assert_eq!(seconds(), Some(121.0));
        activity.write(1 << 40);
        assert_eq!(seconds(), Some(1200.0));
        activity.end_answer();
        assert_eq!(seconds(), Some(1200.0));
        activity.flush();
        assert_eq!(seconds(), None);
    }

    #[test]
    fn a_connection_is_idle_from_the_written_answer_to_the_first_byte() {
        let activity = Activity::new();
        assert!(activity.idle_time().is_some());
        activity.receive();
        assert!(activity.idle_time().is_none() && activity.head_since().is_some());
        activity.begin_request();
        activity.flush();
        assert!(activity.idle_time().is_none() && activity.head_since().is_none());
        activity.begin_answer();
        activity.flush();
        assert!(activity.idle_time().is_none());
        activity.end_answer();
        assert!(activity.idle_time().is_none());
        activity.flush();
        assert!(activity.idle_time().is_some());
    }
}
