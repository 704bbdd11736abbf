//! Runs the README's tour line by line.

use std::fmt::Write as _;
use std::process::Command;

use crate::console_blocks::{is_shown_by, steps};
use crate::program::Program;

const README: &str = include_str!("../../../../README.md");

/// Ends each command's output. No answer holds this control character.
const END: char = '\u{1e}';

#[test]
fn the_tour_in_the_readme_is_true() {
    let program = Program::start("demo");
    let steps = steps(README);
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
