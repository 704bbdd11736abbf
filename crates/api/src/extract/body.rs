use axum::body::Body;
use axum::extract::FromRequest;
use axum::http::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use mime::Mime;
use serde_json::Value;

use super::parsed_size::{check_fields, check_values};
use super::raw_value::{Entries, urlencoded};
use super::validation_error::{Objection, Part, ValidationError};
use crate::error::ApiError;
use crate::error_code::ErrorCode;

/// The largest body that is accepted.
const LIMIT_BYTES: usize = 1 << 20;

/// The UTF-8 byte order mark, with which some programs start a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The media types that an endpoint accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Accepts {
    Json,
    Form,
    JsonOrForm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MediaType {
    Json,
    UrlEncoded,
    Multipart,
}

/// Reads the fields of a body.
///
/// Returns `None` if the body is empty, whatever its `Content-Type`, or JSON `null`.
pub(super) async fn read(
    headers: &HeaderMap,
    bytes: Bytes,
    accepts: Accepts,
) -> Result<Option<Entries>, ApiError> {
    let bytes = match bytes.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => bytes.slice_ref(rest),
        None => bytes,
    };
    if bytes.is_empty() {
        return Ok(None);
    }
    let media_type = accepts.media_type(headers)?;
    check_encoding(headers)?;
    match media_type {
        MediaType::Json => json(&bytes),
        MediaType::UrlEncoded => {
            let separators = bytes.iter().filter(|byte| **byte == b'&').count();
            check_fields(separators + 1).map_err(of_body)?;
            Ok(Some(urlencoded(&bytes)))
        }
        MediaType::Multipart => multipart(headers, bytes).await.map(Some),
    }
}

fn unsupported(detail: &'static str) -> ApiError {
    ApiError::from(ErrorCode::UnsupportedMediaType).detail(detail)
}

/// Rejects a compressed body, because no route decompresses one.
pub(super) fn check_encoding(headers: &HeaderMap) -> Result<(), ApiError> {
    let mut encodings = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let is_identity = |encoding: &[u8]| {
        let encoding = encoding.trim_ascii();
        encoding.is_empty() || encoding.eq_ignore_ascii_case(b"identity")
    };
    if encodings.all(is_identity) {
        Ok(())
    } else {
        Err(unsupported("Content encoding must be identity"))
    }
}

/// Rejects a character set other than UTF-8.
fn check_charset(mime: &Mime) -> Result<(), ApiError> {
    match mime.get_param(mime::CHARSET) {
        Some(charset) if charset != mime::UTF_8 && charset != "utf8" => {
            Err(unsupported("Character set must be UTF-8"))
        }
        _ => Ok(()),
    }
}

impl Accepts {
    /// Returns the media type of a body, if the endpoint accepts it.
    ///
    /// Without a `Content-Type`, the body has the first of the accepted types.
    fn media_type(self, headers: &HeaderMap) -> Result<MediaType, ApiError> {
        let unsupported = || {
            unsupported(match self {
                Self::Json => "Content type must be application/json",
                Self::Form => "Content type must be application/x-www-form-urlencoded or multipart/form-data",
                Self::JsonOrForm => {
                    "Content type must be application/json, application/x-www-form-urlencoded or multipart/form-data"
                }
            })
        };
        let Some(header) = headers.get(CONTENT_TYPE) else {
            return Ok(if self == Self::Form {
                MediaType::UrlEncoded
            } else {
                MediaType::Json
            });
        };
        let written = header.to_str().ok().and_then(|text| text.parse::<Mime>().ok());
        let mime = written.ok_or_else(unsupported)?;
        let media_type = match (mime.type_(), mime.subtype(), mime.suffix()) {
            (mime::APPLICATION, mime::JSON, None) | (_, _, Some(mime::JSON)) => MediaType::Json,
            (mime::APPLICATION, mime::WWW_FORM_URLENCODED, None) => MediaType::UrlEncoded,
            (mime::MULTIPART, mime::FORM_DATA, None) => MediaType::Multipart,
            _ => return Err(unsupported()),
        };
        let taken = match self {
            Self::Json => media_type == MediaType::Json,
            Self::Form => media_type != MediaType::Json,
            Self::JsonOrForm => true,
        };
        if !taken {
            return Err(unsupported());
        }
        check_charset(&mime)?;
        Ok(media_type)
    }
}

/// Receives a body of at most 1 MiB. The HTTP server reads the rest of a larger one.
pub(super) async fn collect(mut body: Body) -> Result<Bytes, ApiError> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ErrorCode::IncompleteBody)?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > LIMIT_BYTES {
            return Err(ErrorCode::BodyTooLarge.into());
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

fn of_body(objection: Objection) -> ApiError {
    ApiError::validation(vec![objection.of_whole(Part::Body, None)])
}

/// Reads a JSON document of any type; returns `None` if the body is empty.
pub(super) fn read_document(headers: &HeaderMap, bytes: &Bytes) -> Result<Option<Value>, ApiError> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if bytes.is_empty() {
        return Ok(None);
    }
    Accepts::Json.media_type(headers)?;
    check_encoding(headers)?;
    document(bytes).map(Some)
}

fn document(bytes: &[u8]) -> Result<Value, ApiError> {
    check_values(bytes).map_err(of_body)?;
    serde_json::from_slice(bytes).map_err(|error| {
        let empty = Value::Object(serde_json::Map::new());
        let objection = Objection::new("json_invalid", format!("JSON decode error: {error}"));
        ApiError::validation(vec![objection.of_whole(Part::Body, Some(&empty))])
    })
}

fn json(bytes: &[u8]) -> Result<Option<Entries>, ApiError> {
    match document(bytes)? {
        Value::Object(object) => Ok(Some(Entries::Json(object))),
        Value::Null => Ok(None),
        _ => Err(ApiError::validation(vec![ValidationError::no_object()])),
    }
}

#[expect(
    clippy::disallowed_types,
    reason = "reads a form for an extractor of this crate"
)]
async fn multipart(headers: &HeaderMap, bytes: Bytes) -> Result<Entries, ApiError> {
    let malformed = || {
        let objection = Objection::new(
            "multipart_invalid",
            "Input should be a well-formed multipart form",
        );
        of_body(objection)
    };
    let mut request = Request::new(Body::from(bytes));
    *request.headers_mut() = headers.clone();
    let mut form = axum::extract::Multipart::from_request(request, &())
        .await
        .map_err(|_| malformed())?;
    let mut pairs = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|_| malformed())? {
        check_fields(pairs.len() + 1).map_err(of_body)?;
        let name = field.name().unwrap_or_default().to_owned();
        let mime = field.content_type().map(str::parse);
        mime.and_then(Result::ok)
            .map_or(Ok(()), |mime| check_charset(&mime))?;
        let value = field.bytes().await.map_err(|_| malformed())?;
        pairs.push((name, String::from_utf8(value.into()).ok()));
    }
    Ok(Entries::Text(pairs))
}
