use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use kairos_domain::journeys::ReadOnError;

use crate::Invocation;
use crate::error::ApiError;
use crate::error_code::ErrorCode;

/// The largest answer of an AWS Lambda function.
const MOST_BYTES: usize = 5_000_000;

/// The largest answer as a JSON string in the payload of a function.
///
/// AWS Lambda allows 6 MiB, including the headers.
const MOST_PAYLOAD_BYTES: usize = 6_000_000;

/// Buffers the answer of a function, because AWS Lambda takes it in one piece.
///
/// The time limit includes the buffering.
pub(super) async fn whole_answer(request: Request, next: Next) -> Response {
    let is_of_a_function = request.extensions().get::<Invocation>().is_some();
    let response = next.run(request).await;
    if !is_of_a_function {
        return response;
    }
    let (parts, body) = response.into_parts();
    match collect(body).await {
        Ok(bytes) => Response::from_parts(parts, Body::from(bytes)),
        Err(error) => error.into_response(),
    }
}

async fn collect(mut body: Body) -> Result<Bytes, ApiError> {
    let mut bytes = BytesMut::new();
    let mut payload_bytes = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match error.into_inner().downcast::<ReadOnError>() {
            Ok(error) => ApiError::from(*error),
            Err(_) => ErrorCode::Internal.into(),
        })?;
        let Ok(data) = frame.into_data() else { continue };
        let is_escaped = |byte: &&u8| matches!(byte, b'"' | b'\\');
        payload_bytes += data.len() + data.iter().filter(is_escaped).count();
        if bytes.len() + data.len() > MOST_BYTES || payload_bytes > MOST_PAYLOAD_BYTES {
            return Err(ErrorCode::WholeAnswerTooLarge.into());
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}
