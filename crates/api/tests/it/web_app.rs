//! The page of the web app and its files. Its screens are tested in `screens`.

use std::fs;

use axum::body::Body;
use axum::http::{Method, Request};

use kairos_web::MapSettings;

use crate::it::support::{Answer, App};

async fn get(app: &App, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

const BROWSER: [(&str, &str); 1] = [("accept", "text/html,*/*;q=0.8")];

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.to_vec()).unwrap()
}

/// The value of an attribute whose value begins so.
fn attribute(page: &str, beginning: &str) -> String {
    let (_, rest) = page.split_once(beginning).unwrap();
    let begins_at = beginning.split_once('"').unwrap().1;
    format!("{begins_at}{}", rest.split('"').next().unwrap())
}

#[tokio::test]
async fn the_page_is_the_same_at_every_path_but_for_the_root() {
    let app = App::start_as(|choices| choices.api.project_name = "<Rad & {root}>".to_owned()).await;
    let at_the_root = text(&get(&app, "/", &BROWSER).await.expect(200));
    assert!(
        at_the_root.contains("<title>&lt;Rad &amp; {root}&gt;</title>"),
        "{at_the_root}"
    );
    for (path, root) in [
        ("/", "./"),
        ("/app", "./"),
        ("/app/", "../"),
        ("/app/journeys", "../"),
        ("/app/journeys/", "../../"),
        (
            "/app/journeys/6b0a2970c2bbf1d112492921/encounters?x=/a/b",
            "../../../",
        ),
    ] {
        let answer = get(&app, path, &BROWSER).await.expect(200);
        let expected = at_the_root.replacen("<base href=\"./\">", &format!("<base href=\"{root}\">"), 1);
        assert_eq!(text(&answer), expected, "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
    }
    let without_accept = get(&app, "/app/journeys", &[]).await.expect(200);
    assert_eq!(
        text(&without_accept),
        at_the_root.replacen("\"./\"", "\"../\"", 1)
    );
    let post = Request::builder().method(Method::POST).uri("/app/journeys");
    app.send(post.body(Body::empty()).unwrap()).await.expect(405);
}

#[tokio::test]
async fn the_files_are_kept_by_browsers_and_come_compressed() {
    let app = App::start().await;
    let page = text(&get(&app, "/", &BROWSER).await);
    let script = format!("/{}", attribute(&page, "src=\"assets/app-"));
    let plain = get(&app, &script, &[]).await.expect(200);
    assert_eq!(plain.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(
        plain.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let tag = plain.tag();
    get(&app, &script, &[("if-none-match", &tag)]).await.expect(304);
    for encoding in ["br", "gzip"] {
        let answer = get(&app, &script, &[("accept-encoding", encoding)])
            .await
            .expect(200);
        assert_eq!(answer.header("content-encoding"), encoding);
        assert!(answer.body.len() < plain.body.len());
    }
    let style = format!(
        "/{}",
        attribute(&page, "rel=\"stylesheet\" href=\"assets/app-")
            .split_once("href=\"")
            .unwrap()
            .1
    );
    let style = get(&app, &style, &[]).await.expect(200);
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    let folder = script.strip_suffix("app/main.js").unwrap();
    for (file, content_type) in [
        ("vendor/lit.js", "text/javascript; charset=utf-8"),
        ("app/locales/de.json", "application/json"),
        ("app/icon.svg", "image/svg+xml"),
    ] {
        let answer = get(&app, &format!("{folder}{file}"), &[]).await.expect(200);
        assert_eq!(answer.header("content-type"), content_type, "{file}");
    }
    // The server serves no file that browsers do not need.
    for file in [
        "app/index.html",
        "vendor/vendor.json",
        "vendor/check",
        "app/../Cargo.toml",
    ] {
        get(&app, &format!("{folder}{file}"), &[]).await.expect(404);
    }
}

#[tokio::test]
async fn a_map_is_read_in_ranges_and_never_compressed() {
    let app = App::start().await;
    let page = text(&get(&app, "/", &BROWSER).await);
    let map = format!("/{}world.pmtiles", attribute(&page, "data-maps=\"assets/map-"));
    let whole = get(&app, &map, &[("accept-encoding", "gzip, br")])
        .await
        .expect(200);
    let length = whole.body.len();
    assert_eq!(whole.header("content-type"), "application/vnd.pmtiles");
    assert_eq!(whole.header("content-encoding"), "");
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let tag = whole.tag();
    let part = get(
        &app,
        &map,
        &[("range", "bytes=7-126"), ("accept-encoding", "gzip, br")],
    )
    .await
    .expect(206);
    assert_eq!(part.body, whole.body.slice(7..127));
    assert_eq!(part.header("content-range"), format!("bytes 7-126/{length}"));
    assert_eq!(part.header("content-length"), "120");
    assert_eq!(part.header("content-encoding"), "");
    assert_eq!(
        part.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let behind = get(&app, &map, &[("range", &format!("bytes={length}-"))]).await;
    assert_eq!(behind.status, 416);
    assert_eq!(behind.header("content-range"), format!("bytes */{length}"));
    let range = ("range", "bytes=0-9");
    get(&app, &map, &[range, ("if-range", &tag)]).await.expect(206);
    get(&app, &map, &[range, ("if-range", "\"another\"")])
        .await
        .expect(200);
    get(&app, &map, &[range, ("if-none-match", &tag)])
        .await
        .expect(304);
}

#[tokio::test]
async fn the_policy_follows_the_map_of_the_operator() {
    let app = App::start_as(|choices| {
        choices.api.web_app = Some(MapSettings {
            style_url: Some("https://maps.example.org/style.json?key=a&b".to_owned()),
            tiles_url: Some("https://tiles.example.org:8443/%7Bz%7D/%7Bx%7D/%7By%7D.png".to_owned()),
            archive: None,
            attribution: Some("© <a href=\"https://maps.example.org\">Maps</a> {project}".to_owned()),
        });
    })
    .await;
    let answer = get(&app, "/app/journeys", &BROWSER).await.expect(200);
    let policy = answer.header("content-security-policy");
    let origins = "https://maps.example.org https://tiles.example.org:8443;";
    assert!(
        policy.contains(&format!("img-src 'self' data: blob: {origins}")),
        "{policy}"
    );
    assert!(
        policy.contains(&format!("connect-src 'self' {origins}")),
        "{policy}"
    );
    assert!(
        policy.contains("script-src 'self'; style-src 'self';"),
        "{policy}"
    );
    let page = text(&answer);
    assert!(
        page.contains("data-map-style=\"https:&#x2f;&#x2f;maps.example.org"),
        "{page}"
    );
    assert!(page.contains("&lt;a href=&quot;"), "{page}");
    assert!(page.contains("Maps&lt;&#x2f;a&gt; {project}\""), "{page}");
}

#[tokio::test]
async fn a_map_in_the_data_folder_is_read_in_ranges_as_it_is_now() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.pmtiles");
    let bytes: Vec<u8> = (0..200_000_u32).map(|number| number as u8).collect();
    fs::write(&path, &bytes).unwrap();
    let app = App::start_as(|choices| {
        choices.api.web_app = Some(MapSettings {
            archive: Some(path.clone()),
            ..MapSettings::default()
        });
    })
    .await;
    let page = text(&get(&app, "/", &BROWSER).await);
    let map = format!("/{}", attribute(&page, "data-map-archive=\"assets/"));
    let whole = get(&app, &map, &[("accept-encoding", "gzip")]).await.expect(200);
    assert_eq!(whole.body, bytes);
    assert_eq!(whole.header("content-length"), "200000");
    assert_eq!(whole.header("cache-control"), "no-cache");
    let tag = whole.tag();
    get(&app, &map, &[("if-none-match", &tag)]).await.expect(304);
    let part = get(&app, &map, &[("range", "bytes=70000-199999")])
        .await
        .expect(206);
    assert_eq!(part.body, bytes[70_000..]);
    get(&app, &map, &[("range", "bytes=200000-")]).await.expect(416);
    fs::write(&path, b"another").unwrap();
    let changed = get(&app, &map, &[("if-none-match", &tag)]).await.expect(200);
    assert_eq!(changed.body, "another");
    fs::remove_file(&path).unwrap();
    get(&app, &map, &[]).await.refuses(404, "Not Found");
}

#[tokio::test]
async fn without_the_web_app_the_start_page_is_at_the_root() {
    let app = App::start_as(|choices| choices.api.web_app = None).await;
    let page = text(&get(&app, "/", &BROWSER).await.expect(200));
    assert!(page.contains("<a href=\"docs\">"), "{page}");
    for path in ["/app", "/app/journeys"] {
        get(&app, path, &BROWSER).await.refuses(404, "Not Found");
    }
}
