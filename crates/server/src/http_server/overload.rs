//! The response to a connection over the limit.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Sends a response, then reads until the client has closed the connection.
///
/// If the server closed a connection with unread bytes, the system would reset it. The client might then lose
/// the response.
pub(super) async fn send(mut stream: TcpStream, answer: &[u8]) -> io::Result<()> {
    stream.write_all(answer).await?;
    stream.shutdown().await?;
    let mut unread = [0; 4096];
    while stream.read(&mut unread).await? > 0 {}
    Ok(())
}
