//! Finds names of variables that are no keys, but resemble one.

use super::Problem;
use super::keys::{self, Key};

/// Similarity, from 0 to 1, from which a name in `.env` counts as mistyped.
const LEAST_IN_DOTENV: f64 = 0.7;

/// Similarity from which a name in the environment counts as mistyped.
///
/// The environment also holds names of other programs, such as `MONGO_PORT` on Kubernetes.
const LEAST_IN_ENVIRONMENT: f64 = 0.85;

pub(super) fn find<'a>(
    dotenv: impl Iterator<Item = &'a str>,
    environment: impl Iterator<Item = String>,
) -> Vec<Problem> {
    let in_dotenv = dotenv.filter_map(|name| mistyped(name, "`.env`", LEAST_IN_DOTENV));
    let in_environment = environment
        .filter(|name| name.contains('_'))
        .filter_map(|name| mistyped(&name, "the environment", LEAST_IN_ENVIRONMENT));
    in_dotenv.chain(in_environment).collect()
}

/// Returns the key that a name resembles most, as a problem, if it is similar enough.
fn mistyped(name: &str, place: &str, least: f64) -> Option<Problem> {
    if keys::ALL.iter().any(|key| key.name == name) {
        return None;
    }
    let upper = name.to_uppercase();
    let similarity = |key: &Key| strsim::normalized_damerau_levenshtein(&upper, key.name);
    let (key, similarity) = keys::ALL
        .iter()
        .map(|key| (key, similarity(key)))
        .max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    (similarity >= least).then(|| Problem {
        key: key.name,
        message: format!("`{name}` in {place} is not a setting; is this one meant?"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(dotenv: &str) -> Option<&'static str> {
        find([dotenv].into_iter(), std::iter::empty())
            .first()
            .map(|hint| hint.key)
    }

    #[test]
    fn a_name_near_a_key_is_named() {
        for (name, key) in [
            ("MAIL_SEVER", "MAIL_SERVER"),
            ("MAIL_FORM", "MAIL_FROM"),
            ("SECRETKEY", "SECRET_KEY"),
            ("TRUSTED_PROXY", "TRUSTED_PROXIES"),
            ("CORS_ORIGIN", "CORS_ORIGINS"),
            ("MONGO_USER", "MONGO_USERNAME"),
            ("DATABASE_URI", "DATABASE_URL"),
            ("PROT", "PORT"),
            ("port", "PORT"),
        ] {
            assert_eq!(meant(name), Some(key), "{name}");
        }
    }

    #[test]
    fn keys_and_names_of_other_programs_are_not() {
        for name in [
            "PORT",
            "MAIL_TLS",
            "LANG",
            "PATH",
            "DOMAIN",
            "COMPOSE_PROJECT_NAME",
            "DATABASE_NAME",
        ] {
            assert_eq!(meant(name), None, "{name}");
        }
    }

    #[test]
    fn in_the_environment_a_name_has_to_be_nearer() {
        let found = |name: &str| find(std::iter::empty(), std::iter::once(name.to_owned())).len();
        assert_eq!(found("MAIL_SEVER"), 1);
        for name in [
            "MONGO_PORT",
            "MAIL_SERVER_PORT",
            "HOSTNAME",
            "LOGS",
            "host",
            "PORT",
        ] {
            assert_eq!(found(name), 0, "{name}");
        }
    }
}
