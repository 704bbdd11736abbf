//! The configuration, read once at the start: from the environment, then from `.env`.
//!
//! [`keys`] is the table of all keys. The types of the values can't hold invalid ones. All problems are
//! reported together, one per line, without secrets.

mod database;
pub mod documentation;
pub mod keys;
mod mail;
mod mistyped_keys;
mod reader;
pub mod secret_key;
mod sources;
#[cfg(test)]
mod tests;
mod values;
mod warnings;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use kairos_domain::RegistrationPolicy;
use kairos_domain::journey::Visibility;
use kairos_web::MapSettings;
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;

pub use database::{Database, MongoDbLimits};
pub use mail::{MailDelivery, SmtpCredentials};
pub use reader::Problem;
pub use sources::DotEnvError;
pub use values::{CorsOrigins, Environment, Host, HttpUrl, MailFrom};

use reader::Reader;

/// All settings of the operator.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address to listen on.
    pub host: Host,
    /// The port to listen on; 0 is any free port.
    pub port: u16,
    /// The purpose of this installation.
    pub environment: Environment,
    /// The title of the documentation pages and mails.
    pub project_name: String,
    /// The filter for the log, in the syntax of `tracing`.
    pub log: String,
    /// The address that serves metrics, if any.
    pub metrics_listen: Option<SocketAddr>,
    /// The folder of the files that the server itself creates.
    pub data_dir: PathBuf,
    /// The database.
    pub database: Database,
    /// Limits on the use of any MongoDB server.
    pub mongodb_limits: MongoDbLimits,
    /// The key that signs tokens. `None`, in `local` only, stands for the key that [`secret_key`] keeps in
    /// `data_dir`.
    pub secret_key: Option<SecretString>,
    /// The lifetime of access tokens, in minutes.
    pub access_token_minutes: u32,
    /// The lifetime of refresh tokens, in minutes.
    pub refresh_token_minutes: u32,
    /// The lifetime of links that verify an address, in minutes.
    pub verification_token_minutes: u32,
    /// The lifetime of links that set a new password, in minutes.
    pub password_reset_token_minutes: u32,
    /// The base URL of the links in mails; see [`Config::links_lead_to`].
    pub frontend_url: Option<HttpUrl>,
    /// The URL at which this server is reached from outside, if it differs from `frontend_url`.
    pub public_url: Option<HttpUrl>,
    /// The sender of mails.
    pub mail_from: MailFrom,
    /// The way to deliver mails.
    pub mail_delivery: MailDelivery,
    /// The policy that decides who may register.
    pub registration: RegistrationPolicy,
    /// The visibility of journeys that are created without one.
    pub default_visibility: Visibility,
    /// The distance within which journeys are nearby, unless the request sets one.
    pub nearby_distance_metres: u32,
    /// The origins of the web pages that may call the API.
    pub cors_origins: CorsOrigins,
    /// Whether the log-ins, registrations, mails, writes and connections of a client are limited.
    pub rate_limit: bool,
    /// Whether the web app is served.
    pub web_app: bool,
    /// The base map of the web app, if it is not the embedded one.
    pub map: MapSettings,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether AWS Lambda has started this process, and passes it requests instead of connections.
    pub is_on_lambda: bool,
    /// Names of variables that are no keys, but resemble one.
    pub mistyped_keys: Vec<Problem>,
}

/// Why the configuration can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// `.env` can't be read.
    #[error(transparent)]
    DotEnv(#[from] DotEnvError),
    /// Values are wrong or missing.
    #[error("{0}")]
    Wrong(Problems),
}

/// All problems of a configuration, one per line.
#[derive(Debug)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

/// Minimum length of a signing key in bytes: the length of the hash of HS256.
///
/// A shorter key could be guessed.
const SECRET_KEY_LEAST_BYTES: usize = 32;

impl Config {
    /// Reads the process environment, and `.env` in the working directory.
    ///
    /// # Errors
    /// All problems together, or only the error of a `.env` that can't be read.
    pub fn load() -> Result<Self, ConfigError> {
        let dotenv = sources::read_dotenv(Path::new(".env"))?;
        let mistyped = mistyped_keys::find(
            dotenv.keys().map(String::as_str),
            sources::process_environment_names(),
        );
        match Self::read(&sources::process_environment, &dotenv) {
            Ok(config) => Ok(Self {
                mistyped_keys: mistyped,
                ..config
            }),
            Err(ConfigError::Wrong(Problems(problems))) => {
                let all = problems.into_iter().chain(mistyped).collect();
                Err(ConfigError::Wrong(Problems(all)))
            }
            Err(error) => Err(error),
        }
    }

    /// Reads a configuration from an environment and the content of a `.env` file.
    ///
    /// # Errors
    /// [`ConfigError::Wrong`] with all problems.
    pub fn read(
        environment: &dyn Fn(&str) -> Option<OsString>,
        dotenv: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(environment, dotenv);
        let config = Self::read_all(&mut reader);
        match config {
            Some(config) if reader.problems.is_empty() => Ok(config),
            _ => Err(ConfigError::Wrong(Problems(reader.problems))),
        }
    }

