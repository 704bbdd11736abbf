use chrono::TimeDelta;
use serde_json::json;

use super::Opened;
use crate::it::support::PASSWORD;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_goes_on_after_a_reload_and_beyond_the_access_token() {
    let mut opened = Opened::start().await;
    opened.app.rider("ann").await;
    opened.sign_in("ann");
    opened.open("app/profile");
    opened
        .browser
        .wait_until("document.querySelector('[name=email]').value === 'ann@example.org'");
    // No script can read the refresh token, and nothing is kept but preferences.
    let kept = opened
        .browser
        .evaluate("document.cookie + Object.keys(localStorage) + Object.keys(sessionStorage)");
    assert_eq!(kept, json!(""));
    opened.app.wait(TimeDelta::minutes(61));
    opened.browser.click("a[href='app/journeys']");
    opened.sees("No journey yet");
    opened.expect_no_trouble();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_ended_session_asks_for_the_password_and_loses_nothing_that_was_typed() {
    let mut opened = Opened::start().await;
    opened.app.rider("ann").await;
    opened.sign_in("ann");
    opened.open("app/journeys/new");
    opened.browser.fill("[name=name]", "Typed for an hour");
    opened.browser.click("[value=private]");
    opened.app.wait(TimeDelta::days(9));
    opened.browser.click("kairos-new-journey form .main");
    opened
        .browser
        .wait_until("document.querySelector('dialog[open]')");
    opened.browser.fill("dialog [name=password]", "wrong");
    opened.browser.click("dialog .main");
    opened.sees("Address or password is wrong.");
    opened.browser.fill("dialog [name=password]", PASSWORD);
    opened.browser.click("dialog .main");
    opened
        .browser
        .wait_until("document.querySelector('kairos-journey h1')?.innerText === 'Typed for an hour'");
    opened.expect_no_trouble();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_a_network_the_form_keeps_what_was_typed_and_says_so() {
    let mut opened = Opened::start().await;
    opened.app.rider("ann").await;
    opened.sign_in("ann");
    opened.open("app/journeys/new");
    opened.browser.fill("[name=name]", "From a tunnel");
    opened.browser.click("[value=private]");
    opened.browser.set_offline(true);
    opened.browser.click("kairos-new-journey form .main");
    opened.sees("The server can't be reached.");
    opened.browser.set_offline(false);
    opened
        .browser
        .wait_until("document.querySelector('[name=name]').value === 'From a tunnel'");
    opened.browser.click("kairos-new-journey form .main");
    opened
        .browser
        .wait_until("document.querySelector('kairos-journey h1')?.innerText === 'From a tunnel'");
    // The request was repeated, but acted once.
    opened.browser.click(".brand");
    opened
        .browser
        .wait_until("document.querySelectorAll('.journeys li').length === 1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_log_out_in_one_tab_ends_the_session_in_all() {
    let mut opened = Opened::start().await;
    opened.app.rider("ann").await;
    opened.sign_in("ann");
    // Another tab of the same browser ends the session, and says so on the channel.
    opened.browser.evaluate(
        "fetch('app/session/', {method: 'DELETE'})
            .then(() => { new BroadcastChannel('kairos-session').postMessage('out'); })",
    );
    opened.browser.wait_until("document.querySelector('.hero')");
    // A screen for riders leads to the log-in, and from there back to itself.
    opened.open("app/profile");
    opened
        .browser
        .wait_until("location.search === '?next=app%2Fprofile'");
    opened.expect_no_trouble();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_log_in_leads_to_no_other_site_and_texts_are_no_markup() {
    let mut opened = Opened::start().await;
    let ann = opened.app.rider("ann").await;
    let name = "<img src=x onerror=\"document.title='owned'\"><b>";
    let journey = ann.journey(name).await;
    opened.open("app/log-in?next=https%3A%2F%2Fevil.example%2F");
    opened.browser.fill("[name=email]", "ann@example.org");
    opened.browser.fill("[name=password]", PASSWORD);
    opened.browser.click("kairos-log-in form .main");
    opened.browser.wait_until("document.querySelector('.journeys a')");
    opened.open(&format!("app/journeys/{journey}"));
    let expected = json!(name);
    opened.browser.wait_until(&format!(
        "document.querySelector('kairos-journey h1').textContent === {expected}"
    ));
    opened
        .browser
        .wait_until(&format!("document.title.startsWith({expected})"));
    opened.expect_no_trouble();
}
