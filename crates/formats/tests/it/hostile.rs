use std::cell::Cell;

use kairos_domain::line::LineTooLarge;
use kairos_formats::{MAX_DEPTH, MAX_TEXT_BYTES, ReadErrorKind};
use proptest::prelude::*;

use super::*;

#[test]
fn files_of_another_type_are_told_from_broken_ones() {
    for bytes in [
        b"%PDF-1.7".as_slice(),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\xff\xd8\xff\xe0",
        b"lat,lon\n1,2",
        b"<svg/>",
        b"<html><body/></html>",
        b"<TrainingCenterDatabase/>",
    ] {
        assert_eq!(fault(bytes), ReadErrorKind::UnsupportedType, "{bytes:?}");
    }
    for empty in [b"".as_slice(), b" \r\n\t ", b"\xef\xbb\xbf"] {
        assert_eq!(fault(empty), ReadErrorKind::Empty);
    }
    assert_eq!(fault("<"), ReadErrorKind::Truncated);
}

#[test]
fn no_entity_is_expanded() {
    for doctype in [
        "<!DOCTYPE gpx>",
        r#"<!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>"#,
        r#"<!DOCTYPE foo [<!ENTITY x SYSTEM "file:///etc/passwd">]>"#,
    ] {
        let text = format!("{doctype}\n<gpx><metadata><name>&b;</name></metadata></gpx>");
        assert_eq!(fault(&text), ReadErrorKind::Doctype);
        assert!(
            try_read(text.as_bytes())
                .unwrap_err()
                .to_string()
                .contains("DOCTYPE")
        );
    }
    let undefined = fault("<gpx><metadata><name>&b;</name></metadata></gpx>");
    assert!(matches!(undefined, ReadErrorKind::Malformed(_)));
}

