//! Single bits and bytes, most significant bit first.

use super::{CorruptLine, Presence};

#[derive(Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// The bits of the unfinished byte, and how many there are.
    pending: u64,
    count: u32,
}

impl BitWriter {
    /// Writes a whole byte; only between bytes.
    pub(super) fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub(super) fn leb128(&mut self, mut number: u64) {
        while number > 0x7f {
            self.byte(number as u8 & 0x7f | 0x80);
            number >>= 7;
        }
        self.byte(number as u8);
    }

    /// Writes the lowest `count` bits, at most 32, of a number.
    pub(super) fn bits(&mut self, number: u64, count: u32) {
        self.pending = self.pending << count | number & ((1 << count) - 1);
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            self.bytes.push((self.pending >> self.count) as u8);
        }
    }

    /// Writes whether the value is there, where only some are, and returns the value.
    pub(super) fn presence<T>(&mut self, presence: Presence, value: Option<T>) -> Option<T> {
        if presence == Presence::Some {
            self.bits(u64::from(value.is_some()), 1);
        }
        value
    }

    /// Fills the last byte with zeros.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bits(0, 8 - self.count);
        }
        self.bytes
    }
}

pub(super) struct BitReader<'a> {
    rest: &'a [u8],
    pending: u64,
    count: u32,
}

impl<'a> BitReader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            pending: 0,
            count: 0,
        }
    }

    pub(super) fn byte(&mut self) -> Result<u8, CorruptLine> {
        let (first, rest) = self.rest.split_first().ok_or(CorruptLine::Truncated)?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn leb128(&mut self) -> Result<u64, CorruptLine> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(CorruptLine::Number)
    }

    pub(super) fn leb128_u32(&mut self) -> Result<u32, CorruptLine> {
        u32::try_from(self.leb128()?).map_err(|_| CorruptLine::Number)
    }

    /// Reads `count` bits, at most 32.
    pub(super) fn bits(&mut self, count: u32) -> Result<u64, CorruptLine> {
        while self.count < count {
            self.pending = self.pending << 8 | u64::from(self.byte()?);
            self.count += 8;
        }
        self.count -= count;
        Ok(self.pending >> self.count & ((1 << count) - 1))
    }

    /// Reads ones up to the first zero, which is taken too, or up to `most` ones.
    pub(super) fn ones(&mut self, most: u32) -> Result<u32, CorruptLine> {
        for count in 0..most {
            if self.bits(1)? == 0 {
                return Ok(count);
            }
        }
        Ok(most)
    }

    /// Reads whether a value is there.
    pub(super) fn presence(&mut self, presence: Presence) -> Result<bool, CorruptLine> {
        match presence {
            Presence::None => Ok(false),
            Presence::All => Ok(true),
            Presence::Some => Ok(self.bits(1)? == 1),
        }
    }

    /// Checks that only the zeros of the last byte are left.
    pub(super) fn finish(mut self) -> Result<(), CorruptLine> {
        let padding = self.count;
        if !self.rest.is_empty() || padding >= 8 || self.bits(padding)? != 0 {
            return Err(CorruptLine::TrailingBytes);
        }
        Ok(())
    }
}
