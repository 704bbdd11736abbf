//! Journeys from files, and files of journeys.

use serde_json::json;

use super::Opened;

/// A planned line of 111 km with a place, and a position that is out of range.
const FILE: &str = r#"<gpx version="1.1"><metadata><name>Danube</name></metadata>
<wpt lat="0.5" lon="16"><name>Wien</name></wpt>
<rte><rtept lat="0" lon="16"/><rtept lat="91" lon="16"/><rtept lat="1" lon="16"/></rte>
</gpx>"#;

/// Another line, of 223 km.
const LONGER: &str =
    r#"<gpx version="1.1"><rte><rtept lat="0" lon="16"/><rtept lat="2" lon="16"/></rte></gpx>"#;

impl Opened {
    /// Chooses a file, as the dialog of the browser does.
    fn choose_file(&mut self, name: &str, content: &str) {
        let (name, content) = (json!(name), json!(content));
        self.browser
            .wait_until("document.querySelector('kairos-file-import input[type=file]')");
        self.browser.evaluate(&format!(
            "(() => {{
                const input = document.querySelector('kairos-file-import input[type=file]');
                const files = new DataTransfer();
                files.items.add(new File([{content}], {name}));
                input.files = files.files;
                input.dispatchEvent(new Event('change', {{bubbles: true}}));
            }})()"
        ));
    }

    /// Drops a file on an element.
    fn drop_file(&mut self, selector: &str, name: &str, content: &str) {
        let (name, content) = (json!(name), json!(content));
        self.browser.evaluate(&format!(
            "(() => {{
                const dataTransfer = new DataTransfer();
                dataTransfer.items.add(new File([{content}], {name}));
                const drop = {{dataTransfer, bubbles: true, composed: true, cancelable: true}};
                document.querySelector('{selector}').dispatchEvent(new DragEvent('drop', drop));
            }})()"
        ));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_becomes_a_journey_whose_visibility_is_asked() {
    let mut opened = Opened::start().await;
    opened.app.rider("ann").await;
    opened.sign_in("ann");
    opened.choose_file("Danube.gpx", FILE);
    opened.browser.click("kairos-file-import form .main");
    opened.sees("Please choose one.");
    opened.browser.click("kairos-file-import [value=private]");
    opened.browser.click("kairos-file-import form .main");
    opened.sees("A route of 111 km.");
    opened.sees("One place added.");
    opened.sees("One thing was left out");
    opened.browser.click("kairos-file-import .row .main");
    opened
        .browser
        .wait_until("document.querySelector('kairos-journey h1').innerText === 'Danube'");
    opened
        .browser
        .wait_until("document.querySelector('.lines').innerText.includes('111 km')");
    opened.sees("only you see it");
    opened
        .browser
        .wait_until("document.querySelector('.marker .title').textContent === 'Wien'");
    opened.expect_no_trouble();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_route_is_replaced_deleted_and_taken_back() {
    let mut opened = Opened::start().await;
    let ann = opened.app.rider("ann").await;
    let journey = ann.journey("Alps").await;
    ann.put_file(&format!("/journeys/{journey}/route"), FILE)
        .await
        .expect(200);
    opened.sign_in("ann");
    opened.open(&format!("app/journeys/{journey}"));
    opened
        .browser
        .wait_until("document.querySelector('.lines').innerText.includes('111 km')");
    opened.drop_file(".panel", "longer.gpx", LONGER);
    opened.sees("The journey has a line of this kind already.");
    opened.browser.click("kairos-file-import dialog .main");
    opened.sees("A route of 223 km.");
    opened.browser.click("kairos-file-import dialog .button");
    opened
        .browser
        .wait_until("document.querySelector('.lines').innerText.includes('223 km')");
    opened.browser.click(".line .button");
    opened.browser.wait_until("!document.querySelector('.line')");
    opened.browser.click(".notice .button");
    opened
        .browser
        .wait_until("document.querySelector('.lines').innerText.includes('223 km')");
    opened.expect_no_trouble();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_that_is_not_taken_is_refused_in_plain_words() {
    let mut opened = Opened::start().await;
    let ann = opened.app.rider("ann").await;
    let journey = ann.journey("Alps").await;
    opened.sign_in("ann");
    opened.open(&format!("app/journeys/{journey}"));
    opened.choose_file("picture.png", "\u{89}PNG");
    opened.sees("This is no file that can be read.");
    opened
        .browser
        .click("kairos-file-import dialog .row .button:last-child");
    opened.choose_file("half.gpx", "<gpx><wpt");
    opened.sees("The file can’t be read: ");
    opened.expect_no_trouble();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_journey_is_saved_as_a_file_with_its_name() {
    let mut opened = Opened::start().await;
    let ann = opened.app.rider("ann").await;
    let journey = ann.journey("Alps").await;
    opened.sign_in("ann");
    opened.open(&format!("app/journeys/{journey}/settings"));
    opened
        .browser
        .wait_until("document.querySelector('[aria-labelledby=export-title] .button')");
    // The page keeps what a link would save.
    opened.browser.evaluate(
        "(() => {
            const create = URL.createObjectURL;
            const blobs = new Map();
            URL.createObjectURL = (blob) => {
                const url = create(blob);
                blobs.set(url, blob);
                return url;
            };
            HTMLAnchorElement.prototype.click = async function () {
                window.saved = [this.download, await blobs.get(this.href).text()];
            };
        })()",
    );
    opened.browser.click("[aria-labelledby=export-title] .button");
    opened
        .browser
        .wait_until("window.saved?.[0] === 'Alps.gpx' && window.saved[1].includes('<gpx')");
    opened.expect_no_trouble();
}
