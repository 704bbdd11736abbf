//! JSON answers that are written while they are read, so that memory never holds a whole one.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use kairos_domain::journeys::{PackedLine, PagedList, ReadOnError};
use kairos_domain::store::Listed;
use kairos_formats::{Cursor, export};

use crate::error::ApiResult;
use crate::extract::json_response;
use crate::schemas::ListItem;

/// The bytes of an answer that are written before its head is sent.
///
/// A shorter answer has a `Content-Length`, and its failure has an error status.
const BEGINNING_BYTES: usize = 64 << 10;

/// The bytes of a part of a line. Each part decodes the line again.
pub(crate) const PART_OF_LINE_BYTES: usize = 512 << 10;

/// Answers with JSON in parts.
///
/// A failure after the beginning truncates the answer: its last chunk is missing.
pub(crate) async fn answer(
    parts: impl Stream<Item = Result<Vec<u8>, ReadOnError>> + Send + 'static,
) -> ApiResult<Response> {
    let mut parts = Box::pin(parts);
    let mut beginning = Vec::new();
    while beginning.len() < BEGINNING_BYTES {
        match parts.try_next().await? {
            None => return Ok(json_response(beginning)),
            Some(part) if beginning.is_empty() => beginning = part,
            Some(part) => beginning.extend(part),
        }
    }
    let all = stream::iter([Ok(beginning)]).chain(parts);
    let body = Body::from_stream(all.map_ok(Bytes::from));
    let mut response = json_response(Vec::new());
    *response.body_mut() = body;
    Ok(response)
}

/// Answers with parts of another media type.
pub(crate) async fn answer_as(
    media_type: &'static str,
    parts: impl Stream<Item = Result<Vec<u8>, ReadOnError>> + Send + 'static,
) -> ApiResult<Response> {
    let mut response = answer(parts).await?;
    let media_type = HeaderValue::from_static(media_type);
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    Ok(response)
}

/// Returns a line as a GeoJSON feature in parts.
pub(crate) fn feature(line: PackedLine) -> impl Stream<Item = Result<Vec<u8>, ReadOnError>> + Send {
    stream::try_unfold(Some(Cursor::default()), move |cursor| {
        let line = line.clone();
        async move {
            let Some(mut cursor) = cursor else { return Ok(None) };
            let part = line.read(move |line| {
                let mut json = Vec::new();
                let mut has_more = true;
                while has_more && json.len() < PART_OF_LINE_BYTES {
                    // A `Vec` takes every write.
                    has_more = export::write_feature(line, &mut cursor, &mut json).unwrap_or_default();
                }
                (json, has_more.then_some(cursor))
            });
            Ok(Some(part.await?))
        }
    })
}

/// Returns a JSON list in parts: the given `json`, the items, and `end`.
pub(crate) fn list<D: Listed, T: From<D> + ListItem>(
    mut list: PagedList<D>,
    mut json: Vec<u8>,
    end: &'static str,
) -> impl Stream<Item = Result<Vec<u8>, ReadOnError>> + Send {
    write::<D, T>(list.take_first(), "", &mut json);
    let rest = if list.is_one_page() {
        json.extend_from_slice(end.as_bytes());
        None
    } else {
        Some(list)
    };
    let rest = stream::try_unfold(rest, move |list| async move {
        let Some(mut list) = list else { return Ok(None) };
        let mut json = Vec::new();
        let Some(items) = list.read_on().await? else {
            json.extend_from_slice(end.as_bytes());
            return Ok(Some((json, None)));
        };
        write::<D, T>(items, ",", &mut json);
        Ok(Some((json, Some(list))))
    });
    stream::iter([Ok(json)]).chain(rest)
}

/// Writes items with commas between them, and `before` in front of the first item.
fn write<D: Listed, T: From<D> + ListItem>(items: Vec<D>, mut before: &str, json: &mut Vec<u8>) {
    let texts: i64 = items.iter().map(Listed::text_bytes).sum();
    json.reserve(items.len() * T::BYTES + usize::try_from(texts).unwrap_or_default());
    for item in items {
        json.extend_from_slice(before.as_bytes());
        before = ",";
        T::from(item).append(json);
    }
}
