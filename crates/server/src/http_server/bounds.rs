//! How much, and how long, one server lets its clients take.

use std::time::Duration;

/// How much, and how long, one server lets its clients take.
#[derive(Debug, Clone, Copy)]
pub struct ServerBounds {
    /// Connections at once. Together with the database's files it stays below the usual 1 024 open files of a process.
    pub connections: usize,
    /// Connections of one client at once. Those of trusted proxies are not counted.
    pub connections_per_client: usize,
    /// Connections over the limit that get a 503; any beyond these are closed.
    pub overload_answers: usize,
    /// How long such an answer may take.
    pub overload_time: Duration,
    /// How long a connection stays open on which no request comes. Proxies keep theirs for 60 s or so, and must be the first to close.
    pub idle_time: Duration,
    /// How long the head of a request may take, from its first byte on.
    pub head_time: Duration,
    /// How much of the rest of a body is read before the answer is sent.
    pub rest_bytes: u64,
    /// How long the rest of a body may take.
    pub rest_time: Duration,
    /// How long the server reads on after an answer, where the client may still be sending.
    pub linger_time: Duration,
    /// How long a client may take nothing of an answer that waits for it.
    pub write_pause: Duration,
    /// How long an answer may take, however slowly its client reads.
    pub answer_time: Duration,
    /// After that time, an answer goes on while its client has read so many bytes a second from its beginning.
    pub answer_bytes_a_second: u64,
    /// How long an answer may take in any case.
    pub longest_answer_time: Duration,
    /// How long requests in flight have to finish when the server is asked to stop. With the mails that are just leaving, a stop takes
    /// ten seconds at most: after that, container engines kill.
    pub stop_time: Duration,
    /// From how many bytes on an unfinished head of a request is too large: hyper answers with 431.
    pub head_bytes: usize,
}

impl Default for ServerBounds {
    fn default() -> Self {
        Self {
            connections: 512,
            connections_per_client: 64,
            overload_answers: 64,
            overload_time: Duration::from_secs(1),
            idle_time: Duration::from_secs(75),
            head_time: Duration::from_secs(10),
            rest_bytes: 8 << 20,
            rest_time: Duration::from_secs(10),
            linger_time: Duration::from_secs(1),
            write_pause: Duration::from_secs(30),
            answer_time: Duration::from_mins(2),
            answer_bytes_a_second: 64 << 10,
            longest_answer_time: Duration::from_mins(20),
            stop_time: Duration::from_secs(8),
            head_bytes: 64 * 1024,
        }
    }
}

impl ServerBounds {
    /// Returns how long an answer may take of which so many bytes are written.
    pub(super) fn answer_time(&self, written_bytes: u64) -> Duration {
        let fast_enough = Duration::from_secs(written_bytes / self.answer_bytes_a_second.max(1));
        fast_enough.max(self.answer_time).min(self.longest_answer_time)
    }
}
