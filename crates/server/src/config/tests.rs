use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use kairos_mail::SmtpTls;
use secrecy::ExposeSecret as _;

use super::*;

fn read(pairs: &[(&str, &str)]) -> Result<Config, String> {
    let environment = |name: &str| {
        let pair = pairs.iter().rev().find(|(key, _)| *key == name);
        pair.map(|(_, value)| OsString::from(value))
    };
    Config::read(&environment, &BTreeMap::new()).map_err(|error| error.to_string())
}

/// Returns the keys that the lines of the error name.
fn wrong_keys(pairs: &[(&str, &str)]) -> Vec<String> {
    let problems = read(pairs).unwrap_err();
    let key = |line: &str| line.split([' ', ':', '=']).next().unwrap().to_owned();
    problems.lines().map(key).collect()
}

const PRODUCTION: [(&str, &str); 6] = [
    ("ENVIRONMENT", "production"),
    ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
    ("FRONTEND_URL", "https://ride.example.org/"),
    ("MAIL_FROM", "Kairos <kairos@example.org>"),
    ("RESEND_API_KEY", "re_key"),
    ("DATABASE_URL", "sqlite:///var/lib/kairos/kairos.db"),
];

#[test]
fn with_nothing_set_it_is_a_service_for_ones_own_machine() {
    let config = read(&[]).unwrap();
    assert_eq!((config.host.as_str(), config.port), ("127.0.0.1", 8000));
    assert_eq!(config.environment, Environment::Local);
    assert_eq!(config.links_lead_to(8000), "http://127.0.0.1:8000");
    assert_eq!(config.public_url(8000), "http://127.0.0.1:8000");
    let config = read(&[("PUBLIC_URL", "https://kairos.example.org/")]).unwrap();
    assert_eq!(config.public_url(8000), "https://kairos.example.org");
    assert_eq!(config.links_lead_to(8000), "http://127.0.0.1:8000");
    assert!(matches!(&config.database, Database::Sqlite(path) if *path == Path::new("data/kairos.db")));
    assert!(matches!(&config.mail_delivery, MailDelivery::Folder(path) if *path == Path::new("data/outbox")));
    assert_eq!(config.cors_origins, CorsOrigins::Any);
    assert_eq!(config.access_token_minutes, 60);
    assert_eq!(config.refresh_token_minutes, 11_520);
    assert!(config.secret_key.is_none() && config.rate_limit && config.trusted_proxies.is_empty());
}

#[test]
fn registration_visibility_and_distance_can_be_chosen() {
    let config = read(&[]).unwrap();
    let chosen = |config: &Config| {
        (
            config.registration,
            config.default_visibility,
            config.nearby_distance_metres,
        )
    };
    let default = (RegistrationPolicy::Open, Visibility::Public, 100_000);
    assert_eq!(chosen(&config), default);
    let config = read(&[
        ("REGISTRATION", "invite"),
        ("DEFAULT_VISIBILITY", "private"),
        ("NEARBY_DISTANCE_METERS", "1"),
    ]);
    let other = (RegistrationPolicy::ByInvitation, Visibility::Private, 1);
    assert_eq!(chosen(&config.unwrap()), other);
    let closed = read(&[("REGISTRATION", "closed")]).unwrap();
    assert_eq!(closed.registration, RegistrationPolicy::Closed);
}

#[test]
fn outside_local_nothing_that_matters_has_a_default() {
    let missing = wrong_keys(&[("ENVIRONMENT", "staging")]);
    for key in [
        "SECRET_KEY",
        "FRONTEND_URL",
        "MAIL_FROM",
        "DATABASE_URL",
        "RESEND_API_KEY",
    ] {
        assert!(missing.iter().any(|missing| missing == key), "{key}: {missing:?}");
    }
    let config = read(&PRODUCTION).unwrap();
    assert_eq!(config.links_lead_to(1), "https://ride.example.org");
    assert_eq!(config.public_url(1), "https://ride.example.org");
    assert!(matches!(config.mail_delivery, MailDelivery::Resend { .. }));
}

