use kairos_domain::line::LineKind;
use kairos_domain::marker::MarkerKind;
use kairos_formats::ReadErrorKind;

use super::*;

const LINE: &str = r#"{"type":"LineString","coordinates":[[1,2],[3,4,5.04]]}"#;

fn feature(properties: &str, geometry: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
}

fn collection(features: &[String]) -> String {
    format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    )
}

#[test]
fn any_object_is_read() {
    let in_collection = collection(&[feature("null", LINE)]);
    let in_geometries = format!(r#"{{"type":"GeometryCollection","geometries":[{LINE}]}}"#);
    let type_last = r#"{"coordinates":[[1,2],[3,4,5.04]],"type":"LineString"}"#;
    for text in [
        LINE,
        type_last,
        &feature("{}", LINE),
        &in_collection,
        &in_geometries,
    ] {
        let file = file(text);
        assert_eq!(degrees(&file.lines[0].line), [[(1.0, 2.0), (3.0, 4.0)]], "{text}");
        assert_eq!(file.lines[0].line.positions()[1].elevation(), Some(5.0));
        assert_eq!(file.skipped.count, 0);
    }
}

#[test]
fn names_texts_and_kinds_are_properties() {
    let file = file(format!(
        r#"{{"name":"Tour","features":[{},{}],"type":"FeatureCollection"}}"#,
        feature(
            r#"{"title":"Ulm","desc":"d","time":"2026-05-01T00:00:00Z","marker_type":"past","timestamp":"2026-05-02"}"#,
            r#"{"type":"Point","coordinates":[10,48.4,478]}"#
        ),
        feature(r#"{"name":7,"type":"plan","stroke":{"a":[1]}}"#, LINE)
    ));
    assert_eq!(file.name.as_deref(), Some("Tour"));
    let ulm = &file.waypoints[0];
    assert_eq!(
        (ulm.name.as_deref(), ulm.notes.as_str(), ulm.kind),
        (Some("Ulm"), "d", Some(MarkerKind::Past))
    );
    assert_eq!(ulm.dates.unwrap().timestamp.unwrap().to_string(), "2026-05-02");
    assert_eq!(
        (file.lines[0].name.as_deref(), file.lines[0].kind),
        (Some("7"), Some(LineKind::Route))
    );
}

#[test]
fn times_stand_beside_the_coordinates() {
    let lines = r#"{"type":"MultiLineString","coordinates":[[[1,1],[2,2]],[[3,3],[4,4]]]}"#;
    let times = r#"[["2026-05-01T00:00:00Z",null],["2026-05-01T02:00:00.25Z","2026-05-01T03:00:00Z"]]"#;
    for properties in [
        format!(r#"{{"times":{times}}}"#),
        format!(r#"{{"coordTimes":{times}}}"#),
        format!(r#"{{"coordinateProperties":{{"heart":[1],"times":{times}}}}}"#),
    ] {
        let file = file(feature(&properties, lines));
        let millis: Vec<_> = file.lines[0]
            .line
            .positions()
            .iter()
            .map(|position| position.time_millis())
            .collect();
        assert_eq!(
            millis,
            [
                Some(1_777_593_600_000),
                None,
                Some(1_777_600_800_250),
                Some(1_777_604_400_000)
            ]
        );
    }
    let file = file(feature(r#"{"times":["2026-05-01T00:00:00Z"]}"#, lines));
    assert!(
        file.lines[0]
            .line
            .positions()
            .iter()
            .all(|position| position.time_millis().is_none())
    );
    assert_eq!(file.skipped.count, 1);
}

#[test]
fn what_is_neither_line_nor_point_is_skipped_by_its_index() {
    let polygon = r#"{"type":"Polygon","coordinates":[[[1,1],[2,2],[3,3],[1,1]]]}"#;
    let file = file(collection(&[
        feature("{}", LINE),
        feature("{}", polygon),
        feature("{}", "null"),
        feature(
            "{}",
            r#"{"type":"LineString","coordinates":[[1,1],[200,1],["1",2],[1],[2,2]]}"#,
        ),
        feature("{}", r#"{"type":"LineString","coordinates":[[[1,1],[2,2]]]}"#),
        feature("{}", r#"{"type":"LineString","coordinates":[]}"#),
        feature("{}", r#"{"type":"Point","coordinates":[0,0]}"#),
        feature("{}", r#"{"type":"MultiPoint","coordinates":[[5,5],[0,99]]}"#),
        feature(
            "{}",
            &format!(r#"{{"type":"GeometryCollection","geometries":[{polygon}]}}"#),
        ),
    ]));
    assert_eq!(
        skipped(&file),
        [
            "features[1]: a Polygon is neither a line nor a point",
            "features[3], position 1: longitude must be between -180 and 180",
            "features[3], position 2: a position needs two numbers",
            "features[3], position 3: a position needs two numbers",
            "features[4]: the coordinates are not those of a LineString",
            "features[5]: the line has no positions",
            "features[6]: the position is at 0/0, as of a device without a fix",
            "features[7], position 1: latitude must be between -90 and 90",
            "features[8].geometries[0]: a Polygon is neither a line nor a point",
        ]
    );
    assert_eq!((file.lines.len(), file.waypoints.len()), (2, 1));
}

#[test]
fn json_that_is_no_geojson_is_of_another_type() {
    for text in ["{}", r#"{"type":"Topology"}"#, "[1]", "null", r#"{"type":5}"#] {
        assert_eq!(fault(text), ReadErrorKind::UnsupportedType, "{text}");
    }
}

#[test]
fn faults_name_their_line() {
    let error = try_read(b"{\"type\":\n\"LineString\",\n oops}").unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("line 3: the file is not well-formed"),
        "{error}"
    );
    assert_eq!(fault(&LINE[..LINE.len() - 1]), ReadErrorKind::Truncated);
    assert!(matches!(fault(format!("{LINE} x")), ReadErrorKind::Malformed(_)));
}
