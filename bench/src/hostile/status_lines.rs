//! Counts the responses in a stream of bytes.

use std::collections::BTreeMap;

/// The beginning of a response, up to its status.
const STATUS_LINE: &[u8] = b"HTTP/1.1 ";

/// The number of digits of a status.
const DIGITS: usize = 3;

/// Finds the status lines in a stream of bytes, no matter how the stream is split.
#[derive(Debug, Default)]
pub(super) struct StatusLines {
    /// The end of the previous bytes, in which a status line may have started.
    unread: Vec<u8>,
}

impl StatusLines {
    /// Counts the responses that start in these bytes.
    pub(super) fn count(&mut self, bytes: &[u8], counts: &mut BTreeMap<String, u64>) {
        self.unread.extend_from_slice(bytes);
        let length = STATUS_LINE.len() + DIGITS;
        let mut counted = 0;
        for (at, window) in self.unread.windows(length).enumerate() {
            if let Some(status) = window.strip_prefix(STATUS_LINE) {
                let status = String::from_utf8_lossy(status).into_owned();
                *counts.entry(status).or_default() += 1;
                counted = at + length;
            }
        }
        let kept = self.unread.len().saturating_sub(length - 1).max(counted);
        self.unread.drain(..kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_is_counted_once_however_its_bytes_come() {
        let bytes = b"HTTP/1.1 200 OK\r\n\r\nxHTTP/1.1 404 Not Found\r\n\r\nHTTP/1.1 200";
        for piece in 1..bytes.len() {
            let (mut lines, mut counts) = (StatusLines::default(), BTreeMap::new());
            for piece in bytes.chunks(piece) {
                lines.count(piece, &mut counts);
            }
            let expected = BTreeMap::from([("200".to_owned(), 2), ("404".to_owned(), 1)]);
            assert_eq!(counts, expected, "in pieces of {piece}");
        }
    }
}
