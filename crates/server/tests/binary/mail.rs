//! `kairos mail test`.

use serde_json::Value;

use crate::program::{fails, succeeds};
use crate::provider::Provider;

const TEST: [&str; 3] = ["mail", "test", "ops@example.org"];

#[test]
fn a_test_mail_leaves_through_the_provider_that_is_configured() {
    let provider = Provider::start();
    provider.answers(200);
    let url = provider.url();
    let settings = [("RESEND_API_KEY", "re_test"), ("RESEND_BASE_URL", &*url)];
    let directory = tempfile::tempdir().unwrap();
    let told = succeeds(directory.path(), &TEST, &settings);
    assert!(told.contains("ops@example.org") && told.contains(&*url), "{told}");
    let mail: Value = serde_json::from_slice(&provider.mails()[0].body).unwrap();
    assert!(mail["to"].to_string().contains("ops@example.org"), "{mail}");
    assert_eq!(mail["subject"], "Kairos: A test mail");

    provider.answers(401);
    let told = fails(directory.path(), &TEST, &settings);
    assert!(told.contains("401") && !told.contains("re_test"), "{told}");
}

#[test]
fn a_test_mail_becomes_a_file_where_no_provider_is_configured() {
    let directory = tempfile::tempdir().unwrap();
    let told = succeeds(directory.path(), &TEST, &[]);
    assert!(told.contains("data/outbox"), "{told}");
    let mut files = std::fs::read_dir(directory.path().join("data/outbox")).unwrap();
    let mail = std::fs::read_to_string(files.next().unwrap().unwrap().path()).unwrap();
    assert!(mail.contains("To: ops@example.org"), "{mail}");
    let told = fails(directory.path(), &["mail", "test", "ops"], &[]);
    assert!(told.contains("ops"), "{told}");
}
