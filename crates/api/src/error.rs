//! Error answers. No other module writes one.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kairos_domain::accounts::{AuthenticateError, TokenActError};
use kairos_domain::rate_limiter::LimitReached;
use kairos_domain::store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error_code::ErrorCode;
use crate::extract::{ValidationError, json_response};

pub(crate) type ApiResult<T> = Result<T, ApiError>;

/// The `Retry-After` of an unavailable service.
const RETRY_AFTER_SECONDS: i64 = 5;

/// The most faults of a request that the log names.
const LOGGED_FAULTS: usize = 20;

/// An error answer: a code of the [table](ErrorCode), with its sentence or validation errors.
///
/// The cause of a server failure goes into the extensions of the response, where the log finds it. The cause
/// never reaches a body.
#[derive(Debug)]
pub(crate) struct ApiError {
    code: ErrorCode,
    detail: Detail,
    /// The seconds after which a retry may succeed.
    retry_after: Option<i64>,
    cause: Option<Cause>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Detail {
    Sentence(Cow<'static, str>),
    Faults(Vec<ValidationError>),
}

/// The internal cause of a failure, for the log.
#[derive(Debug, Clone)]
pub(crate) struct Cause(Arc<dyn Error + Send + Sync>);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The reason that the client received, for the log. It holds nothing that the client sent.
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
                let logged = faults.iter().take(LOGGED_FAULTS);
                let mut places: Vec<_> = logged.map(ValidationError::to_string).collect();
                if let Some(others) = faults
                    .len()
                    .checked_sub(LOGGED_FAULTS)
                    .filter(|others| *others > 0)
                {
                    places.push(format!("{others} others"));
                }
                Refusal(places.join(", ").into())
            }
        }
    }
}

/// An error.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the answers that `ApiError` writes")]
pub(crate) struct ErrorDetail {
    /// One sentence for people that says what was wrong.
    detail: String,
    /// The kind of error, for programs.
    code: ErrorCode,
}

/// Every fault of a request.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the answers that `ApiError` writes")]
#[schema(as = HTTPValidationError)]
pub(crate) struct HttpValidationError {
    /// The faults, in the order of the fields.
    detail: Vec<ValidationError>,
    #[schema(inline)]
    code: ValidationCode,
}

/// Always `validation`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the answers that `ApiError` writes")]
#[schema(rename_all = "snake_case")]
enum ValidationCode {
    Validation,
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self {
            code,
            detail: Detail::Sentence(code.detail().into()),
            retry_after: (code.status() == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER_SECONDS),
            cause: None,
        }
    }
}

impl ApiError {
    pub(crate) fn validation(errors: Vec<ValidationError>) -> Self {
        Self {
            detail: Detail::Faults(errors),
            ..ErrorCode::Validation.into()
        }
    }

    pub(crate) fn rate_limited(reached: &LimitReached) -> Self {
        Self::from(ErrorCode::RateLimited).retry_after(reached.retry_after.num_seconds())
    }

    /// Replaces the usual sentence of the error.
    pub(crate) fn detail(mut self, sentence: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Detail::Sentence(sentence.into());
        self
    }

    /// Sets the seconds after which a retry may succeed.
    pub(crate) fn retry_after(mut self, seconds: i64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Adds a validation error before those already found. Other kinds of error stay unchanged.
    pub(crate) fn with_validation_error(mut self, error: ValidationError) -> Self {
        if let Detail::Faults(errors) = &mut self.detail {
            errors.insert(0, error);
        }
        self
    }

    pub(crate) const fn code(&self) -> ErrorCode {
        self.code
    }

    /// Returns the body of the answer.
    pub(crate) fn body(&self) -> impl Serialize {
        Body {
            detail: &self.detail,
            code: self.code,
        }
    }

    pub(crate) fn because(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Cause(Arc::new(cause)));
        self
    }
}

/// The body of an error answer.
#[derive(Serialize)]
struct Body<D> {
    detail: D,
    code: ErrorCode,
}

/// Writes the body of an error answer. Servers use it for requests that never reach the router.
#[must_use]
pub fn error_body(code: ErrorCode, detail: &str) -> String {
    // Strings always serialise.
    serde_json::to_string(&Body { detail, code }).unwrap_or_default()
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Unavailable(_) => ErrorCode::DatabaseUnavailable,
            StoreError::DiskFull(_) => ErrorCode::DiskFull,
            StoreError::DatabaseMoved => ErrorCode::DatabaseMoved,
            StoreError::TooSlow => ErrorCode::TooSlow,
            StoreError::Conflict(_) | StoreError::Corrupt { .. } | StoreError::Failed(_) => {
                ErrorCode::Internal
            }
        };
        Self::from(code).because(error)
    }
}

impl<E: Into<Self>> From<TokenActError<E>> for ApiError {
    fn from(error: TokenActError<E>) -> Self {
        match error {
            TokenActError::Authenticate(error) => error.into(),
            TokenActError::Act(error) => error.into(),
        }
    }
}

impl From<AuthenticateError> for ApiError {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::InvalidToken => ErrorCode::InvalidToken.into(),
            AuthenticateError::Expired => ErrorCode::TokenExpired.into(),
            AuthenticateError::UserNotFound => ErrorCode::RiderGone.into(),
            AuthenticateError::Revoked => ErrorCode::TokenRevoked.into(),
            AuthenticateError::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let refusal = self.detail.refusal();
        // Strings and received JSON values always serialise.
        let mut response = json_response(serde_json::to_vec(&self.body()).unwrap_or_default());
        *response.status_mut() = self.code.status();
        response.extensions_mut().insert(refusal);
        let headers = response.headers_mut();
        if self.code.status() == StatusCode::UNAUTHORIZED {
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
