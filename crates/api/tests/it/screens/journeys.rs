use serde_json::json;

use super::Opened;
use crate::it::support::PASSWORD;

/// Puts another rider on a journey near Lugano, in some days.
async fn bob_rides_near_lugano(opened: &Opened) {
    let bob = opened.app.rider("bob").await;
    let journey = bob.journey("Gotthard").await;
    bob.marker(&journey, "plan", [8.95, 46.04], "2026-05-20").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stranger_registers_draws_a_journey_and_sees_who_will_be_near() {
    let mut opened = Opened::start().await;
    bob_rides_near_lugano(&opened).await;
    opened.browser.click(".hero .main");
    // Each fault stands beside its field, and nothing was sent.
    opened.browser.click("kairos-register form .main");
    opened
        .browser
        .wait_until("document.querySelectorAll('.fault').length === 3");
    opened
        .browser
        .wait_until("document.activeElement.name === 'name'");
    opened.browser.fill("[name=name]", "Łucja עדה");
    opened.browser.fill("[name=email]", "lucja@example.org");
    opened.browser.fill("[name=password]", PASSWORD);
    opened.browser.click("kairos-register form .main");
    opened.sees("No journey yet");

    opened.browser.click(".empty .main");
    opened.browser.fill("[name=name]", "To the south");
    // The form asks for the visibility, and chooses none beforehand.
    opened.browser.click("kairos-new-journey form .main");
    opened.sees("Please choose one.");
    opened.browser.click("[value=public]");
    opened.browser.click("kairos-new-journey form .main");
    opened.sees("No places yet");

    opened.browser.click(".empty .add");
    opened.browser.fill("[name=name]", "Lugano");
    opened.browser.click("[value=plan]");
    opened.browser.set_date("[name=date]", "2026-05-20");
    opened.browser.fill("[name=latitude]", "460");
    opened.browser.fill("[name=longitude]", "8.95");
    opened.browser.click("kairos-marker-form .main");
    opened.sees("A latitude is a number");
    opened.browser.fill("[name=latitude]", "46.0");
    opened.browser.click("kairos-marker-form .main");
    opened
        .browser
        .wait_until("document.querySelector('.markers .title').textContent === 'Lugano'");

    opened.browser.click(".tabs a:nth-child(2)");
    opened.sees("Confirm your address");
    opened.verify("lucja@example.org").await;
    opened
        .browser
        .click("kairos-journey-encounters .empty .button:not(.main)");
    opened.browser.click(".encounter .pick");
    opened
        .browser
        .wait_until("document.querySelector('.encounter').innerText.includes('4.5 km · same day')");
    opened.browser.click(".encounter .more a");
    opened
        .browser
        .wait_until("document.querySelector('kairos-journey h1').innerText === 'Gotthard'");
    opened
        .browser
        .wait_until("!document.querySelector('.tabs') && document.title.startsWith('Gotthard')");
    // Back leads to the encounters, by their path.
    opened.browser.evaluate("history.back()");
    opened
        .browser
        .wait_until("location.pathname.endsWith('/encounters') && document.querySelector('.encounter')");
    opened.expect_no_trouble();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_deleted_comes_back_on_undo_and_is_gone_when_the_page_is_left() {
    let mut opened = Opened::start().await;
    let app = &opened.app;
    let ann = app.rider("ann").await;
    let journey = ann.journey("Alps").await;
    for day in ["2026-05-20", "2026-05-21"] {
        ann.marker(&journey, "plan", [8.95, 46.04], day).await;
    }
    let path = format!("/journeys/{journey}/markers");
    let token = ann.access_token().to_owned();
    opened.sign_in("ann");
    opened.open(&format!("app/journeys/{journey}"));
    opened.browser.click(".marker .acts .button:last-child");
    opened.sees("One place");
    opened.browser.click(".notice .button");
    opened.sees("2 places");
    opened.browser.click(".marker .acts .button:last-child");
    opened.sees("One place");
    // Logging out leaves nothing undone.
    opened.browser.click("header nav .button");
    opened.browser.wait_until("document.querySelector('.hero')");
    let reader = crate::it::support::Actor::with_token(&opened.app, &token);
    let left = reader.get(&path).await.expect(200).json();
    assert_eq!(left.as_array().unwrap().len(), 1, "{left}");
    assert_eq!(left[0]["name"], "plan 2026-05-21");
    opened.expect_no_trouble();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn settings_change_a_journey_and_never_overwrite_what_was_changed_elsewhere() {
    let mut opened = Opened::start().await;
    let ann = opened.app.rider("ann").await;
    let journey = ann.journey("Alps").await;
    let path = format!("/journeys/{journey}");
    let token = ann.access_token().to_owned();
    let elsewhere = async |opened: &Opened, json| {
        let actor = crate::it::support::Actor::with_token(&opened.app, &token);
        actor.patch_json(&path, json).await.expect(200).json()
    };
    opened.sign_in("ann");
    opened.open(&format!("app/journeys/{journey}/settings"));
    opened.browser.fill("[name=name]", "The Alps");
    opened.browser.click("[value=private]");
    opened.browser.click("kairos-journey-settings .main");
    opened
        .browser
        .wait_until("document.querySelector('h1').innerText === 'The Alps'");
    opened.sees("only you see it");
    elsewhere(&opened, json!({"description": "From a phone"})).await;
    opened.browser.fill("[name=name]", "My Alps");
    opened.browser.click("kairos-journey-settings .main");
    opened.sees("It was changed elsewhere meanwhile.");
    // The name that was typed is still there, and a second try takes it.
    opened
        .browser
        .wait_until("document.querySelector('[name=name]').value === 'My Alps'");
    opened.browser.click("kairos-journey-settings .main");
    opened
        .browser
        .wait_until("document.querySelector('h1').innerText === 'My Alps'");
    let now = elsewhere(&opened, json!({})).await;
    assert_eq!(
        (&now["name"], &now["visibility"]),
        (&json!("My Alps"), &json!("private"))
    );
    opened.expect_no_trouble();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_journey_is_made_by_keyboard_alone() {
    let mut opened = Opened::start().await;
    opened.app.rider("ann").await;
    opened.sign_in("ann");
    let browser = &mut opened.browser;
    let tab_to = |browser: &mut crate::it::support::Browser, what: &str| {
        for _ in 0..40 {
            browser.press("Tab");
            if browser.evaluate(&format!("document.activeElement.matches(`{what}`)")) == json!(true) {
                return;
            }
        }
        panic!("the keyboard does not reach {what}");
    };
    tab_to(browser, "a[href='app/journeys/new']");
    browser.press("Enter");
    // A new screen begins at its heading.
    browser.wait_until("document.activeElement.matches('kairos-new-journey h1')");
    tab_to(browser, "[name=name]");
    browser.type_text("By keyboard");
    tab_to(browser, "[name=visibility]");
    browser.press("ArrowDown");
    browser.press("Enter");
    browser.wait_until("document.activeElement.matches('kairos-journey h1')");
    browser.wait_until("document.querySelector('.empty .add')");
    tab_to(browser, ".empty .add");
    browser.press("Enter");
    browser.wait_until("document.activeElement.matches('kairos-marker-form [name=name]')");
    browser.type_text("Lugano");
    tab_to(browser, "[name=marker_type]");
    browser.press("Space");
    tab_to(browser, "[name=latitude]");
    browser.type_text("46");
    tab_to(browser, "[name=longitude]");
    browser.type_text("8.95");
    browser.press("Enter");
    browser.wait_until("document.activeElement.closest('.marker')?.innerText.includes('Lugano')");
    opened.expect_no_trouble();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_long_journey_is_read_in_pages() {
    let mut opened = Opened::start().await;
    let ann = opened.app.rider("ann").await;
    let journey = ann.journey("Around the world").await;
    for number in 0..250 {
        let marker = json!({
            "name": format!("Stop {number}"),
            "marker_type": "plan",
            "coordinates": {"coordinates": [f64::from(number) / 2.0, 10.0]},
        });
        ann.post(&format!("/journeys/{journey}/markers"), marker)
            .await
            .expect(201);
    }
    opened.sign_in("ann");
    opened.open(&format!("app/journeys/{journey}"));
    opened.sees("Page 1 of 3");
    opened
        .browser
        .wait_until("document.querySelectorAll('.marker').length === 100");
    opened.browser.click(".markers + nav .button:last-child");
    opened.sees("Page 2 of 3");
    opened.sees("Stop 100");
    opened.browser.fill("#marker-search", "stop 24");
    opened.sees("11 places");
    opened.expect_no_trouble();
}
