use std::collections::BTreeSet;
use std::time::Duration;

use bson::oid::ObjectId;
use bson::{Document, doc};
use kairos_test_lambda::scheduled_event;

use super::{Deployed, token};

const WITHIN: Duration = Duration::from_secs(2);

impl Deployed {
    /// The addresses that mails went to so far.
    fn recipients(&self) -> Vec<String> {
        let mails = self.provider.so_many_mails(0);
        let to = |mail: &wiremock::Request| {
            let mail: serde_json::Value = serde_json::from_slice(&mail.body).unwrap();
            mail["to"].as_str().or(mail["to"][0].as_str()).unwrap().to_owned()
        };
        mails.iter().map(to).collect()
    }

    pub(super) fn schedule(&mut self) {
        let answered = self.function.invoke(&scheduled_event());
        assert!(answered.outcome.is_ok(), "{answered:?}");
    }
}

#[test]
fn a_mail_has_left_when_the_answer_comes() {
    let mut deployed = Deployed::start();
    let answer = deployed.register("ann");
    // The function sleeps by now.
    assert_eq!(
        (answer.status, deployed.recipients()),
        (201, vec!["ann@example.org".to_owned()])
    );
    let token = token(&deployed.provider.mails()[0]);
    let answer = deployed.get(&format!("/api/v1/users/verify-email?token={token}"));
    assert!(
        answer.text().contains("verified successfully"),
        "{}",
        answer.text()
    );
    deployed.schedule();
    assert_eq!(deployed.recipients().len(), 1);
}

#[test]
fn an_answer_waits_two_seconds_for_its_mail_and_a_scheduled_event_sends_what_is_left() {
    let mut deployed = Deployed::start();
    deployed.provider.hangs_over("slow");
    let answer = deployed.register("slow");
    assert_eq!(answer.status, 201);
    assert!(answer.took >= WITHIN, "{:?}", answer.took);
    // Others don't wait for it.
    assert_eq!(deployed.register("quick").status, 201);
    assert!(deployed.recipients().contains(&"quick@example.org".to_owned()));
    deployed.provider.answers(500);
    assert_eq!(deployed.register("ben").status, 201);
    assert_eq!(deployed.recipients(), ["ben@example.org"]);
    deployed.provider.answers(200);
    // It rests for five seconds; the slow one's lease is longer.
    let mut sent = BTreeSet::new();
    crate::program::wait_until("the mail left", || {
        deployed.schedule();
        sent.extend(deployed.recipients());
        sent.contains("ben@example.org")
    });
    assert!(deployed.function.log().contains("mail sent"));
}

#[test]
fn no_answer_tells_by_its_time_whether_there_is_an_account() {
    let mut deployed = Deployed::start();
    deployed.register("ann");
    deployed.register("slow");
    let seen = deployed.recipients().len();
    deployed.provider.hangs_over("slow");
    for path in [
        "/api/v1/users/reset-password",
        "/api/v1/users/resend-verification",
    ] {
        for name in ["ann", "slow", "nobody"] {
            let answer = deployed.post(path, &format!(r#"{{"email": "{name}@example.org"}}"#));
            assert_eq!((answer.status, answer.text()), (202, "null"));
            // Nobody is answered sooner. What hangs is not waited for: the function would end without an answer.
            assert!(answer.took >= WITHIN, "{name}: {:?}", answer.took);
        }
    }
    assert_eq!(deployed.recipients().len() - seen, 4, "two to each account");
}

#[test]
fn a_scheduled_event_finishes_deletions() {
    let mut deployed = Deployed::start();
    let run_time = tokio::runtime::Runtime::new().unwrap();
    let journeys = run_time.block_on(deployed.database.database());
    let journeys = journeys.collection::<Document>("journeys");
    // Another process has marked a deletion, and was killed.
    let left = doc! { "user_id": ObjectId::new(), "name": "Gone", "is_being_deleted": true };
    run_time
        .block_on(journeys.insert_one(left).into_future())
        .unwrap();
    deployed.schedule();
    assert_eq!(
        run_time
            .block_on(journeys.count_documents(doc! {}).into_future())
            .unwrap(),
        0
    );
    deployed.schedule();
    let log = deployed.function.log();
    // The function may have found the database before the deletion was marked in it.
    let warnings = log
        .lines()
        .filter(|line| line.contains("ERROR") || line.contains("WARN"))
        .filter(|line| !line.contains("created a new database"));
    assert_eq!(warnings.count(), 0, "{log}");
}
