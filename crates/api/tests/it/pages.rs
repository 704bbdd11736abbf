//! The pages, in a real browser.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Request};
use kairos_api::CorsOrigins;
use kairos_domain::mail::MailKind;
use serde_json::Value;

use crate::it::support::{App, Browser, PASSWORD};

/// How many operations the document has.
async fn operations(app: &App) -> usize {
    let document = app.anonymous().get("/openapi.json").await.expect(200).json();
    let paths = document["paths"].as_object().unwrap().values();
    paths.map(|path| path.as_object().unwrap().len()).sum()
}

fn expect_no_trouble(browser: &Browser, origin: &str) {
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
    for url in browser.requests() {
        let is_own = url.starts_with(origin) || url.starts_with("data:") || url.starts_with("blob:");
        assert!(is_own, "asked another host: {url}");
    }
}

/// The service, which web pages of other origins may not call.
async fn start_for_its_own_pages() -> App {
    App::start_as(|choices| {
        let origins = vec![HeaderValue::from_static("https://app.example.org")];
        choices.api.cors_origins = CorsOrigins::List(origins);
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn swagger_ui_shows_every_operation_and_signs_in() {
    let app = App::start().await;
    app.rider("ann").await;
    let origin = app.serve().await;
    signs_in_at(&app, &origin, "/docs").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn swagger_ui_works_behind_a_prefix_and_with_a_slash() {
    let app = start_for_its_own_pages().await;
    app.rider("ann").await;
    let origin = app.serve_behind("/kairos").await;
    signs_in_at(&app, &origin, "/docs").await;
    signs_in_at(&app, &origin, "/docs/").await;
}

async fn signs_in_at(app: &App, origin: &str, page: &str) {
    let mut browser = Browser::start();
    browser.open(&format!("{origin}{page}"));
    let count = operations(app).await;
    browser.wait_until(&format!(
        "document.querySelectorAll('.opblock').length === {count}"
    ));
    browser.evaluate("document.querySelector('.btn.authorize').click()");
    browser.wait_until("document.querySelector('#oauth_username')");
    browser.evaluate(&format!(
        "for (const [id, text] of [['oauth_username', 'ann@example.org'], ['oauth_password', '{PASSWORD}']]) {{
            const input = document.getElementById(id);
            Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, text);
            input.dispatchEvent(new Event('input', {{bubbles: true}}));
            input.dispatchEvent(new Event('change', {{bubbles: true}}));
        }}
        document.querySelector('.auth-btn-wrapper .authorize').click()"
    ));
    browser.wait_until("[...document.querySelectorAll('.auth-btn-wrapper button')].some((button) => button.textContent === 'Logout')");
    browser.evaluate("document.querySelector('.btn-done').click()");
    browser.evaluate("document.querySelector('[id$=get_current_user_api_v1_users_me_get] button').click()");
    browser.wait_until("document.querySelector('.try-out__btn')");
    browser.evaluate("document.querySelector('.try-out__btn').click()");
    browser.wait_until("document.querySelector('.execute')");
    browser.evaluate("document.querySelector('.execute').click()");
    browser.wait_until(
        "document.querySelector('.live-responses-table .response .response-col_status')?.textContent.startsWith('200')",
    );
    expect_no_trouble(&browser, origin);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redoc_shows_every_operation() {
    let app = App::start().await;
    let origin = app.serve_behind("/kairos").await;
    let mut browser = Browser::start();
    browser.open(&format!("{origin}/redoc/"));
    let count = operations(&app).await;
    browser.wait_until(&format!(
        "document.querySelectorAll('[id*=\"_api_v1_\"][data-section-id]').length >= {count}"
    ));
    expect_no_trouble(&browser, &origin);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_mailed_link_verifies_on_a_click_and_not_before() {
    let app = start_for_its_own_pages().await;
    let ann = app.unverified_rider("ann").await;
    let token = app.mailed_token(ann.email(), MailKind::VerifyEmail).await;
    let origin = app.serve_behind("/kairos").await;
    let mut browser = Browser::start();
    browser.open(&format!("{origin}/verify/?token={token}"));
    browser.wait_until("document.readyState === 'complete' && document.querySelector('button')");
    assert_eq!(
        ann.get("/users/me").await.expect(200).json()["is_verified"],
        Value::Bool(false)
    );
    browser.evaluate("document.querySelector('button').click()");
    browser.wait_until("document.getElementById('outcome').textContent === 'Email verified successfully.'");
    expect_only_what_comes_next(&mut browser);
    assert_eq!(
        ann.get("/users/me").await.expect(200).json()["is_verified"],
        Value::Bool(true)
    );
    expect_no_trouble(&browser, &origin);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_mailed_link_sets_a_new_password() {
    let app = start_for_its_own_pages().await;
    let ann = app.rider("ann").await;
    let ask = serde_json::json!({"email": ann.email()});
    app.anonymous()
        .post("/users/reset-password", ask)
        .await
        .expect(202);
    let token = app.mailed_token(ann.email(), MailKind::ResetPassword).await;
    let origin = app.serve_behind("/kairos").await;
    let mut browser = Browser::start();
    browser.open(&format!("{origin}/reset-password?token={token}"));
    browser.wait_until("document.readyState === 'complete' && document.querySelector('button')");
    let mut send = |password: &str, repetition: &str, outcome: &str| {
        browser.evaluate(&format!(
            "document.getElementById('password').value = '{password}';
            document.getElementById('repetition').value = '{repetition}';
            document.querySelector('button').click()"
        ));
        browser.wait_until(&format!(
            "document.getElementById('outcome').textContent === '{outcome}'"
        ));
    };
    send("on three wheels", "on one wheel", "The two passwords differ.");
    send(
        "on three wheels",
        "on three wheels",
        "Password updated successfully.",
    );
    expect_only_what_comes_next(&mut browser);
    let form = [("username", ann.email()), ("password", "on three wheels")];
    app.anonymous().post_form("/auth/token", &form).await.expect(200);
    expect_no_trouble(&browser, &origin);
}

/// Checks that a page no longer asks for what is done, and that its link leads to the web app.
fn expect_only_what_comes_next(browser: &mut Browser) {
    browser.wait_until("!document.getElementById('before') && !document.getElementById('after').hidden");
    browser.evaluate("document.querySelector('#after a').click()");
    browser.wait_until("document.querySelector('a[href=docs]')");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_start_page_leads_to_the_documentation() {
    let app = App::start_as(|choices| choices.api.web_app = None).await;
    let origin = app.serve_behind("/kairos").await;
    let mut browser = Browser::start();
    for (link, arrived) in [
        ("docs", "document.querySelector('.opblock')"),
        ("redoc", "document.querySelector('[data-section-id]')"),
    ] {
        browser.open(&format!("{origin}/"));
        browser.wait_until(&format!("document.querySelector('a[href={link}]')"));
        browser.evaluate(&format!("document.querySelector('a[href={link}]').click()"));
        browser.wait_until(arrived);
    }
    expect_no_trouble(&browser, &origin);
}

#[tokio::test]
async fn the_start_page_is_for_browsers() {
    let app = App::start().await;
    let ask = |method: Method, accept: &str| {
        let request = Request::builder()
            .method(method)
            .uri("/")
            .header("accept", accept);
        app.send(request.body(Body::empty()).unwrap())
    };
    let browser = "text/html,application/xhtml+xml,*/*;q=0.8";
    let page = ask(Method::GET, browser).await.expect(200);
    assert_eq!(page.header("vary"), "accept");
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(html.contains(env!("CARGO_PKG_VERSION")), "{html}");
    ask(Method::GET, "application/json")
        .await
        .refuses(404, "Not Found");
    ask(Method::GET, "*/*").await.refuses(404, "Not Found");
    ask(Method::POST, browser).await.refuses(404, "Not Found");
}

#[tokio::test]
async fn the_pages_tell_browsers_to_be_strict() {
    let app = App::start().await;
    for page in [
        "/docs",
        "/redoc",
        "/verify",
        "/reset-password",
        "/verify/?token=x",
    ] {
        let answer = app.anonymous().get_page(page).await.expect(200);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(
            answer
                .header("content-security-policy")
                .contains("script-src 'self';")
        );
        let html = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(
            !html.contains("<script>") && !html.contains("{project}"),
            "{html}"
        );
    }
    app.anonymous()
        .get_page("/assets/nothing.js")
        .await
        .refuses(404, "Not Found");
}
