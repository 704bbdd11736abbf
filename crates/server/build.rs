//! Finds out which commit is built, and compresses the notices.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a build script ends the build when something is missing, and reads cargo's variables"
)]

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;

/// Names the commit where there is no repository, as in the build of an image.
const COMMIT: &str = "KAIROS_COMMIT";

const NOTICES: &str = "assets/NOTICES.txt";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={COMMIT}");
    let version = env::var("CARGO_PKG_VERSION").unwrap();
    let version = match env::var(COMMIT)
        .ok()
        .filter(|commit| !commit.is_empty())
        .or_else(commit)
    {
        Some(commit) => format!("{version} ({commit})"),
        None => version,
    };
    println!("cargo::rustc-env=KAIROS_VERSION={version}");
    println!("cargo::rerun-if-changed={NOTICES}");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&fs::read(NOTICES).unwrap()).unwrap();
    let folder = env::var_os("OUT_DIR").unwrap();
    fs::write(Path::new(&folder).join("notices.gz"), gzip.finish().unwrap()).unwrap();
}

/// Returns the commit of the repository that tracks this file; the sources may lie in somebody else's.
fn commit() -> Option<String> {
    git(&["ls-files", "--error-unmatch", "build.rs"])?;
    // Git writes to this log whenever `HEAD` leads to another commit.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    if Path::new(&log).exists() {
        println!("cargo::rerun-if-changed={log}");
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}

/// Returns what a Git command prints; `None` if it fails or there is no Git.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
