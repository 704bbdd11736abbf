//! `docs/SECURITY.md` names a test for each claim: they are there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const SECURITY: &str = include_str!("../../../../docs/SECURITY.md");

/// The names of all functions in Rust files below a folder.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let names = source
                .split("fn ")
                .skip(1)
                .filter_map(|rest| rest.split_once('('));
            found.extend(names.map(|(name, _)| name.to_owned()));
        }
    }
}

#[test]
fn every_test_that_the_security_page_names_is_there() {
    let mut there = BTreeSet::new();
    functions(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut there);
    // Of all that stands in code, the tests' names are sentences.
    let named: Vec<&str> = SECURITY
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|code| {
            code.matches('_').count() >= 3 && !code.contains(|c: char| c.is_uppercase() || c == ' ')
        })
        .collect();
    assert!(named.len() > 40, "the names were not found");
    for name in named {
        assert!(there.contains(name), "{name}");
    }
    for risk in 1..=10 {
        assert!(SECURITY.contains(&format!("| **API{risk}** ")), "API{risk}");
    }
}
