//! Every screen, as axe-core sees it.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::Opened;

/// The version of axe-core, from npm.
const PACKAGE: &str = "axe-core@4.14.1";

/// Fetches axe-core once, however many processes ask.
fn axe_core() -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe-core");
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let script = folder.join("node_modules/axe-core/axe.min.js");
    if !script.exists() {
        let arguments = [
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
            ".",
            PACKAGE,
        ];
        let status = Command::new("npm")
            .args(arguments)
            .current_dir(&folder)
            .stdout(Stdio::null())
            .status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "npm gives no {PACKAGE}"
        );
    }
    fs::read_to_string(script).unwrap()
}

/// Runs axe-core on the screen as it is.
fn expect_no_barrier(opened: &mut Opened, axe: &str, what: &str) {
    opened.browser.evaluate(&format!("{axe}; undefined"));
    let found = opened.browser.evaluate(
        "axe.run().then(({violations, passes}) => ({
            rules: passes.length,
            violations: violations.map(({id, nodes}) => `${id}: ${nodes.map((node) => node.html).join(' ')}`),
        }))",
    );
    assert!(
        found["rules"].as_u64().is_some_and(|rules| rules > 10),
        "{what}: {found}"
    );
    assert_eq!(found["violations"], json!([]), "{what}");
    let overflow = opened
        .browser
        .evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");
    assert_eq!(overflow, Value::Bool(false), "{what} is wider than the window");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_screen_has_a_barrier_in_either_theme_and_all_fit_a_phone() {
    let axe = axe_core();
    let mut opened = Opened::start().await;
    let (ann, bob) = (opened.app.rider("ann").await, opened.app.rider("bob").await);
    let (mine, theirs) = (ann.journey("Alps").await, bob.journey("Gotthard").await);
    ann.marker(&mine, "plan", [8.95, 46.04], "2026-05-20").await;
    bob.marker(&theirs, "plan", [8.95, 46.00], "2026-05-20").await;
    let route =
        r#"<gpx version="1.1"><rte><rtept lat="46" lon="8.9"/><rtept lat="46.1" lon="9"/></rte></gpx>"#;
    ann.put_file(&format!("/journeys/{mine}/route"), route)
        .await
        .expect(200);
    let rider = bob.id().to_owned();
    let looks = [(360, "light"), (1280, "dark")];
    for path in [
        "",
        "app/register",
        "app/log-in",
        "app/forgot",
        "app/no/such/screen",
        "app/elements",
    ] {
        opened.open(path);
        for (width, theme) in looks {
            opened.browser.look(width, theme);
            expect_no_barrier(&mut opened, &axe, &format!("{path} {width} {theme}"));
        }
    }
    opened.sign_in("ann");
    for (path, arrived) in [
        ("app/journeys".to_owned(), ".journeys a"),
        ("app/journeys/new".to_owned(), "[name=visibility]"),
        (format!("app/journeys/{mine}"), ".line"),
        (format!("app/journeys/{mine}/encounters"), ".encounter"),
        (format!("app/journeys/{mine}/nearby"), ".encounter"),
        (format!("app/journeys/{mine}/settings"), "kairos-journey-settings"),
        (format!("app/journeys/{theirs}"), ".marker"),
        (format!("app/riders/{rider}"), ".journeys a"),
        ("app/profile".to_owned(), "kairos-delete-account form"),
    ] {
        opened.open(&path);
        opened
            .browser
            .wait_until(&format!("document.querySelector('{arrived}')"));
        for (width, theme) in looks {
            opened.browser.look(width, theme);
            expect_no_barrier(&mut opened, &axe, &format!("{path} {width} {theme}"));
        }
    }
    // axe-core, which has no URL, sets a style that the policy refuses.
    let mut faults = opened.browser.faults_of_the_page();
    faults.retain(|fault| !(fault.contains("\"source\":\"security\"") && fault.contains("\"url\":\"\"")));
    assert!(faults.is_empty(), "{faults:#?}");
}