#[test]
fn a_weak_signing_key_is_refused_outside_local_only() {
    for key in ["changethis", "0123456789abcdef0123456789abcde"] {
        let mut pairs = PRODUCTION.to_vec();
        pairs.push(("SECRET_KEY", key));
        assert_eq!(wrong_keys(&pairs), ["SECRET_KEY"]);
        assert_eq!(read(&[("SECRET_KEY", key)]).unwrap().warnings().len(), 1);
    }
}

#[test]
fn all_that_is_wrong_is_named_at_once_and_no_secret_with_it() {
    let pairs = [
        ("PORT", "http"),
        ("HOST", "a b"),
        ("ENVIRONMENT", "prod"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "0"),
        ("DATABASE_URL", "postgres://rider:hunter2@db/kairos"),
        ("CORS_ORIGINS", "example.org"),
        ("LOG", "info,=="),
        ("RATE_LIMIT", "maybe"),
        ("REGISTRATION", "sometimes"),
        ("DEFAULT_VISIBILITY", "secret"),
        ("NEARBY_DISTANCE_METERS", "500001"),
        ("METRICS_LISTEN", "9100"),
        ("TRUSTED_PROXIES", "10.0.0.0/99"),
        ("MAIL_FROM", "Kairos"),
        ("MAIL_TLS", "ssl"),
        ("MAIL_HELO", "a b"),
        ("FRONTEND_URL", "ride.example.org"),
        ("PUBLIC_URL", "https://ann@kairos.example.org"),
        ("MAIL_USERNAME", "ann"),
    ];
    let mut keys = wrong_keys(&pairs);
    keys.sort();
    let mut expected: Vec<_> = pairs.iter().map(|(key, _)| (*key).to_owned()).collect();
    expected.retain(|key| key != "MAIL_USERNAME");
    expected.push("MAIL_PASSWORD".to_owned());
    expected.sort();
    assert_eq!(keys, expected);
    assert!(!read(&pairs).unwrap_err().contains("hunter2"));
}

/// Returns the encryption of the connection to a mail server, or the keys that are wrong.
fn mail_tls(pairs: &[(&str, &str)]) -> Result<SmtpTls, Vec<String>> {
    match read(pairs).map(|config| config.mail_delivery) {
        Ok(MailDelivery::Smtp { tls, .. }) => Ok(tls),
        Ok(_) => panic!("no mail server"),
        Err(_) => Err(wrong_keys(pairs)),
    }
}

#[test]
fn a_mail_server_is_spoken_to_in_the_clear_only_on_this_machine_or_by_choice() {
    let (server, port) = (|host| ("MAIL_SERVER", host), |port| ("MAIL_PORT", port));
    for (pairs, tls) in [
        (vec![server("mail.example.org")], SmtpTls::StartTls),
        (vec![server("mail.example.org"), port("465")], SmtpTls::Tls),
        (vec![server("localhost")], SmtpTls::None),
        (vec![server("127.0.0.1"), port("465")], SmtpTls::Tls),
        (vec![server("mail"), ("MAIL_TLS", "none")], SmtpTls::None),
        (
            vec![server("localhost"), ("MAIL_TLS", "starttls")],
            SmtpTls::StartTls,
        ),
        (vec![server("mail"), ("MAIL_TLS", "tls")], SmtpTls::Tls),
    ] {
        assert_eq!(mail_tls(&pairs), Ok(tls), "{pairs:?}");
    }
}

#[test]
fn no_password_crosses_a_network_in_the_clear() {
    let signed_in = |host, tls| {
        mail_tls(&[
            ("MAIL_SERVER", host),
            ("MAIL_TLS", tls),
            ("MAIL_USERNAME", "ann"),
            ("MAIL_PASSWORD", "on two wheels"),
        ])
    };
    assert_eq!(
        signed_in("mail.example.org", "none"),
        Err(vec!["MAIL_TLS".to_owned()])
    );
    assert_eq!(signed_in("mail.example.org", "tls"), Ok(SmtpTls::Tls));
    for host in ["localhost", "127.0.0.1", "::1"] {
        assert_eq!(signed_in(host, "none"), Ok(SmtpTls::None), "{host}");
    }
}

