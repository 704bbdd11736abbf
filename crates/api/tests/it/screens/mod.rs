//! The screens of the web app, in a real browser.

mod account;
mod axe;
mod files;
mod journeys;
mod session;

use kairos_domain::mail::MailKind;

use crate::it::support::{App, Browser, PASSWORD};

/// The service behind a prefix, with a browser at the web app's first screen.
struct Opened {
    app: App,
    origin: String,
    browser: Browser,
}

impl Opened {
    async fn start() -> Self {
        let app = App::start().await;
        let origin = app.serve_behind("/kairos").await;
        let mut browser = Browser::start();
        browser.look(1280, "light");
        browser.open(&format!("{origin}/"));
        Self { app, origin, browser }
    }

    /// Opens the log-in, and signs in a rider who has the usual password.
    fn sign_in(&mut self, name: &str) {
        self.open("app/log-in");
        self.browser.fill("[name=email]", &format!("{name}@example.org"));
        self.browser.fill("[name=password]", PASSWORD);
        self.browser.click("kairos-log-in form .main");
        self.browser
            .wait_until("document.querySelector('kairos-journeys h1')");
    }

    /// Opens a path as a deep link.
    fn open(&mut self, path: &str) {
        self.browser.open(&format!("{}/{path}", self.origin));
        self.browser.wait_until("document.querySelector('main h1')");
    }

    async fn verify(&self, email: &str) {
        let token = self.app.mailed_token(email, MailKind::VerifyEmail).await;
        let path = format!("/users/verify-email?token={token}");
        self.app.anonymous().get(&path).await.expect(200);
    }

    /// Waits until the page shows a text.
    fn sees(&mut self, text: &str) {
        let text = serde_json::json!(text);
        self.browser
            .wait_until(&format!("document.body.innerText.includes({text})"));
    }

    /// Checks that the page broke no rule of its policy, threw nothing, and asked no other host.
    fn expect_no_trouble(&self) {
        let faults = self.browser.faults_of_the_page();
        assert!(faults.is_empty(), "{faults:#?}");
        for url in self.browser.requests() {
            let is_own = ["data:", "blob:", &self.origin]
                .iter()
                .any(|own| url.starts_with(own));
            assert!(is_own, "asked another host: {url}");
        }
    }
}
