use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// The program, in a directory, with nothing of this process's environment.
pub(crate) fn kairos(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kairos"));
    command
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .stdin(Stdio::null());
    command
}

/// What the program says and how it ends, for a command that ends by itself.
pub(crate) fn run(directory: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    kairos(directory, arguments)
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

/// A running `kairos`, in a directory and on a port of its own. It is killed when it goes out of scope.
pub(crate) struct Program {
    child: Child,
    directory: TempDir,
    port: u16,
}

impl Program {
    /// Starts a subcommand in a fresh directory and waits until it says that it listens. Its log goes to the file `log`.
    pub(crate) fn start(subcommand: &str) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), subcommand)
    }

    /// Starts a subcommand in a directory that may have been used before.
    pub(crate) fn start_in(directory: TempDir, subcommand: &str) -> Self {
        Self::start_with(directory, subcommand, &[])
    }

    /// The same, with settings in the environment.
    pub(crate) fn start_with(directory: TempDir, subcommand: &str, settings: &[(&str, &str)]) -> Self {
        let port = free_port();
        let log = std::fs::File::create(directory.path().join("log")).unwrap();
        let mut child = kairos(directory.path(), &[subcommand])
            .envs(settings.iter().copied())
            .env("PORT", port.to_string())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = format!("http://127.0.0.1:{port}");
        loop {
            match lines.next() {
                Some(Ok(line)) if line.contains(&address) => break,
                Some(Ok(_)) => {}
                _ => panic!("kairos {subcommand} ended before it listened"),
            }
        }
        // Whoever prints into a pipe that nobody reads stops sooner or later.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            directory,
            port,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Its working directory.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Its database, opened beside it.
    pub(crate) fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.directory().join("data/kairos.db")).unwrap()
    }

    /// The bytes of memory that it has taken for itself.
    pub(crate) fn anonymous_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let kilobytes = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kilobytes = kilobytes.unwrap().trim().strip_suffix(" kB").unwrap();
        kilobytes.parse::<u64>().unwrap() * 1024
    }

    /// Its log so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory().join("log")).unwrap()
    }

    /// Waits until it has written a line to its log.
    pub(crate) fn wait_for_line(&self, line: &str) {
        wait_until(line, || self.log().contains(line));
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        stream
    }

    /// The whole answer to a request for a path below `/api/v1`; a body is JSON.
    pub(crate) fn request(&self, method: &str, path: &str, body: &str) -> String {
        self.request_as("", method, path, body)
    }

    /// The same, signed in with an access token.
    pub(crate) fn request_as(&self, token: &str, method: &str, path: &str, body: &str) -> String {
        let length = body.len();
        self.converse(&format!(
            "{method} /api/v1{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
             authorization: Bearer {token}\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
    }

    /// The whole answer to a form.
    pub(crate) fn post_form(&self, path: &str, form: &str) -> String {
        self.post_form_with("", path, form)
    }

    /// The same, with headers of one's own, each on a line.
    pub(crate) fn post_form_with(&self, headers: &str, path: &str, form: &str) -> String {
        let length = form.len();
        self.converse(&format!(
            "POST /api/v1{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\n{headers}content-length: {length}\r\n\r\n{form}"
        ))
    }

    /// Sends a request that closes the connection, and returns the whole answer.
    fn converse(&self, request: &str) -> String {
        let (line, _) = request.split_once("\r\n").unwrap();
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer);
        read.unwrap_or_else(|error| panic!("waited for an answer to {line}: {error}"));
        answer
    }

    /// Registers a rider of this name, and returns the answer.
    pub(crate) fn register(&self, name: &str) -> String {
        self.request("POST", "/users/register", &registration(name))
    }

    /// Logs in a registered rider, and returns the access token.
    pub(crate) fn log_in(&self, name: &str) -> String {
        let form = format!("username={name}@example.org&password=on+two+wheels");
        let tokens = json(&self.post_form("/auth/token", &form));
        tokens["access_token"].as_str().unwrap().to_owned()
    }

    /// Sends a signal, by its name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status();
        assert!(status.unwrap().success());
    }

    /// Bounds the size of the files that it writes from now on, in bytes.
    pub(crate) fn limit_file_size(&self, bytes: &str) {
        let status = Command::new("prlimit")
            .args([
                "--pid",
                &self.child.id().to_string(),
                &format!("--fsize={bytes}:unlimited"),
            ])
            .status();
        assert!(status.unwrap().success());
    }

    /// Waits for the end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Kills it without a chance to do anything, and gives its directory.
    pub(crate) fn kill(mut self) -> TempDir {
        self.signal("KILL");
        self.wait();
        std::mem::replace(&mut self.directory, tempfile::tempdir().unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The registration of a rider of this name.
pub(crate) fn registration(name: &str) -> String {
    format!(r#"{{"email": "{name}@example.org", "name": "{name}", "password": "on two wheels"}}"#)
}

/// The JSON in an answer.
pub(crate) fn json(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

/// The standard output of a command that succeeds.
pub(crate) fn succeeds(directory: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> String {
    let output = run(directory, arguments, settings);
    let told = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}{complaint}");
    told
}

/// The standard error of a command that ends with exit code 1.
pub(crate) fn fails(directory: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> String {
    let output = run(directory, arguments, settings);
    let told = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}{complaint}");
    complaint
}

/// A port that nobody listens on now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Waits until something is so.
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(120), "never: {what}");
        pause();
    }
}

#[expect(clippy::disallowed_methods, reason = "this thread has nothing else to do")]
fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}
