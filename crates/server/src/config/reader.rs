//! Reads values by their keys and collects all problems, to report them together.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

use secrecy::SecretString;

use super::keys::Key;

/// A key whose value is wrong or missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key's name.
    pub key: &'static str,
    /// The problem, and the values that the key takes.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.message)
    }
}

/// Reads values from the environment, then from `.env`.
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

    /// Returns the value as it was set. An empty value counts as unset.
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

    /// Returns the parsed value, or `None` if it is unset or wrong. A wrong value adds a problem.
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

    /// Returns the parsed value, or the key's default if it is unset.
    pub(super) fn get_or_default<T>(&mut self, key: &Key, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        if self.is_set(key) {
            self.get(key, parse)
        } else {
            key.default.value().and_then(parse)
        }
    }

    pub(super) fn secret(&mut self, key: &Key) -> Option<SecretString> {
        self.get(key, |value| Some(SecretString::from(value)))
    }

    /// Returns whether the key has a value, right or wrong.
    pub(super) fn is_set(&self, key: &Key) -> bool {
        (self.environment)(key.name).is_some_and(|value| !value.is_empty())
            || self.dotenv.get(key.name).is_some_and(|value| !value.is_empty())
    }

    /// Returns whether AWS Lambda has started this process.
    ///
    /// Lambda sets the address of its runtime API. Operators have no reason to set it.
    pub(super) fn is_on_lambda(&self) -> bool {
        (self.environment)("AWS_LAMBDA_RUNTIME_API").is_some_and(|value| !value.is_empty())
    }

    /// Adds the problem that a required key is not set.
    pub(super) fn missing(&mut self, key: &Key, why: &str) {
        self.problem(key, format!("is required {why}; takes {}", key.takes));
    }

    pub(super) fn problem(&mut self, key: &Key, message: String) {
        self.problems.push(Problem {
            key: key.name,
            message,
        });
    }
}

/// Returns a value for an error: on one line, and cut if it is long.
fn shown(value: &str) -> String {
    const LONGEST: usize = 60;
    let beginning: String = value.chars().take(LONGEST).collect();
    let more = if beginning.len() < value.len() { "…" } else { "" };
    format!("{beginning:?}{more}")
}
