//! A map of the operator's own. It is too large to embed, so each request reads its part of the file.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::{Stream, try_unfold};
use tokio::task::spawn_blocking;

use crate::Refusals;
use crate::assets::ASK_AGAIN;
use crate::ranges::RangedFile;

/// Bytes that are read at once. Browsers ask for ranges of about this size.
const CHUNK: u64 = 64 * 1024;

/// Answers with a part of the file. It may be replaced while the server runs.
pub(crate) async fn answer(path: PathBuf, headers: HeaderMap, refusals: Refusals) -> Response {
    let opened = spawn_blocking(move || {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let changed = metadata
            .modified()?
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        io::Result::Ok((file, metadata.len(), changed.as_millis()))
    });
    let Ok(Ok((file, length, changed))) = opened.await else {
        return (refusals.not_found)();
    };
    let ranged = RangedFile {
        tag: format!("\"{length:x}-{changed:x}\""),
        caching: ASK_AGAIN,
        length,
    };
    ranged.answer(&headers, refusals.no_such_range, |range| {
        Body::from_stream(chunks(file, range))
    })
}

/// Reads a range chunk by chunk, each when the reader is ready for it.
fn chunks(file: File, range: Range<u64>) -> impl Stream<Item = io::Result<Bytes>> {
    try_unfold((file, range), |(mut file, range)| async move {
        let length = CHUNK.min(range.end - range.start);
        if length == 0 {
            return Ok(None);
        }
        let read = spawn_blocking(move || {
            file.seek(SeekFrom::Start(range.start))?;
            let mut bytes = Vec::new();
            let read = (&mut file).take(length).read_to_end(&mut bytes)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let rest = range.start + read as u64..range.end;
            Ok(Some((Bytes::from(bytes), (file, rest))))
        });
        read.await.map_err(io::Error::other)?
    })
}
