use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::program::Program;

/// A connection on which several requests are answered.
pub(crate) struct Conversation {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Conversation {
    pub(crate) fn with(program: &Program) -> Self {
        Self::on(program.connect())
    }

    pub(crate) fn on(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        let unread = Vec::new();
        Self { stream, unread }
    }

    /// Sends bytes, in packets of their own.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// The next answer: its head, and its body as long as the head says.
    pub(crate) fn answer(&mut self) -> String {
        self.answer_to("GET")
    }

    /// The same; an answer to `HEAD` has no body.
    pub(crate) fn answer_to(&mut self, method: &str) -> String {
        loop {
            let text = String::from_utf8_lossy(&self.unread).into_owned();
            if let Some((head, _)) = text.split_once("\r\n\r\n") {
                let head_length = head.len() + 4;
                let is = |line: &str, what: &str| line.to_ascii_lowercase().starts_with(what);
                let length = head.lines().find(|line| is(line, "content-length: "));
                let length = length.map(|line| line["content-length: ".len()..].parse::<usize>().unwrap());
                let is_chunked = head.lines().any(|line| is(line, "transfer-encoding: chunked"));
                let body = match length {
                    _ if method == "HEAD" => Some(0),
                    None if is_chunked => text[head_length..].find("0\r\n\r\n").map(|at| at + 5),
                    length => Some(length.unwrap_or(0)),
                };
                if let Some(whole) = body.map(|body| head_length + body)
                    && self.unread.len() >= whole
                {
                    self.unread.drain(..whole);
                    return text[..whole].to_owned();
                }
            }
            let mut part = [0; 64 * 1024];
            let read = self.stream.read(&mut part).unwrap_or_else(|error| {
                panic!("waited for an answer: {error}; so far: {text}");
            });
            assert!(read > 0, "closed before the answer; so far: {text}");
            self.unread.extend_from_slice(&part[..read]);
        }
    }

    /// Asks for something small, and says whether it was answered.
    pub(crate) fn is_usable(&mut self) -> bool {
        let asked = self.stream.write_all(b"GET /api/v1/ HTTP/1.1\r\nhost: x\r\n\r\n");
        let is_open = asked.is_ok() && self.stream.peek(&mut [0]).is_ok_and(|read| read > 0);
        is_open && self.answer().ends_with("\"pong\"")
    }
}