#[test]
fn nesting_is_bounded() {
    let nested = |open: &str, close: &str, depth: usize| open.repeat(depth) + &close.repeat(depth);
    let xml = |depth| format!("<gpx>{}</gpx>", nested("<a>", "</a>", depth - 1));
    assert!(try_read(xml(MAX_DEPTH).as_bytes()).is_ok());
    assert_eq!(fault(xml(MAX_DEPTH + 1)), ReadErrorKind::TooDeep);
    let folders = format!("<kml>{}</kml>", nested("<Folder>", "</Folder>", 50_000));
    assert_eq!(fault(folders), ReadErrorKind::TooDeep);
    let json = |depth| {
        format!(
            r#"{{"type":"FeatureCollection","x":{}}}"#,
            nested("[", "]", depth - 1)
        )
    };
    assert!(try_read(json(MAX_DEPTH).as_bytes()).is_ok());
    assert_eq!(fault(json(MAX_DEPTH + 1)), ReadErrorKind::TooDeep);
    let brackets_in_a_string = format!(r#"{{"type":"FeatureCollection","x":"\"{}"}}"#, "[".repeat(100));
    assert!(try_read(brackets_in_a_string.as_bytes()).is_ok());
}

#[test]
fn texts_are_bounded_where_they_are_kept_and_passed_over_where_not() {
    let long = "x".repeat(MAX_TEXT_BYTES + 1);
    let fits = &long[1..];
    let name = |text: &str| format!("<gpx><metadata><name>{text}</name></metadata></gpx>");
    assert!(try_read(name(fits).as_bytes()).is_ok());
    assert_eq!(fault(name(&long)), ReadErrorKind::TextTooLong);
    assert_eq!(
        fault(name(&format!("<![CDATA[{long}]]>"))),
        ReadErrorKind::TextTooLong
    );
    assert!(try_read(format!("<gpx><other>{long}</other></gpx>").as_bytes()).is_ok());
    let json = format!(r#"{{"type":"FeatureCollection","name":"{long}","features":[]}}"#);
    assert_eq!(fault(json), ReadErrorKind::TextTooLong);
    let ignored = format!(r#"{{"type":"FeatureCollection","x":"{long}","features":[]}}"#);
    assert!(try_read(ignored.as_bytes()).is_ok());
    let huge = "x".repeat(3 << 20);
    assert_eq!(
        fault(format!("<gpx><!--{huge}--></gpx>")),
        ReadErrorKind::TokenTooLong
    );
    assert_eq!(fault(format!("<gpx a=\"{huge}\"/>")), ReadErrorKind::TokenTooLong);
    assert_eq!(fault(format!("{{\"{huge}\":1}}")), ReadErrorKind::TokenTooLong);
    assert!(try_read(format!("<gpx><other>{huge}</other></gpx>").as_bytes()).is_ok());
}

#[test]
fn numbers_of_things_are_bounded() {
    let track = |count: usize| {
        format!(
            "<gpx><trk><trkseg>{}</trkseg></trk></gpx>",
            r#"<trkpt lat="1" lon="1"/>"#.repeat(count)
        )
    };
    assert!(try_read(track(100_000).as_bytes()).is_ok());
    assert_eq!(
        fault(track(100_001)),
        ReadErrorKind::Line(LineTooLarge::Positions)
    );
    let line = |count: usize| {
        format!(
            r#"{{"type":"LineString","coordinates":[[1,1]{}]}}"#,
            ",[1,1]".repeat(count - 1)
        )
    };
    assert!(try_read(line(100_000).as_bytes()).is_ok());
    assert_eq!(fault(line(100_001)), ReadErrorKind::Line(LineTooLarge::Positions));
    // A polygon is no line, however large.
    let polygon = line(150_000)
        .replace("LineString", "Polygon")
        .replace("[[1", "[[[1")
        .replace("]]", "]]]");
    assert_eq!(file(polygon).skipped.count, 1);
    let waypoints = format!("<gpx>{}</gpx>", r#"<wpt lat="1" lon="1"/>"#.repeat(10_001));
    assert_eq!(fault(waypoints), ReadErrorKind::TooManyWaypoints);
    let routes = r#"<rte><rtept lat="1" lon="1"/><rtept lat="1" lon="1"/></rte>"#.repeat(10_001);
    assert_eq!(fault(format!("<gpx>{routes}</gpx>")), ReadErrorKind::TooManyLines);
    let route = format!("<rte>{}</rte>", r#"<rtept lat="1" lon="1"/>"#.repeat(90_000));
    assert_eq!(
        fault(format!("<gpx>{}</gpx>", route.repeat(6))),
        ReadErrorKind::TooManyPositions
    );
    let waypoint = format!(
        r#"<wpt lat="1" lon="1"><desc>{}</desc></wpt>"#,
        "x".repeat(10_000)
    );
    assert_eq!(
        fault(format!("<gpx>{}</gpx>", waypoint.repeat(900))),
        ReadErrorKind::TooMuchText
    );
}

#[test]
fn a_schedule_out_of_its_bounds_is_ignored() {
    let gpx = |pace: u32, weekdays: &str| {
        file(format!(
            r#"<gpx><metadata><extensions><schedule startDate="2026-06-01" metersPerDay="{pace}" restWeekdays="{weekdays}"/></extensions></metadata></gpx>"#
        ))
    };
    assert!(gpx(80_000, "7").schedule.is_some());
    assert_eq!(gpx(80_000, "8").schedule, None);
    assert_eq!(gpx(500_001, "7").schedule, None);
    let geojson = |pace: u32, dates: usize| {
        let dates = vec![r#""2026-06-07""#; dates].join(",");
        file(format!(
            r#"{{"type":"FeatureCollection","kairos":{{"schedule":{{"start_date":"2026-06-01","meters_per_day":{pace},"rest_dates":[{dates}]}}}},"features":[]}}"#
        ))
    };
    assert_eq!(geojson(80_000, 1_000).schedule.unwrap().rest_dates().len(), 1);
    assert_eq!(geojson(999, 1).schedule, None);
}

#[test]
fn reading_stops_when_the_caller_wants() {
    let asked = Cell::new(0);
    let is_cancelled = || {
        asked.set(asked.get() + 1);
        asked.get() > 3
    };
    let options = ReadOptions {
        is_cancelled: &is_cancelled,
        ..options()
    };
    let long = format!("<gpx>{}</gpx>", "<a/>".repeat(1 << 20));
    assert_eq!(
        read(long.as_bytes(), &options).unwrap_err().kind,
        ReadErrorKind::Cancelled
    );
    assert_eq!(asked.get(), 4);
}

#[test]
fn faults_of_xml_name_their_line() {
    for (text, expected) in [
        ("<gpx>\n<trk>\n</gpx>", "line 3: the file is not well-formed"),
        ("<gpx>\n<trk>\n", "line 3: the file is truncated"),
        ("<gpx>\n<trk", "line 2: the file is truncated"),
        (
            "<gpx>\n<metadata><name>a & b</name></metadata></gpx>",
            "line 2: the file is not well-formed",
        ),
        (
            "<gpx/>\n<gpx/>",
            "line 2: the file is not well-formed: an element follows the root",
        ),
        ("<gpx>\n<!DOCTYPE a></gpx>", "line 2: a DOCTYPE is not allowed"),
    ] {
        let error = try_read(text.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{text:?} gives {error:?}");
    }
}

#[test]
fn a_file_that_ends_anywhere_is_refused() {
    let whole = r#"<?xml version="1.0"?><gpx><metadata><name>a</name></metadata><trk><trkseg><trkpt lat="1" lon="1"/></trkseg></trk></gpx>"#;
    for end in 1..whole.len() {
        assert!(try_read(&whole.as_bytes()[..end]).is_err(), "{end}");
    }
    assert!(try_read(whole.as_bytes()).is_ok());
}

const SEEDS: [&str; 3] = [
    r#"<?xml version="1.0" encoding="utf-8"?><gpx creator="Kairos"><metadata><name>a&amp;</name><extensions><k:schedule startDate="2026-01-01" metersPerDay="80000"/></extensions></metadata><wpt lat="1" lon="1"><name><![CDATA[x]]></name></wpt><trk><trkseg><trkpt lat="1" lon="1"><ele>1</ele><time>2026-01-01T00:00:00Z</time></trkpt></trkseg></trk></gpx>"#,
    r#"{"type":"FeatureCollection","kairos":{"name":"a","schedule":{"start_date":"2026-01-01","rest_weekdays":[1]}},"features":[{"type":"Feature","properties":{"name":"a","times":[["2026-01-01T00:00:00Z",null]]},"geometry":{"type":"MultiLineString","coordinates":[[[1,2],[3,4,5]]]}}]}"#,
    r#"<kml><Document><name>a</name><Placemark><TimeStamp><when>2026-01-01</when></TimeStamp><MultiGeometry><Point><coordinates>1,2</coordinates></Point><LineString><coordinates>1,2 3,4</coordinates></LineString><gx:Track><when>x</when><gx:coord>1 2 3</gx:coord></gx:Track></MultiGeometry></Placemark></Document></kml>"#,
];

proptest! {
    #[test]
    fn a_damaged_file_is_read_or_refused_but_never_panics(
        seed in prop::sample::select(SEEDS.to_vec()),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
        again in any::<prop::sample::Index>(),
    ) {
        let mut bytes = seed.as_bytes().to_vec();
        let copy = bytes[again.index(bytes.len())..].to_vec();
        bytes.truncate(cut.index(bytes.len()) + 1);
        bytes.extend(copy);
        for (index, byte) in damage {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        try_read(&bytes).ok();
    }

    #[test]
    fn any_bytes_behind_a_known_beginning_are_read_or_refused(
        begin in prop::sample::select(vec![
            b"\x0e\x20\0\0\x40\0\0\0.FIT\0\0".to_vec(), b"PK\x03\x04".to_vec(), b"\xff\xfe<\0".to_vec(), b"<gpx>".to_vec(),
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        try_read(&[begin, rest].concat()).ok();
    }
}
