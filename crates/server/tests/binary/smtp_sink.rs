use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::program::wait_until;

/// A mail server that keeps what it is handed.
pub(crate) struct SmtpSink {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    mails: Vec<String>,
    /// Whether mails are refused for now, and how many were.
    refuses: bool,
    refused: usize,
    /// Recipients that are answered otherwise, by a word in their address.
    answers: Vec<(&'static str, &'static str)>,
    /// Every recipient that a client has named.
    recipients: Vec<String>,
}

impl State {
    /// Notes a recipient and returns the answer.
    fn answer_to(&mut self, recipient: &str) -> &'static str {
        self.recipients.push(recipient.to_owned());
        let special = self.answers.iter().find(|(word, _)| recipient.contains(word));
        special.map_or("250 yes", |(_, answer)| answer)
    }
}

impl SmtpSink {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<Mutex<State>>::default();
        thread::spawn({
            let state = Arc::clone(&state);
            move || {
                for stream in listener.incoming() {
                    let state = Arc::clone(&state);
                    // A client that goes away is not this server's fault.
                    thread::spawn(move || converse(&stream.unwrap(), &state).ok());
                }
            }
        });
        Self { port, state }
    }

    pub(crate) fn port(&self) -> String {
        self.port.to_string()
    }

    pub(crate) fn refuses(&self, refuses: bool) {
        self.state.lock().unwrap().refuses = refuses;
    }

    /// From now on it answers recipients in whose address a word stands so.
    pub(crate) fn answers(&self, word: &'static str, answer: &'static str) {
        self.state.lock().unwrap().answers.push((word, answer));
    }

    /// How often a client has named a recipient in whose address a word stands.
    pub(crate) fn attempts(&self, word: &str) -> usize {
        let recipients = &self.state.lock().unwrap().recipients;
        recipients
            .iter()
            .filter(|recipient| recipient.contains(word))
            .count()
    }

    /// Waits until a client has named such a recipient so often.
    pub(crate) fn wait_for_attempts(&self, word: &str, count: usize) {
        wait_until("the mail was tried again", || self.attempts(word) >= count);
    }

    /// Waits until a mail was refused.
    pub(crate) fn wait_for_refusal(&self) {
        wait_until("a mail was refused", || self.state.lock().unwrap().refused > 0);
    }

    /// The mails so far, each with its envelope, as soon as there are so many.
    pub(crate) fn mails(&self, count: usize) -> Vec<String> {
        wait_until("the mails came", || {
            self.state.lock().unwrap().mails.len() >= count
        });
        self.state.lock().unwrap().mails.clone()
    }
}

/// Speaks as much of RFC 5321 as a client needs to hand a mail over.
fn converse(stream: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut writer = stream;
    let mut say = |line: &str| write!(writer, "{line}\r\n");
    say("220 sink")?;
    let mut lines = BufReader::new(stream).lines();
    let mut mail = String::new();
    while let Some(line) = lines.next().transpose()? {
        let verb = line.get(..4).unwrap_or(&line).to_ascii_uppercase();
        match &*verb {
            "MAIL" if state.lock().unwrap().refuses => {
                state.lock().unwrap().refused += 1;
                say("451 not now")?;
            }
            "MAIL" => {
                mail = format!("{line}\n");
                say("250 yes")?;
            }
            "RCPT" => {
                mail += &format!("{line}\n");
                let answer = state.lock().unwrap().answer_to(&line);
                say(answer)?;
            }
            "DATA" => {
                say("354 go on")?;
                while let Some(line) = lines.next().transpose()? {
                    if line == "." {
                        break;
                    }
                    mail += &format!("{line}\n");
                }
                state.lock().unwrap().mails.push(std::mem::take(&mut mail));
                say("250 taken")?;
            }
            "QUIT" => return say("221 bye"),
            _ => say("250 yes")?,
        }
    }
    Ok(())
}
