//! The state of a connection in the cycle of requests and responses.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::bounds::ServerBounds;

/// The state of a connection, shared by its stream, its requests and the list of connections.
#[derive(Debug)]
pub(super) struct Activity {
    state: Mutex<State>,
    eviction: Notify,
}

#[derive(Debug, Clone, Copy)]
struct State {
    phase: Phase,
    /// Whether the client may still be sending when the server closes the connection.
    is_unread: bool,
}

/// The phase of a connection in the cycle of requests and responses.
#[derive(Debug, Clone, Copy)]
enum Phase {
    /// No byte of a request has arrived since the last response.
    Idle { since: Instant },
    /// The head of a request is arriving.
    Head { since: Instant },
    /// The head is complete; the request is being read and handled.
    Request,
    /// The response is being sent.
    Answer {
        since: Instant,
        written_bytes: u64,
        /// Whether hyper has the whole response in its buffer.
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

    /// Records that bytes have arrived.
    pub(super) fn receive(&self) {
        let phase = &mut self.state().phase;
        if let Phase::Idle { .. } = phase {
            *phase = Phase::Head {
                since: Instant::now(),
            };
        }
    }

    /// Records that the head of a request is complete.
    pub(super) fn begin_request(&self) {
        self.state().phase = Phase::Request;
    }

    /// Records that the response begins.
    pub(super) fn begin_answer(&self) {
        self.state().phase = Phase::Answer {
            since: Instant::now(),
            written_bytes: 0,
            is_whole: false,
        };
    }

    /// Records that hyper has the whole response in its buffer.
    pub(super) fn end_answer(&self) {
        if let Phase::Answer { is_whole, .. } = &mut self.state().phase {
            *is_whole = true;
        }
    }

    /// Records that the socket has accepted `bytes` bytes.
    pub(super) fn write(&self, bytes: usize) {
        if let Phase::Answer { written_bytes, .. } = &mut self.state().phase {
            *written_bytes += bytes as u64;
        }
    }

    /// Returns the deadline of the response that is being sent, if any.
    pub(super) fn answer_deadline(&self, bounds: &ServerBounds) -> Option<Instant> {
        match self.state().phase {
            Phase::Answer {
                since, written_bytes, ..
            } => Some(since + bounds.answer_time(written_bytes)),
            _ => None,
        }
    }

    /// Records that the stream has written all it was given. A whole response is then complete.
    pub(super) fn flush(&self) {
        let phase = &mut self.state().phase;
        if let Phase::Answer { is_whole: true, .. } = phase {
            *phase = Phase::Idle {
                since: Instant::now(),
            };
        }
    }

    /// Records that the client may still be sending when the server closes the connection.
    pub(super) fn leave_unread(&self) {
        self.state().is_unread = true;
    }

    pub(super) fn is_unread(&self) -> bool {
        self.state().is_unread
    }

    pub(super) fn is_in_request(&self) -> bool {
        matches!(self.state().phase, Phase::Request | Phase::Answer { .. })
    }

    /// Returns when the connection became idle, if it is.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        match self.state().phase {
            Phase::Idle { since } => Some(since),
            _ => None,
        }
    }

    /// Returns when the head that is arriving began, if one is.
    pub(super) fn head_since(&self) -> Option<Instant> {
        match self.state().phase {
            Phase::Head { since } => Some(since),
            _ => None,
        }
    }

    /// Requests that the connection is closed.
    pub(super) fn evict(&self) {
        self.eviction.notify_one();
    }

    /// Waits until [`Self::evict`] is called.
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
        assert!(activity.idle_since().is_some());
        activity.receive();
        assert!(activity.idle_since().is_none() && activity.head_since().is_some());
        activity.begin_request();
        activity.flush();
        assert!(activity.idle_since().is_none() && activity.head_since().is_none());
        activity.begin_answer();
        activity.flush();
        assert!(activity.idle_since().is_none());
        activity.end_answer();
        assert!(activity.idle_since().is_none());
        activity.flush();
        assert!(activity.idle_since().is_some());
    }
}
