//! The stream of a connection.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};
use tokio_io_timeout::TimeoutStream;

use super::activity::Activity;
use super::bounds::ServerBounds;

/// The stream of a connection, as hyper reads and writes it.
///
/// After an answer to a request that was not read to its end, it reads on for [`ServerBounds::linger_time`] before it
/// closes: closing at once would make the system reset the connection, and the client might lose the answer.
pub(super) struct ClientStream {
    inner: Pin<Box<TimeoutStream<TcpStream>>>,
    activity: Arc<Activity>,
    bounds: ServerBounds,
    lingering: Option<Pin<Box<Sleep>>>,
}

impl ClientStream {
    pub(super) fn new(
        stream: TimeoutStream<TcpStream>,
        activity: Arc<Activity>,
        bounds: ServerBounds,
    ) -> Self {
        Self {
            inner: Box::pin(stream),
            activity,
            bounds,
            lingering: None,
        }
    }

    /// Reads until the client has closed or the time is up.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let linger_time = self.bounds.linger_time;
        let lingering = self.lingering.get_or_insert_with(|| Box::pin(sleep(linger_time)));
        let mut unread = [0; 4096];
        while lingering.as_mut().poll(context).is_pending() {
            let mut buffer = ReadBuf::new(&mut unread);
            let read = ready!(self.inner.as_mut().poll_read(context, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                break;
            }
        }
        Poll::Ready(())
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.inner.as_mut().poll_read(context, buffer)
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.inner.as_mut().poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.inner.as_mut().poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Shutting down twice does no harm.
        ready!(self.inner.as_mut().poll_shutdown(context))?;
        if self.activity.is_unread() {
            ready!(self.poll_linger(context));
        }
        Poll::Ready(Ok(()))
    }
}
