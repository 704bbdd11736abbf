use kairos_domain::line::LineKind;
use kairos_formats::{LineOrigin, ReadErrorKind};

use super::*;

const HEAD: &str = r#"<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">"#;

fn gpx(inner: &str) -> String {
    format!("{HEAD}\n{inner}</gpx>")
}

fn track(points: &str) -> String {
    gpx(&format!("<trk><trkseg>\n{points}</trkseg></trk>"))
}

const GOOD: &str = r#"<trkpt lat="1" lon="1"/><trkpt lat="2" lon="2"/>"#;

#[test]
fn a_file_has_names_waypoints_tracks_and_routes_in_their_order() {
    let file = file(gpx(r#"<metadata><name>Danube &amp; more</name><desc>two
lines</desc></metadata>
<wpt lat="48.4" lon="10"><ele>478</ele><time>2026-05-01T10:00:00+02:00</time><name>Ulm</name><cmt>a</cmt><desc>b</desc></wpt>
<rte><name>R</name><rtept lat="1" lon="2"/><rtept lat="3" lon="4"/></rte>
<trk><name>T</name><type>past</type><trkseg><trkpt lat="5" lon="6"><ele>7.04</ele><time>2026-05-01T10:00:00.5Z</time></trkpt><trkpt lat="7" lon="8"/></trkseg>
<trkseg><trkpt lat="9" lon="10"/><trkpt lat="11" lon="12"/></trkseg></trk>"#));
    assert_eq!(file.name.as_deref(), Some("Danube & more"));
    assert_eq!(file.description.as_deref(), Some("two\nlines"));
    let ulm = &file.waypoints[0];
    assert_eq!(
        (ulm.name.as_deref(), ulm.notes.as_str(), ulm.position.elevation()),
        (Some("Ulm"), "b", Some(478.0))
    );
    assert_eq!(ulm.time.unwrap().to_rfc3339(), "2026-05-01T08:00:00+00:00");
    let [route, track] = file.lines.as_slice() else {
        panic!("{:?}", file.lines)
    };
    assert_eq!(
        (route.origin, route.kind, route.place.as_str()),
        (LineOrigin::Other, None, "line 5, rte")
    );
    assert_eq!(degrees(&route.line), [[(2.0, 1.0), (4.0, 3.0)]]);
    assert_eq!(
        (track.origin, track.kind),
        (LineOrigin::GpxTrack, Some(LineKind::Track))
    );
    assert_eq!(degrees(&track.line).len(), 2);
    let first = track.line.positions()[0];
    assert_eq!(first.elevation(), Some(7.0));
    assert_eq!(
        first.time().unwrap().to_rfc3339(),
        "2026-05-01T10:00:00.500+00:00"
    );
    assert_eq!(file.skipped.count, 0);
}

#[test]
fn gpx_1_0_and_any_other_version_is_read() {
    for version in ["1.0", "1.2", "7"] {
        let text = format!(
            r#"<gpx version="{version}"><name>Old</name><trk><trkseg>{GOOD}</trkseg></trk><url>http://x</url></gpx>"#
        );
        let file = file(text);
        assert_eq!((file.name.as_deref(), file.lines.len()), (Some("Old"), 1));
    }
}

#[test]
fn what_is_unknown_missing_or_empty_is_fine() {
    let file = file(gpx(&format!(
        r#"<unknown a="b"><deep><deeper>text &undefined; </deeper></deep></unknown>
<wpt lat="1" lon="1" x="y"><foo/><name/><time/><ele></ele></wpt>
<trk><extensions><x:color xmlns:x="u">red</x:color></extensions><trkseg><extensions/>
<trkpt lat="1" lon="1"><time></time><extensions><gpxtpx:hr>140</gpxtpx:hr></extensions></trkpt>{GOOD}</trkseg></trk>
<!-- a comment --><?target data?>"#
    )));
    assert_eq!(file.skipped.count, 0);
    assert_eq!(
        (file.waypoints[0].name.as_deref(), file.waypoints[0].time),
        (None, None)
    );
    assert_eq!(file.lines[0].line.positions().len(), 3);
}

#[test]
fn a_bad_position_is_one_entry_with_its_line() {
    let file = file(track(
        r#"<trkpt lat="91" lon="1"/>
<trkpt lat="1" lon="NaN"/>
<trkpt lat="47,5" lon="8"/>
<trkpt lon="8"/>
<trkpt lat="0" lon="0"/>
<trkpt lat="0.0" lon="-0.0"/>
<trkpt lat="1" lon="1"><ele>NaN</ele><time>noon</time></trkpt>
<trkpt lat="-1" lon="51"/>
"#,
    ));
    assert_eq!(
        skipped(&file),
        [
            "line 3, trkpt: latitude must be between -90 and 90",
            "line 4, trkpt: longitude must be between -180 and 180",
            r#"line 5, trkpt: the latitude "47,5" is not a number"#,
            "line 6, trkpt: lat or lon is missing",
            "line 7, trkpt: the position is at 0/0, as of a device without a fix",
            "line 8, trkpt: the position is at 0/0, as of a device without a fix",
        ]
    );
    // A jump of 5 000 km is a jump.
    assert_eq!(degrees(&file.lines[0].line), [[(1.0, 1.0), (51.0, -1.0)]]);
}

#[test]
fn at_most_a_hundred_entries_are_listed_and_all_are_counted() {
    let file = file(track(&r#"<trkpt lat="91" lon="1"/>"#.repeat(250)));
    // The segment without a position is the last.
    assert_eq!((file.skipped.count, file.skipped.entries.len()), (251, 100));
}

#[test]
fn a_segment_of_fewer_than_two_positions_is_skipped() {
    let file = file(gpx(&format!(
        r#"<trk><trkseg/><trkseg><trkpt lat="1" lon="1"/></trkseg><trkseg>{GOOD}</trkseg></trk><rte><rtept lat="1" lon="1"/></rte>"#
    )));
    assert_eq!(file.skipped.count, 3);
    assert_eq!(file.lines.len(), 1);
    assert_eq!(degrees(&file.lines[0].line), [[(1.0, 1.0), (2.0, 2.0)]]);
}

#[test]
fn times_of_the_far_past_and_the_future_are_noted_for_a_track() {
    let point = |time: &str| format!("<trkpt lat=\"1\" lon=\"1\"><time>{time}</time></trkpt>\n");
    let times = [
        "1970-01-01T00:00:00Z",
        "2043-01-01T00:00:00Z",
        "2026-06-02T23:59:59Z",
        "2026-05-02T00:00:00Z",
    ];
    let file = file(track(&times.map(point).concat()));
    let line = &file.lines[0];
    assert_eq!(line.line.positions().len(), 4);
    let noted: Vec<_> = line
        .skipped_in_track
        .entries
        .iter()
        .map(|entry| entry.place.as_str())
        .collect();
    assert_eq!(noted, ["line 3, trkpt", "line 4, trkpt"]);
}

#[test]
fn a_gpx_with_waypoints_only_or_with_nothing_is_a_file() {
    assert_eq!(file(gpx(r#"<wpt lat="1" lon="1"/>"#)).waypoints.len(), 1);
    assert_eq!(file(gpx("")), File::default());
    assert_eq!(file("<gpx/>"), File::default());
}

#[test]
fn waypoints_are_passed_over_where_only_lines_are_wanted() {
    let text = gpx(&format!(
        r#"<wpt lat="91" lon="1"><name>x</name></wpt><trk><trkseg>{GOOD}</trkseg></trk>"#
    ));
    let file = read(
        text.as_bytes(),
        &ReadOptions {
            with_waypoints: false,
            ..options()
        },
    )
    .unwrap();
    assert_eq!(
        (file.waypoints.len(), file.skipped.count, file.lines.len()),
        (0, 0, 1)
    );
}

#[test]
fn a_position_at_0_0_stays_in_a_file_of_our_own() {
    let text = r#"<gpx creator="Kairos"><wpt lat="0" lon="0"><name> x </name></wpt></gpx>"#;
    assert_eq!(file(text).waypoints[0].name.as_deref(), Some(" x "));
}

#[test]
fn days_of_the_itinerary_are_left_out_in_silence() {
    let file = file(gpx(
        r#"<wpt lat="1" lon="1"><name>2026-06-02</name><type>day</type></wpt>"#,
    ));
    assert_eq!((file.waypoints.len(), file.skipped.count), (0, 0));
}

#[test]
fn each_encoding_is_read_and_others_are_refused() {
    let text = |encoding: &str| {
        format!(
            r#"<?xml version="1.0" encoding="{encoding}"?><gpx><metadata><name>Orléans</name></metadata></gpx>"#
        )
    };
    let utf16 = |unit: fn(u16) -> [u8; 2]| text("UTF-16").encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let latin = |text: String| text.chars().map(|character| character as u8).collect::<Vec<u8>>();
    for bytes in [
        text("UTF-8").into_bytes(),
        [b"\xef\xbb\xbf", text("UTF-8").as_bytes()].concat(),
        [b"\xff\xfe".to_vec(), utf16(u16::to_le_bytes)].concat(),
        [b"\xfe\xff".to_vec(), utf16(u16::to_be_bytes)].concat(),
        utf16(u16::to_le_bytes),
        latin(text("ISO-8859-1")),
        latin(text("windows-1252")),
    ] {
        assert_eq!(file(&bytes).name.as_deref(), Some("Orléans"), "{bytes:?}");
    }
    let windows = [text("windows-1252").replace("Orléans", "").into_bytes()].concat();
    let at = windows.windows(6).position(|window| window == b"<name>").unwrap() + 6;
    let euro = [&windows[..at], b"\x80", &windows[at..]].concat();
    assert_eq!(file(euro).name.as_deref(), Some("€"));
    let refused = fault(text("Shift_JIS"));
    assert_eq!(refused, ReadErrorKind::UnsupportedEncoding("Shift_JIS".into()));
    assert!(refused.is_unsupported() && refused.to_string().contains("ISO-8859-1"));
    assert_eq!(fault(latin(text("UTF-8"))), ReadErrorKind::InvalidText("UTF-8"));
    let hinted = read(
        &latin(text("x").replace(" encoding=\"x\"", "")),
        &ReadOptions {
            charset: Some("iso-8859-1"),
            ..options()
        },
    );
    assert_eq!(hinted.unwrap().name.as_deref(), Some("Orléans"));
}

#[test]
fn line_ends_and_references_are_those_of_xml() {
    let text =
        "<gpx><metadata><desc>a\r\nb\rc&#13;d &lt;&#x1F6B2;&gt; <![CDATA[<&amp;>]]></desc></metadata></gpx>";
    assert_eq!(file(text).description.as_deref(), Some("a\nb\nc\rd <🚲> <&amp;>"));
}

#[test]
fn names_are_trimmed_and_cut_and_the_cut_is_listed() {
    let file = file(gpx(&format!(
        "<metadata><name>\n  Danube\n</name></metadata><wpt lat=\"1\" lon=\"1\"><name>{}</name><desc>{}</desc></wpt>",
        "é".repeat(201),
        "x".repeat(10_001)
    )));
    assert_eq!(file.name.as_deref(), Some("Danube"));
    assert_eq!(file.waypoints[0].name.as_ref().unwrap().chars().count(), 200);
    assert_eq!(file.waypoints[0].notes.len(), 10_000);
    assert_eq!(
        skipped(&file),
        [
            "line 4, wpt: the name was cut to 200 characters",
            "line 4, wpt: the description was cut to 10000 characters"
        ]
    );
}
