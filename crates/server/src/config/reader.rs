//! Reads values by their keys and gathers everything that is wrong, so that it is all told at once.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

use secrecy::SecretString;

use super::keys::Key;

/// One key whose value can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key's name.
    pub key: &'static str,
    /// What is the matter, and what the key takes.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.message)
    }
}

/// Takes values out of the environment and, where that has none, out of `.env`.
pub(super) struct Reader<'a> {
    environment: &'a dyn Fn(&str) -> Option<OsString>,
    dotenv: &'a BTreeMap<String, String>,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        environment: &'a dyn Fn(&str) -> Option<OsString>,
        dotenv: &'a BTreeMap<String, String>,
    ) -> Self {
        Self {
            environment,
            dotenv,
            problems: Vec::new(),
        }
    }

    /// The value as it was set; an empty one counts as unset.
    fn raw(&mut self, key: &Key) -> Option<String> {
        let set = (self.environment)(key.name).filter(|value| !value.is_empty());
        match set.map(OsString::into_string) {
            Some(Ok(value)) => Some(value),
            Some(Err(_)) => {
                self.problem(key, format!("takes {}; it is not UTF-8", key.takes));
                None
            }
            None => self
                .dotenv
                .get(key.name)
                .filter(|value| !value.is_empty())
                .cloned(),
        }
    }

    /// What `parse` makes of the value; `None` when it is not set, or wrong, which is noted.
    pub(super) fn get<T>(&mut self, key: &Key, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let raw = self.raw(key)?;
        let parsed = parse(&raw);
        if parsed.is_none() {
            let seen = if key.secret {
                String::new()
            } else {
                format!("; it is {}", shown(&raw))
            };
            self.problem(key, format!("takes {}{seen}", key.takes));
        }
        parsed
    }

    /// The same, with the table's default where nothing is set.
    pub(super) fn get_or_default<T>(&mut self, key: &Key, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        if self.is_set(key) {
            self.get(key, parse)
        } else {
            key.default.value().and_then(parse)
        }
    }

    /// The value as a secret.
    pub(super) fn secret(&mut self, key: &Key) -> Option<SecretString> {
        self.get(key, |value| Some(SecretString::from(value)))
    }

    /// Whether the key has a value, right or wrong.
    pub(super) fn is_set(&self, key: &Key) -> bool {
        (self.environment)(key.name).is_some_and(|value| !value.is_empty())
            || self.dotenv.get(key.name).is_some_and(|value| !value.is_empty())
    }

    /// Whether AWS Lambda has started this process: it says where its runtime API is. Nobody sets that by hand.
    pub(super) fn is_on_lambda(&self) -> bool {
        (self.environment)("AWS_LAMBDA_RUNTIME_API").is_some_and(|value| !value.is_empty())
    }

    /// Notes that the key must be set.
    pub(super) fn missing(&mut self, key: &Key, why: &str) {
        self.problem(key, format!("is required {why}; takes {}", key.takes));
    }

    /// Notes that something is wrong with a key.
    pub(super) fn problem(&mut self, key: &Key, message: String) {
        self.problems.push(Problem {
            key: key.name,
            message,
        });
    }
}

/// A value for an error: on one line, and not all of it if it is long.
fn shown(value: &str) -> String {
    const LONGEST: usize = 60;
    let beginning: String = value.chars().take(LONGEST).collect();
    let more = if beginning.len() < value.len() { "…" } else { "" };
    format!("{beginning:?}{more}")
}
