use axum::extract::{FromRequest as _, FromRequestParts as _};
use axum::http::Request;
use serde_json::json;

use super::{Everything, answer, request};
use crate::extract::{Query, QueryOrBody, QueryOrJson};

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
