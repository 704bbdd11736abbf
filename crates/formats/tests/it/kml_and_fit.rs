use std::io::{Cursor, Write as _};

use kairos_domain::line::LineKind;
use kairos_formats::ReadErrorKind;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

const KML: &str = r#"<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Trip</name><description><![CDATA[<b>x</b>]]></description>
<Style><LineStyle><color>ff00ff00</color></LineStyle></Style>
<Folder><name>Days</name>
<Placemark><name>Ulm</name><description>d</description><TimeStamp><when>2026-05-01</when></TimeStamp><Point><coordinates> 10,48.4,478 </coordinates></Point></Placemark>
<Placemark><name>Both</name><MultiGeometry>
<LineString><coordinates>1,2 3,4,5
5,6</coordinates></LineString>
<LineString><coordinates>7,8 9</coordinates></LineString>
<Polygon><outerBoundaryIs><LinearRing><coordinates>1,1 2,2 3,3 1,1</coordinates></LinearRing></outerBoundaryIs></Polygon>
</MultiGeometry></Placemark>
<Placemark><gx:Track xmlns:gx="http://www.google.com/kml/ext/2.2"><when>2026-05-01T10:00:00Z</when><when>2026-05-01T10:01:00Z</when><gx:coord>1 2 3</gx:coord><gx:coord>4 5</gx:coord></gx:Track></Placemark>
</Folder></Document></kml>"#;

#[test]
fn placemarks_of_any_folder_are_read() {
    let file = file(KML);
    assert_eq!(
        (file.name.as_deref(), file.description.as_deref()),
        (Some("Trip"), Some("<b>x</b>"))
    );
    let ulm = &file.waypoints[0];
    assert_eq!(
        (ulm.name.as_deref(), ulm.position.elevation()),
        (Some("Ulm"), Some(478.0))
    );
    assert_eq!(ulm.time.unwrap().to_rfc3339(), "2026-05-01T00:00:00+00:00");
    let [both, track] = file.lines.as_slice() else {
        panic!("{:?}", file.lines)
    };
    assert_eq!(both.name.as_deref(), Some("Both"));
    assert_eq!(degrees(&both.line), [[(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)]]);
    assert_eq!(degrees(&track.line), [[(1.0, 2.0), (4.0, 5.0)]]);
    assert!(
        track
            .line
            .positions()
            .iter()
            .all(|position| position.time_millis().is_some())
    );
    assert_eq!(
        skipped(&file),
        [
            "line 8, coordinates, position 2: a position needs two numbers",
            "line 8, LineString: the segment has fewer than two positions",
            "line 9, Polygon: a Polygon is neither a line nor a point",
        ]
    );
}

#[test]
fn coordinates_are_read_in_pieces_however_long_they_are() {
    let positions: String = (0..90_000)
        .map(|step| format!("{}.{:05},47.{:05},400\n", 8, step, step))
        .collect();
    let file = file(format!(
        "<kml><Placemark><LineString><coordinates>{positions}</coordinates></LineString></Placemark></kml>"
    ));
    assert_eq!(
        (file.lines[0].line.positions().len(), file.skipped.count),
        (90_000, 0)
    );
}

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn the_first_kml_of_an_archive_is_read() {
    let bytes = archive(&[
        ("images/a.png", b"x"),
        ("doc.KML", KML.as_bytes()),
        ("other.kml", b"<kml/>"),
    ]);
    assert_eq!(file(bytes), file(KML));
    assert_eq!(fault(archive(&[("a.txt", b"x")])), ReadErrorKind::UnsupportedType);
    assert_eq!(fault(archive(&[])), ReadErrorKind::UnsupportedType);
}

