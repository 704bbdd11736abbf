//! Rules for the files of the web app, checked without a browser.
#![expect(clippy::unwrap_used, reason = "inside a test a panic is the result")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Texts = BTreeMap<String, String>;

fn app() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("app")
}

/// The texts of all languages, by language.
fn languages() -> BTreeMap<String, Texts> {
    let files = fs::read_dir(app().join("locales")).unwrap();
    let language = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
    };
    files.map(|file| language(file.unwrap().path())).collect()
}

/// The paths and contents of all scripts.
fn scripts() -> Vec<(PathBuf, String)> {
    let mut folders = vec![app()];
    let mut scripts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "js") {
                let script = fs::read_to_string(&path).unwrap();
                scripts.push((path, script));
            }
        }
    }
    scripts
}

/// The names in braces.
fn placeholders(text: &str) -> BTreeSet<&str> {
    let parts = text.split('{').skip(1);
    parts.filter_map(|part| Some(part.split_once('}')?.0)).collect()
}

/// A key without the plural form at its end.
fn without_plural(key: &str) -> &str {
    let forms = ["zero", "one", "two", "few", "many", "other"];
    match key.rsplit_once('.') {
        Some((stem, form)) if forms.contains(&form) => stem,
        _ => key,
    }
}

#[test]
fn all_languages_have_the_same_texts_with_the_same_placeholders() {
    let languages = languages();
    let english = &languages["en"];
    assert!(languages.len() >= 2);
    let stems = |texts: &Texts| -> BTreeSet<String> {
        texts.keys().map(|key| without_plural(key).to_owned()).collect()
    };
    let names = |texts: &Texts, stem: &str| -> BTreeSet<String> {
        let forms = texts.iter().filter(|(key, _)| without_plural(key) == stem);
        forms
            .flat_map(|(_, text)| placeholders(text))
            .map(str::to_owned)
            .collect()
    };
    for (language, texts) in &languages {
        assert_eq!(stems(texts), stems(english), "{language}");
        for stem in stems(english) {
            assert_eq!(names(texts, &stem), names(english, &stem), "{stem} in {language}");
        }
        for (key, text) in texts {
            assert!(!text.trim().is_empty(), "{key} in {language} is empty");
        }
    }
}

#[test]
fn every_text_is_used_and_every_text_that_is_used_is_there() {
    let all = languages().remove("en").unwrap();
    let (mut used, mut beginnings) = (BTreeSet::new(), BTreeSet::new());
    for (_, script) in scripts() {
        // Keys stand in calls of `t`, and some in conditions inside of them or in lists.
        for (quote, found) in [('\'', &mut used), ('`', &mut beginnings)] {
            for part in script.split(quote) {
                let key = part.split("${").next().unwrap();
                let is_key = key.contains('.')
                    && key
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte));
                if is_key {
                    found.insert(key.to_owned());
                }
            }
        }
        for call in script.split(" t('").skip(1) {
            let key = call.split('\'').next().unwrap();
            let is_there = all.keys().any(|text| text == key || without_plural(text) == key);
            assert!(is_there, "{key} is in no language");
        }
    }
    for key in all.keys() {
        let is_used = used.contains(without_plural(key)) || used.contains(key);
        let is_made = beginnings
            .iter()
            .any(|beginning| key.starts_with(beginning.as_str()));
        assert!(is_used || is_made, "{key} is not used");
    }
}

#[test]
fn scripts_write_no_markup_and_remember_nothing_but_preferences() {
    for (path, script) in scripts() {
        for forbidden in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "unsafeHTML",
            "document.write",
            "eval(",
            "sessionStorage",
            "indexedDB",
            "document.cookie",
        ] {
            assert!(!script.contains(forbidden), "{forbidden} in {}", path.display());
        }
        let is_preferences = path.ends_with("preferences.js");
        assert!(
            is_preferences || !script.contains("localStorage"),
            "{}",
            path.display()
        );
        assert!(script.lines().count() <= 300, "{} is too long", path.display());
    }
}

#[test]
fn a_module_imports_nothing_from_another_host_and_nothing_that_is_not_there() {
    for (path, script) in scripts() {
        for statement in ["from '", "import '", "import('", "new URL('"] {
            for rest in script.split(statement).skip(1) {
                let Some((target, _)) = rest.split_once('\'') else {
                    panic!("an import of {} has no end", path.display())
                };
                if target.starts_with('.') {
                    let file = path.parent().unwrap().join(target);
                    // The maps are served from a folder of their own.
                    assert!(file.exists(), "{} imports {target}", path.display());
                }
                assert!(!target.contains("//"), "{} imports {target}", path.display());
            }
        }
    }
}
