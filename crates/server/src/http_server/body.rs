//! A request's body that does not wait for ever.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

/// A body whose sender may pause for a while, and take a while in all.
///
/// Its error is an [`io::Error`] of the kind [`io::ErrorKind::TimedOut`], so that whoever reads it can tell it from
/// a sender who went away. `tower-http` has such a body too, but that one loses its size, by which handlers see that there is none.
#[derive(Debug)]
pub struct PatientBody<B> {
    inner: B,
    /// Runs while the sender is waited for.
    waiting: Option<Pin<Box<Sleep>>>,
    longest_pause: Duration,
    ends_at: Instant,
}

impl<B> PatientBody<B> {
    /// Wraps a body that begins now.
    pub fn new(inner: B, longest_pause: Duration, longest_in_all: Duration) -> Self {
        Self {
            inner,
            waiting: None,
            longest_pause,
            ends_at: Instant::now() + longest_in_all,
        }
    }
}

impl<B> Body for PatientBody<B>
where
    B: Body + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = B::Data;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(context) {
            this.waiting = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let deadline = this.ends_at.min(Instant::now() + this.longest_pause);
        let waiting = this
            .waiting
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Some(Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the body did not come in time",
        )
        .into())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
