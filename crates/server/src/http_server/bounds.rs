//! Limits on the connections, time and bytes of the clients of one server.

use std::time::Duration;

/// Limits on the connections, time and bytes of the clients of one server.
#[derive(Debug, Clone, Copy)]
pub struct ServerBounds {
    /// Most connections open at once. With the database's files, they stay below the usual limit of 1 024
    /// open files.
    pub connections: usize,
    /// Most connections of one client open at once. Connections of trusted proxies are not counted.
    pub connections_per_client: usize,
    /// Connections over the limit that get a 503; any beyond these are closed.
    pub overload_answers: usize,
    /// Time limit for sending such a 503.
    pub overload_time: Duration,
    /// Time after which the server closes an idle connection. Proxies do so after about 60 s, and must be the
    /// first to close.
    pub idle_time: Duration,
    /// Time limit for the head of a request, from its first byte on.
    pub head_time: Duration,
    /// Largest unread rest of a request body that the server reads before it sends the response.
    pub rest_bytes: u64,
    /// Time limit for reading this rest.
    pub rest_time: Duration,
    /// Time for which the server reads on after a response, if the client may still be sending.
    pub linger_time: Duration,
    /// Write timeout: longest pause in which a client takes no byte of a pending response.
    pub write_pause: Duration,
    /// Time that every response may take, however slowly its client reads.
    pub answer_time: Duration,
    /// Rate at which a response may continue after that time, in bytes per second from its beginning.
    pub answer_bytes_a_second: u64,
    /// Time limit for every response, however fast its client reads.
    pub longest_answer_time: Duration,
    /// Bytes of a response that the kernel takes before the client has room for them (on Linux).
    pub unsent_bytes: u32,
    /// Time that requests in flight get to finish at shutdown. Including the mails being sent, a shutdown
    /// takes at most ten seconds, since container engines kill the process after that.
    pub stop_time: Duration,
    /// Largest unfinished head of a request, in bytes. hyper answers a larger one with 431.
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
            unsent_bytes: 128 << 10,
            stop_time: Duration::from_secs(8),
            head_bytes: 64 * 1024,
        }
    }
}

impl ServerBounds {
    /// Returns the time limit of a response of which `written_bytes` have been written.
    pub(super) fn answer_time(&self, written_bytes: u64) -> Duration {
        let fast_enough = Duration::from_secs(written_bytes / self.answer_bytes_a_second.max(1));
        fast_enough.max(self.answer_time).min(self.longest_answer_time)
    }
}
