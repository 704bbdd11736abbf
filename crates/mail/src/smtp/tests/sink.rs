//! A mail server on this machine, for the tests.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The point at which the server speaks TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TlsOffer {
    Never,
    StartTls,
    FromTheStart,
}

/// The replies that differ from the usual ones, by command. An empty command stands for the greeting.
type Answers = Vec<(&'static str, &'static str)>;

/// A mail server that records every line it receives, and `<TLS>` where encryption starts.
pub(super) struct Sink {
    port: u16,
    heard: Arc<Mutex<String>>,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Sink {
    /// Starts a server without encryption.
    pub(super) async fn start(answers: &[(&'static str, &'static str)]) -> Self {
        Self::start_with(TlsOffer::Never, answers).await
    }

    pub(super) async fn start_with(offer: TlsOffer, answers: &[(&'static str, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::<Mutex<String>>::default();
        tokio::spawn({
            let (heard, answers) = (Arc::clone(&heard), answers.to_vec());
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(converse(stream, offer, answers.clone(), Arc::clone(&heard)));
                }
            }
        });
        Self { port, heard }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Returns the lines received so far, in order.
    pub(super) fn heard(&self) -> String {
        self.heard.lock().unwrap().clone()
    }
}

/// Serves one connection until the client closes it, at any step.
async fn converse(
    stream: TcpStream,
    offer: TlsOffer,
    answers: Answers,
    heard: Arc<Mutex<String>>,
) -> std::io::Result<()> {
    let note = |text: &str| heard.lock().unwrap().push_str(text);
    let mut stream: Box<dyn Stream> = Box::new(stream);
    let mut may_start_tls = offer == TlsOffer::StartTls;
    if offer == TlsOffer::FromTheStart {
        stream = Box::new(acceptor().accept(stream).await?);
        note("<TLS>");
    }
    let mut stream = BufReader::new(stream);
    let (mut line, mut is_in_data) = (String::new(), false);
    loop {
        let verb = match line.split_whitespace().next() {
            None => "",
            Some(".") if is_in_data => ".",
            Some(verb) => verb,
        };
        let usual = match verb {
            "EHLO" if may_start_tls => "250-sink\r\n250-AUTH PLAIN\r\n250 STARTTLS",
            "EHLO" => "250-sink\r\n250 AUTH PLAIN",
            "DATA" => "354 go on",
            "" => "220 sink",
            _ => "250 yes",
        };
        let answer = answers
            .iter()
            .find(|(command, _)| *command == verb)
            .map_or(usual, |(_, answer)| answer);
        if !is_in_data || verb == "." {
            stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
            is_in_data = verb == "DATA" && answer.starts_with('3');
        }
        if verb == "STARTTLS" {
            stream = BufReader::new(Box::new(acceptor().accept(stream.into_inner()).await?));
            may_start_tls = false;
            note("<TLS>");
        }
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        note(&line);
    }
}

fn acceptor() -> TlsAcceptor {
    // Another test may already have installed a provider.
    drop(rustls::crypto::ring::default_provider().install_default());
    let certificate = CertificateDer::from_pem_slice(include_bytes!("certificate.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("key.pem")).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
