//! The answer to a connection over the limit.

use std::io;

use kairos_domain::clock::Randomness;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const BODY: &str = r#"{"detail":"The server is over its bounds, please try again"}"#;

/// Returns the whole answer. It does not depend on the request, so no request is read.
pub(super) fn answer(randomness: &dyn Randomness) -> String {
    let request_id: String = randomness
        .bytes::<16>()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!(
        "HTTP/1.1 503 Service Unavailable\r\n\
         content-type: application/json\r\n\
         content-length: {}\r\n\
         retry-after: 1\r\n\
         x-request-id: {request_id}\r\n\
         connection: close\r\n\r\n{BODY}",
        BODY.len()
    )
}

/// Writes the answer, then reads until the client has closed. Closing a connection whose request is unread would make
/// the system reset it, and the client might lose the answer.
pub(super) async fn send(mut stream: TcpStream, answer: String) -> io::Result<()> {
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    let mut unread = [0; 4096];
    while stream.read(&mut unread).await? > 0 {}
    Ok(())
}
