use serde_json::json;

use super::Opened;
use crate::it::support::PASSWORD;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rider_changes_profile_and_password_and_deletes_the_account() {
    let mut opened = Opened::start().await;
    let ann = opened.app.rider("ann").await;
    let token = ann.refresh_token().to_owned();
    opened.sign_in("ann");
    opened.open("app/profile");
    opened.browser.fill("[name=name]", "Änn");
    opened.browser.fill("[name=phonenumber]", "+41 91 123");
    opened.browser.click("kairos-profile-form .main");
    opened.sees("Saved.");
    opened
        .browser
        .wait_until("document.querySelector('header').innerText.includes('Änn')");
    opened.browser.fill("[name=email]", "anna@example.org");
    opened
        .browser
        .fill("kairos-profile-form [name=current_password]", "wrong");
    opened.browser.click("kairos-profile-form .main");
    opened.sees("This is not your password.");

    opened
        .browser
        .fill("kairos-password-form [name=current_password]", PASSWORD);
    opened.browser.fill("[name=new_password]", "on two wheels");
    opened.browser.click("kairos-password-form .main");
    opened.sees("The password is changed.");
    // The other session has ended, and this one goes on after a reload.
    let refresh = json!({"refresh_token": token});
    opened
        .app
        .anonymous()
        .post("/auth/refresh", refresh)
        .await
        .expect(403);
    opened.open("app/profile");

    opened.browser.fill(
        "kairos-log-out-everywhere [name=current_password]",
        "on two wheels",
    );
    opened.browser.click("kairos-log-out-everywhere .main");
    opened.sees("All other sessions have ended.");

    opened.browser.fill("[name=confirmation]", "Ann");
    opened.browser.click("kairos-delete-account .button");
    opened.sees("This is not your name.");
    opened.browser.fill("[name=confirmation]", "Änn");
    opened.browser.click("kairos-delete-account .button");
    opened.sees("Your account is deleted.");
    opened.browser.wait_until("document.querySelector('.hero')");
    let form = [("username", "ann@example.org"), ("password", "on two wheels")];
    opened
        .app
        .anonymous()
        .post_form("/auth/token", &form)
        .await
        .expect(400);
    opened.expect_no_trouble();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn language_and_theme_are_chosen_and_remembered() {
    let mut opened = Opened::start().await;
    opened.app.rider("ann").await;
    opened.sign_in("ann");
    opened.open("app/profile");
    opened.browser.evaluate(
        "for (const [name, value] of [['language', 'de'], ['theme', 'dark']]) {
            const list = document.querySelector(`[name=${name}], #${name}`);
            list.value = value;
            list.dispatchEvent(new Event('change', {bubbles: true}));
        }",
    );
    opened.sees("Passwort ändern");
    opened.open("app/journeys");
    opened.sees("Noch keine Reise");
    let page = opened.browser.evaluate(
        "[document.documentElement.lang, document.documentElement.dataset.theme, Object.keys(localStorage).sort().join()]",
    );
    assert_eq!(page, json!(["de", "dark", "kairos.language,kairos.theme"]));
    opened.expect_no_trouble();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_forgotten_password_is_set_anew_by_mail() {
    let mut opened = Opened::start().await;
    opened.app.rider("ann").await;
    opened.open("app/log-in");
    opened.browser.click("a[href='app/forgot']");
    opened
        .browser
        .wait_until("document.querySelector('kairos-forgot form')");
    opened.browser.fill("[name=email]", "ann@example.org");
    opened.browser.click("kairos-forgot form .main");
    opened.sees("a mail with a link is on its way");
    let kind = kairos_domain::mail::MailKind::ResetPassword;
    opened.app.mailed_token("ann@example.org", kind).await;
    opened.expect_no_trouble();
}
