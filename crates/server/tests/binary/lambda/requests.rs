use std::io::Read as _;

use kairos_test_lambda::HttpRequest;
use serde_json::json;

use super::Deployed;

#[test]
fn a_path_is_answered_with_and_without_its_slash_and_by_every_method() {
    let mut deployed = Deployed::start();
    for path in ["/api/v1", "/api/v1/"] {
        assert_eq!(deployed.get(path).text(), r#""pong""#);
    }
    for path in ["/api/v1/health", "/api/v1/health/"] {
        let answer = deployed.get(path);
        assert_eq!((answer.status, &answer.json()["store"]), (200, &json!("mongodb")));
    }
    let head = deployed.send(&HttpRequest::new("HEAD", "/api/v1/health"));
    assert_eq!((head.status, head.text()), (200, ""));
    let answer = deployed.send(&HttpRequest::new("DELETE", "/api/v1/health"));
    assert_eq!(answer.status, 405);
    assert_eq!(answer.headers["allow"], "GET,HEAD");
    let preflight = HttpRequest::new("OPTIONS", "/api/v1/journeys/")
        .header("origin", "https://app.example.org")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type");
    let answer = deployed.send(&preflight);
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.headers["access-control-allow-origin"],
        "https://app.example.org"
    );
    assert_eq!(
        answer.headers["access-control-allow-headers"],
        "authorization,content-type"
    );
    assert!(answer.headers["vary"].contains("origin"), "{:?}", answer.headers);
    assert_eq!(deployed.get("/").status, 404);
}

#[test]
fn a_path_that_is_odd_is_no_error_of_the_function() {
    let mut deployed = Deployed::start();
    for (path, status) in [
        ("/api/v1/users/%FF%FE", 401),
        // API Gateway decodes some paths.
        ("/api/v1/users/a b\"<>\u{e9}", 401),
        ("//api//v1", 404),
        ("/api/v1/../../etc/passwd", 404),
        // As a server, it takes dots for what they are.
        ("/api/v1/users/..", 401),
        ("/api/v1/./users/me", 404),
        ("/api/v1/?q=a%20b&q=%C3%A9&\"<>", 200),
        ("/api/v1/journeys/nearby?longitude=\u{e9}", 401),
    ] {
        let request = HttpRequest::new("GET", path)
            .header("host", "a b:99999")
            .header("x-forwarded-proto", "https,http");
        let answer = deployed.send(&request);
        assert_eq!(answer.status, status, "{path}");
    }
}

