//! Generates `.env.example` and `docs/CONFIGURATION.md` from the table of keys.

use std::fmt::Write as _;

use super::keys::{self, Default, Key, Section};

/// Returns the text of `.env.example`: every key, commented out, with its default.
#[must_use]
pub fn dotenv_example() -> String {
    let mut text = String::from(
        "# Everything that Kairos can be told. Copy this file to `.env` and take the `#` off what you want to change.\n\
         # The environment wins over `.env`; an empty value counts as unset; single quotes keep spaces, quotes, `#` and `$`.\n\
         # Made from the table in crates/server/src/config/keys.rs; docs/CONFIGURATION.md says more.\n",
    );
    for (section, keys) in sections() {
        let _ = write!(text, "\n# --- {}\n", section.title());
        for key in keys {
            let value = key.default.value().map(quoted).unwrap_or_default();
            let _ = write!(text, "\n# {} Takes {}.\n", key.meaning, key.takes);
            if let Some(words) = described(key) {
                let _ = writeln!(text, "# Default: {words}.");
            }
            let _ = writeln!(text, "#{}={value}", key.name);
        }
    }
    text
}

/// Returns the text of `docs/CONFIGURATION.md`.
#[must_use]
pub fn configuration_md() -> String {
    let mut text = String::from(
        "# Configuration\n\n\
         Kairos works with nothing configured, on `127.0.0.1`, for one's own machine. Outside `local` it refuses to start half-configured.\n\n\
         Values come from the environment, then from `.env` in the working directory (see [`.env.example`](../.env.example)); an empty value\n\
         counts as unset. In `.env`, single quotes keep spaces, quotes, `#` and `$` as they are. A wrong value stops the start with exit code 2\n\
         and a line that names the key and what it takes; all that is wrong is named at once. `kairos check` tells what an installation would do.\n\
         A name that is not a key, but resembles one, such as `MAIL_SEVER`, is named in a warning.\n\n\
         This page is made from the table in `crates/server/src/config/keys.rs`; after a change there,\n\
         `KAIROS_BLESS=1 cargo test --workspace --lib documentation` writes it anew.\n",
    );
    for (section, keys) in sections() {
        let _ = write!(
            text,
            "\n## {}\n\n| key | default | takes | |\n|---|---|---|---|\n",
            section.title()
        );
        for key in keys {
            let default = match (key.default.value(), described(key)) {
                (Some(value), None) => format!("`{value}`"),
                (Some(value), Some(words)) => format!("`{value}` ({words})"),
                (None, Some(words)) => words.to_owned(),
                (None, None) => String::new(),
            };
            let secret = if key.secret { " A secret: never shown." } else { "" };
            let _ = writeln!(
                text,
                "| `{}` | {default} | {} | {}{secret} |",
                key.name, key.takes, key.meaning
            );
        }
    }
    text.push_str(
        "\n## Outside `local`\n\n\
         Required: `SECRET_KEY`, `FRONTEND_URL`, `MAIL_FROM`, a database (`DATABASE_URL`, or the four `MONGO_` keys), and a way to send mail\n\
         (`RESEND_API_KEY` or `MAIL_SERVER`).\n\n\
         On AWS Lambda, which the program notices, `ENVIRONMENT=local` and SQLite are refused: everybody can reach it there, and no file lasts. `HOST`, `PORT`\n\
         and `METRICS_LISTEN` are not heeded ([DEPLOYMENT.md](DEPLOYMENT.md)).\n\n\
         ## Known quirks: do not copy\n\n\
         - `CORS_ORIGINS` takes a JSON list or commas, because existing installations have either; a new key would take one form.\n\
         - The `MONGO_` keys say in four what `DATABASE_URL` says in one; they are there for installations that have them.\n",
    );
    text
}

fn sections() -> impl Iterator<Item = (Section, impl Iterator<Item = &'static Key>)> {
    Section::ALL.into_iter().map(|section| {
        (
            section,
            keys::ALL.iter().filter(move |key| key.section == section),
        )
    })
}

fn described(key: &Key) -> Option<&'static str> {
    match key.default {
        Default::Described(words) => Some(words),
        Default::LocalValue(_) => Some("in `local`; required elsewhere"),
        Default::Value(_) | Default::Nothing => None,
    }
}

/// Returns a value in the syntax of `.env`, quoted if necessary.
fn quoted(value: &str) -> String {
    let is_plain = value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"./:-_".contains(&byte));
    if is_plain {
        value.to_owned()
    } else {
        format!("'{value}'")
    }
}
