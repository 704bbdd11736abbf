use axum::body::Body;
use axum::extract::FromRequest as _;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Everything, answer, request};
use crate::extract::{Form, Json, QueryOrBody};

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
            "type": "float_parsing", "loc": ["body", "place", "coordinates", 1],
            "msg": "Input should be a valid number, unable to parse string as a number", "input": "x",
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