#[test]
fn a_body_is_read_whether_it_is_text_or_base64() {
    let mut deployed = Deployed::start();
    assert_eq!(deployed.register("ann").status, 201);
    // API Gateway hands forms over in base64.
    let form = "username=ann%40example.org&password=on+two+wheels&client_id=%E2%82%AC";
    let log_in = HttpRequest::new("POST", "/api/v1/auth/token");
    let answer = deployed.send(&log_in.clone().body("application/x-www-form-urlencoded", form));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut multipart = Vec::new();
    for (name, value) in [
        ("username", &b"ann@example.org"[..]),
        ("password", b"on two wheels"),
        ("scope", b"\xff\x00\xfe"),
    ] {
        multipart.extend(format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n").bytes());
        multipart.extend(value);
        multipart.extend(b"\r\n");
    }
    multipart.extend(b"--x--\r\n");
    let answer = deployed.send(&log_in.clone().body("multipart/form-data; boundary=x", multipart));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = deployed.send(&log_in.body("application/x-www-form-urlencoded", &b"\xff\xfe"[..]));
    assert_eq!(answer.status, 422);
    let much = format!(r#"{{"email": "{}"}}"#, "x".repeat(1 << 20));
    assert_eq!(deployed.post("/api/v1/users/reset-password", &much).status, 413);
    let name = r#"{"email": "zoe@example.org", "name": "Zo\u00eb 🚲", "password": "on two wheels"}"#;
    assert_eq!(deployed.post("/api/v1/users/register", name).status, 201);
}

#[test]
fn what_cannot_be_made_out_is_refused() {
    let mut deployed = Deployed::start();
    let mut event = HttpRequest::new("POST", "/api/v1/auth/token")
        .body("application/x-www-form-urlencoded", "username=ann")
        .event();
    event["body"] = json!("this is no base64");
    let answered = deployed.function.invoke(&event);
    let answer = answered.outcome.unwrap();
    assert_eq!(answer["statusCode"], 400);
    assert_eq!(
        answer["body"],
        r#"{"detail":"The request is malformed","code":"bad_request"}"#
    );
    assert_eq!(answer["headers"]["x-request-id"], answered.id);
    let long = format!("/api/v1/{}", "a/".repeat(40_000));
    let answer = deployed.get(&long);
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (414, &json!("uri_too_long"))
    );
    assert_eq!(deployed.get("/api/v1/").status, 200);
}

#[test]
fn a_body_is_given_as_text_or_in_base64() {
    let mut deployed = Deployed::start();
    let plain = deployed.get("/api/v1/openapi.json");
    assert!(!plain.is_base64);
    let packed =
        deployed.send(&HttpRequest::new("GET", "/api/v1/openapi.json").header("accept-encoding", "gzip"));
    assert!(packed.is_base64 && packed.body.len() < plain.body.len() / 3);
    assert_eq!(packed.headers["content-encoding"], "gzip");
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(&*packed.body)
        .read_to_string(&mut unpacked)
        .unwrap();
    assert_eq!(unpacked, plain.text());
    // The pages and what they load.
    let page = deployed.get("/docs");
    assert!(
        page.status == 200 && page.text().contains("<html"),
        "{}",
        page.text()
    );
    for script in page.text().split("src=\"").skip(1) {
        let path = script.split('"').next().unwrap().to_owned();
        assert_eq!(deployed.get(&path).status, 200, "{path}");
    }
}

#[test]
fn a_header_may_come_twice_and_cookies_do_no_harm() {
    let mut deployed = Deployed::start();
    let request = HttpRequest::new("GET", "/api/v1/users/me")
        .header("accept", "text/html")
        .header("accept", "application/json")
        .cookie("theme=dark")
        .cookie("session=\u{1f6b2}");
    let answer = deployed.send(&request);
    assert_eq!(
        (answer.status, &answer.json()["detail"]),
        (401, &json!("Not authenticated"))
    );
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
    // One header of several values: what API Gateway joins with commas.
    let request = HttpRequest::new("GET", "/api/v1/openapi.json").header("origin", "https://app.example.org");
    let vary = deployed.send(&request).headers["vary"].clone();
    for name in ["origin", "accept-encoding"] {
        assert!(vary.contains(name), "{vary}");
    }
}

#[test]
fn api_gateway_says_who_asks_and_the_client_does_not() {
    let mut deployed = Deployed::start();
    let guess = |client: &str| {
        HttpRequest::new("POST", "/api/v1/auth/token")
            .body(
                "application/x-www-form-urlencoded",
                "username=x@example.org&password=wrong",
            )
            .header("x-forwarded-for", "198.51.100.9")
            .from(client)
    };
    for _ in 0..10 {
        assert_eq!(deployed.send(&guess("203.0.113.1")).status, 400);
    }
    let refused = deployed.send(&guess("203.0.113.1"));
    assert_eq!(refused.status, 429);
    assert!(refused.headers["retry-after"].parse::<u32>().unwrap() > 800);
    assert_eq!(deployed.send(&guess("203.0.113.2")).status, 400);
    // All of a subscriber's IPv6 addresses are one client.
    for number in 0..10 {
        assert_eq!(deployed.send(&guess(&format!("2001:db8::{number}"))).status, 400);
    }
    assert_eq!(deployed.send(&guess("2001:db8::ffff")).status, 429);
}

#[test]
fn a_list_that_is_too_large_for_a_function_is_refused() {
    let mut deployed = Deployed::start();
    deployed.register("ann");
    let form = "username=ann%40example.org&password=on+two+wheels";
    let log_in = HttpRequest::new("POST", "/api/v1/auth/token");
    let tokens = deployed.send(&log_in.body("application/x-www-form-urlencoded", form));
    let bearer = format!("Bearer {}", tokens.json()["access_token"].as_str().unwrap());
    let signed_in =
        |method: &str, path: &str| HttpRequest::new(method, path).header("authorization", &bearer);
    let journey = signed_in("POST", "/api/v1/journeys/").body("application/json", r#"{"name": "Danube"}"#);
    let journey = deployed.send(&journey).json()["_id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/journeys/{journey}/markers");
    let marker = json!({
        "name": "m", "marker_type": "past", "coordinates": {"coordinates": [0, 0]}, "notes": "\u{1}".repeat(10_000),
    });
    // Each is a little more than sixty thousand bytes.
    for _ in 0..84 {
        let marker = signed_in("POST", &path).body("application/json", marker.to_string());
        assert_eq!(deployed.send(&marker).status, 201);
    }
    let refused = deployed.send(&signed_in("GET", &path));
    assert_eq!(refused.status, 413);
    let expected = json!({"detail": "Ask for it in parts, with a limit", "code": "answer_too_large"});
    assert_eq!(refused.json(), expected);
    let part = deployed.send(&signed_in("GET", &format!("{path}?limit=80")));
    assert_eq!((part.status, part.json().as_array().unwrap().len()), (200, 80));
    assert!(part.headers["link"].contains("rel=\"next\""));
}
