//! Reads the sources of values: the process environment, then `.env`.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::Path;

/// Why `.env` can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DotEnvError {
    /// The file exists, but can't be read as text.
    #[error(".env can't be read: {0}")]
    Unreadable(#[from] io::Error),
    /// A line is not `KEY=value`. The error leaves out the line itself, which may hold a secret.
    #[error(
        ".env, line {line}: takes `KEY=value`, with single quotes around a value that holds spaces, quotes, `#` or `$`"
    )]
    Malformed {
        /// The number of the line, from 1.
        line: usize,
    },
}

/// Returns the value of a variable of the process environment.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment"
)]
pub(super) fn process_environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Returns the names of all variables of the process environment that are UTF-8.
pub(super) fn process_environment_names() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}

/// Reads a `.env` file. A missing file counts as empty.
pub(super) fn read_dotenv(path: &Path) -> Result<BTreeMap<String, String>, DotEnvError> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse_dotenv(&text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error.into()),
    }
}

/// Parses the text of a `.env` file. As in a shell, the last line for a key wins.
pub(super) fn parse_dotenv(text: &str) -> Result<BTreeMap<String, String>, DotEnvError> {
    // `dotenvy` rejects a last line that ends in a blank instead of a newline.
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
            // The error contains the statement read so far, which may span several lines. Report the first of
            // them.
            dotenvy::Error::LineParse(statement, _) => DotEnvError::Malformed {
                line: (lines_read.get() + 1_usize).saturating_sub(statement.lines().count().max(1)),
            },
            _ => DotEnvError::Malformed {
                line: lines_read.get(),
            },
        })
}

/// A reader that returns one line at a time and counts them.
///
/// The errors of `dotenvy` do not name the line.
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
