//! The OpenAPI document.

mod contract;
mod examples;
mod texts;

use serde_json::Value;

use super::support::App;

async fn document(app: &App) -> Value {
    app.anonymous().get("/openapi.json").await.expect(200).json()
}

/// Each operation as (path, method, operation).
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            let item = item.as_object().unwrap();
            item.iter()
                .map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
        .collect()
}

/// Each media type of a request body or an answer, with what the document says of it.
fn contents(of: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let content = of["content"].as_object();
    content
        .into_iter()
        .flatten()
        .map(|(media_type, content)| (media_type.as_str(), content))
}

/// The example of a media type, or its named ones.
fn examples(content: &Value) -> Vec<&Value> {
    let named = content["examples"].as_object().into_iter().flatten();
    let named = named.map(|(_, example)| &example["value"]);
    content.get("example").into_iter().chain(named).collect()
}

/// Follows a reference to a schema; another schema is returned as it is.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}
