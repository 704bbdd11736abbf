use std::time::Duration;

use tokio::runtime::Runtime;
use wiremock::matchers::{body_string_contains, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::program::wait_until;

/// What stands where Resend stands.
pub(crate) struct Provider {
    run_time: Runtime,
    server: MockServer,
}

impl Provider {
    pub(crate) fn start() -> Self {
        let run_time = Runtime::new().unwrap();
        let server = run_time.block_on(MockServer::start());
        Self { run_time, server }
    }

    /// The place of the fault.
    pub(crate) fn url(&self) -> String {
        self.server.uri()
    }

    /// From now on it answers every mail so.
    pub(crate) fn answers(&self, status: u16) {
        self.answers_with(ResponseTemplate::new(status).set_body_json(serde_json::json!({"id": "1"})));
    }

    /// From now on it is busy, and says after how many seconds to try again.
    pub(crate) fn answers_later(&self, retry_after: &str) {
        self.answers_with(ResponseTemplate::new(429).insert_header("retry-after", retry_after));
    }

    fn answers_with(&self, answer: ResponseTemplate) {
        let mock = Mock::given(method("POST"))
            .and(path("/emails"))
            .respond_with(answer);
        self.run_time.block_on(async {
            self.server.reset().await;
            self.server.register(mock).await;
        });
    }

    /// Besides, it keeps the mails in which a word stands waiting for a minute.
    pub(crate) fn hangs_over(&self, word: &str) {
        let mock = Mock::given(method("POST"))
            .and(body_string_contains(word))
            .respond_with(ResponseTemplate::new(200).set_delay(Duration::from_secs(60)))
            .with_priority(1);
        self.run_time.block_on(self.server.register(mock));
    }

    /// The mails it was handed since it was told how to answer, as soon as there are any.
    pub(crate) fn mails(&self) -> Vec<Request> {
        self.so_many_mails(1)
    }

    /// The same, as soon as there are so many.
    pub(crate) fn so_many_mails(&self, count: usize) -> Vec<Request> {
        let mut mails = Vec::new();
        wait_until("the mails came", || {
            mails = self.run_time.block_on(self.server.received_requests()).unwrap();
            mails.len() >= count
        });
        mails
    }
}
