//! Reads what a handler left of a request's body, so that the connection can carry the next request.
//!
//! hyper closes a connection whose request was not read to its end. A client that is still sending then gets a reset
//! instead of the answer, and a proxy reports 502.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::Router;
use axum::response::Response;
use http_body_util::BodyExt as _;
use hyper::Request;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{CONNECTION, HeaderValue};
use tokio::time::timeout;
use tower::ServiceExt as _;

use super::bounds::ServerBounds;

/// The rest of a body after its handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nothing: the next request can follow.
    Read,
    /// The client may still be sending. The answer says that the connection is closed after it.
    Unread,
}

/// Answers a request, by a refusal if there is one, and reads the rest of its body before the answer is sent.
pub(super) async fn answer<B>(
    app: Router,
    request: Request<B>,
    refusal: Option<Response>,
    bounds: ServerBounds,
) -> (Response, Rest)
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<axum::BoxError>,
{
    let returned = Arc::new(Mutex::new(None));
    let request = request.map(|body| LentBody {
        body: Some(body),
        returned: Arc::clone(&returned),
    });
    let mut response = match refusal {
        Some(response) => {
            drop(request);
            response
        }
        None => {
            let Ok(response) = app.oneshot(request).await;
            response
        }
    };
    // A handler that answers with the body itself returns it later, read to its end.
    let body = returned.lock().unwrap_or_else(PoisonError::into_inner).take();
    let rest = match body {
        Some(body) => read_rest(body, bounds).await,
        None => Rest::Read,
    };
    if rest == Rest::Unread {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    (response, rest)
}

async fn read_rest<B: Body<Data = Bytes> + Unpin>(mut body: B, bounds: ServerBounds) -> Rest {
    if body.size_hint().lower() > bounds.rest_bytes {
        return Rest::Unread;
    }
    let reading = async {
        let mut read = 0;
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return Rest::Unread };
            read += frame.data_ref().map_or(0, |data| data.len() as u64);
            if read > bounds.rest_bytes {
                return Rest::Unread;
            }
        }
        Rest::Read
    };
    timeout(bounds.rest_time, reading).await.unwrap_or(Rest::Unread)
}

/// A body that returns to the server when its handler drops it.
struct LentBody<B> {
    body: Option<B>,
    returned: Arc<Mutex<Option<B>>>,
}

impl<B: Body + Unpin> Body for LentBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

impl<B> Drop for LentBody<B> {
    fn drop(&mut self) {
        *self.returned.lock().unwrap_or_else(PoisonError::into_inner) = self.body.take();
    }
}
