//! A running Lambda function.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::gateway::{HttpAnswer, HttpRequest};
use crate::runtime_api::{self, Event, Said};

/// The timeout for one event, as in the deployment template.
const TIME_LIMIT: Duration = Duration::from_secs(15);

/// The longest time to wait for the function to start, to answer or to ask for an event.
const PATIENCE: Duration = Duration::from_secs(60);

/// A `kairos` process that runs as a Lambda function.
///
/// The process receives events and is frozen between them. It is killed when this value is dropped.
pub struct Function {
    child: Child,
    log: PathBuf,
    said: Receiver<Said>,
    /// The channel for the next event, once the function has asked for one.
    next: Option<Sender<Event>>,
    started: Instant,
    events: u32,
}

/// The result of an event.
#[derive(Debug)]
pub struct Answered {
    /// The response of the function, or the error that it reported.
    pub outcome: Result<Value, Value>,
    /// The time from the event to the response.
    pub took: Duration,
    /// The time since the process started, and the CPU time it had used by then.
    pub since_start: (Duration, Duration),
    /// The request id of the invocation.
    pub id: String,
}

impl Function {
    /// Starts a program in a directory.
    ///
    /// Its environment consists of these settings and the variables that Lambda sets. It inherits nothing
    /// from this process. It writes its log to the file `log` in the directory.
    ///
    /// # Panics
    /// If the program cannot be started.
    #[must_use]
    pub fn start(program: &Path, directory: &Path, settings: &[(&str, &str)]) -> Self {
        let (address, said) = runtime_api::serve();
        let log = directory.join("log");
        let started = Instant::now();
        let child = Command::new(program)
            .current_dir(directory)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "kairos")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/kairos")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "test")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .expect("the program can't be started");
        Self {
            child,
            log,
            said,
            next: None,
            started,
            events: 0,
        }
    }

    /// Waits until the function asks for its first event, and returns the time since its start.
    ///
    /// # Errors
    /// The exit status, if the function ended before.
    pub fn wait_until_ready(&mut self) -> Result<Duration, ExitStatus> {
        self.wait_for_next()?;
        Ok(self.started.elapsed())
    }

    /// Sends the function an event, and freezes the process when it asks for the next one.
    ///
    /// # Panics
    /// If the function ends or does not answer.
    pub fn invoke(&mut self, event: &Value) -> Answered {
        self.invoke_within(TIME_LIMIT, event)
    }

    /// Sends an event like [`Self::invoke`], with another timeout.
    ///
    /// Lambda would end a function at the timeout. This crate does not, because a busy machine may delay the
    /// function. The function itself has to answer in time.
    ///
    /// # Panics
    /// If the function ends or never answers.
    pub fn invoke_within(&mut self, time_limit: Duration, event: &Value) -> Answered {
        if self.next.is_none() {
            self.wait_for_next().expect("the function has ended");
        }
        self.events += 1;
        let id = format!("{:08}-0000-4000-8000-000000000000", self.events);
        self.signal("-CONT");
        let event = Event {
            id: id.clone(),
            deadline: now() + time_limit.as_millis(),
            body: event.to_string(),
        };
        let begun = Instant::now();
        self.next.take().unwrap().send(event).unwrap();
        let (answered_id, outcome) = match self.said.recv_timeout(PATIENCE) {
            Ok(Said::Answered { id, body }) => (id, Ok(body)),
            Ok(Said::Failed { id, body }) => (id, Err(body)),
            Ok(Said::Next(_)) => panic!("the function has skipped an event"),
            Err(_) => panic!("no answer within {PATIENCE:?}: {}", self.log()),
        };
        let (took, since_start) = (begun.elapsed(), (self.started.elapsed(), self.processor_time()));
        assert_eq!(answered_id, id);
        self.wait_for_next().expect("the function has ended");
        self.signal("-STOP");
        let json = |body: Vec<u8>| serde_json::from_slice(&body).unwrap();
        Answered {
            outcome: outcome.map(json).map_err(json),
            took,
            since_start,
            id,
        }
    }

    /// Sends the function a request as API Gateway does.
    ///
    /// # Panics
    /// If the function reports an error, which API Gateway would turn into a 502.
    pub fn request(&mut self, request: &HttpRequest) -> HttpAnswer {
        let answered = self.invoke(&request.event());
        match answered.outcome {
            Ok(answer) => HttpAnswer::read(&answer, answered.took, answered.id),
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns the log so far.
    ///
    /// # Panics
    /// If the log cannot be read.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Returns the peak memory of the process so far, in megabytes (10⁶ bytes).
    ///
    /// # Panics
    /// If the system does not report it.
    #[must_use]
    pub fn memory_megabytes(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        kibibytes.unwrap() * 1024.0 / 1e6
    }

    /// Returns the number of open connections, including those to the runtime API.
    ///
    /// # Panics
    /// If the system does not report it.
    #[must_use]
    pub fn open_sockets(&self) -> usize {
        let files = std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap();
        let targets = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
        targets
            .filter(|target| target.to_string_lossy().starts_with("socket:"))
            .count()
    }

    /// Returns the CPU time of all threads, or zero if the system does not report it.
    fn processor_time(&self) -> Duration {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id()));
        let nanoseconds = |thread: std::fs::DirEntry| {
            let times = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
            times.split(' ').next()?.parse::<u64>().ok()
        };
        let threads = threads.into_iter().flatten().flatten();
        Duration::from_nanos(threads.filter_map(nanoseconds).sum())
    }

    /// Waits until the function asks for an event.
    fn wait_for_next(&mut self) -> Result<(), ExitStatus> {
        let deadline = Instant::now() + PATIENCE;
        while self.next.is_none() {
            match self.said.recv_timeout(Duration::from_millis(20)) {
                Ok(Said::Next(next)) => self.next = Some(next),
                Ok(Said::Answered { .. }) => panic!("the function has answered an event twice"),
                Ok(Said::Failed { body, .. }) => panic!("{}", String::from_utf8_lossy(&body)),
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(status) = self.child.try_wait().unwrap() {
                        return Err(status);
                    }
                    assert!(
                        Instant::now() < deadline,
                        "the function does nothing: {}",
                        self.log()
                    );
                }
                Err(RecvTimeoutError::Disconnected) => panic!("the runtime API has ended"),
            }
        }
        Ok(())
    }

    fn signal(&self, signal: &str) {
        let process = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &process])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the function goes by the machine's clock"
)]
fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()
}
