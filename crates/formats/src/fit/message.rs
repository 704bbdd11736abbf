//! The layout of the messages in a FIT file.

/// The field of the time, in every message.
pub(super) const TIMESTAMP: u8 = 253;

/// The fields of a kind of message.
pub(super) struct Definition {
    pub(super) message: u16,
    is_big_endian: bool,
    /// Number, offset, size and base type of the known fields.
    fields: Vec<(u8, usize, usize, u8)>,
    /// The size of the whole message, developers' fields and all.
    pub(super) size: usize,
}

impl Definition {
    /// Reads a definition and returns its length, `None` if the bytes end before.
    pub(super) fn read(bytes: &[u8], has_developer_fields: bool) -> Option<(Self, usize)> {
        let [_, architecture, first, second, count] = *bytes.first_chunk()?;
        let is_big_endian = architecture == 1;
        let message = if is_big_endian {
            u16::from_be_bytes([first, second])
        } else {
            u16::from_le_bytes([first, second])
        };
        let mut end = 5 + 3 * usize::from(count);
        let mut size = 0;
        let mut fields = Vec::new();
        for field in bytes.get(5..end)?.chunks_exact(3) {
            let [number, length, base_type] = *field.first_chunk()?;
            let length = usize::from(length);
            if matches!(number, 0..=6 | 78 | TIMESTAMP) {
                fields.push((number, size, length, base_type));
            }
            size += length;
        }
        if has_developer_fields {
            let count = usize::from(*bytes.get(end)?);
            let begin = end + 1;
            end = begin + 3 * count;
            let lengths = bytes
                .get(begin..end)?
                .chunks_exact(3)
                .filter_map(|field| field.get(1));
            size += lengths.map(|length| usize::from(*length)).sum::<usize>();
        }
        Some((
            Self {
                message,
                is_big_endian,
                fields,
                size,
            },
            end,
        ))
    }
}

/// A message and its definition.
pub(super) struct Fields<'a> {
    pub(super) definition: &'a Definition,
    pub(super) data: &'a [u8],
}

impl Fields<'_> {
    fn field(&self, number: u8) -> Option<(&[u8], u8)> {
        let mut fields = self.definition.fields.iter();
        let (_, offset, size, base_type) = fields.find(|(known, ..)| *known == number)?;
        Some((self.data.get(*offset..offset + size)?, *base_type))
    }

    /// Returns the bits of an integer, `None` if it is invalid: all ones, for signed ones without the sign.
    pub(super) fn number(&self, number: u8) -> Option<u64> {
        let (bytes, base_type) = self.field(number)?;
        if !matches!(bytes.len(), 1 | 2 | 4) {
            return None;
        }
        let value = if self.definition.is_big_endian {
            bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
        } else {
            bytes
                .iter()
                .rev()
                .fold(0, |value, byte| value << 8 | u64::from(*byte))
        };
        // sint8, sint16 and sint32.
        let is_signed = matches!(base_type & 31, 1 | 3 | 5);
        let ones = (1 << (8 * bytes.len() - usize::from(is_signed))) - 1;
        (value != ones).then_some(value)
    }

    /// Returns a text up to its first zero.
    pub(super) fn text(&self, number: u8) -> Option<String> {
        let (bytes, _) = self.field(number)?;
        let text = bytes.split(|byte| *byte == 0).next()?;
        Some(String::from_utf8_lossy(text).into_owned())
    }
}
