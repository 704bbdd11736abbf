//! Reads the part of a request body that its handler left unread, for the next request to follow.
//!
//! hyper closes the connection of a request that was not read to its end. A client that is still sending then
//! gets a reset instead of the response, and a proxy reports 502.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use http_body_util::BodyExt as _;
use hyper::Request;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{CONNECTION, HeaderValue};
use kairos_api::MayReceiveFile;
use tokio::time::timeout;
use tower::ServiceExt as _;

use super::bounds::ServerBounds;

/// The outcome of reading the rest of a request body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// The body was read to its end, so that the next request can follow.
    Read,
    /// The client may still be sending. The response announces that the connection closes after it.
    Unread,
}

/// Handles a request and reads the rest of its body before the response is sent.
///
/// `refusal`, if any, is the response in place of the one of `app`.
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
    // A handler that streams the request body into its response returns the body later, read to its end.
    let body = returned.lock().unwrap_or_else(PoisonError::into_inner).take();
    let file = response.extensions().get::<MayReceiveFile>();
    let most = bounds.rest_bytes.max(file.map_or(0, |file| file.largest));
    let rest = match body {
        Some(body) => read_rest(body, most, bounds.rest_time).await,
        None => Rest::Read,
    };
    if rest == Rest::Unread {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    (response, rest)
}

async fn read_rest<B: Body<Data = Bytes> + Unpin>(mut body: B, most: u64, time: Duration) -> Rest {
    if body.size_hint().lower() > most {
        return Rest::Unread;
    }
    let reading = async {
        let mut read = 0;
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return Rest::Unread };
            read += frame.data_ref().map_or(0, |data| data.len() as u64);
            if read > most {
                return Rest::Unread;
            }
        }
        Rest::Read
    };
    timeout(time, reading).await.unwrap_or(Rest::Unread)
}

/// A request body that goes back to the server when its handler drops it.
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
