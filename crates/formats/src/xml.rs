//! XML, read safely: no entity is expanded, depth and texts are bounded, and what isn't asked for is passed over.

use std::borrow::Cow;
use std::io::BufRead as _;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use crate::error::MAX_TOKEN_BYTES;
use crate::input::Input;
use crate::{MAX_DEPTH, MAX_TEXT_BYTES, ReadError, ReadErrorKind};

/// The next event of the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Markup {
    /// An element begins: its name and attributes are those of the reader.
    Start,
    /// An element ends.
    End,
    /// The document ends.
    Eof,
}

/// A pull parser. Text is read past the XML parser, which would hold each text as a whole.
pub(crate) struct XmlReader<'a> {
    reader: Reader<Input<'a>>,
    buffer: Vec<u8>,
    /// The last start tag without its brackets, and the length of the name in it.
    tag: String,
    name_length: usize,
    depth: usize,
    /// Whether the last start tag was an empty element, whose end comes next.
    is_empty_element: bool,
    line: u64,
}

impl<'a> XmlReader<'a> {
    pub(crate) fn new(input: Input<'a>) -> Self {
        Self {
            reader: Reader::from_reader(input),
            buffer: Vec::new(),
            tag: String::new(),
            name_length: 0,
            depth: 0,
            is_empty_element: false,
            line: 1,
        }
    }

    /// The local name of the last start tag.
    pub(crate) fn name(&self) -> &str {
        let name = self.tag.get(..self.name_length).unwrap_or_default();
        name.split_once(':').map_or(name, |(_, local)| local)
    }

    /// Returns an attribute of the last start tag, by its whole name.
    pub(crate) fn attribute(&self, name: &str) -> Result<Option<String>, ReadError> {
        let start = BytesStart::from_content(self.tag.as_str(), self.name_length);
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.malformed(&error))?;
            if attribute.key.as_ref() == name {
                let value = unescape(&attribute.value).map_err(|error| self.malformed(&error))?;
                return Ok(Some(value.into_owned()));
            }
        }
        Ok(None)
    }

    /// The line of the last tag.
    pub(crate) const fn line(&self) -> u64 {
        self.line
    }

    /// The number of open elements.
    pub(crate) const fn depth(&self) -> usize {
        self.depth
    }

    /// Passes over text and returns the next tag.
    pub(crate) fn next(&mut self) -> Result<Markup, ReadError> {
        loop {
            self.text_pieces(|_| Ok(()))?;
            if let Piece::Markup(markup) = self.markup()? {
                return Ok(markup);
            }
        }
    }

    /// Goes to the next child of the open element; false at the end of the element.
    pub(crate) fn child(&mut self) -> Result<bool, ReadError> {
        Ok(self.next()? == Markup::Start)
    }

    /// Passes over the rest of the element that began last, children and all.
    pub(crate) fn skip(&mut self) -> Result<(), ReadError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.next()?;
        }
        Ok(())
    }

    /// Reads the text of the element that began last, up to its end. Children are passed over.
    pub(crate) fn text(&mut self) -> Result<String, ReadError> {
        let mut text = String::new();
        loop {
            let mut raw = String::new();
            self.text_pieces(|piece| append(&mut raw, piece))?;
            let raw = normalize_line_ends(&raw);
            let raw = unescape(&raw).map_err(|error| self.malformed(&error))?;
            append(&mut text, &raw).map_err(|kind| self.error(kind))?;
            match self.markup()? {
                Piece::Markup(Markup::Start) => self.skip()?,
                Piece::Markup(_) => return Ok(text),
                Piece::CData(piece) => append(&mut text, &piece).map_err(|kind| self.error(kind))?,
                Piece::Nothing => {}
            }
        }
    }

    /// Hands the raw text up to the next tag over in pieces.
    pub(crate) fn text_pieces(
        &mut self,
        mut take: impl FnMut(&str) -> Result<(), ReadErrorKind>,
    ) -> Result<(), ReadError> {
        if self.is_empty_element {
            return Ok(());
        }
        self.reader.get_mut().allow(usize::MAX);
        loop {
            let line = self.reader.get_ref().line();
            let mut stream = self.reader.stream();
            let Ok(available) = stream.fill_buf() else {
                return Err(self.error(ReadErrorKind::Truncated));
            };
            // The input ends a piece between characters.
            let end = available.iter().position(|byte| *byte == b'<');
            let piece = available
                .get(..end.unwrap_or(available.len()))
                .unwrap_or_default();
            if piece.is_empty() {
                break;
            }
            let text = std::str::from_utf8(piece).unwrap_or_default();
            let (taken, count) = (take(text), piece.len());
            stream.consume(count);
            taken.map_err(|kind| kind.at_line(line))?;
        }
        Ok(())
    }

    /// Reads one piece of markup.
    fn markup(&mut self) -> Result<Piece, ReadError> {
        self.line = self.reader.get_ref().line();
        if std::mem::take(&mut self.is_empty_element) {
            self.depth -= 1;
            return Ok(Piece::Markup(Markup::End));
        }
        self.reader.get_mut().allow(MAX_TOKEN_BYTES);
        self.buffer.clear();
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(error) => {
                let kind = self.reader.get_ref().fault();
                let kind = kind.unwrap_or_else(|| match error {
                    quick_xml::Error::Syntax(_) => ReadErrorKind::Truncated,
                    error => ReadErrorKind::Malformed(error.to_string()),
                });
                return Err(self.error(kind));
            }
        };
        let (start, is_empty) = match event {
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                return Ok(Piece::Markup(Markup::End));
            }
            Event::Eof if self.depth > 0 => return Err(self.error(ReadErrorKind::Truncated)),
            Event::Eof => return Ok(Piece::Markup(Markup::Eof)),
            Event::DocType(_) => return Err(self.error(ReadErrorKind::Doctype)),
            Event::CData(data) => return Ok(Piece::CData(data.xml10_content().into_owned())),
            _ => return Ok(Piece::Nothing),
        };
        self.tag.clear();
        self.tag.push_str(&start);
        self.name_length = start.name().as_ref().len();
        self.is_empty_element = is_empty;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(ReadErrorKind::TooDeep));
        }
        Ok(Piece::Markup(Markup::Start))
    }

    /// Places an error at the line of the last tag, unless the input itself failed.
    pub(crate) fn error(&self, kind: ReadErrorKind) -> ReadError {
        let line = self.reader.get_ref().line();
        self.reader.get_ref().fault().unwrap_or(kind).at_line(line)
    }

    fn malformed(&self, error: &impl ToString) -> ReadError {
        self.error(ReadErrorKind::Malformed(error.to_string()))
    }
}

enum Piece {
    Markup(Markup),
    CData(String),
    Nothing,
}

fn append(text: &mut String, piece: &str) -> Result<(), ReadErrorKind> {
    if text.len() + piece.len() > MAX_TEXT_BYTES {
        return Err(ReadErrorKind::TextTooLong);
    }
    text.push_str(piece);
    Ok(())
}

/// Replaces line ends by line feeds, as an XML parser does before anything else.
fn normalize_line_ends(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}
