//! FIT, the binary format of bicycle computers, read message by message.
//!
//! Only positions, course points and the type of the file are of use. `fitparser` 0.11 isn't used: each message becomes a hash map,
//! and a hostile definition makes it write to standard error. (Garmin, "FIT Protocol", revision 2.5.)

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kairos_domain::geo::Position;
use kairos_domain::line::LineKind;

use crate::collector::{Collector, Draft};
use crate::numbers::BadPosition;
use crate::{ReadError, ReadErrorKind, Waypoint};

mod message;

use message::{Definition, Fields};

/// How often the caller's patience is asked for, in messages.
const MESSAGES_BETWEEN_CHECKS: usize = 4096;

/// FIT counts seconds from the end of 1989.
const EPOCH_SECONDS: i64 = 631_065_600;

/// A semicircle is 2^31 units.
const DEGREES_PER_UNIT: f64 = 180.0 / 2_147_483_648.0;

const FILE_ID: u16 = 0;
const RECORD: u16 = 20;
const COURSE: u16 = 31;
const COURSE_POINT: u16 = 32;

/// The `type` of a course in `file_id`: its times are made up.
const COURSE_FILE: u64 = 6;

pub(crate) fn is_fit(bytes: &[u8]) -> bool {
    bytes.get(8..12) == Some(b".FIT")
}

/// Reads one file or several, one behind the other.
pub(crate) fn read(bytes: &[u8], collector: &mut Collector<'_>) -> Result<(), ReadError> {
    let mut start = 0;
    while start < bytes.len() {
        let Some(header) = Header::read(bytes, start) else {
            // Some devices fill the last block with zeros.
            if start > 0
                && bytes
                    .get(start..)
                    .unwrap_or_default()
                    .iter()
                    .all(|byte| *byte == 0)
            {
                break;
            }
            return Err(ReadErrorKind::Malformed("no FIT header".into()).at_byte(start));
        };
        let Some(messages) = bytes.get(header.start..header.end) else {
            return Err(ReadErrorKind::Truncated.at_byte(bytes.len()));
        };
        let reader = Reader {
            messages,
            offset: header.start,
            at: 0,
            definitions: BTreeMap::new(),
            last_time: 0,
            draft: Draft::default(),
        };
        reader.read(collector)?;
        // Two bytes of checksum follow, which many devices get wrong.
        start = header.end + 2;
    }
    Ok(())
}

struct Header {
    start: usize,
    end: usize,
}

impl Header {
    fn read(bytes: &[u8], at: usize) -> Option<Self> {
        let header = bytes.get(at..)?;
        let length = usize::from(*header.first()?);
        if length < 12 || header.get(8..12) != Some(b".FIT") {
            return None;
        }
        let size = u32::from_le_bytes(header.get(4..8)?.try_into().ok()?);
        let start = at + length;
        Some(Self {
            start,
            end: start.checked_add(size as usize)?,
        })
    }
}

struct Reader<'a> {
    messages: &'a [u8],
    /// The offset of the messages in the file.
    offset: usize,
    at: usize,
    definitions: BTreeMap<u8, Definition>,
    /// The last time, which compressed headers refer to.
    last_time: u32,
    draft: Draft,
}

