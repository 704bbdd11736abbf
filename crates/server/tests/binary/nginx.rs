//! A real nginx in front, with the `location` block of `docs/DEPLOYMENT.md`.

use std::env;
use std::fs::{self, File};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::conversation::Conversation;
use crate::program::{Program, free_port, wait_until};

const DEPLOYMENT: &str = include_str!("../../../../docs/DEPLOYMENT.md");

const ADVICE: &str = "no nginx: put one on the PATH, or have apt-get and dpkg fetch Debian's";

/// An nginx in front of a program. It is killed when it goes out of scope.
struct Nginx {
    process: Child,
    port: u16,
    _directory: TempDir,
}

impl Nginx {
    /// Starts one whose server has these lines in it.
    fn start(locations: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().display();
        let port = free_port();
        let is_root = fs::read_to_string("/proc/self/status")
            .unwrap()
            .contains("\nUid:\t0\t");
        // Otherwise its workers can't write into the folder of this test.
        let user = if is_root { "user root;" } else { "" };
        let configuration = format!(
            "daemon off; master_process on; worker_processes 1; pid {folder}/pid; error_log {folder}/errors; {user}\n\
             events {{ worker_connections 256; }}\n\
             http {{\n\
             access_log off;\n\
             client_body_temp_path {folder}/bodies; proxy_temp_path {folder}/answers;\n\
             fastcgi_temp_path {folder}/1; uwsgi_temp_path {folder}/2; scgi_temp_path {folder}/3;\n\
             server {{\nlisten 127.0.0.1:{port};\n{locations}\n}}\n}}\n"
        );
        let file = directory.path().join("nginx.conf");
        fs::write(&file, configuration).unwrap();
        let process = Command::new(nginx())
            .arg("-e")
            .arg(directory.path().join("errors"))
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{ADVICE}: {error}"));
        wait_until("nginx listens", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Self {
            process,
            port,
            _directory: directory,
        }
    }

    fn connect(&self) -> Conversation {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        Conversation::on(stream)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its master ends the worker; killed, it couldn't.
        let ended = Command::new("kill").arg(self.process.id().to_string()).status();
        drop(ended);
        drop(self.process.wait());
    }
}

/// The `location` block of the documentation, and the line before it, for a program on a port of its own.
fn documented_location(program: &Program) -> String {
    let (_, from) = DEPLOYMENT.split_once("```nginx\n").unwrap();
    let (block, _) = from.split_once("```").unwrap();
    let from = &block[block.find("    client_max_body_size").unwrap()..];
    let to = from.find("\n    }\n").unwrap();
    let location = format!("{}\n    }}", &from[..to]);
    assert!(location.contains("127.0.0.1:8000"), "{location}");
    location.replace("127.0.0.1:8000", &format!("127.0.0.1:{}", program.port()))
}

/// The `nginx` on the `PATH`, else Debian's, fetched once into `target/`.
fn nginx() -> PathBuf {
    on_the_path().unwrap_or_else(fetched)
}

#[expect(clippy::disallowed_methods, reason = "PATH is in the environment")]
fn on_the_path() -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    let mut candidates = env::split_paths(&folders).map(|folder| folder.join("nginx"));
    candidates.find(|candidate| candidate.is_file())
}

/// Fetches the package that the metapackage `nginx-light` brings the program with.
fn fetched() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nginx");
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let program = folder.join("unpacked/usr/sbin/nginx");
    if !program.exists() {
        let fetch = "apt-get download nginx || { apt-get update && apt-get download nginx; }";
        run(Command::new("sh").args(["-c", fetch]).current_dir(&folder));
        let package = fs::read_dir(&folder)
            .unwrap()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
            .unwrap_or_else(|| panic!("{ADVICE}"));
        run(Command::new("dpkg")
            .arg("-x")
            .arg(package)
            .arg("unpacked")
            .current_dir(&folder));
    }
    program
}

fn run(command: &mut Command) {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()), "{ADVICE}");
}

#[test]
fn an_answer_before_the_body_passes_through_nginx() {
    let program = Program::start_with(
        tempfile::tempdir().unwrap(),
        "serve",
        &[("TRUSTED_PROXIES", "127.0.0.1")],
    );
    let nginx = Nginx::start(&documented_location(&program));
    for (token, status) in [("", 401), ("authorization: Bearer x.y.z\r\n", 403)] {
        for length in [40_000, 120_000, 1_500_000] {
            let marker = format!(r#"{{"name": "x", "notes": "{}"}}"#, "n".repeat(length));
            let mut client = nginx.connect();
            for _ in 0..40 {
                client.send(format!(
                    "POST /api/v1/journeys/ffffffffffffffffffffffff/markers HTTP/1.1\r\nhost: x\r\n{token}\
                     content-type: application/json\r\ncontent-length: {}\r\n\r\n",
                    marker.len()
                ));
                client.send(&marker);
                let answer = client.answer();
                assert!(
                    answer.starts_with(&format!("HTTP/1.1 {status} ")),
                    "{length}: {answer}"
                );
            }
        }
    }
}

#[test]
fn the_pages_find_what_they_load_behind_a_prefix_that_nginx_strips() {
    let program = Program::start("serve");
    let nginx = Nginx::start(&format!(
        "location /kairos/ {{ proxy_pass http://127.0.0.1:{}/; proxy_set_header Host $host; }}",
        program.port()
    ));
    let mut client = nginx.connect();
    for (page, folder) in [("/kairos/docs", "/kairos/"), ("/kairos/docs/", "/kairos/docs/")] {
        client.send(format!("GET {page} HTTP/1.1\r\nhost: x\r\n\r\n"));
        let answer = client.answer();
        let addresses = answer
            .split("src=\"")
            .skip(1)
            .map(|from| from.split('"').next().unwrap());
        let addresses: Vec<String> = addresses.map(|address| format!("{folder}{address}")).collect();
        assert_eq!(addresses.len(), 2, "{answer}");
        for address in addresses {
            client.send(format!("HEAD {address} HTTP/1.1\r\nhost: x\r\n\r\n"));
            let answer = client.answer_to("HEAD");
            assert!(answer.starts_with("HTTP/1.1 200 "), "{address}: {answer}");
        }
    }
}