    /// Reads every key, even after a wrong one. If the result is `None`, problems are noted.
    fn read_all(reader: &mut Reader<'_>) -> Option<Self> {
        let host = reader.get_or_default(&keys::HOST, Host::parse);
        let port = reader.get_or_default(&keys::PORT, |value| value.parse().ok());
        let environment = reader.get_or_default(&keys::ENVIRONMENT, Environment::parse);
        let project_name = reader.get_or_default(&keys::PROJECT_NAME, values::line);
        let log = reader.get_or_default(&keys::LOG, |value| {
            EnvFilter::try_new(value).ok().map(|_| value.to_owned())
        });
        let metrics_listen = reader.get(&keys::METRICS_LISTEN, |value| value.parse().ok());
        let data_dir = reader.get_or_default(&keys::DATA_DIR, |value| {
            (!value.contains('\0')).then(|| PathBuf::from(value))
        });
        let mongodb_limits = MongoDbLimits::read(reader);
        let database = Database::read(reader, environment, data_dir.as_deref(), mongodb_limits);
        let is_public = environment.is_some_and(|environment| environment != Environment::Local);
        let secret_key = reader.get(&keys::SECRET_KEY, |value| {
            (!is_public || value.len() >= SECRET_KEY_LEAST_BYTES).then(|| SecretString::from(value))
        });
        let access = reader.get_or_default(&keys::ACCESS_TOKEN_EXPIRE_MINUTES, values::minutes);
        let refresh = reader.get_or_default(&keys::REFRESH_TOKEN_EXPIRE_MINUTES, values::minutes);
        let verification = reader.get_or_default(&keys::VERIFICATION_TOKEN_EXPIRE_MINUTES, values::minutes);
        let password_reset =
            reader.get_or_default(&keys::PASSWORD_RESET_TOKEN_EXPIRE_MINUTES, values::minutes);
        let frontend_url = reader.get(&keys::FRONTEND_URL, HttpUrl::parse);
        let public_url = reader.get(&keys::PUBLIC_URL, HttpUrl::parse);
        let mail_from = reader.get_or_default(&keys::MAIL_FROM, MailFrom::parse);
        let mail_delivery = MailDelivery::read(reader, environment, data_dir.as_deref());
        let registration = reader.get_or_default(&keys::REGISTRATION, values::registration);
        let default_visibility = reader.get_or_default(&keys::DEFAULT_VISIBILITY, values::visibility);
        let nearby_distance_metres =
            reader.get_or_default(&keys::NEARBY_DISTANCE_METERS, values::nearby_distance);
        let cors_origins = reader.get_or_default(&keys::CORS_ORIGINS, CorsOrigins::parse);
        let rate_limit = reader.get_or_default(&keys::RATE_LIMIT, values::switch);
        let web_app = reader.get_or_default(&keys::WEB_APP, values::switch);
        let map = MapSettings {
            style_url: reader.get(&keys::MAP_STYLE_URL, values::map_url),
            tiles_url: reader.get(&keys::MAP_TILES_URL, values::tiles_url),
            attribution: reader.get(&keys::MAP_ATTRIBUTION, values::attribution),
            archive: None,
        };
        let trusted_proxies = if reader.is_set(&keys::TRUSTED_PROXIES) {
            reader.get(&keys::TRUSTED_PROXIES, values::networks)
        } else {
            Some(Vec::new())
        };
        if is_public {
            for key in [&keys::SECRET_KEY, &keys::FRONTEND_URL, &keys::MAIL_FROM] {
                if !reader.is_set(key) {
                    reader.missing(key, "outside `local`");
                }
            }
        }
        let is_on_lambda = reader.is_on_lambda();
        if is_on_lambda {
            refuse_what_lambda_forgets(reader, environment, database.as_ref());
        }
        Some(Self {
            host: host?,
            port: port?,
            environment: environment?,
            project_name: project_name?,
            log: log?,
            metrics_listen,
            data_dir: data_dir?,
            database: database?,
            mongodb_limits: mongodb_limits?,
            secret_key,
            access_token_minutes: access?,
            refresh_token_minutes: refresh?,
            verification_token_minutes: verification?,
            password_reset_token_minutes: password_reset?,
            frontend_url,
            public_url,
            mail_from: mail_from?,
            mail_delivery: mail_delivery?,
            registration: registration?,
            default_visibility: default_visibility?,
            nearby_distance_metres: nearby_distance_metres?,
            cors_origins: cors_origins?,
            rate_limit: rate_limit?,
            web_app: web_app?,
            map,
            trusted_proxies: trusted_proxies?,
            is_on_lambda,
            mistyped_keys: Vec::new(),
        })
    }

    /// Returns the base URL of the links in mails, without a trailing slash.
    ///
    /// That is `FRONTEND_URL` or, without it, this server at `port`, the port that it actually listens on.
    #[must_use]
    pub fn links_lead_to(&self, port: u16) -> String {
        match &self.frontend_url {
            Some(url) => url.as_str().to_owned(),
            None => self.host.http_url(port),
        }
    }

    /// Returns the URL at which this server is reached from outside, without a trailing slash.
    ///
    /// That is `PUBLIC_URL` or, without it, [`Config::links_lead_to`].
    #[must_use]
    pub fn public_url(&self, port: u16) -> String {
        match &self.public_url {
            Some(url) => url.as_str().to_owned(),
            None => self.links_lead_to(port),
        }
    }
}

/// Rejects settings that are unsafe on AWS Lambda: no local file lasts there, and anybody can reach it.
fn refuse_what_lambda_forgets(
    reader: &mut Reader<'_>,
    environment: Option<Environment>,
    database: Option<&Database>,
) {
    if environment == Some(Environment::Local) {
        let message = "takes `staging` or `production` on AWS Lambda, where everybody can reach it";
        reader.problem(&keys::ENVIRONMENT, message.to_owned());
    }
    if reader.is_set(&keys::DATABASE_URL) && matches!(database, Some(Database::Sqlite(_))) {
        let message = "takes a MongoDB database on AWS Lambda, which forgets its files";
        reader.problem(&keys::DATABASE_URL, message.to_owned());
    }
}