impl Reader<'_> {
    fn read(mut self, collector: &mut Collector<'_>) -> Result<(), ReadError> {
        self.draft.line.place = format!("byte {}, records", self.offset);
        let mut count = 0_usize;
        while self.at < self.messages.len() {
            if count.is_multiple_of(MESSAGES_BETWEEN_CHECKS) {
                collector.check_cancelled()?;
            }
            count += 1;
            self.message(collector)?;
        }
        let place = self.draft.line.place.clone();
        if self.draft.has_positions() {
            collector.end_segment(&mut self.draft, place);
        }
        collector.line(self.draft).map_err(ReadErrorKind::nowhere)
    }

    fn message(&mut self, collector: &mut Collector<'_>) -> Result<(), ReadError> {
        let begin = self.at;
        let header = *self.take(1)?.first().unwrap_or(&0);
        let is_compressed = header & 0x80 != 0;
        let local = if is_compressed {
            header >> 5 & 3
        } else {
            header & 15
        };
        if !is_compressed && header & 0x40 != 0 {
            let rest = self.messages.get(self.at..).unwrap_or_default();
            let has_developer_fields = header & 0x20 != 0;
            let Some((definition, length)) = Definition::read(rest, has_developer_fields) else {
                return Err(ReadErrorKind::Truncated.at_byte(self.offset + begin));
            };
            self.at += length;
            self.definitions.insert(local, definition);
            return Ok(());
        }
        let Some(definition) = self.definitions.get(&local) else {
            let text = format!("message {local} has no definition");
            return Err(ReadErrorKind::Malformed(text).at_byte(self.offset + begin));
        };
        let Some(data) = self.messages.get(self.at..self.at + definition.size) else {
            return Err(ReadErrorKind::Truncated.at_byte(self.offset + begin));
        };
        let fields = Fields { definition, data };
        self.at += definition.size;
        if let Some(time) = fields.number(message::TIMESTAMP) {
            self.last_time = u32::try_from(time).unwrap_or(0);
        } else if is_compressed {
            // The five bits are the end of the time; they have passed zero where they are smaller.
            let low = u32::from(header & 31);
            let turned = if low < self.last_time & 31 { 32 } else { 0 };
            self.last_time = (self.last_time & !31).wrapping_add(low + turned);
        }
        let place = self.offset + begin;
        let result = match definition.message {
            FILE_ID => {
                if fields.number(0) == Some(COURSE_FILE) {
                    self.draft.line.kind = Some(LineKind::Route);
                }
                Ok(())
            }
            COURSE => match fields.text(5) {
                Some(text) => collector
                    .name(&text, format!("byte {place}, course"))
                    .map(|name| {
                        self.draft.line.name.clone_from(&name);
                        collector.file().name = name;
                    }),
                None => Ok(()),
            },
            RECORD => {
                let time = fields.number(message::TIMESTAMP).is_some() || is_compressed;
                let time = time.then(|| instant(self.last_time)).flatten();
                // The enhanced altitude has more bits.
                let altitude = fields.number(78).or_else(|| fields.number(2));
                match position(&fields, (0, 1), altitude) {
                    Some(position) => {
                        let place = || format!("byte {place}, record");
                        collector.position(&mut self.draft, position, time, place)
                    }
                    None => Ok(()),
                }
            }
            COURSE_POINT if collector.with_waypoints() => course_point(&fields, place, collector),
            _ => Ok(()),
        };
        result.map_err(|kind| kind.at_byte(place))
    }

    fn take(&mut self, count: usize) -> Result<&[u8], ReadError> {
        let taken = self.messages.get(self.at..self.at + count);
        self.at += count;
        taken.ok_or_else(|| ReadErrorKind::Truncated.at_byte(self.offset + self.at))
    }
}

fn course_point(
    fields: &Fields<'_>,
    place: usize,
    collector: &mut Collector<'_>,
) -> Result<(), ReadErrorKind> {
    let place = format!("byte {place}, course_point");
    match position(fields, (2, 3), None) {
        Some(Ok(position)) => {
            let name = collector.name(&fields.text(6).unwrap_or_default(), &place)?;
            // A course's times are made up.
            let waypoint = Waypoint {
                place,
                name,
                notes: String::new(),
                position,
                time: None,
                kind: None,
                dates: None,
            };
            collector.waypoint(waypoint)
        }
        Some(Err(reason)) => {
            collector.skip(place, reason.to_string());
            Ok(())
        }
        None => Ok(()),
    }
}

/// Reads a position, `None` if the device had no fix.
fn position(
    fields: &Fields<'_>,
    (latitude, longitude): (u8, u8),
    altitude: Option<u64>,
) -> Option<Result<Position, BadPosition>> {
    let degrees = |field| {
        let units = fields.number(field)?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the four bytes are a signed number"
        )]
        let units = (units as u32).cast_signed();
        Some(f64::from(units) * DEGREES_PER_UNIT)
    };
    let (longitude, latitude) = (degrees(longitude)?, degrees(latitude)?);
    #[expect(clippy::cast_precision_loss, reason = "an altitude has four bytes")]
    let elevation = altitude.map(|units| units as f64 / 5.0 - 500.0);
    Some(Position::new(longitude, latitude, elevation).map_err(BadPosition::from))
}

fn instant(seconds: u32) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(EPOCH_SECONDS + i64::from(seconds), 0)
}
