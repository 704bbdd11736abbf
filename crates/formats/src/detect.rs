//! The type of a file, from its content.

use std::io::BufRead as _;

use crate::collector::Collector;
use crate::input::Input;
use crate::xml::{Markup, XmlReader};
use crate::{File, ReadError, ReadErrorKind, ReadOptions, fit, geojson, gpx, kml};

const ZIP: &[u8] = b"PK\x03\x04";
const EMPTY_ZIP: &[u8] = b"PK\x05\x06";

pub(crate) fn read(bytes: &[u8], options: &ReadOptions<'_>) -> Result<File, ReadError> {
    if bytes.is_empty() {
        return Err(ReadErrorKind::Empty.nowhere());
    }
    let mut collector = Collector::new(options);
    if bytes.starts_with(ZIP) || bytes.starts_with(EMPTY_ZIP) {
        kml::archive::read(bytes, options, &mut collector)?;
    } else if fit::is_fit(bytes) {
        fit::read(bytes, &mut collector)?;
    } else {
        let mut input = Input::new(bytes, bytes, options)?;
        match first_visible(&mut input)? {
            b'<' => xml(input, &mut collector)?,
            b'{' => geojson::reader::read(input, &mut collector)?,
            _ => return Err(ReadErrorKind::UnsupportedType.nowhere()),
        }
    }
    Ok(collector.finish())
}

/// Passes over white space and returns the byte behind it, which stays.
fn first_visible(input: &mut Input<'_>) -> Result<u8, ReadError> {
    loop {
        let Ok(available) = input.fill_buf() else {
            // Bytes that are no text at all are of another type, not a broken text.
            return Err(match input.fault() {
                None | Some(ReadErrorKind::InvalidText(_)) => ReadErrorKind::UnsupportedType.nowhere(),
                Some(kind) => kind.nowhere(),
            });
        };
        let Some(first) = available.first() else {
            return Err(ReadErrorKind::Empty.nowhere());
        };
        if !first.is_ascii_whitespace() {
            return Ok(*first);
        }
        input.consume(1);
    }
}

/// Reads GPX or KML by the root element.
pub(crate) fn xml(input: Input<'_>, collector: &mut Collector<'_>) -> Result<(), ReadError> {
    let mut xml = XmlReader::new(input);
    if xml.next()? != Markup::Start {
        return Err(xml.error(ReadErrorKind::Truncated));
    }
    match xml.name() {
        "gpx" => gpx::reader::read(&mut xml, collector)?,
        "kml" | "Document" | "Folder" | "Placemark" => kml::reader::read(&mut xml, collector)?,
        _ => return Err(ReadErrorKind::UnsupportedType.nowhere()),
    }
    // Another element behind the root breaks XML.
    match xml.next()? {
        Markup::Eof => Ok(()),
        _ => Err(xml.error(ReadErrorKind::Malformed("an element follows the root".into()))),
    }
}
