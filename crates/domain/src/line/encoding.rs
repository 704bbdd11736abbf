//! Lines as bytes: lossless, 4 to 7 bytes for each position of a route.
//!
//! Version 1: the byte 1; a byte of flags; the runs of positions as LEB128 integers (their number, then of each the
//! segment's number, the piece's number and the count of positions); then the positions as bits, most significant first.
//! A position is: the difference of its longitude and latitude to the position before, its elevation's difference to the last
//! one, and the change of its time's difference. Numbers are zigzag Rice codes that adapt to the numbers before, as in
//! JPEG-LS (ITU-T T.87): variable-length bytes take 8 bits where 200 m between positions need 15.
//!
//! The decoder takes any bytes: it refuses what an encoder doesn't write, and allocates no more than the bytes can hold.

mod bits;
mod rice;

use super::{DayPart, Line, LineBuilder, LinePosition, MAX_POSITIONS, Piece};

use bits::{BitReader, BitWriter};
use rice::Rice;

const VERSION: u8 = 1;

/// Times are in whole seconds.
const WHOLE_SECONDS: u8 = 1 << 4;

/// Why bytes are no line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CorruptLine {
    /// The first byte is no version that this program reads.
    #[error("the encoded line has an unknown version")]
    Version,
    /// The bytes end too early.
    #[error("the encoded line is truncated")]
    Truncated,
    /// Bytes follow the last position.
    #[error("the encoded line has bytes behind its end")]
    TrailingBytes,
    /// A number is beyond its range.
    #[error("the encoded line holds a number beyond its range")]
    Number,
    /// The segments break a rule of [`Line`].
    #[error("the encoded line has invalid segments")]
    Segments,
}

/// Whether all, some or none of the positions have an elevation, or a time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    None,
    All,
    Some,
}

impl Presence {
    fn of(mut present: impl Iterator<Item = bool>) -> Self {
        match present.next() {
            None => Self::None,
            Some(first) if present.any(|other| other != first) => Self::Some,
            Some(false) => Self::None,
            Some(true) => Self::All,
        }
    }

    fn from_bits(bits: u8) -> Option<Self> {
        [Self::None, Self::All, Self::Some]
            .into_iter()
            .find(|presence| *presence as u8 == bits)
    }
}

/// Encodes a whole line.
#[must_use]
pub fn encode(line: &Line) -> Vec<u8> {
    encode_runs(
        (0..)
            .zip(line.segments())
            .map(|(segment, positions)| (segment, 0, positions)),
    )
}

/// Encodes a day's part of a track; the day itself isn't in it.
#[must_use]
pub fn encode_pieces(part: &DayPart) -> Vec<u8> {
    let runs = part.pieces.iter();
    encode_runs(runs.map(|piece| (piece.segment, piece.number, piece.positions.as_slice())))
}

/// Decodes a whole line.
///
/// # Errors
/// [`CorruptLine`] if the bytes are not what [`encode`] writes.
pub fn decode(bytes: &[u8]) -> Result<Line, CorruptLine> {
    let mut builder = LineBuilder::default();
    for (expected, piece) in (0..).zip(decode_pieces(bytes)?) {
        if (piece.segment, piece.number) != (expected, 0) {
            return Err(CorruptLine::Segments);
        }
        for position in piece.positions {
            builder.push(position).map_err(|_| CorruptLine::Segments)?;
        }
        if builder.end_segment() > 0 {
            return Err(CorruptLine::Segments);
        }
    }
    Ok(builder.finish())
}

