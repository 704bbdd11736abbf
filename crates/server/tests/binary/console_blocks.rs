//! The commands that a page shows in `console` blocks, and their output.

use std::fmt::Write as _;

/// A command of a page, and what the page shows of its output.
pub(crate) struct Step {
    pub(crate) command: String,
    pub(crate) shown: String,
}

/// The steps of all `console` blocks of a page.
pub(crate) fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for block in page.split("```console\n").skip(1) {
        let (block, _) = block.split_once("```").unwrap();
        for line in block.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Step {
                    command: command.to_owned(),
                    shown: String::new(),
                });
            } else {
                writeln!(steps.last_mut().unwrap().shown, "{line}").unwrap();
            }
        }
    }
    steps
}

/// Whether a line is what a line of the page shows, in which `…` stands for anything.
pub(crate) fn is_shown_by(shown: &str, line: &str) -> bool {
    let mut parts = shown.split('…');
    let Some(mut rest) = parts.next().and_then(|start| line.strip_prefix(start)) else {
        return false;
    };
    let Some(end) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(end)
}

#[test]
fn a_line_with_gaps_shows_only_what_fits() {
    assert!(is_shown_by("null", "null"));
    assert!(!is_shown_by("null", "null "));
    assert!(is_shown_by(r#"{"_id":"…","n":1}"#, r#"{"_id":"5f","n":1}"#));
    assert!(!is_shown_by(r#"{"_id":"…","n":1}"#, r#"{"_id":"5f","n":2}"#));
    assert!(is_shown_by("a…b…c", "a1b2c"));
    assert!(!is_shown_by("a…b…c", "a1c2b"));
}
