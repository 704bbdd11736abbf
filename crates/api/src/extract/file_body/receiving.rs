//! The reception of a file.

use axum::extract::{FromRequest as _, Request};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, HeaderMap};
use axum::http::request::Parts;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use mime::Mime;
use ring::digest::{Context, SHA256};

use super::{FIELD, MAX_BYTES, invalid, of_file};
use crate::Invocation;
use crate::error::{ApiError, ApiResult};
use crate::error_code::ErrorCode;
use crate::extract::parsed_size::check_fields;
use crate::extract::validation_error::Objection;

/// The largest file on AWS Lambda, which limits a request to 6 MB in base64.
const MAX_BYTES_OF_A_FUNCTION: usize = 4 << 20;

/// The bytes of a file, and a digest of the whole body.
pub(super) struct Received {
    pub(super) bytes: Bytes,
    pub(super) name: Option<String>,
    pub(super) charset: Option<String>,
    pub(super) digest: Vec<u8>,
}

/// The bound of the file.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    bytes: usize,
    sentence: &'static str,
}

impl Bounds {
    pub(super) fn of(request: &Request) -> Self {
        if request.extensions().get::<Invocation>().is_some() {
            Self {
                bytes: MAX_BYTES_OF_A_FUNCTION,
                sentence: "A file must not be larger than 4 MiB",
            }
        } else {
            Self {
                bytes: MAX_BYTES,
                sentence: "A file must not be larger than 32 MiB",
            }
        }
    }

    /// Checks the size of the whole body. A form may have some bytes around the file.
    pub(super) fn check(self, bytes: usize) -> ApiResult<()> {
        if bytes > self.bytes + (64 << 10) {
            return Err(self.exceeded());
        }
        Ok(())
    }

    fn exceeded(self) -> ApiError {
        ApiError::from(ErrorCode::BodyTooLarge).detail(self.sentence)
    }

    fn add(self, bytes: &mut BytesMut, data: &[u8]) -> ApiResult<()> {
        if bytes.len() + data.len() > self.bytes {
            return Err(self.exceeded());
        }
        bytes.extend_from_slice(data);
        Ok(())
    }

    /// Receives a body that is the file.
    pub(super) async fn whole_body(
        self,
        request: Request,
        mime: Option<Mime>,
    ) -> ApiResult<(Parts, Received)> {
        let (parts, mut body) = request.into_parts();
        let mut bytes = BytesMut::new();
        let mut digest = Context::new(&SHA256);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| ErrorCode::IncompleteBody)?;
            let Ok(data) = frame.into_data() else { continue };
            digest.update(&data);
            self.add(&mut bytes, &data)?;
        }
        let received = Received {
            bytes: bytes.freeze(),
            name: None,
            charset: mime.as_ref().and_then(charset),
            digest: digest.finish().as_ref().to_vec(),
        };
        Ok((parts, received))
    }

    /// Receives a form that has the file in its field `file`. Other fields are passed over.
    #[expect(
        clippy::disallowed_types,
        reason = "reads a form for an extractor of this crate"
    )]
    pub(super) async fn form(self, request: Request) -> ApiResult<(Parts, Received)> {
        let (parts, body) = request.into_parts();
        let mut request = Request::new(body);
        *request.headers_mut() = parts.headers.clone();
        // They say that the body has no bound of axum's own.
        *request.extensions_mut() = parts.extensions.clone();
        let form = axum::extract::Multipart::from_request(request, &()).await;
        let mut form = form.map_err(|_| malformed_form())?;
        let mut file = None;
        let mut digest = Context::new(&SHA256);
        let (mut fields, mut other_bytes) = (0, 0);
        while let Some(mut field) = form.next_field().await.map_err(|error| form_error(&error))? {
            fields += 1;
            check_fields(fields).map_err(of_file)?;
            let is_file = field.name() == Some(FIELD);
            for text in [field.name(), field.file_name()] {
                let text = text.unwrap_or_default();
                digest.update(&(text.len() as u64).to_be_bytes());
                digest.update(text.as_bytes());
            }
            let mut received = Received {
                bytes: Bytes::new(),
                name: field.file_name().map(ToOwned::to_owned),
                charset: field.content_type().and_then(|text| charset(&text.parse().ok()?)),
                digest: Vec::new(),
            };
            let mut of_field = Context::new(&SHA256);
            let mut bytes = BytesMut::new();
            while let Some(data) = field.chunk().await.map_err(|error| form_error(&error))? {
                of_field.update(&data);
                if is_file {
                    self.add(&mut bytes, &data)?;
                } else {
                    other_bytes += data.len();
                    self.check(other_bytes)?;
                }
            }
            digest.update(of_field.finish().as_ref());
            if is_file {
                received.bytes = bytes.freeze();
                if file.replace(received).is_some() {
                    return Err(invalid("there must be one file".to_owned()));
                }
            }
        }
        let mut file = file.ok_or_else(|| of_file(Objection::missing()))?;
        file.digest = digest.finish().as_ref().to_vec();
        Ok((parts, file))
    }
}

pub(super) fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

pub(super) fn mime(header: Option<&HeaderValue>) -> Option<Mime> {
    header?.to_str().ok()?.parse().ok()
}

fn charset(mime: &Mime) -> Option<String> {
    mime.get_param(mime::CHARSET)
        .map(|charset| charset.as_str().to_owned())
}

fn malformed_form() -> ApiError {
    of_file(Objection::new(
        "multipart_invalid",
        "Input should be a well-formed multipart form",
    ))
}

fn form_error(error: &axum::extract::multipart::MultipartError) -> ApiError {
    // Errors of the form itself have a status of the client.
    if error.status().is_server_error() {
        ErrorCode::IncompleteBody.into()
    } else {
        malformed_form()
    }
}
