use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A running `kairos`, in a directory and on a port of its own. It is killed when it goes out of scope.
pub(crate) struct Program {
    child: Child,
    directory: TempDir,
    port: u16,
}

impl Program {
    /// Starts a subcommand and waits until it says that it listens.
    pub(crate) fn start(subcommand: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut child = Command::new(env!("CARGO_BIN_EXE_kairos"))
            .arg(subcommand)
            .current_dir(directory.path())
            .env_clear()
            .env("PORT", port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
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
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