fn encode_runs<'a>(runs: impl Iterator<Item = (u32, u32, &'a [LinePosition])> + Clone) -> Vec<u8> {
    let positions = runs.clone().flat_map(|(_, _, positions)| positions);
    let elevations = Presence::of(
        positions
            .clone()
            .map(|position| position.elevation_units().is_some()),
    );
    let times = Presence::of(positions.clone().map(|position| position.time_millis().is_some()));
    let mut millis = positions.clone().filter_map(|position| position.time_millis());
    let whole_seconds = times != Presence::None && millis.all(|millis| millis % 1000 == 0);

    let mut out = BitWriter::default();
    out.byte(VERSION);
    let unit_flag = if whole_seconds { WHOLE_SECONDS } else { 0 };
    out.byte(elevations as u8 | (times as u8) << 2 | unit_flag);
    out.leb128(runs.clone().count() as u64);
    for (segment, number, positions) in runs {
        out.leb128(u64::from(segment));
        out.leb128(u64::from(number));
        out.leb128(positions.len() as u64);
    }
    let unit = if whole_seconds { 1000 } else { 1 };
    let mut codes = Codes::default();
    for position in positions {
        codes
            .longitude
            .write(i64::from(position.longitude_units()), &mut out);
        codes
            .latitude
            .write(i64::from(position.latitude_units()), &mut out);
        if let Some(elevation) = out.presence(elevations, position.elevation_units()) {
            codes.elevation.write(i64::from(elevation), &mut out);
        }
        if let Some(millis) = out.presence(times, position.time_millis()) {
            codes.time.write(millis / unit, &mut out);
        }
    }
    out.finish()
}

/// Decodes the pieces of a day's part.
///
/// # Errors
/// [`CorruptLine`] if the bytes are not what [`encode_pieces`] writes.
pub fn decode_pieces(bytes: &[u8]) -> Result<Vec<Piece>, CorruptLine> {
    let mut input = BitReader::new(bytes);
    if input.byte()? != VERSION {
        return Err(CorruptLine::Version);
    }
    let flags = input.byte()?;
    let elevations = Presence::from_bits(flags & 3).ok_or(CorruptLine::Number)?;
    let times = Presence::from_bits(flags >> 2 & 3).ok_or(CorruptLine::Number)?;
    if flags >= WHOLE_SECONDS << 1 {
        return Err(CorruptLine::Number);
    }
    let unit = if flags & WHOLE_SECONDS == 0 { 1 } else { 1000 };
    let mut pieces = Vec::new();
    let mut counts = Vec::new();
    let mut total = 0;
    for _ in 0..input.leb128()? {
        let (segment, number) = (input.leb128_u32()?, input.leb128_u32()?);
        let count = input.leb128_u32()? as usize;
        total += count;
        if count == 0 || total > MAX_POSITIONS {
            return Err(CorruptLine::Segments);
        }
        pieces.push(Piece {
            segment,
            number,
            positions: Vec::new(),
        });
        counts.push(count);
    }
    let mut codes = Codes::default();
    for (piece, count) in pieces.iter_mut().zip(counts) {
        for _ in 0..count {
            piece
                .positions
                .push(codes.read(&mut input, elevations, times, unit)?);
        }
    }
    input.finish()?;
    Ok(pieces)
}

/// The adaptive codes of the four numbers of a position.
struct Codes {
    longitude: Rice,
    latitude: Rice,
    elevation: Rice,
    time: Rice,
}

impl Default for Codes {
    fn default() -> Self {
        Self {
            longitude: Rice::of_differences(),
            latitude: Rice::of_differences(),
            elevation: Rice::of_differences(),
            time: Rice::of_changes(),
        }
    }
}

impl Codes {
    fn read(
        &mut self,
        input: &mut BitReader<'_>,
        elevations: Presence,
        times: Presence,
        unit: i64,
    ) -> Result<LinePosition, CorruptLine> {
        let narrow = |number: i64| i32::try_from(number).map_err(|_| CorruptLine::Number);
        let longitude = narrow(self.longitude.read(input)?)?;
        let latitude = narrow(self.latitude.read(input)?)?;
        let mut elevation = None;
        if input.presence(elevations)? {
            elevation = Some(narrow(self.elevation.read(input)?)?);
        }
        let mut time = None;
        if input.presence(times)? {
            time = Some(
                self.time
                    .read(input)?
                    .checked_mul(unit)
                    .ok_or(CorruptLine::Number)?,
            );
        }
        LinePosition::from_units(longitude, latitude, elevation, time).ok_or(CorruptLine::Number)
    }
}
