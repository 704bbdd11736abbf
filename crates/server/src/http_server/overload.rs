//! The answer to a connection over the limit.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Sends an answer, then reads until the client has closed. Closing a connection whose request is unread would make
/// the system reset it, and the client might lose the answer.
pub(super) async fn send(mut stream: TcpStream, answer: &[u8]) -> io::Result<()> {
    stream.write_all(answer).await?;
    stream.shutdown().await?;
    let mut unread = [0; 4096];
    while stream.read(&mut unread).await? > 0 {}
    Ok(())
}
