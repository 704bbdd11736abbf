//! The one place that writes an error answer.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kairos_domain::accounts::{AuthenticateError, LimitReached};
use kairos_domain::password::PasswordQueueFull;
use kairos_domain::store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::{Fault, Json};

pub(crate) type ApiResult<T> = Result<T, ApiError>;

/// How long a client should wait before it asks a busy server again.
const RETRY_AFTER_SECONDS: i64 = 5;

/// A refusal: a status and the text or the faults that go with it.
///
/// Why it came to a fault of the server stays inside: it goes into the response's extensions, where the request's log line finds
/// it, and has no way into a body.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    detail: Detail,
    /// For how many seconds asking again would be of no use.
    retry_after: Option<i64>,
    cause: Option<Cause>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Detail {
    Sentence(Cow<'static, str>),
    Faults(Vec<Fault>),
}

/// What went wrong inside, for the log.
#[derive(Debug, Clone)]
pub(crate) struct Cause(Arc<dyn Error + Send + Sync>);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the client was told, for the log. It holds nothing of what the client sent.
#[derive(Debug, Clone)]
pub(crate) struct Refusal(Arc<str>);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Detail {
    fn refusal(&self) -> Refusal {
        match self {
            Self::Sentence(sentence) => Refusal(sentence.as_ref().into()),
            Self::Faults(faults) => {
                let places: Vec<_> = faults.iter().map(Fault::to_string).collect();
                Refusal(places.join(", ").into())
            }
        }
    }
}

/// One sentence that says what was wrong.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the answers that `ApiError` writes")]
pub(crate) struct ErrorDetail {
    detail: String,
}

/// Every fault of a request.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the answers that `ApiError` writes")]
#[schema(as = HTTPValidationError)]
pub(crate) struct HttpValidationError {
    detail: Vec<Fault>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            detail: Detail::Sentence(detail.into()),
            retry_after: None,
            cause: None,
        }
    }

    pub(crate) fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn unauthorized(detail: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    pub(crate) fn forbidden(detail: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    pub(crate) fn not_found(detail: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    pub(crate) fn conflict(detail: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    pub(crate) fn unavailable(detail: &'static str) -> Self {
        Self {
            retry_after: Some(RETRY_AFTER_SECONDS),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
        }
    }

    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    }

    pub(crate) fn validation(faults: Vec<Fault>) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            detail: Detail::Faults(faults),
            retry_after: None,
            cause: None,
        }
    }

    pub(crate) fn because(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Cause(Arc::new(cause)));
        self
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let answer = match &error {
            StoreError::Unavailable(_) => Self::unavailable("The database is unavailable"),
            StoreError::TooSlow => Self::unavailable("The query took too long"),
            StoreError::Conflict(_) | StoreError::Corrupt { .. } | StoreError::Failed(_) => Self::internal(),
        };
        answer.because(error)
    }
}

impl From<PasswordQueueFull> for ApiError {
    fn from(full: PasswordQueueFull) -> Self {
        Self::unavailable("Too many passwords are waiting to be checked").because(full)
    }
}

impl From<LimitReached> for ApiError {
    fn from(reached: LimitReached) -> Self {
        Self {
            retry_after: Some(reached.retry_after.num_seconds()),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many attempts, please try again later",
            )
        }
    }
}

impl From<AuthenticateError> for ApiError {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::InvalidToken => Self::forbidden("Could not validate credentials"),
            AuthenticateError::Expired => Self::unauthorized("Access token has expired"),
            AuthenticateError::UserNotFound => Self::unauthorized("User not found"),
            AuthenticateError::Revoked => Self::unauthorized("Access token has been revoked"),
            AuthenticateError::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            detail: Detail,
        }
        let refusal = self.detail.refusal();
        let mut response = (self.status, Json(Body { detail: self.detail })).into_response();
        response.extensions_mut().insert(refusal);
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(cause);
        }
        response
    }
}
