//! Where the tests' Chromium comes from.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// An npm package that holds a Chromium with the libraries it needs, in its version.
const PACKAGE: &str = "@sparticuz/chromium@153.0.0";

/// The package unpacks itself to the folder for temporary files; told that it runs on Lambda, its libraries as well.
const UNPACK: &str = "import chromium from '@sparticuz/chromium'; await chromium.executablePath();";

/// A command that starts Chromium, headless.
///
/// `KAIROS_TEST_CHROMIUM` if it is set, else one on the `PATH`, else one that is fetched once into `target/`.
#[expect(
    clippy::disallowed_methods,
    reason = "which browser to use is asked of the environment"
)]
pub(crate) fn chromium() -> Command {
    let named = env::var_os("KAIROS_TEST_CHROMIUM").map(PathBuf::from);
    let mut command = match named.or_else(on_the_path) {
        Some(program) => shell_around(program.into()),
        None => fetched(),
    };
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--remote-debugging-pipe",
    ]);
    command
}

/// Chromium speaks on the descriptors 3 and 4; the shell makes them from its input and output.
fn shell_around(program: OsString) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", r#"exec "$0" "$@" 3<&0 4>&1"#]).arg(program);
    command
}

#[expect(clippy::disallowed_methods, reason = "PATH is in the environment")]
fn on_the_path() -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let mut candidates = env::split_paths(&folders).flat_map(|folder| names.map(|name| folder.join(name)));
    candidates.find(|candidate| candidate.is_file())
}

fn fetched() -> Command {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(fetch);
    let mut command = shell_around(folder.join("chromium").into());
    command.env("LD_LIBRARY_PATH", folder.join("al2023/lib"));
    // It is built to run in one process; with several, its helpers look for a sandbox that it lacks.
    command.args(["--no-zygote", "--single-process"]);
    command
}

/// Fetches the package, once however many tests and processes ask.
fn fetch() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("chromium");
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let done = folder.join("done");
    if !done.exists() {
        let run = |command: &mut Command| {
            let status = command.current_dir(&folder).stdout(Stdio::null()).status();
            assert!(
                status.is_ok_and(|status| status.success()),
                "no Chromium: put one on the PATH (Debian: `apt-get install chromium`), name one in KAIROS_TEST_CHROMIUM, \
                 or have Node and npm fetch one"
            );
        };
        run(Command::new("npm").args([
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
            ".",
            PACKAGE,
        ]));
        run(Command::new("node")
            .args(["--input-type=module", "-e", UNPACK])
            .env("TMPDIR", &folder)
            .env("AWS_EXECUTION_ENV", "AWS_Lambda_nodejs20.x"));
        fs::write(done, "").unwrap();
    }
    folder
}
