use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts};
use axum::http::{Request, StatusCode};
use axum::response::IntoResponse;
use chrono::NaiveDate;
use kairos_domain::geo::Position;
use serde_json::{Value, json};

use super::raw_value::RawValue;
use super::{Fields, Form, Input, Json, Query, QueryOrBody, QueryOrJson, parsers};
use crate::error::ApiError;

/// An input with a field of every kind.
#[derive(Debug)]
#[expect(dead_code, reason = "`place` is there to be read wrongly")]
struct Everything {
    name: String,
    password: Option<String>,
    place: Option<Position>,
    count: Option<u32>,
}

impl Input for Everything {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", parsers::string);
        let password = fields.optional("password", parsers::secret);
        let place = fields.optional("place", parsers::point);
        let count = fields.nullable("count", parsers::integer(1..=10));
        Some(Self {
            name: name?,
            password: password?,
            place: place?,
            count: count?,
        })
    }
}

fn request(content_type: Option<&str>, uri: &str, body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::post(uri);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    request.body(body.into()).unwrap()
}

async fn answer(error: ApiError) -> (StatusCode, Value) {
    let response = error.into_response();
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

async fn json_faults(body: impl Into<Body>) -> Value {
    let error = Json::<Everything>::from_request(request(None, "/", body), &())
        .await
        .unwrap_err();
    let (status, mut body) = answer(error).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    body["detail"].take()
}

#[tokio::test]
async fn all_faults_are_reported_at_once_and_secrets_are_not_shown() {
    let body = json!({
        "password": 5,
        "place": {"type": "Polygon", "coordinates": [181, "x", 3]},
        "count": 11,
    });
    let faults = json_faults(body.to_string()).await;
    let expected = json!([
        {"type": "missing", "loc": ["body", "name"], "msg": "Field required"},
        {"type": "string_type", "loc": ["body", "password"], "msg": "Input should be a valid string"},
        {"type": "literal_error", "loc": ["body", "place", "type"], "msg": "Input should be 'Point'", "input": "Polygon"},
        {
            "type": "less_than_equal", "loc": ["body", "place", "coordinates", 0],
            "msg": "Input should be less than or equal to 180", "input": 181,
        },
        {
            "type": "float_type", "loc": ["body", "place", "coordinates", 1],
            "msg": "Input should be a valid number", "input": "x",
        },
        {"type": "less_than_equal", "loc": ["body", "count"], "msg": "Input should be less than or equal to 10", "input": 11},
    ]);
    assert_eq!(faults, expected);
}

#[tokio::test]
async fn what_is_no_json_object_is_a_fault_of_the_whole_body() {
    for (body, kind) in [
        ("", "missing"),
        ("null", "missing"),
        ("[]", "model_attributes_type"),
        ("\"name\"", "model_attributes_type"),
        ("{\"name\": \"Ann\"", "json_invalid"),
        ("{\"name\": NaN}", "json_invalid"),
        ("{\"count\": 1e999}", "json_invalid"),
        ("{\"name\": \"\\ud800\"}", "json_invalid"),
        (&"[".repeat(100_000), "json_invalid"),
    ] {
        let faults = json_faults(body.to_owned()).await;
        assert_eq!(faults[0]["type"], kind, "{body:.40}");
        assert_eq!(faults[0]["loc"], json!(["body"]), "{body:.40}");
    }
    assert_eq!(
        json_faults(vec![b'"', 0xff, b'"']).await[0]["type"],
        "json_invalid"
    );
}

#[tokio::test]
async fn long_values_are_cut_in_the_answer() {
    let faults = json_faults(json!({"name": vec!["é"; 5000]}).to_string()).await;
    assert_eq!(faults[0]["input"].as_str().unwrap().chars().count(), 201);
}

#[tokio::test]
async fn another_content_type_is_refused_before_the_body_is_looked_at() {
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "json",
        "",
    ] {
        let request = request(Some(content_type), "/", "{\"name\": \"Ann\"}");
        let (status, _) = answer(Json::<Everything>::from_request(request, &()).await.unwrap_err()).await;
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{content_type}");
    }
    for content_type in [
        None,
        Some("application/json; charset=utf-8"),
        Some("application/geo+json"),
    ] {
        let request = request(content_type, "/", "{\"name\": \"Ann\"}");
        assert_eq!(
            Json::<Everything>::from_request(request, &())
                .await
                .unwrap()
                .0
                .name,
            "Ann"
        );
    }
}

#[tokio::test]
async fn a_body_of_one_mebibyte_is_read_and_one_byte_more_is_not() {
    let empty = "{\"name\": \"\"}".len();
    for (length, expected) in [
        (1 << 20, None),
        ((1 << 20) + 1, Some(StatusCode::PAYLOAD_TOO_LARGE)),
    ] {
        let body = format!("{{\"name\": \"{}\"}}", "a".repeat(length - empty));
        let read = Json::<Everything>::from_request(request(None, "/", body), &()).await;
        let status = match read {
            Ok(_) => None,
            Err(error) => Some(answer(error).await.0),
        };
        assert_eq!(status, expected);
    }
}

