//! The README's tour, run line by line.

use std::fmt::Write as _;
use std::process::Command;

use crate::program::Program;

const README: &str = include_str!("../../../../README.md");

/// Ends each command's output. No answer holds this control character.
const END: char = '\u{1e}';

/// A command of the tour and what the README shows of its output.
struct Step {
    command: String,
    shown: String,
}

/// The steps of all `console` blocks.
fn steps() -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for block in README.split("```console\n").skip(1) {
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

/// Whether a line is what a line of the README shows, in which `…` stands for anything.
fn is_shown_by(shown: &str, line: &str) -> bool {
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

#[test]
fn the_tour_in_the_readme_is_true() {
    let program = Program::start("demo");
    let steps = steps();
    assert!(steps.len() > 15, "the tour was not found");
    let mut script = String::new();
    for step in &steps {
        let command = step.command.replace(":8000", &format!(":{}", program.port()));
        writeln!(script, "{command}\nprintf '{END}'").unwrap();
    }
    let output = Command::new("timeout")
        .args(["60", "bash", "-c", &script])
        .current_dir(program.directory())
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<&str> = stdout.split_terminator(END).collect();
    assert_eq!(
        answers.len(),
        steps.len(),
        "the tour stopped: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    for (step, answer) in steps.iter().zip(answers) {
        let shown: Vec<&str> = step.shown.lines().collect();
        let lines: Vec<&str> = answer.lines().collect();
        let fits = shown.len() == lines.len()
            && shown
                .iter()
                .zip(&lines)
                .all(|(shown, line)| is_shown_by(shown, line));
        assert!(
            fits,
            "$ {}\nshown:\n{}\ngiven:\n{answer}",
            step.command, step.shown
        );
    }
}
