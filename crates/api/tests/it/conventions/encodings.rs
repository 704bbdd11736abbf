use std::collections::HashSet;
use std::io::Read as _;

use axum::http::Method;
use flate2::read::GzDecoder;

use super::send;
use crate::it::support::{Answer, App};

#[tokio::test]
async fn answers_are_compressed_for_those_who_ask() {
    let app = App::start().await;
    let accept = [("accept-encoding", "gzip")];
    let answer = send(&app, Method::GET, "/api/v1/openapi.json", &accept)
        .await
        .expect(200);
    assert_eq!(answer.header("content-encoding"), "gzip");
    let plain = send(&app, Method::GET, "/api/v1/openapi.json", &[])
        .await
        .expect(200);
    assert_eq!(plain.header("content-encoding"), "");
    assert_eq!(plain.header("x-content-type-options"), "nosniff");
}

/// The bytes of an answer, unpacked.
fn unpacked(answer: &Answer) -> Vec<u8> {
    let mut bytes = Vec::new();
    match answer.header("content-encoding") {
        "gzip" => drop(GzDecoder::new(&answer.body[..]).read_to_end(&mut bytes).unwrap()),
        "br" => drop(
            brotli::Decompressor::new(&answer.body[..], 4096)
                .read_to_end(&mut bytes)
                .unwrap(),
        ),
        "" => bytes.extend_from_slice(&answer.body),
        other => panic!("{other}"),
    }
    bytes
}

#[tokio::test]
async fn what_never_changes_is_the_same_in_each_encoding_and_is_sent_once() {
    let app = App::start().await;
    let docs = send(&app, Method::GET, "/docs", &[]).await.expect(200);
    let docs = String::from_utf8(docs.body.to_vec()).unwrap();
    let (_, from) = docs.split_once("script src=\"").unwrap();
    let (hashed, _) = from.split_once('"').unwrap();
    let hashed = format!("/{hashed}");
    assert!(hashed.ends_with("/swagger-ui-bundle.js"), "{hashed}");
    for (path, caching, encodings) in [
        (
            &*hashed,
            "public, max-age=31536000, immutable",
            ["", "gzip", "br"],
        ),
        ("/assets/swagger-ui-bundle.js", "no-cache", ["", "gzip", "br"]),
        ("/api/v1/openapi.json", "no-cache", ["", "gzip", ""]),
    ] {
        let mut tags = HashSet::new();
        let plain = send(&app, Method::GET, path, &[]).await.expect(200);
        for (accepted, encoding) in ["identity", "gzip", "gzip, br"].into_iter().zip(encodings) {
            let accepted = if encoding.is_empty() { "identity" } else { accepted };
            let answer = send(&app, Method::GET, path, &[("accept-encoding", accepted)])
                .await
                .expect(200);
            assert_eq!(answer.header("content-encoding"), encoding, "{path}");
            assert_eq!(answer.header("cache-control"), caching, "{path}");
            assert_eq!(
                answer.header("vary").matches("accept-encoding").count(),
                1,
                "{path}"
            );
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert!(unpacked(&answer) == plain.body, "{path} in {encoding}");
            let tag = answer.header("etag").to_owned();
            for known in [tag.clone(), format!("\"x\", W/{tag}")] {
                let asked = [("accept-encoding", accepted), ("if-none-match", &*known)];
                let again = send(&app, Method::GET, path, &asked).await.expect(304);
                assert!(again.body.is_empty() && again.header("etag") == tag);
                assert_eq!(again.header("cache-control"), caching);
            }
            let other = [("accept-encoding", accepted), ("if-none-match", "\"x\"")];
            send(&app, Method::GET, path, &other).await.expect(200);
            tags.insert(tag);
        }
        assert!(tags.len() >= 2, "{path}: {tags:?}");
    }
}
