//! The attacking process.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::attacks::{ATTACKS, Attack, Conduct, MakeBytes, MakeRequest};
use super::status_lines::StatusLines;
use super::turn::Turn;
use crate::load::Tokens;
use crate::program::{Program, SECRET_KEY};

/// The pause before a closed connection is opened again.
const BETWEEN_CONNECTIONS: Duration = Duration::from_millis(50);

/// The pause between two steps of a slow reader or a slow sender.
const SLOW: Duration = Duration::from_millis(100);

/// The number of bytes that one read takes at most.
const SLOW_BYTES: usize = 4096;

/// The number of the first attacking rider. This rider has no other part in the benchmark.
const FIRST_RIDER: u32 = 100;

/// Attacks for the given time, and prints the number of responses by status.
pub(crate) async fn attack(name: &str, server: &str, time: Duration) -> anyhow::Result<()> {
    let mut attacks = (0..).zip(ATTACKS);
    let (number, attack) = attacks
        .find(|(_, attack)| attack.name == name)
        .context("there is no such attack")?;
    let counts = Arc::default();
    let mut attacking = JoinSet::new();
    for connection in 0..attack.connections {
        let attacker = Attacker {
            attack,
            number,
            server: server.to_owned(),
            tokens: Tokens::new(SECRET_KEY),
            connection,
            counts: Arc::clone(&counts),
        };
        attacking.spawn(async move { timeout(time, attacker.go_on()).await });
    }
    attacking.join_all().await;
    for (status, count) in &*counts.lock().unwrap_or_else(PoisonError::into_inner) {
        println!("{status}:{count}");
    }
    Ok(())
}

/// One connection of the attacker.
struct Attacker {
    attack: &'static Attack,
    /// The index of the attack.
    number: u8,
    server: String,
    tokens: Tokens,
    connection: u32,
    counts: Arc<Mutex<BTreeMap<String, u64>>>,
}

impl Attacker {
    async fn go_on(&self) {
        let mut turn = Turn::new(&self.tokens, FIRST_RIDER + self.connection, 0);
        loop {
            let error = self.converse(&mut turn).await.err();
            self.count(if error.is_some() { "broken" } else { "closed" });
            sleep(BETWEEN_CONNECTIONS).await;
        }
    }

    fn count(&self, status: &str) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(status.to_owned()).or_default() += 1;
    }

    /// Returns the client address of the connection.
    ///
    /// Each attack has its own addresses, so that no attack starts with the used-up limits of another.
    fn address(&self) -> Ipv4Addr {
        let place = self.connection % u32::from(self.attack.addresses);
        Ipv4Addr::from_bits(Ipv4Addr::new(127, 2, self.number, 1).to_bits() + place)
    }

    /// Attacks on a new connection until the connection ends.
    async fn converse(&self, turn: &mut Turn<'_>) -> anyhow::Result<()> {
        let mut stream = Program::connect_from(&self.server, self.address()).await?;
        match self.attack.conduct {
            Conduct::Ask(request) => self.ask(stream, request, turn).await,
            Conduct::Leave(request) => {
                stream.write_all(&written(&request(turn)?)).await?;
                std::future::pending().await
            }
            Conduct::ReadSlowly(request) => {
                stream.write_all(&written(&request(turn)?)).await?;
                self.count_answers(stream, Some(SLOW)).await
            }
            Conduct::Withhold(request) => {
                let bytes = written(&request(turn)?);
                let (_last, others) = bytes.split_last().context("no request is empty")?;
                stream.write_all(others).await?;
                self.count_answers(stream, None).await
            }
            Conduct::Drip(request) => {
                let request = request(turn)?;
                let bytes = written(&request);
                let head = bytes.len() - request.body().len();
                let (head, body) = bytes.split_at(head);
                let (reader, writer) = stream.into_split();
                tokio::select! {
                    ended = self.count_answers(reader, None) => ended,
                    dripped = drip(writer, head, body) => dripped,
                }
            }
            Conduct::Hold(bytes) => {
                stream.write_all(&bytes(turn)).await?;
                self.count_answers(stream, None).await
            }
            Conduct::Pour(bytes) => {
                let (reader, writer) = stream.into_split();
                tokio::select! {
                    ended = self.count_answers(reader, None) => ended,
                    poured = pour(writer, bytes, turn) => poured,
                }
            }
            Conduct::PourAndLeave(bytes) => pour(stream, bytes, turn).await,
        }
    }

    /// Sends requests one after the other. Each waits until the previous response has been read.
    async fn ask(&self, stream: TcpStream, request: MakeRequest, turn: &mut Turn<'_>) -> anyhow::Result<()> {
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        loop {
            sender.ready().await?;
            let answer = sender.send_request(request(turn)?.map(Full::new)).await?;
            turn.number += 1;
            self.count(answer.status().as_str());
            let mut body = answer.into_body();
            while let Some(frame) = body.frame().await {
                frame?;
            }
        }
    }

    /// Reads and counts responses until the server closes the connection.
    async fn count_answers(
        &self,
        mut stream: impl AsyncRead + Unpin,
        pause: Option<Duration>,
    ) -> anyhow::Result<()> {
        let mut lines = StatusLines::default();
        let mut buffer = vec![0; SLOW_BYTES];
        loop {
            let length = stream.read(&mut buffer).await?;
            let Some(bytes) = buffer.get(..length).filter(|bytes| !bytes.is_empty()) else {
                return Ok(());
            };
            lines.count(
                bytes,
                &mut self.counts.lock().unwrap_or_else(PoisonError::into_inner),
            );
            if let Some(pause) = pause {
                sleep(pause).await;
            }
        }
    }
}

/// Sends a head, then a body byte by byte.
async fn drip(mut writer: impl AsyncWrite + Unpin, head: &[u8], body: &[u8]) -> anyhow::Result<()> {
    writer.write_all(head).await?;
    for byte in body {
        writer.write_all(&[*byte]).await?;
        sleep(SLOW).await;
    }
    Ok(())
}

/// Sends bytes until the server closes the connection.
async fn pour(
    mut writer: impl AsyncWrite + Unpin,
    bytes: MakeBytes,
    turn: &mut Turn<'_>,
) -> anyhow::Result<()> {
    loop {
        writer.write_all(&bytes(turn)).await?;
        turn.number += 1;
    }
}

/// Serialises a request as HTTP/1.1.
fn written(request: &Request<Bytes>) -> Vec<u8> {
    let mut bytes = format!("{} {} HTTP/1.1\r\n", request.method(), request.uri()).into_bytes();
    let length = request.body().len().to_string();
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| (name.as_str(), value.as_bytes()));
    for (name, value) in headers.chain([(header::CONTENT_LENGTH.as_str(), length.as_bytes())]) {
        for part in [name.as_bytes(), b": ", value, b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(request.body());
    bytes
}
