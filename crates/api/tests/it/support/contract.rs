//! Compares answers with the document.

use std::sync::LazyLock;

use axum::http::{Method, StatusCode};
use serde_json::Value;

use super::Answer;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(kairos_api::openapi("Kairos")).unwrap());

/// Checks that the document names the answer's status, content type and code.
pub(super) fn check(method: &Method, path: &str, answer: &Answer) {
    let Some(operation) = operation(method, path) else {
        return;
    };
    // A failure of the server is no part of the contract.
    if answer.status == StatusCode::INTERNAL_SERVER_ERROR {
        return;
    }
    let documented = &operation["responses"][answer.status.as_str()];
    let what = format!("{method} {path}: {} {:?}", answer.status, answer.body);
    assert!(documented.is_object(), "undocumented: {what}");
    let content_type = answer.header("content-type");
    assert!(
        answer.body.is_empty() || documented["content"][content_type].is_object(),
        "undocumented {content_type}: {what}"
    );
    if answer.is_error() {
        let body = answer.json();
        let code = body["code"].as_str().unwrap();
        let description = documented["description"].as_str().unwrap();
        assert!(
            description.contains(&format!("`{code}`")),
            "undocumented code: {what}"
        );
    }
}

/// Finds the operation that answers a request.
fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let paths = DOCUMENT["paths"].as_object()?;
    let fitting = paths.iter().filter(|(template, _)| fits(template, path));
    // A name takes precedence over an id.
    let (_, item) = fitting.min_by_key(|(template, _)| template.matches('{').count())?;
    item.get(method.as_str().to_lowercase())
}

fn fits(template: &str, path: &str) -> bool {
    let template: Vec<&str> = template.trim_end_matches('/').split('/').collect();
    let path: Vec<&str> = path.strip_suffix('/').unwrap_or(path).split('/').collect();
    template.len() == path.len()
        && template.iter().zip(path).all(|(expected, segment)| {
            *expected == segment || (expected.starts_with('{') && !segment.is_empty())
        })
}
