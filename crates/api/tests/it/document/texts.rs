use std::collections::BTreeSet;

use serde_json::Value;

use super::{contents, document, operations, resolve};
use crate::it::support::App;

/// The form of an id.
const ID: &str = "^[0-9a-fA-F]{24}$";

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

/// Each field of each schema of the document, as (schema, field, what the document says of it).
fn fields(document: &Value) -> Vec<(&str, &str, &Value)> {
    let schemas = document["components"]["schemas"].as_object().unwrap();
    schemas
        .iter()
        .flat_map(|(schema, definition)| {
            let fields = definition["properties"].as_object();
            fields
                .into_iter()
                .flatten()
                .map(move |(name, field)| (schema.as_str(), name.as_str(), field))
        })
        .collect()
}

/// Each parameter, as (path, method, parameter).
fn parameters(document: &Value) -> Vec<(&str, &str, &Value)> {
    operations(document)
        .into_iter()
        .flat_map(|(path, method, operation)| {
            let parameters = operation["parameters"].as_array();
            parameters
                .into_iter()
                .flatten()
                .map(move |parameter| (path, method, parameter))
        })
        .collect()
}

#[tokio::test]
async fn every_operation_parameter_field_and_tag_is_described() {
    let app = App::start().await;
    let document = document(&app).await;
    for (path, method, operation) in operations(&document) {
        assert!(is_text(&operation["summary"]), "{method} {path}");
        assert!(is_text(&operation["description"]), "{method} {path}");
        for (status, answer) in operation["responses"].as_object().unwrap() {
            assert!(is_text(&answer["description"]), "{method} {path} {status}");
        }
    }
    for (path, method, parameter) in parameters(&document) {
        assert!(is_text(&parameter["description"]), "{method} {path}: {parameter}");
    }
    for (schema, name, field) in fields(&document) {
        assert!(is_text(&field["description"]), "{schema}.{name}");
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(is_text(&schema["description"]), "{name}");
    }
    let tags = document["tags"].as_array().unwrap();
    let described: BTreeSet<_> = tags
        .iter()
        .filter(|tag| is_text(&tag["description"]))
        .map(|tag| &tag["name"])
        .map(Value::to_string)
        .collect();
    let used = operations(&document)
        .into_iter()
        .filter_map(|(_, _, operation)| operation["tags"][0].as_str());
    assert_eq!(described, used.map(|tag| format!("\"{tag}\"")).collect());
}

#[tokio::test]
async fn every_id_says_its_form() {
    let app = App::start().await;
    let document = document(&app).await;
    let is_id = |name: &str| name == "after" || name == "_id" || name.ends_with("_id");
    let mut count = 0;
    let parameters = parameters(&document);
    let parameters = parameters
        .iter()
        .map(|(path, _, parameter)| (*path, parameter["name"].as_str().unwrap(), &parameter["schema"]));
    for (place, name, schema) in fields(&document).into_iter().chain(parameters) {
        if is_id(name) {
            assert_eq!(schema["pattern"], ID, "{place} {name}");
            count += 1;
        }
    }
    assert!(count > 40, "{count}");
}

#[tokio::test]
async fn open_routes_say_that_they_are_open() {
    let app = App::start().await;
    let document = document(&app).await;
    for (path, method, operation) in operations(&document) {
        let security = operation["security"].as_array().unwrap();
        assert_eq!(
            security.is_empty(),
            operation["responses"]["401"]["description"]
                .as_str()
                .is_none_or(|codes| !codes.contains("`not_authenticated`")),
            "{method} {path}"
        );
    }
}

/// Generators make a field with a default a required one.
#[tokio::test]
async fn no_request_has_a_default() {
    fn check(document: &Value, schema: &Value, place: &str) {
        let schema = resolve(document, schema);
        assert!(schema.get("default").is_none(), "{place}: {schema}");
        let choices = ["oneOf", "anyOf", "allOf"].map(|choice| schema[choice].as_array());
        for choice in choices.into_iter().flatten().flatten() {
            check(document, choice, place);
        }
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            check(document, field, &format!("{place}.{name}"));
        }
        if let Some(items) = schema.get("items") {
            check(document, items, place);
        }
    }
    let app = App::start().await;
    let document = document(&app).await;
    for (path, method, operation) in operations(&document) {
        for (media_type, content) in contents(&operation["requestBody"]) {
            check(
                &document,
                &content["schema"],
                &format!("{method} {path} {media_type}"),
            );
        }
    }
    for (path, method, parameter) in parameters(&document) {
        check(&document, &parameter["schema"], &format!("{method} {path}"));
    }
}

/// Generators name an inline list of words after its field, and such names are in the code of existing clients.
#[tokio::test]
async fn the_words_that_clients_know_by_their_field_are_inline() {
    let app = App::start().await;
    let document = document(&app).await;
    let schemas = &document["components"]["schemas"];
    for (schema, field, words) in [
        ("Marker", "marker_type", &["past", "plan"] as &[_]),
        ("Coordinates", "type", &["Point"]),
        ("Tokens", "token_type", &["bearer"]),
    ] {
        assert_eq!(
            schemas[schema]["properties"][field]["enum"],
            serde_json::json!(words)
        );
    }
    let required = serde_json::json!(["name", "marker_type", "coordinates"]);
    assert_eq!(schemas["Marker"]["required"], required);
}

#[tokio::test]
async fn the_document_names_its_licence_and_writes_no_absolute_url() {
    let app = App::start().await;
    let document = document(&app).await;
    assert_eq!(document["info"]["license"]["identifier"], "MIT OR Apache-2.0");
    let servers = document["servers"].as_array().unwrap();
    let urls: Vec<_> = servers.iter().map(|server| &server["url"]).collect();
    assert_eq!(urls, ["../.."]);
}
