//! `kairos health`: asks the running service for its health.
//!
//! The command is for container engines, since the image holds no `curl`.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::config::Config;
use crate::console::say;

/// Timeout for the response. The service waits for its database for at most eight seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of the response that are read at most.
const LONGEST: u64 = 4096;

/// Asks the service at `HOST` and `PORT` for its health, and prints the response.
///
/// # Errors
/// If the service does not respond, or is unhealthy.
pub async fn ask(config: &Config) -> anyhow::Result<()> {
    let url = config.host.http_url(config.port);
    let answer = timeout(PATIENCE, answer(&url))
        .await
        .with_context(|| format!("{url} doesn't answer in time"))?
        .with_context(|| format!("{url} doesn't answer"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    say(body);
    ensure!(head.starts_with("HTTP/1.1 200 "), "{url} is not well");
    Ok(())
}

async fn answer(url: &str) -> std::io::Result<String> {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /api/v1/health HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer).await?;
    Ok(answer)
}