#[test]
fn the_environment_wins_over_the_file_and_an_empty_value_counts_as_unset() {
    let dotenv = BTreeMap::from([
        ("PORT".to_owned(), "1".to_owned()),
        ("PROJECT_NAME".to_owned(), "From file".to_owned()),
        ("HOST".to_owned(), String::new()),
    ]);
    let environment = |name: &str| (name == "PORT").then(|| OsString::from("2"));
    let config = Config::read(&environment, &dotenv).unwrap();
    assert_eq!((config.port, config.project_name.as_str()), (2, "From file"));
    assert_eq!(config.host.as_str(), "127.0.0.1");
}

#[test]
fn origins_are_a_json_list_or_commas() {
    let origins = |value| read(&[("CORS_ORIGINS", value)]).unwrap().cors_origins;
    let two = CorsOrigins::Only(vec![
        "https://a.example".to_owned(),
        "http://localhost:3000".to_owned(),
    ]);
    assert_eq!(origins(r#"["https://a.example", "http://localhost:3000"]"#), two);
    assert_eq!(origins("https://A.example/,http://localhost:3000"), two);
    assert_eq!(origins(r#"["*"]"#), CorsOrigins::Any);
    assert_eq!(origins("*"), CorsOrigins::Any);
}

#[test]
fn the_four_keys_of_mongodb_make_a_connection_string() {
    let keys = [
        ("MONGO_HOST", "cluster.example.net"),
        ("MONGO_USERNAME", "ann"),
        ("MONGO_PASSWORD", "p@ss/word"),
        ("MONGO_DB_NAME", "kairos"),
    ];
    let Database::MongoDb { url, name, .. } = read(&keys).unwrap().database else {
        panic!("not a MongoDB database");
    };
    assert_eq!(
        url.expose_secret(),
        "mongodb+srv://ann:p%40ss%2Fword@cluster.example.net/kairos?retryWrites=true&w=majority"
    );
    assert_eq!(name, "kairos");
    assert_eq!(wrong_keys(&keys[..3]), ["MONGO_DB_NAME"]);
}

#[test]
fn a_malformed_line_of_the_file_is_named_by_its_number() {
    let error = sources::parse_dotenv("HOST=localhost\nSECRET_KEY=a b c\n").unwrap_err();
    assert!(matches!(error, DotEnvError::Malformed { line: 2 }), "{error}");
    let read = sources::parse_dotenv("# a comment\nHOST='::1'\nexport PORT=1\n").unwrap();
    assert_eq!(read["HOST"], "::1");
    assert_eq!(read["PORT"], "1");
}

/// `KAIROS_BLESS=1 cargo test --workspace --lib documentation` writes both files anew.
#[test]
fn the_documentation_of_the_keys_is_fresh() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");
    for (file, text) in [
        (".env.example", documentation::dotenv_example()),
        ("docs/CONFIGURATION.md", documentation::configuration_md()),
    ] {
        let path = format!("{root}{file}");
        if sources::process_environment("KAIROS_BLESS").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == text,
            "{file} is stale: KAIROS_BLESS=1 cargo test --workspace --lib documentation"
        );
    }
}

#[test]
fn what_the_example_shows_is_what_counts_without_it() {
    let example = documentation::dotenv_example();
    let shown: String = example
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter(|line| {
            keys::ALL
                .iter()
                .any(|key| line.starts_with(&format!("{}=", key.name)))
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let dotenv = sources::parse_dotenv(&shown).unwrap();
    assert_eq!(dotenv.len(), keys::ALL.len());
    let config = Config::read(&|_| None, &dotenv).unwrap();
    assert_eq!(format!("{config:?}"), format!("{:?}", read(&[]).unwrap()));
}

#[test]
fn the_kept_signing_key_is_made_once_and_for_its_owner_only() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("data");
    let randomness = crate::system::OsRandomness::open().unwrap();
    let made = secret_key::load_or_make(&folder, &randomness).unwrap();
    let kept = secret_key::load_or_make(&folder, &randomness).unwrap();
    assert_eq!(made.expose_secret(), kept.expose_secret());
    assert_eq!(made.expose_secret().len(), 64);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(folder.join("secret_key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    fs::write(folder.join("secret_key"), "short").unwrap();
    assert!(secret_key::load_or_make(&folder, &randomness).is_err());
}
