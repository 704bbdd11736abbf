//! The detection of a text's encoding.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::ReadErrorKind;

/// The supported encodings by their labels. ISO-8859-1 is read as windows-1252, which differs in control characters only.
const LABELS: [(&str, &Encoding); 15] = [
    ("utf-8", UTF_8),
    ("utf8", UTF_8),
    ("us-ascii", UTF_8),
    ("ascii", UTF_8),
    ("iso-8859-1", WINDOWS_1252),
    ("iso8859-1", WINDOWS_1252),
    ("iso_8859-1", WINDOWS_1252),
    ("latin1", WINDOWS_1252),
    ("latin-1", WINDOWS_1252),
    ("windows-1252", WINDOWS_1252),
    ("cp1252", WINDOWS_1252),
    ("cp-1252", WINDOWS_1252),
    ("utf-16", UTF_16LE),
    ("utf-16le", UTF_16LE),
    ("utf-16be", UTF_16BE),
];

/// How far an XML declaration is looked for.
const DECLARATION_BYTES: usize = 256;

/// Finds the encoding by the byte order mark, else by the form of UTF-16, else by the XML declaration, else by the hint.
pub(crate) fn detect(head: &[u8], charset: Option<&str>) -> Result<&'static Encoding, ReadErrorKind> {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Ok(encoding);
    }
    match head {
        [b'<' | b'{', 0, ..] => return Ok(UTF_16LE),
        [0, b'<' | b'{', ..] => return Ok(UTF_16BE),
        _ => {}
    }
    match declared(head) {
        // The declaration itself was read byte by byte, so it can't be in UTF-16.
        Some(label) => {
            Ok(by_label(&label)?).map(|encoding| if encoding == WINDOWS_1252 { encoding } else { UTF_8 })
        }
        None => charset.map_or(Ok(UTF_8), by_label),
    }
}

fn by_label(label: &str) -> Result<&'static Encoding, ReadErrorKind> {
    let mut labels = LABELS.into_iter();
    labels
        .find(|(known, _)| known.eq_ignore_ascii_case(label.trim()))
        .map(|(_, encoding)| encoding)
        .ok_or_else(|| ReadErrorKind::UnsupportedEncoding(label.chars().take(40).collect()))
}

/// Reads the encoding that an XML declaration names.
fn declared(head: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(head.get(..DECLARATION_BYTES).unwrap_or(head)).into_owned();
    let declaration = head.trim_start().strip_prefix("<?xml")?.split_once("?>")?.0;
    let value = declaration
        .split_once("encoding")?
        .1
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value.split(quote).nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_knows_its_encoding_better_than_the_request() {
        let xml = br#"<?xml version="1.0" encoding='Windows-1252'?><gpx/>"#;
        assert_eq!(detect(xml, Some("shift_jis")), Ok(WINDOWS_1252));
        assert_eq!(detect(b"\xff\xfe<\0", Some("utf-8")), Ok(UTF_16LE));
        assert_eq!(detect(b"\xfe\xff\0<", None), Ok(UTF_16BE));
        assert_eq!(detect(b"\0<\0g", None), Ok(UTF_16BE));
        assert_eq!(detect(b"\xef\xbb\xbf<gpx/>", Some("latin1")), Ok(UTF_8));
        assert_eq!(detect(b"<gpx/>", Some("ISO-8859-1")), Ok(WINDOWS_1252));
        assert_eq!(detect(b"<gpx/>", None), Ok(UTF_8));
        let japanese = detect(br#"<?xml version="1.0" encoding="EUC-JP"?>"#, None);
        assert_eq!(japanese, Err(ReadErrorKind::UnsupportedEncoding("EUC-JP".into())));
        assert!(detect(b"{}", Some("utf-7")).is_err());
    }
}
