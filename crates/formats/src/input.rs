//! A file as UTF-8 text, decoded piece by piece.

use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding};

use crate::{ReadErrorKind, ReadOptions};

/// The number of bytes decoded at once.
const PIECE_BYTES: usize = 16 * 1024;

/// Decodes a file and keeps count of its lines. After an error, [`Input::fault`] has its kind.
pub(crate) struct Input<'a> {
    source: Box<dyn Read + 'a>,
    encoding: &'static Encoding,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_start: usize,
    decoded: Vec<u8>,
    start: usize,
    is_at_end: bool,
    line: u64,
    /// How many bytes may still be consumed for one token.
    token_bytes_left: usize,
    is_cancelled: &'a dyn Fn() -> bool,
    /// Why nothing follows the text that is decoded.
    pending: Option<ReadErrorKind>,
    fault: Option<ReadErrorKind>,
}

impl<'a> Input<'a> {
    /// `head` is the beginning of the file, which `source` gives again.
    pub(crate) fn new(
        head: &[u8],
        source: impl Read + 'a,
        options: &ReadOptions<'a>,
    ) -> Result<Self, ReadErrorKind> {
        let encoding = crate::encoding::detect(head, options.charset)?;
        Ok(Self {
            source: Box::new(source),
            encoding,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: Vec::new(),
            raw_start: 0,
            decoded: Vec::new(),
            start: 0,
            is_at_end: false,
            line: 1,
            token_bytes_left: usize::MAX,
            is_cancelled: options.is_cancelled,
            pending: None,
            fault: None,
        })
    }

    /// The line of the next byte.
    pub(crate) const fn line(&self) -> u64 {
        self.line
    }

    /// Bounds the bytes that may be consumed until the next call.
    pub(crate) const fn allow(&mut self, bytes: usize) {
        self.token_bytes_left = bytes;
    }

    /// Why reading failed, if the input was the reason.
    pub(crate) fn fault(&self) -> Option<ReadErrorKind> {
        self.fault.clone()
    }

    pub(crate) fn fail(&mut self, kind: ReadErrorKind) -> io::Error {
        self.fault = Some(kind);
        io::Error::other("the file can't be read")
    }

    /// Decodes the next piece.
    fn decode(&mut self) -> io::Result<()> {
        self.decoded.clear();
        self.start = 0;
        if let Some(kind) = self.pending.take() {
            return Err(self.fail(kind));
        }
        while self.decoded.is_empty() && !self.is_at_end {
            if (self.is_cancelled)() {
                return Err(self.fail(ReadErrorKind::Cancelled));
            }
            if self.raw_start == self.raw.len() {
                self.raw.resize(PIECE_BYTES, 0);
                let count = self.source.read(&mut self.raw);
                match count {
                    Ok(count) => self.raw.truncate(count),
                    // Only an archive is read from anything but memory.
                    Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                        return Err(self.fail(ReadErrorKind::UnpacksToTooMuch));
                    }
                    Err(error) => return Err(self.fail(ReadErrorKind::Archive(error.to_string()))),
                }
                self.raw_start = 0;
            }
            let is_last = self.raw.is_empty();
            // Three bytes of UTF-8 for one of windows-1252; the decoder says when it needs more room.
            self.decoded.resize(3 * PIECE_BYTES + 16, 0);
            let raw = self.raw.get(self.raw_start..).unwrap_or_default();
            let (result, read, written) =
                self.decoder
                    .decode_to_utf8_without_replacement(raw, &mut self.decoded, is_last);
            self.decoded.truncate(written);
            self.raw_start += read;
            match result {
                DecoderResult::InputEmpty => self.is_at_end = is_last,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    let kind = ReadErrorKind::InvalidText(self.encoding.name());
                    if written == 0 {
                        return Err(self.fail(kind));
                    }
                    self.pending = Some(kind);
                }
            }
        }
        Ok(())
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.fault.is_some() {
            return Err(io::Error::other("the file can't be read"));
        }
        if self.start == self.decoded.len() {
            self.decode()?;
        }
        Ok(self.decoded.get(self.start..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        let consumed = self
            .decoded
            .get(self.start..self.start + count)
            .unwrap_or_default();
        self.line += consumed.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.start += count;
        match self.token_bytes_left.checked_sub(count) {
            Some(left) => self.token_bytes_left = left,
            None => self.fault = Some(ReadErrorKind::TokenTooLong),
        }
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}
