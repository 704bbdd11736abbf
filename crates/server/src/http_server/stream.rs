//! The stream of a connection.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hyper::StatusCode;
use hyper::body::{Buf as _, Bytes};
use kairos_domain::clock::Randomness;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_io_timeout::TimeoutStream;

use super::activity::Activity;
use super::bounds::ServerBounds;
use super::refusal::Refusal;

/// The stream of a connection, as hyper reads and writes it.
///
/// Reading fails when a head takes longer than [`ServerBounds::head_time`]: hyper has only one time limit,
/// for the head and the idle time before it together.
///
/// Bytes that hyper writes while no request is being handled are its own response to a malformed request.
/// That response has no body and no request id, so the stream writes a [`Refusal`] in its place.
///
/// After the response to a request that was not read to its end, the stream reads on for
/// [`ServerBounds::linger_time`] before it closes. Closing at once would make the system reset the
/// connection, and the client might lose the response.
pub(super) struct ClientStream {
    inner: Pin<Box<TimeoutStream<TcpStream>>>,
    activity: Arc<Activity>,
    bounds: ServerBounds,
    randomness: Arc<dyn Randomness>,
    /// The bytes of the refusal that are still to be written in place of hyper's own response.
    refusal: Option<Bytes>,
    lingers_until: Option<Instant>,
    sleep: Pin<Box<Sleep>>,
}

impl ClientStream {
    pub(super) fn new(
        stream: TimeoutStream<TcpStream>,
        activity: Arc<Activity>,
        bounds: ServerBounds,
        randomness: Arc<dyn Randomness>,
    ) -> Self {
        Self {
            inner: Box::pin(stream),
            activity,
            bounds,
            randomness,
            refusal: None,
            lingers_until: None,
            sleep: Box::pin(sleep_until(Instant::now())),
        }
    }

    /// Writes a refusal in place of hyper's own response, given as `own`.
    fn poll_write_refusal(&mut self, context: &mut Context<'_>, own: &[u8]) -> Poll<io::Result<usize>> {
        let randomness = &*self.randomness;
        let refusal = self.refusal.get_or_insert_with(|| {
            let refusal = Refusal::in_place_of(status(own).unwrap_or(StatusCode::BAD_REQUEST));
            refusal.bytes(randomness).into()
        });
        while !refusal.is_empty() {
            let written = ready!(self.inner.as_mut().poll_write(context, refusal))?;
            refusal.advance(written);
        }
        self.activity.leave_unread();
        Poll::Ready(Ok(own.len()))
    }

    fn poll_sleep(&mut self, context: &mut Context<'_>, until: Instant) -> Poll<()> {
        if self.sleep.deadline() != until {
            self.sleep.as_mut().reset(until);
        }
        self.sleep.as_mut().poll(context)
    }

    /// Reads until the client has closed the connection or the linger time has passed.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let linger_time = self.bounds.linger_time;
        let until = *self
            .lingers_until
            .get_or_insert_with(|| Instant::now() + linger_time);
        let mut unread = [0; 4096];
        while self.poll_sleep(context, until).is_pending() {
            let mut buffer = ReadBuf::new(&mut unread);
            let read = ready!(self.inner.as_mut().poll_read(context, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                break;
            }
        }
        Poll::Ready(())
    }
}

/// Returns the status in the head of a response, `HTTP/1.1 400 …`.
fn status(head: &[u8]) -> Option<StatusCode> {
    StatusCode::from_bytes(head.split(|byte| *byte == b' ').nth(1)?).ok()
}

impl AsyncRead for ClientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if let Poll::Ready(read) = self.inner.as_mut().poll_read(context, buffer) {
            if buffer.filled().len() > before {
                self.activity.receive();
            }
            return Poll::Ready(read);
        }
        if let Some(since) = self.activity.head_since() {
            let head_time = self.bounds.head_time;
            ready!(self.poll_sleep(context, since + head_time));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if !self.activity.is_in_request() {
            return self.poll_write_refusal(context, bytes);
        }
        let written = ready!(self.inner.as_mut().poll_write(context, bytes))?;
        self.activity.write(written);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if !self.activity.is_in_request() {
            let own: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
            return self.poll_write_refusal(context, &own);
        }
        let written = ready!(self.inner.as_mut().poll_write_vectored(context, slices))?;
        self.activity.write(written);
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.inner.as_mut().poll_flush(context))?;
        self.activity.flush();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // While the stream lingers, this is called again; shutting down twice is harmless.
        ready!(self.inner.as_mut().poll_shutdown(context))?;
        if self.activity.is_unread() {
            ready!(self.poll_linger(context));
        }
        Poll::Ready(Ok(()))
    }
}
