//! The body of a response.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body as AxumBody;
use hyper::body::{Body, Bytes, Frame, SizeHint};

use super::activity::Activity;

/// The body of a response. hyper drops it once the whole response is in hyper's buffer.
pub(super) struct AnswerBody {
    inner: AxumBody,
    activity: Arc<Activity>,
}

impl AnswerBody {
    pub(super) fn new(inner: AxumBody, activity: Arc<Activity>) -> Self {
        Self { inner, activity }
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        self.activity.end_answer();
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
