use std::future::Future;
use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use kairos_domain::Kairos;
use kairos_domain::writes::IdempotencyKey;
use ring::digest::{Context, SHA256};
use serde_json::Value;
use utoipa::IntoParams;

use super::amendment::Amendment;
use super::body::{self, Accepts};
use super::extractors::{from_bytes, required};
use super::fields::Input;
use super::stored_texts::StoredTexts;
use super::validation_error::{Objection, Part, ValidationError};
use crate::error::{ApiError, ApiResult};

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The JSON body of a creating request, with its `Idempotency-Key` for safe retries.
#[derive(Debug)]
pub(crate) struct Keyed<T> {
    pub(crate) input: T,
    pub(crate) key: Option<IdempotencyKey>,
}

/// The JSON body of a request that changes several resources at once, with its `Idempotency-Key`.
#[derive(Debug)]
pub(crate) struct KeyedAmendment<T> {
    pub(crate) amendment: Amendment<T>,
    key: Result<Option<IdempotencyKey>, ValidationError>,
}

/// A JSON body of any type, with its `Idempotency-Key`.
#[derive(Debug)]
pub(crate) struct KeyedDocument {
    pub(crate) document: Value,
    pub(crate) key: Option<IdempotencyKey>,
}

/// `Idempotency-Key` for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes what `Keyed` reads")]
pub(crate) struct IdempotencyKeyParams {
    /// Key of the client's choice for safe retries, of visible ASCII characters. For 24 hours, the same
    /// request with the same key changes nothing, and is answered with the resource as it is now.
    #[param(
        rename = "Idempotency-Key",
        required = false,
        nullable = false,
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]+$"
    )]
    idempotency_key: Option<String>,
}

impl<T: Input> FromRequest<Arc<Kairos>> for Keyed<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, kairos: &Arc<Kairos>) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let key = key(&parts.headers);
        let bytes = body::collect(body).await?;
        let input = from_bytes(
            &mut parts,
            bytes.clone(),
            kairos,
            Accepts::Json,
            Some(kairos.today()),
        )
        .await;
        let key = key.map(|key| {
            key.map(|key| IdempotencyKey {
                key,
                request: hash(&parts, &bytes),
                status: StatusCode::CREATED.as_u16(),
            })
        });
        let (input, key) = both(input.and_then(required), key)?;
        Ok(Self { input, key })
    }
}

impl<T: Input> FromRequest<Arc<Kairos>> for KeyedAmendment<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, kairos: &Arc<Kairos>) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let key = key(&parts.headers);
        let bytes = body::collect(body).await?;
        let key = key.map(|key| {
            key.map(|key| IdempotencyKey {
                key,
                request: hash(&parts, &bytes),
                status: StatusCode::OK.as_u16(),
            })
        });
        match Amendment::of(&mut parts, bytes, kairos).await {
            Ok(amendment) => Ok(Self { amendment, key }),
            Err(error) => both(Err(error), key).map(|(amendment, key)| Self {
                amendment,
                key: Ok(key),
            }),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for KeyedDocument {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let key = key(&parts.headers);
        let bytes = body::collect(body).await?;
        let key = key.map(|key| {
            key.map(|key| IdempotencyKey {
                key,
                request: hash(&parts, &bytes),
                status: StatusCode::OK.as_u16(),
            })
        });
        let document = body::read_document(&parts.headers, &bytes);
        let (document, key) = both(document.and_then(required), key)?;
        Ok(Self { document, key })
    }
}

impl<T: Input> KeyedAmendment<T> {
    /// Returns the input, as [`Amendment::judged`] does, and the key.
    pub(crate) async fn judged(
        self,
        stored: impl Future<Output = ApiResult<Option<StoredTexts>>>,
    ) -> ApiResult<(T, Option<IdempotencyKey>)> {
        both(self.amendment.judged(stored).await, self.key)
    }
}

/// Returns an input and its key, or the faults of both.
fn both<T>(
    input: ApiResult<T>,
    key: Result<Option<IdempotencyKey>, ValidationError>,
) -> ApiResult<(T, Option<IdempotencyKey>)> {
    match (input, key) {
        (Ok(input), Ok(key)) => Ok((input, key)),
        (Err(error), Ok(_)) => Err(error),
        (Ok(_), Err(fault)) => Err(ApiError::validation(vec![fault])),
        (Err(error), Err(fault)) => Err(error.with_validation_error(fault)),
    }
}

pub(super) fn key(headers: &HeaderMap) -> Result<Option<String>, ValidationError> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    // `to_str` also accepts tabs and spaces.
    let text = value.to_str().ok();
    text.filter(|text| (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()))
        .filter(|_| values.next().is_none())
        .map(|text| Some(text.to_owned()))
        .ok_or_else(|| {
            let objection = Objection::value("must be 1 to 255 visible ASCII characters");
            objection.at(Part::Header, IDEMPOTENCY_KEY, text.map(Into::into).as_ref())
        })
}

/// Returns the SHA-256 of the method, path, query and body. A retry has the same hash.
pub(super) fn hash(parts: &Parts, body: &[u8]) -> [u8; 32] {
    let uri = &parts.uri;
    let mut hash = Context::new(&SHA256);
    for part in [
        parts.method.as_str().as_bytes(),
        uri.path().as_bytes(),
        uri.query().unwrap_or_default().as_bytes(),
        body,
    ] {
        // Each part follows its length. Otherwise the end of one part could be the start of the next.
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    // A SHA-256 digest always has 32 bytes, so the conversion does not fail.
    hash.finish().as_ref().try_into().unwrap_or_default()
}
