//! The runtime API: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// A call of the function to the runtime API.
pub(crate) enum Said {
    /// The function asks for the next event, which is sent through this channel.
    Next(Sender<Event>),
    /// The function has answered an event.
    Answered { id: String, body: Vec<u8> },
    /// The function has failed to handle an event, or to start.
    Failed { id: String, body: Vec<u8> },
}

/// An event for a function.
pub(crate) struct Event {
    pub(crate) id: String,
    /// The deadline, in milliseconds since 1970.
    pub(crate) deadline: u128,
    pub(crate) body: String,
}

/// Serves the API on a free port.
///
/// Returns its address and the channel on which the calls of the functions arrive.
pub(crate) fn serve() -> (String, Receiver<Said>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (say, said) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let say = say.clone();
            thread::spawn(move || converse(stream.unwrap(), &say));
        }
    });
    (address, said)
}

/// Answers requests until the function or the test has ended.
fn converse(mut stream: TcpStream, say: &Sender<Said>) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some((path, body)) = read_request(&mut reader) {
        let call = path.trim_start_matches("/2018-06-01/runtime/").to_owned();
        let parts: Vec<&str> = call.split('/').collect();
        let answer = match parts[..] {
            ["invocation", "next"] => {
                let (send, event) = channel();
                if say.send(Said::Next(send)).is_err() {
                    return;
                }
                let Ok(event) = event.recv() else { return };
                next(&event)
            }
            ["invocation", id, "response"] => {
                let id = id.to_owned();
                say.send(Said::Answered { id, body }).ok();
                accepted()
            }
            ["invocation", id, "error"] | ["init", id @ "error"] => {
                let id = id.to_owned();
                say.send(Said::Failed { id, body }).ok();
                accepted()
            }
            _ => panic!("the runtime API has no {path}"),
        };
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// Returns the path and the body of the next request, or `None` when the connection ends.
fn read_request(reader: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut line = String::new();
    let mut head = Vec::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        head.push(line.trim_end().to_owned());
    }
    let path = head[0].split(' ').nth(1).unwrap().to_owned();
    let headers: BTreeMap<String, &str> = head[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value))
        .collect();
    let length = headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    assert!(
        !headers.contains_key("transfer-encoding"),
        "answers are sent whole"
    );
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, body))
}

fn next(event: &Event) -> String {
    let Event { id, deadline, body } = event;
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         lambda-runtime-aws-request-id: {id}\r\nlambda-runtime-deadline-ms: {deadline}\r\n\
         lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-central-1:123456789012:function:kairos\r\n\
         lambda-runtime-trace-id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700\r\n\r\n{body}",
        body.len()
    )
}

fn accepted() -> String {
    "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned()
}
