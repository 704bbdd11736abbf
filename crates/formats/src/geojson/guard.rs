//! Bounds the nesting and the strings of a JSON text before the parser sees them.

use std::io::{self, BufRead, Read};

use crate::error::MAX_TOKEN_BYTES;
use crate::input::Input;
use crate::{MAX_DEPTH, ReadErrorKind};

/// Passes a JSON text on while its depth and strings are within their bounds.
pub(super) struct Guard<'a> {
    input: Input<'a>,
    depth: usize,
    /// How long the string at hand is; `None` outside strings.
    string_bytes: Option<usize>,
    is_escaped: bool,
}

impl<'a> Guard<'a> {
    pub(super) const fn new(input: Input<'a>) -> Self {
        Self {
            input,
            depth: 0,
            string_bytes: None,
            is_escaped: false,
        }
    }

    pub(super) fn fault(&self) -> Option<ReadErrorKind> {
        self.input.fault()
    }

    pub(super) const fn line(&self) -> u64 {
        self.input.line()
    }

    fn check(&mut self, byte: u8) -> Result<(), ReadErrorKind> {
        if let Some(bytes) = &mut self.string_bytes {
            *bytes += 1;
            if *bytes > MAX_TOKEN_BYTES {
                return Err(ReadErrorKind::TokenTooLong);
            }
            let ends = byte == b'"' && !self.is_escaped;
            self.is_escaped = byte == b'\\' && !self.is_escaped;
            if ends {
                self.string_bytes = None;
            }
            return Ok(());
        }
        match byte {
            b'"' => self.string_bytes = Some(0),
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.depth > MAX_DEPTH {
            Err(ReadErrorKind::TooDeep)
        } else {
            Ok(())
        }
    }
}

impl Read for Guard<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The parser asks for single bytes.
        let Some(first) = buffer.first_mut() else {
            return Ok(0);
        };
        let Some(byte) = self.input.fill_buf()?.first().copied() else {
            return Ok(0);
        };
        if let Err(kind) = self.check(byte) {
            return Err(self.input.fail(kind));
        }
        *first = byte;
        self.input.consume(1);
        Ok(1)
    }
}
