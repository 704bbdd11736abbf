//! KMZ: an archive whose first KML file is read.

use std::io::{self, Cursor, Read};

use zip::ZipArchive;

use crate::collector::Collector;
use crate::input::Input;
use crate::{MAX_ARCHIVE_ENTRIES, MAX_UNPACKED_BYTES, ReadError, ReadErrorKind, ReadOptions, detect};

/// The signature of an entry in an archive's directory.
const DIRECTORY_ENTRY: &[u8] = b"PK\x01\x02";

pub(crate) fn read<'a>(
    bytes: &'a [u8],
    options: &ReadOptions<'a>,
    collector: &mut Collector<'a>,
) -> Result<(), ReadError> {
    let broken = |error: zip::result::ZipError| ReadErrorKind::Archive(error.to_string()).nowhere();
    // `ZipArchive` holds the directory as a whole, so the entries are counted before.
    let entries = bytes
        .windows(DIRECTORY_ENTRY.len())
        .filter(|window| *window == DIRECTORY_ENTRY)
        .count();
    if entries > MAX_ARCHIVE_ENTRIES {
        return Err(ReadErrorKind::TooManyEntries.nowhere());
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let first = (0..archive.len()).find(|index| {
        let name = archive
            .name_for_index(*index)
            .and_then(Result::ok)
            .unwrap_or_default();
        name.rsplit_once('.')
            .is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("kml"))
    });
    let Some(first) = first else {
        return Err(ReadErrorKind::UnsupportedType.nowhere());
    };
    let mut head = Vec::new();
    let entry = archive.by_index(first).map_err(broken)?;
    let begin = entry.take(1024).read_to_end(&mut head);
    begin.map_err(|error| ReadErrorKind::Archive(error.to_string()).nowhere())?;
    let entry = archive.by_index(first).map_err(broken)?;
    let source = Bounded {
        source: entry,
        left: MAX_UNPACKED_BYTES,
    };
    let input = Input::new(&head, source, options)?;
    detect::xml(input, collector)
}

/// Fails beyond a number of bytes, where `Take` would end as if the file did.
struct Bounded<R> {
    source: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.left = self
            .left
            .checked_sub(count as u64)
            .ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(count)
    }
}
