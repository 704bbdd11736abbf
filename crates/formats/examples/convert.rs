//! Reads a file and writes what Kairos would make of it: `cargo run -p kairos-formats --example convert -- a.fit gpx`.
#![expect(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a program for a developer's terminal"
)]

use std::{env, fs, io};

use chrono::DateTime;
use kairos_formats::assign::{TakeAs, assign};
use kairos_formats::export::{Export, Format, write};
use kairos_formats::{ReadOptions, read};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [path, format] = arguments.as_slice() else {
        return eprintln!("convert FILE gpx|geojson|kml");
    };
    let Some((_, format)) = Format::ALL.into_iter().find(|(word, _)| word == format) else {
        return eprintln!("unknown format {format}");
    };
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let options = ReadOptions {
        now,
        charset: None,
        with_waypoints: true,
        is_cancelled: &|| false,
    };
    let file = match read(&fs::read(path).unwrap(), &options) {
        Ok(file) => file,
        Err(error) => return eprintln!("{error}"),
    };
    let taken = assign(file, TakeAs::Auto, Some(path), now).unwrap();
    for entry in &taken.skipped.entries {
        eprintln!("{}: {}", entry.place, entry.reason);
    }
    let export = Export {
        name: taken.name.as_str(),
        description: taken.description.as_str(),
        schedule: taken.schedule.as_ref(),
        markers: taken.markers,
        days: [],
        route: taken.route.as_ref().map(|taken| &taken.line),
        track: taken.track.as_ref().map(|taken| &taken.line),
    };
    write(format, export, &mut io::stdout().lock()).unwrap();
}
