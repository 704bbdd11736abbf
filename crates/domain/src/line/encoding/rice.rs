//! Adaptive Rice codes: a number is its quotient by 2^k in unary and its remainder in k bits, with k from the mean of
//! the numbers before.

use super::CorruptLine;
use super::bits::{BitReader, BitWriter};

/// From this quotient on, a number is written as it is.
const ESCAPE: u32 = 24;

/// After so many numbers the older ones count half.
const MEMORY: u64 = 32;

/// The prediction of the next number.
#[derive(Clone, Copy)]
enum Prediction {
    /// The number is the last one.
    Same,
    /// The number differs from the last one as that did from the one before.
    SameStep,
}

pub(super) struct Rice {
    prediction: Prediction,
    last: i64,
    step: i64,
    sum: u64,
    count: u64,
}

impl Rice {
    pub(super) const fn of_differences() -> Self {
        Self::new(Prediction::Same)
    }

    pub(super) const fn of_changes() -> Self {
        Self::new(Prediction::SameStep)
    }

    const fn new(prediction: Prediction) -> Self {
        Self {
            prediction,
            last: 0,
            step: 0,
            sum: 1024,
            count: 1,
        }
    }

    pub(super) fn write(&mut self, number: i64, out: &mut BitWriter) {
        let error = number.wrapping_sub(self.predicted());
        let code = (error << 1 ^ error >> 63).cast_unsigned();
        let width = self.width();
        let quotient = code >> width;
        if quotient < u64::from(ESCAPE) {
            out.bits((1 << (quotient + 1)) - 2, quotient as u32 + 1);
            out.bits(code, width);
        } else {
            out.bits((1 << ESCAPE) - 1, ESCAPE);
            out.bits(code >> 32, 32);
            out.bits(code, 32);
        }
        self.learn(number, code);
    }

    pub(super) fn read(&mut self, input: &mut BitReader<'_>) -> Result<i64, CorruptLine> {
        let width = self.width();
        let quotient = input.ones(ESCAPE)?;
        let code = if quotient < ESCAPE {
            u64::from(quotient) << width | input.bits(width)?
        } else {
            input.bits(32)? << 32 | input.bits(32)?
        };
        let error = (code >> 1).cast_signed() ^ -(code & 1).cast_signed();
        let number = self.predicted().wrapping_add(error);
        self.learn(number, code);
        Ok(number)
    }

    const fn predicted(&self) -> i64 {
        match self.prediction {
            Prediction::Same => self.last,
            Prediction::SameStep => self.last.wrapping_add(self.step),
        }
    }

    /// The least k for which 2^k is not below the mean, at most 30.
    fn width(&self) -> u32 {
        let mean = self.sum / self.count;
        (u64::BITS - mean.leading_zeros()).min(30)
    }

    fn learn(&mut self, number: i64, code: u64) {
        self.step = number.wrapping_sub(self.last);
        self.last = number;
        // One leap must not widen the codes of all that follow.
        let mean = self.sum / self.count;
        self.sum += code.min((mean + 1) * 16).min(1 << 40);
        self.count += 1;
        if self.count == MEMORY {
            self.sum /= 2;
            self.count /= 2;
        }
    }
}
