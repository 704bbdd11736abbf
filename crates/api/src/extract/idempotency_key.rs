use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use kairos_domain::Kairos;
use kairos_domain::writes::IdempotencyKey;
use ring::digest::{Context, SHA256};
use utoipa::IntoParams;

use super::body::{self, Accepts};
use super::extractors::{from_bytes, required};
use super::fields::Input;
use super::validation_error::{Objection, Part, ValidationError};
use crate::error::ApiError;

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The JSON body of a creating request, with its `Idempotency-Key` for safe retries.
#[derive(Debug)]
pub(crate) struct Keyed<T> {
    pub(crate) input: T,
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
        match (key, input.and_then(required)) {
            (Ok(key), Ok(input)) => Ok(Self {
                input,
                key: key.map(|key| IdempotencyKey {
                    key,
                    request: hash(&parts, &bytes),
                    status: StatusCode::CREATED.as_u16(),
                }),
            }),
            (Ok(_), Err(error)) => Err(error),
            (Err(fault), Ok(_)) => Err(ApiError::validation(vec![fault])),
            (Err(fault), Err(error)) => Err(error.with_validation_error(fault)),
        }
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, ValidationError> {
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
fn hash(parts: &Parts, body: &Bytes) -> [u8; 32] {
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
