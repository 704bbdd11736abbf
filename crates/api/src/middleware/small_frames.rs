//! Splits bodies into small frames, so that other tasks run in between.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::Body as AxumBody;
use axum::response::Response;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// The largest frame. Compressing it takes well under a millisecond.
const FRAME_BYTES: usize = 32 * 1024;

/// A body in small frames.
///
/// Without it, the compression layer would compress a body of 25 MB in one poll. Meanwhile, no other request
/// on the thread would proceed.
struct SmallFrames {
    inner: AxumBody,
    /// The rest of the last frame of the inner body.
    rest: Bytes,
    given_since_pause: usize,
}

/// Splits the body of an answer into small frames.
pub(super) async fn in_small_frames<B>(response: Response<B>) -> Response
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    response.map(|inner| {
        AxumBody::new(SmallFrames {
            inner: AxumBody::new(inner),
            rest: Bytes::new(),
            given_since_pause: 0,
        })
    })
}

impl Body for SmallFrames {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.given_since_pause >= FRAME_BYTES {
            self.given_since_pause = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.inner).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                other => return Poll::Ready(other),
            }
        }
        let length = self.rest.len().min(FRAME_BYTES);
        self.given_since_pause += length;
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let inner = self.inner.size_hint();
        let rest = self.rest.len() as u64;
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower() + rest);
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn a_large_body_pauses_after_each_small_frame_and_stays_the_same() {
        let bytes: Vec<u8> = (0..1_000_000).map(|at: u32| at.to_le_bytes()[0]).collect();
        let mut body = in_small_frames(Response::new(AxumBody::from(bytes.clone())))
            .await
            .into_body();
        let mut received = Vec::new();
        let mut pauses = 0;
        while received.len() < bytes.len() {
            assert_eq!(
                body.size_hint().exact(),
                Some((bytes.len() - received.len()) as u64)
            );
            let mut next = pin!(body.frame());
            let mut poll = futures_util::poll!(next.as_mut());
            if poll.is_pending() {
                pauses += 1;
                poll = futures_util::poll!(next.as_mut());
            }
            let Poll::Ready(Some(Ok(frame))) = poll else {
                panic!("no frame");
            };
            let data = frame.into_data().unwrap();
            assert!(data.len() <= FRAME_BYTES);
            received.extend_from_slice(&data);
        }
        assert!(received == bytes && pauses >= bytes.len() / FRAME_BYTES);
        assert!(body.is_end_stream());
    }
}
