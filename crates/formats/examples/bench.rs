//! Prints how much processor time ordinary and hostile files take: `cargo run --release -p kairos-formats --example bench`.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for a developer's terminal"
)]

use std::fs;
use std::hint::black_box;

use chrono::DateTime;
use kairos_domain::geo::Position;
use kairos_domain::line::{Line, LineBuilder, LinePosition, LineSummary, encoding, simplify};
use kairos_formats::{ReadOptions, read};

const MIB: usize = 1 << 20;
const LARGEST: usize = 32 * MIB;

fn main() {
    println!("ordinary files of 100 000 positions");
    let ordinary = [
        ("GPX", gpx(100_000)),
        ("GeoJSON", geojson(100_000)),
        ("KML", kml(100_000)),
        ("FIT", fit(100_000)),
    ];
    for (name, bytes) in &ordinary {
        measure(name, bytes);
    }
    println!("half as many, for the ratio");
    for (name, bytes) in [
        ("GPX", gpx(50_000)),
        ("GeoJSON", geojson(50_000)),
        ("KML", kml(50_000)),
        ("FIT", fit(50_000)),
    ] {
        measure(name, &bytes);
    }
    println!("hostile files of 32 MiB");
    for (name, begin, repeated, end) in [
        ("GPX, empty elements", "<gpx>", "<a/>", "</gpx>"),
        ("GPX, open elements", "<gpx>", "<a>", ""),
        ("GPX, one text", "<gpx><x>", "aaaaaaaa", "</x></gpx>"),
        ("GPX, one comment", "<gpx><!--", "aaaaaaaa", "--></gpx>"),
        ("GPX, one tag", "<gpx ", "a=\"b\" ", "></gpx>"),
        (
            "GPX, bad points",
            "<gpx><trk><trkseg>",
            "<trkpt lat=\"99\"/>",
            "</trkseg></trk></gpx>",
        ),
        (
            "GPX, short segments",
            "<gpx><trk>",
            "<trkseg></trkseg>",
            "</trk></gpx>",
        ),
        (
            "GPX, many attributes",
            "<gpx>",
            "<trkpt a='1' b='1' c='1' d='1' e='1' lat='1'/>",
            "</gpx>",
        ),
        ("GPX, references", "<gpx><x>", "&amp;", "</x></gpx>"),
        ("GPX, CDATA", "<gpx><x>", "<![CDATA[]]>", "</x></gpx>"),
        ("GPX, DOCTYPE", "<!DOCTYPE a [", "<!ENTITY a 'b'>", "]><gpx/>"),
        (
            "KML, coordinates",
            "<kml><Placemark><LineString><coordinates>",
            "1,1 ",
            "</coordinates></LineString></Placemark></kml>",
        ),
        (
            "KML, bad coordinates",
            "<kml><Placemark><LineString><coordinates>",
            "1 ",
            "</coordinates></LineString></Placemark></kml>",
        ),
        (
            "KML, one word",
            "<kml><Placemark><LineString><coordinates>",
            "1",
            "</coordinates></LineString></Placemark></kml>",
        ),
        ("KML, placemarks", "<kml>", "<Placemark/>", "</kml>"),
        ("JSON, open arrays", r#"{"x":"#, "[", ""),
        (
            "JSON, empty arrays",
            r#"{"type":"LineString","coordinates":["#,
            "[],",
            "[]]}",
        ),
        (
            "JSON, bad positions",
            r#"{"type":"LineString","coordinates":["#,
            "[999,1],",
            "[1,1]]}",
        ),
        (
            "JSON, numbers",
            r#"{"type":"Polygon","coordinates":[["#,
            "1,",
            "1]]}",
        ),
        ("JSON, one string", r#"{"x":""#, "aaaa", r#""}"#),
        ("JSON, escapes", r#"{"x":""#, r"\u0041", r#""}"#),
        ("JSON, keys", r#"{"type":"FeatureCollection""#, r#","a":1"#, "}"),
        (
            "JSON, features",
            r#"{"type":"FeatureCollection","features":["#,
            "{},",
            "{}]}",
        ),
        (
            "JSON, polygon",
            r#"{"type":"Polygon","coordinates":[["#,
            "[1,1],",
            "[1,1]]]}",
        ),
        ("white space", "", "        ", ""),
    ] {
        let mut bytes = begin.as_bytes().to_vec();
        bytes.extend(
            repeated
                .as_bytes()
                .repeat((LARGEST - begin.len() - end.len()) / repeated.len()),
        );
        bytes.extend(end.as_bytes());
        measure(name, &bytes);
    }
    let mut messages = vec![0x40, 0, 0, 20, 0, 0];
    messages.resize(LARGEST - 14, 0);
    measure("FIT, messages of one byte", &fit_file(&messages));
    let mut definitions = Vec::new();
    while definitions.len() < LARGEST - 1000 {
        definitions.extend([0x40, 0, 0, 20, 0, 255]);
        definitions.extend([1; 765]);
    }
    measure("FIT, definitions", &fit_file(&definitions));
    measure(
        "ZIP, ends of directories",
        &[b"PK\x03\x04".as_slice(), &b"PK\x05\x06".repeat(LARGEST / 4)].concat(),
    );
    measure(
        "ZIP, entries of a directory",
        &[b"PK\x03\x04".as_slice(), &b"PK\x01\x02".repeat(LARGEST / 4)].concat(),
    );
    lines();
}

/// How long this thread has run on a processor: other programs of a busy machine don't count. Linux only.
fn processor_seconds() -> f64 {
    let statistics = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds: f64 = statistics.split(' ').next().unwrap().parse().unwrap();
    nanoseconds * 1e-9
}

/// Reads a file and prints what came of it.
fn measure(name: &str, bytes: &[u8]) {
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let options = ReadOptions {
        now,
        charset: None,
        with_waypoints: true,
        is_cancelled: &|| false,
    };
    let start = processor_seconds();
    let result = read(bytes, &options);
    let elapsed = processor_seconds() - start;
    let shown = match result {
        Ok(file) => format!("{} lines, {} skipped", file.lines.len(), file.skipped.count),
        Err(error) => error.to_string().chars().take(70).collect(),
    };
    println!(
        "  {name:<28} {:>6.1} MB {:>8.1} ms  {shown}",
        bytes.len() as f64 / 1e6,
        elapsed * 1e3
    );
}

/// Prints what the work on lines costs.
fn lines() {
    println!("a line of 100 000 positions");
    let spiral = line(|step| ((step * 0.5).sin() * step * 1e-4, (step * 0.5).cos() * step * 1e-4));
    let wave = line(|step| (step * 1e-3 - 50.0, (step * 0.01).sin()));
    for (name, line) in [("spiral", &spiral), ("wave", &wave)] {
        for tolerance in [1.0, 100.0, 10_000.0] {
            let start = processor_seconds();
            let simplified = simplify(line, tolerance);
            let elapsed = (processor_seconds() - start) * 1e3;
            println!(
                "  {name:<7} simplified to {tolerance:>6} m {elapsed:>8.1} ms  {} positions",
                simplified.positions().len()
            );
        }
        let start = processor_seconds();
        let bytes = encoding::encode(line);
        let encoded = (processor_seconds() - start) * 1e3;
        let start = processor_seconds();
        black_box(encoding::decode(&bytes).unwrap());
        let decoded = (processor_seconds() - start) * 1e3;
        let start = processor_seconds();
        black_box(LineSummary::of(line));
        let summary = (processor_seconds() - start) * 1e3;
        println!(
            "  {name:<7} {} bytes, encoded {encoded:.1} ms, decoded {decoded:.1} ms, summary {summary:.1} ms",
            bytes.len()
        );
    }
}

fn line(place: impl Fn(f64) -> (f64, f64)) -> Line {
    let mut builder = LineBuilder::default();
    for step in 0..100_000 {
        let (longitude, latitude) = place(f64::from(step));
        builder
            .push(LinePosition::new(
                Position::new(longitude, latitude, Some(100.0)).unwrap(),
                None,
            ))
            .unwrap();
    }
    builder.finish()
}

fn points(count: u32, point: impl Fn(f64) -> String) -> String {
    (0..count).map(|step| point(f64::from(step) * 1e-5)).collect()
}

fn gpx(count: u32) -> Vec<u8> {
    let points = points(count, |step| {
        format!(
            "<trkpt lat=\"{:.7}\" lon=\"{:.7}\"><ele>412.3</ele><time>2026-05-01T10:00:00Z</time></trkpt>\n",
            47.0 + step,
            8.0 + step
        )
    });
    format!("<gpx><trk><trkseg>{points}</trkseg></trk></gpx>").into_bytes()
}

fn geojson(count: u32) -> Vec<u8> {
    let points = points(count, |step| {
        format!(",[{:.7},{:.7},412.3]", 8.0 + step, 47.0 + step)
    });
    format!(
        r#"{{"type":"LineString","coordinates":[{}]}}"#,
        points.trim_start_matches(',')
    )
    .into_bytes()
}

fn kml(count: u32) -> Vec<u8> {
    let points = points(count, |step| {
        format!("{:.7},{:.7},412.3\n", 8.0 + step, 47.0 + step)
    });
    format!("<kml><Placemark><LineString><coordinates>{points}</coordinates></LineString></Placemark></kml>")
        .into_bytes()
}

fn fit(count: u32) -> Vec<u8> {
    let mut data = vec![
        0x40, 0, 0, 20, 0, 4, 253, 4, 0x86, 0, 4, 0x85, 1, 4, 0x85, 2, 2, 0x84,
    ];
    for step in 0..count {
        data.push(0);
        for number in [
            1_100_000_000 + step,
            560_000_000 + step * 100,
            95_000_000 + step * 100,
        ] {
            data.extend(number.to_le_bytes());
        }
        data.extend(4561_u16.to_le_bytes());
    }
    fit_file(&data)
}

fn fit_file(data: &[u8]) -> Vec<u8> {
    let mut file = vec![14, 0x20, 0, 0];
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(b".FIT\0\0");
    file.extend(data);
    file.extend([0, 0]);
    file
}
