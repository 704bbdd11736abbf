//! Where values come from: the process environment, then `.env`.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::Path;

/// `.env` can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DotEnvError {
    /// It is there, but can't be read as text.
    #[error(".env can't be read: {0}")]
    Unreadable(#[from] io::Error),
    /// A line is not `KEY=value`. The line itself is not told: it may hold a secret.
    #[error(
        ".env, line {line}: takes `KEY=value`, with single quotes around a value that holds spaces, quotes, `#` or `$`"
    )]
    Malformed {
        /// Which line, counted from 1.
        line: usize,
    },
}

/// The value of a key in the process environment.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment"
)]
pub(super) fn process_environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The names in the process environment.
pub(super) fn process_environment_names() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}

/// Reads a `.env` file; one that is not there is empty.
pub(super) fn read_dotenv(path: &Path) -> Result<BTreeMap<String, String>, DotEnvError> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse_dotenv(&text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error.into()),
    }
}

/// Reads the text of a `.env` file. As in a shell, the last of several lines for a key counts.
pub(super) fn parse_dotenv(text: &str) -> Result<BTreeMap<String, String>, DotEnvError> {
    // `dotenvy` refuses a last line that ends in a blank instead of a newline.
    let text = format!("{}\n", text.strip_prefix('\u{feff}').unwrap_or(text));
    let lines_read = Cell::new(0);
    let lines = Lines {
        following: text.split_inclusive('\n'),
        line: &[],
        lines_read: &lines_read,
    };
    dotenvy::from_read_iter(lines)
        .collect::<Result<_, _>>()
        .map_err(|error| match error {
            dotenvy::Error::Io(error) => DotEnvError::Unreadable(error),
            // The error holds what was read of the statement, which may be several lines: name the first.
            dotenvy::Error::LineParse(statement, _) => DotEnvError::Malformed {
                line: (lines_read.get() + 1_usize).saturating_sub(statement.lines().count().max(1)),
            },
            _ => DotEnvError::Malformed {
                line: lines_read.get(),
            },
        })
}

/// Hands out one line at a time and counts them: `dotenvy` does not say on which line it stumbled.
struct Lines<'a> {
    following: std::str::SplitInclusive<'a, char>,
    line: &'a [u8],
    lines_read: &'a Cell<usize>,
}

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.line.is_empty()
            && let Some(line) = self.following.next()
        {
            self.line = line.as_bytes();
            self.lines_read.set(self.lines_read.get() + 1);
        }
        self.line.read(buffer)
    }
}