#[test]
fn archives_that_are_bombs_or_broken_are_refused() {
    let many: Vec<_> = (0..1001)
        .map(|index| (format!("{index}.kml"), KML.as_bytes()))
        .collect();
    let many: Vec<_> = many.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    assert_eq!(fault(archive(&many)), ReadErrorKind::TooManyEntries);
    let mut bomb = b"<kml>".to_vec();
    bomb.resize(64 * 1024 * 1024 + 1, b' ');
    assert_eq!(
        fault(archive(&[("a.kml", &bomb)])),
        ReadErrorKind::UnpacksToTooMuch
    );
    let whole = archive(&[("a.kml", KML.as_bytes())]);
    assert!(matches!(
        fault(&whole[..whole.len() / 2]),
        ReadErrorKind::Archive(_)
    ));
    let mut damaged = whole.clone();
    damaged[60..120].fill(0x55);
    assert!(try_read(&damaged).is_err());
}

/// A FIT file of one definition and its messages.
fn fit(file_type: u8, records: &[(i32, i32, u16, u32)]) -> Vec<u8> {
    let mut data = vec![0x40, 0, 0, 0, 0, 1, 0, 1, 0x00, 0, file_type];
    data.extend([
        0x41, 0, 1, 0, 20, 4, 253, 4, 0x86, 0, 4, 0x85, 1, 4, 0x85, 2, 2, 0x84,
    ]);
    for (latitude, longitude, altitude, time) in records {
        data.push(1);
        data.extend(time.to_be_bytes());
        data.extend(latitude.to_be_bytes());
        data.extend(longitude.to_be_bytes());
        data.extend(altitude.to_be_bytes());
    }
    // A compressed header with the time's last five bits, of a message without a field for it.
    data.extend([0x42, 0, 0, 20, 0, 2, 0, 4, 0x85, 1, 4, 0x85, 0x80 | 2 << 5 | 3]);
    data.extend(0x2000_0000_i32.to_le_bytes());
    data.extend(0x1000_0000_i32.to_le_bytes());
    let mut file = vec![14, 0x20, 0, 0];
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(b".FIT\0\0");
    file.extend(data);
    file.extend([0, 0]);
    file
}

#[test]
fn records_of_a_fit_file_are_a_line() {
    let bytes = fit(
        4,
        &[
            (0x2000_0000, 0x1000_0000, 2550, 1_000_000_030),
            (i32::MAX, i32::MAX, 0xffff, 1),
        ],
    );
    let file = file(bytes);
    let line = &file.lines[0];
    assert_eq!(degrees(&line.line), [[(22.5, 45.0), (22.5, 45.0)]]);
    assert_eq!(line.line.positions()[0].elevation(), Some(10.0));
    assert_eq!(line.kind, None);
    let first = line.line.positions()[0].time().unwrap();
    assert_eq!(first.timestamp(), 631_065_600 + 1_000_000_030);
    // The compressed time is relative to the last one, which a record without a fix has.
    assert_eq!(
        line.line.positions()[1].time().unwrap().timestamp(),
        631_065_600 + 3
    );
}

#[test]
fn a_course_is_planned_whatever_its_times() {
    let records = [(0x2000_0000, 0x1000_0000, 2550, 1_000_000_000); 2];
    assert_eq!(file(fit(6, &records)).lines[0].kind, Some(LineKind::Route));
    // One file behind the other, with a rest of zeros.
    let twice = [fit(4, &records), fit(4, &records), vec![0; 20]].concat();
    assert_eq!(file(twice).lines.len(), 2);
}

#[test]
fn a_fit_file_that_is_truncated_or_broken_is_refused_with_its_byte() {
    let whole = fit(4, &[(0x2000_0000, 0x1000_0000, 2550, 1_000_000_000)]);
    for end in 14..whole.len() - 2 {
        assert_eq!(fault(&whole[..end]), ReadErrorKind::Truncated, "{end}");
    }
    let mut undefined = whole.clone();
    undefined[14] = 5;
    let error = try_read(&undefined).unwrap_err();
    assert_eq!(
        error.to_string(),
        "byte 14: the file is not well-formed: message 5 has no definition"
    );
    assert!(matches!(
        fault([whole, b"rest".to_vec()].concat()),
        ReadErrorKind::Malformed(_)
    ));
}
