use chrono::NaiveDate;
use serde_json::json;

use crate::extract::parsers;
use crate::extract::raw_value::RawValue;

#[test]
fn a_boolean_may_be_a_word_or_a_number_in_json() {
    for (value, expected) in [
        (json!(true), Ok(true)),
        (json!("true"), Ok(true)),
        (json!("FaLSe"), Ok(false)),
        (json!(1), Ok(true)),
        (json!(0.0), Ok(false)),
        (json!(2), Err("bool_parsing")),
        (json!(-1), Err("bool_parsing")),
        (json!("1"), Err("bool_parsing")),
        (json!("yes"), Err("bool_parsing")),
        (json!(" true"), Err("bool_parsing")),
        (json!(""), Err("bool_parsing")),
        (json!(null), Err("bool_type")),
        (json!([true]), Err("bool_type")),
    ] {
        match (parsers::boolean(RawValue::Json(&value)), expected) {
            (Ok(read), expected) => assert_eq!(Ok(read), expected, "{value}"),
            (Err(objection), expected) => {
                let kind = expected.unwrap_err();
                assert!(format!("{objection:?}").contains(kind), "{value}");
            }
        }
    }
}

#[test]
fn numbers_that_are_not_finite_are_refused() {
    for text in ["nan", "inf", "-Infinity", "1e400"] {
        let objection = parsers::number(0.0..=1.0)(RawValue::Text(text)).unwrap_err();
        assert!(format!("{objection:?}").contains("finite_number"), "{text}");
    }
}

#[test]
fn a_date_is_a_day_or_exactly_its_midnight() {
    let day = NaiveDate::from_ymd_opt(2026, 5, 9).unwrap();
    for text in [
        "2026-05-09",
        "2026-05-09T00:00",
        "2026-05-09T00:00:00",
        "2026-05-09T00:00:00.000Z",
        "2026-05-09 00:00:00+05:30",
    ] {
        assert_eq!(parsers::date(RawValue::Text(text)).ok(), Some(day), "{text}");
    }
    for text in ["0001-01-01", "9999-12-31", "2024-02-29"] {
        assert!(parsers::date(RawValue::Text(text)).is_ok(), "{text}");
    }
    for text in [
        "",
        "2026",
        "2026-5-9",
        "2026-05-9 ",
        "09.05.2026",
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "0000-01-01",
        "10000-01-01",
        "+2026-05-0",
        "2026-05-09T",
        "2026-05-09T00:00:01",
        "2026-05-09T12:00:00Z",
        "2026-05-09T00:00:00.001Z",
        "2026-05-09T24:00:00Z",
        "2026-05-09Zulu",
        "2026-05-0é",
    ] {
        assert!(parsers::date(RawValue::Text(text)).is_err(), "{text}");
    }
}

#[test]
fn a_date_may_be_a_unix_timestamp_of_a_utc_midnight() {
    let date = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).ok_or("no such day");
    for (timestamp, expected) in [
        (json!(1_778_284_800), date(2026, 5, 9)),
        (json!(1_778_284_800.0), date(2026, 5, 9)),
        (json!(1_778_284_800_000_u64), date(2026, 5, 9)),
        (json!(0), date(1970, 1, 1)),
        (json!(-86_400), date(1969, 12, 31)),
        (json!(19_999_958_400_u64), date(2603, 10, 11)),
        (json!(20_044_800_000_u64), date(1970, 8, 21)),
        (json!(-20_044_800_000_i64), date(1969, 5, 14)),
        (json!(253_402_214_400_000_u64), date(9999, 12, 31)),
        (json!(-62_135_596_800_000_i64), date(1, 1, 1)),
        (json!(253_402_300_800_000_u64), Err("date_from_datetime_parsing")),
        (json!(-62_135_683_200_000_i64), Err("date_from_datetime_parsing")),
        (json!(u64::MAX), Err("date_from_datetime_parsing")),
        (json!(1e300), Err("date_from_datetime_parsing")),
        (json!(20_260_509), Err("date_from_datetime_inexact")),
        (json!(1_778_284_801), Err("date_from_datetime_inexact")),
        (json!(1_778_284_800.5), Err("date_from_datetime_inexact")),
        (json!(1_778_284_800_001_u64), Err("date_from_datetime_inexact")),
    ] {
        let as_text = timestamp.to_string();
        let is_digits = !as_text.contains(['.', 'e']);
        let written = [RawValue::Json(&timestamp), RawValue::Text(&as_text)];
        for raw in written.into_iter().take(if is_digits { 2 } else { 1 }) {
            match (parsers::date(raw), expected) {
                (Ok(day), expected) => assert_eq!(Ok(day), expected, "{timestamp}"),
                (Err(objection), expected) => {
                    let kind = expected.unwrap_err();
                    assert!(
                        format!("{objection:?}").contains(kind),
                        "{timestamp}: {objection:?}"
                    );
                }
            }
        }
    }
    for text in ["+1778284800", "1778284800.0", " 1778284800", "--1", "-"] {
        assert!(parsers::date(RawValue::Text(text)).is_err(), "{text}");
    }
}

#[test]
fn a_point_has_two_or_three_finite_numbers_in_range() {
    for point in [
        json!({"type": "Point", "coordinates": [180, -90]}),
        json!({"coordinates": [-180.0, 90.0, 8848.86]}),
        json!({"type": null, "coordinates": [0, 0], "crs": "x"}),
        json!({"coordinates": ["13.4", " -1e1 ", "+.5"]}),
    ] {
        assert!(parsers::point(RawValue::Json(&point)).is_ok(), "{point}");
    }
    for point in [
        json!([13.4, 48.5]),
        json!({}),
        json!({"coordinates": null}),
        json!({"coordinates": []}),
        json!({"coordinates": [1]}),
        json!({"coordinates": [1, 2, 3, 4]}),
        json!({"coordinates": [180.000_000_1, 0]}),
        json!({"coordinates": [0, -90.1]}),
        json!({"coordinates": [[0, 0]]}),
        json!({"coordinates": [0, 0, "high"]}),
        json!({"coordinates": ["", 0]}),
        json!({"coordinates": ["1_0", 0]}),
        json!({"coordinates": ["0x1", 0]}),
        json!({"coordinates": [0, "nan"]}),
        json!({"coordinates": [0, 0, "inf"]}),
        json!({"coordinates": ["180.1", 0]}),
        json!({"coordinates": [true, 0]}),
        json!({"coordinates": [0, null]}),
        json!({"type": "point", "coordinates": [0, 0]}),
    ] {
        assert!(parsers::point(RawValue::Json(&point)).is_err(), "{point}");
    }
}
