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

use crate::extract::{Json, ValidationError};

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
    /// The stable word for programs.
    code: Option<&'static str>,
    /// For how many seconds asking again would be of no use.
    retry_after: Option<i64>,
    cause: Option<Cause>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Detail {
    Sentence(Cow<'static, str>),
    Faults(Vec<ValidationError>),
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
                let places: Vec<_> = faults.iter().map(ValidationError::to_string).collect();
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
    /// A stable word for programs, such as `changed_meanwhile`. Older errors have none.
    #[schema(value_type = String, required = false)]
    code: Option<&'static str>,
}

/// Every fault of a request.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the answers that `ApiError` writes")]
#[schema(as = HTTPValidationError)]
pub(crate) struct HttpValidationError {
    detail: Vec<ValidationError>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            detail: Detail::Sentence(detail.into()),
            code: None,
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

    pub(crate) fn precondition_failed(detail: &'static str) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, detail)
    }

    pub(crate) fn unprocessable(detail: &'static str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    pub(crate) fn too_many(detail: &'static str, reached: &LimitReached) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, detail).retry_after(reached.retry_after.num_seconds())
    }

    pub(crate) fn unavailable(detail: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(RETRY_AFTER_SECONDS)
    }

    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    }

    pub(crate) fn validation(faults: Vec<ValidationError>) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            detail: Detail::Faults(faults),
            code: None,
            retry_after: None,
            cause: None,
        }
    }

    /// Adds the stable word for programs.
    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// Says after how many seconds the request may succeed.
    pub(crate) fn retry_after(mut self, seconds: i64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Adds a fault before those that were found. An error that is no validation error stays as it is.
    pub(crate) fn with_fault(mut self, fault: ValidationError) -> Self {
        if let Detail::Faults(faults) = &mut self.detail {
            faults.insert(0, fault);
        }
        self
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
        Self::too_many("Too many attempts, please try again later", &reached)
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
            #[serde(skip_serializing_if = "Option::is_none")]
            code: Option<&'static str>,
        }
        let refusal = self.detail.refusal();
        let body = Body {
            detail: self.detail,
            code: self.code,
        };
        let mut response = (self.status, Json(body)).into_response();
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
