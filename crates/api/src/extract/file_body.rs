//! Files of routes and tracks in request bodies.

mod receiving;

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use kairos_domain::Kairos;
use kairos_domain::file_turns::FileTurn;
use kairos_domain::line::LineTooLarge;
use kairos_domain::user::User;
use kairos_domain::writes::IdempotencyKey;
use kairos_formats::assign::{Assignment, TakeAs, assign};
use kairos_formats::{ReadError, ReadOptions};
use utoipa::ToSchema;

use super::body::check_encoding;
use super::idempotency_key::{self, hash};
use super::validation_error::{Objection, Part};
use crate::error::{ApiError, ApiResult};
use crate::error_code::ErrorCode;
use crate::middleware::Receipt;
use receiving::{Bounds, content_length, mime};

/// The largest file.
pub(crate) const MAX_FILE_BYTES: u64 = MAX_BYTES as u64;

const MAX_BYTES: usize = 32 << 20;

/// The name of the form field, and the place of faults.
const FIELD: &str = "file";

/// A body that holds a file: as it is, or as the field `file` of a multipart form. It is not received yet.
pub(crate) struct FileBody(Request);

/// A form with a file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `FileBody` reads")]
pub(crate) struct FileForm {
    /// The file.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A file as the whole body.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "describes what `FileBody` reads")]
pub(crate) struct RawFile(Vec<u8>);

/// A received file. Its rider may send another once it is dropped.
pub(crate) struct ReceivedFile {
    turn: FileTurn,
    bytes: Bytes,
    /// The name that the client gave the file.
    name: Option<String>,
    charset: Option<String>,
    pub(crate) key: Option<IdempotencyKey>,
}

/// The content of a file, or its fault. Ownership is checked before the fault is shown.
#[must_use]
pub(crate) struct FileContent(Result<Assignment, ApiError>);

/// The use of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taking {
    pub(crate) take_as: TakeAs,
    /// Whether waypoints are kept or passed over.
    pub(crate) with_waypoints: bool,
}

impl<S: Send + Sync> FromRequest<S> for FileBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        Ok(Self(request))
    }
}

impl FileBody {
    /// Receives the file.
    ///
    /// A request that creates something heeds its idempotency key. `creates` is the status of its successful
    /// answer.
    pub(crate) async fn receive(
        self,
        kairos: &Kairos,
        rider: &User,
        creates: Option<StatusCode>,
    ) -> ApiResult<ReceivedFile> {
        let headers = self.0.headers();
        check_encoding(headers)?;
        let mut key = None;
        if let Some(status) = creates {
            let text = idempotency_key::key(headers);
            let text = text.map_err(|fault| ApiError::validation(vec![fault]))?;
            key = text.map(|text| (text, status));
        }
        let bounds = Bounds::of(&self.0);
        bounds.check(content_length(headers).unwrap_or(0))?;
        let turn = kairos.begin_file(rider)?;
        if let Some(receipt) = self.0.extensions().get::<Arc<Receipt>>() {
            receipt.receive_as_file();
        }
        let mime = mime(headers.get(CONTENT_TYPE));
        let is_form = mime
            .as_ref()
            .is_some_and(|mime| (mime.type_(), mime.subtype()) == (::mime::MULTIPART, ::mime::FORM_DATA));
        let (parts, received) = if is_form {
            bounds.form(self.0).await?
        } else {
            bounds.whole_body(self.0, mime).await?
        };
        Ok(ReceivedFile {
            turn,
            bytes: received.bytes,
            name: received.name,
            charset: received.charset,
            key: key.map(|(key, status)| IdempotencyKey {
                key,
                request: hash(&parts, &received.digest),
                status: status.as_u16(),
            }),
        })
    }
}

impl ReceivedFile {
    /// Reads the file off the async threads, and decides what becomes of its parts.
    pub(crate) async fn read(&self, kairos: &Kairos, taking: Taking) -> ApiResult<FileContent> {
        let (bytes, name, charset) = (self.bytes.clone(), self.name.clone(), self.charset.clone());
        let now = kairos.now();
        let read = self.turn.read(move |is_cancelled| {
            let options = ReadOptions {
                now,
                charset: charset.as_deref(),
                with_waypoints: taking.with_waypoints,
                is_cancelled,
            };
            let file = kairos_formats::read(&bytes, &options).map_err(FileFault::Read)?;
            assign(file, taking.take_as, name.as_deref(), now).map_err(FileFault::Line)
        });
        let content = match read.await? {
            Err(FileFault::Read(error)) if error.kind.is_unsupported() => {
                let mut sentence = error.to_string();
                if let Some(first) = sentence.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                return Err(ApiError::from(ErrorCode::UnsupportedMediaType).detail(sentence));
            }
            Err(FileFault::Read(error)) => Err(invalid(error.to_string())),
            Err(FileFault::Line(error)) => Err(invalid(error.to_string())),
            Ok(assignment) => Ok(assignment),
        };
        Ok(FileContent(content))
    }
}

impl FileContent {
    /// Returns the content, or the fault of the file.
    pub(crate) fn judged(self) -> ApiResult<Assignment> {
        self.0
    }
}

/// Returns the error of a file from which nothing can be taken.
pub(crate) fn file_without_line() -> ApiError {
    invalid("the file has no line".to_owned())
}

/// Why a file is not taken.
enum FileFault {
    Read(ReadError),
    Line(LineTooLarge),
}

fn of_file(objection: Objection) -> ApiError {
    ApiError::validation(vec![objection.at(Part::Body, FIELD, None)])
}

fn invalid(msg: String) -> ApiError {
    of_file(Objection::new("file_invalid", msg))
}
