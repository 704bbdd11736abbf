//! What must be in no log, whatever the log's level.

use serde_json::Value;

use crate::program::Program;
use crate::provider::Provider;

const PASSWORD: &str = "on two wheels";
const NEW_PASSWORD: &str = "on three wheels";
const EMAIL: &str = "ann.smith@example.org";

fn json(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

/// The token in the link of a mail.
fn token_of(mail: &wiremock::Request) -> String {
    let mail: Value = serde_json::from_slice(&mail.body).unwrap();
    let text = mail["text"].as_str().unwrap();
    let (_, token) = text.split_once("token=").unwrap();
    token.split_whitespace().next().unwrap().to_owned()
}

#[test]
fn the_log_of_a_whole_session_holds_no_secret() {
    let provider = Provider::start();
    provider.answers(200);
    let url = provider.url();
    let settings = [
        ("RESEND_API_KEY", "re_a_key_of_the_provider"),
        ("RESEND_BASE_URL", &*url),
        ("SECRET_KEY", "a signing key that nobody may read"),
        ("LOG", "trace"),
    ];
    let program = Program::start_with(tempfile::tempdir().unwrap(), "serve", &settings);
    let registration = format!(
        r#"{{"email": "{EMAIL}", "name": "Ann", "password": "{PASSWORD}", "phonenumber": "+49 30 5551234"}}"#
    );
    assert!(
        program
            .request("POST", "/users/register", &registration)
            .contains(" 201 ")
    );
    let verification = token_of(&provider.mails()[0]);
    let verify = format!("/users/verify-email?token={verification}");
    assert!(program.request("GET", &verify, "").contains(" 200 "));

    let form = |password: &str| format!("username={EMAIL}&password={}", password.replace(' ', "+"));
    assert!(
        program
            .post_form("/auth/token", &form("a wrong password"))
            .contains(" 400 ")
    );
    let tokens = json(&program.post_form("/auth/token", &form(PASSWORD)));
    let access = tokens["access_token"].as_str().unwrap();
    let refresh = tokens["refresh_token"].as_str().unwrap();
    assert!(
        program
            .request_as(access, "GET", "/users/me", "")
            .contains(" 200 ")
    );
    let by_query = format!("/auth/refresh?refresh_token={refresh}");
    let renewed = json(&program.request("POST", &by_query, ""));

    provider.answers(200);
    let ask = format!("/users/reset-password?email={EMAIL}");
    assert!(program.request("POST", &ask, "").contains(" 202 "));
    let reset = token_of(&provider.mails()[0]);
    let set = format!(
        "/users/update-password?token={reset}&new_password={}",
        NEW_PASSWORD.replace(' ', "+")
    );
    assert!(program.request("POST", &set, "").contains(" 200 "));

    let log = program.log();
    assert!(
        log.contains("/api/v1/users/update-password"),
        "the session is not in the log"
    );
    let renewed = renewed["refresh_token"].as_str().unwrap();
    for secret in [
        PASSWORD,
        NEW_PASSWORD,
        "on+two+wheels",
        "on+three+wheels",
        "a wrong password",
        "a+wrong+password",
        "$2b$",
        EMAIL,
        "555123",
        access,
        refresh,
        renewed,
        &verification,
        &reset,
        "re_a_key_of_the_provider",
        "a signing key that nobody may read",
    ] {
        assert!(!log.contains(secret), "the log holds {secret}");
    }
}

#[cfg(unix)]
#[test]
fn a_start_makes_a_database_private_that_others_can_read_and_says_so() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("data/kairos.db");
    std::fs::create_dir(directory.path().join("data")).unwrap();
    std::fs::write(&database, "").unwrap();
    std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o644)).unwrap();
    let program = Program::start_in(directory, "serve");
    program.wait_for_line("made a file of the database private; its mode was 644");
    let mode = std::fs::metadata(&database).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
