use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use kairos_api::ErrorCode;
use serde_json::Value;

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body, which must be JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}: {:?}", self.status, self.body))
    }

    /// The answer itself, if it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        self
    }

    /// Checks that it is a refusal of this status and text.
    #[track_caller]
    pub(crate) fn refuses(self, status: u16, detail: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.json()["detail"], detail);
        answer
    }

    /// Checks that it is a refusal of this status, code and text.
    #[track_caller]
    pub(crate) fn refuses_as(self, status: u16, code: &str, detail: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(
            answer.json(),
            serde_json::json!({ "detail": detail, "code": code })
        );
        answer
    }

    pub(super) fn is_error(&self) -> bool {
        self.status.is_client_error() || self.status.is_server_error()
    }

    /// Checks that an error has the form of all errors, and a code that the table has for its status.
    pub(super) fn check_form(&self) {
        let body = self.json();
        assert_eq!(self.header("content-type"), "application/json", "{body}");
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
        let is_list = body["detail"].is_array();
        assert!(is_list || body["detail"].is_string(), "{body}");
        assert_eq!(is_list, body["code"] == "validation", "{body}");
        let mut table = ErrorCode::ALL.iter();
        assert!(
            table.any(|code| code.status() == self.status && code.word() == body["code"]),
            "{} {body}",
            self.status
        );
    }

    /// The `ETag`, which must be there.
    #[track_caller]
    pub(crate) fn tag(&self) -> String {
        let tag = self.header("etag");
        assert!(
            tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'),
            "{tag}"
        );
        tag.to_owned()
    }

    /// Checks that it is a 422 with exactly these faults, each as `type` at `loc` (joined by dots), in this order.
    #[track_caller]
    pub(crate) fn faults(self, expected: &[&str]) -> Self {
        let answer = self.expect(422);
        let faults: Vec<String> = answer.json()["detail"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| {
                let loc: Vec<_> = fault["loc"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|part| match part {
                        Value::String(text) => text.clone(),
                        other => other.to_string(),
                    })
                    .collect();
                assert!(fault["msg"].is_string());
                format!("{} at {}", fault["type"].as_str().unwrap(), loc.join("."))
            })
            .collect();
        assert_eq!(faults, expected, "{}", answer.json());
        answer
    }

    /// A header's text, empty if it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body's `_id`.
    #[track_caller]
    pub(crate) fn id(&self) -> String {
        self.json()["_id"].as_str().unwrap().to_owned()
    }
}