#[tokio::test]
async fn forms_come_in_both_encodings() {
    let urlencoded = request(
        Some("application/x-www-form-urlencoded"),
        "/",
        "name=Zo%C3%AB+M&name=Zo%C3%AB+N&password=a%2Bb",
    );
    let multipart = request(
        Some("multipart/form-data; boundary=x"),
        "/",
        "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nZoë N\r\n--x\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\na+b\r\n--x--\r\n",
    );
    for request in [urlencoded, multipart] {
        let Form(form) = Form::<Everything>::from_request(request, &()).await.unwrap();
        assert_eq!(
            (form.name.as_str(), form.password.as_deref()),
            ("Zoë N", Some("a+b"))
        );
        assert_eq!(form.count, None);
    }
}

#[tokio::test]
async fn broken_forms_are_faults() {
    let cases = [
        ("application/x-www-form-urlencoded", "name=%FF", "string_unicode"),
        ("application/x-www-form-urlencoded", "nom=Ann", "missing"),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"na",
            "multipart_invalid",
        ),
        ("multipart/form-data", "--x", "multipart_invalid"),
    ];
    for (content_type, body, kind) in cases {
        let error = Form::<Everything>::from_request(request(Some(content_type), "/", body), &())
            .await
            .unwrap_err();
        let (status, body) = answer(error).await;
        assert_eq!(
            (status, &body["detail"][0]["type"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(kind)),
            "{content_type}"
        );
    }
}

#[tokio::test]
async fn a_body_of_very_many_values_is_refused_unparsed() {
    let part = "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n";
    for (content_type, body) in [
        (
            "application/json",
            format!("{{\"name\": [{}0]}}", "[0],".repeat(60_000)),
        ),
        ("application/x-www-form-urlencoded", "name=Ann&".repeat(1_001)),
        (
            "multipart/form-data; boundary=x",
            part.repeat(1_001) + "--x--\r\n",
        ),
    ] {
        let read = QueryOrBody::<Everything>::from_request(request(Some(content_type), "/", body), &());
        let (_, body) = answer(read.await.unwrap_err()).await;
        assert_eq!(body["detail"][0]["type"], "too_long", "{content_type}");
        assert_eq!(body["detail"].as_array().unwrap().len(), 1, "{content_type}");
    }
}

#[tokio::test]
async fn the_body_wins_over_the_query_field_by_field() {
    let request = request(None, "/?name=query&count=7", "{\"name\": \"body\"}");
    let QueryOrBody(input) = QueryOrBody::<Everything>::from_request(request, &())
        .await
        .unwrap();
    assert_eq!((input.name.as_str(), input.count), ("body", Some(7)));
}

#[tokio::test]
async fn an_empty_body_of_any_type_is_no_body() {
    for content_type in [
        None,
        Some("application/json"),
        Some("text/plain"),
        Some("multipart/form-data"),
    ] {
        let request = || request(content_type, "/?name=query", "");
        let QueryOrBody(input) = QueryOrBody::<Everything>::from_request(request(), &())
            .await
            .unwrap();
        assert_eq!(input.name, "query");
        let QueryOrJson(input) = QueryOrJson::<Everything>::from_request(request(), &())
            .await
            .unwrap();
        assert_eq!(input.name, "query");
    }
}

#[tokio::test]
async fn what_is_nowhere_is_missed_where_the_client_put_the_rest() {
    for (body, part) in [("", "query"), ("{\"count\": 1}", "body")] {
        let read = QueryOrBody::<Everything>::from_request(request(None, "/", body), &()).await;
        let (_, body) = answer(read.unwrap_err()).await;
        assert_eq!(body["detail"][0]["loc"], json!([part, "name"]));
    }
}

#[tokio::test]
async fn numbers_in_a_query_are_text_that_reads_as_one() {
    for (text, outcome) in [
        ("7", Ok(7)),
        ("+7", Ok(7)),
        ("", Err("int_parsing")),
        ("7.5", Err("int_parsing")),
        ("0", Err("greater_than_equal")),
        ("-99999999999999999999", Err("greater_than_equal")),
        ("99999999999999999999", Err("less_than_equal")),
        ("%FF", Err("string_unicode")),
    ] {
        let (mut parts, ()) = Request::get(format!("/?name=Ann&count={text}"))
            .body(())
            .unwrap()
            .into_parts();
        match Query::<Everything>::from_request_parts(&mut parts, &()).await {
            Ok(Query(input)) => assert_eq!(input.count, outcome.ok(), "{text}"),
            Err(error) => {
                let (_, body) = answer(error).await;
                assert_eq!(body["detail"][0]["type"].as_str(), outcome.err(), "{text}");
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
    assert!(parsers::date(RawValue::Json(&json!(20_260_509))).is_err());
}

#[test]
fn a_point_has_two_or_three_finite_numbers_in_range() {
    for point in [
        json!({"type": "Point", "coordinates": [180, -90]}),
        json!({"coordinates": [-180.0, 90.0, 8848.86]}),
        json!({"type": null, "coordinates": [0, 0], "crs": "x"}),
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
        json!({"coordinates": [0, null]}),
        json!({"type": "point", "coordinates": [0, 0]}),
    ] {
        assert!(parsers::point(RawValue::Json(&point)).is_err(), "{point}");
    }
}
