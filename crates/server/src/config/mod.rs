//! The configuration: read once at the start, from the environment and then from `.env`, into values that can't be wrong.
//!
//! [`keys`] is the table of all keys. What is wrong is told all at once, a line each, and never shows a secret.

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
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;

pub use database::{Database, MongoDbLimits};
pub use mail::{MailDelivery, SmtpCredentials};
pub use reader::Problem;
pub use sources::DotEnvError;
pub use values::{CorsOrigins, Environment, Host, HttpUrl, MailFrom};

use reader::Reader;

/// Everything an operator has chosen.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address to listen on.
    pub host: Host,
    /// The port to listen on; 0 is any that is free.
    pub port: u16,
    /// What this installation is.
    pub environment: Environment,
    /// The title of the documentation pages and mails.
    pub project_name: String,
    /// A filter for the log, which `tracing` takes.
    pub log: String,
    /// Where metrics are given away, if anywhere.
    pub metrics_listen: Option<SocketAddr>,
    /// Where the server keeps its own files.
    pub data_dir: PathBuf,
    /// The database.
    pub database: Database,
    /// How much to ask of a MongoDB server, whichever.
    pub mongodb_limits: MongoDbLimits,
    /// What signs the tokens. `None`, in `local` only, is the one that [`secret_key`] keeps in `data_dir`.
    pub secret_key: Option<SecretString>,
    /// How long access tokens are good, in minutes.
    pub access_token_minutes: u32,
    /// How long refresh tokens are good, in minutes.
    pub refresh_token_minutes: u32,
    /// How long links that verify an address are good, in minutes.
    pub verification_token_minutes: u32,
    /// How long links that set a new password are good, in minutes.
    pub password_reset_token_minutes: u32,
    /// Where links in mails lead; see [`Config::links_lead_to`].
    pub frontend_url: Option<HttpUrl>,
    /// Where this server is reached from outside, if that is not `frontend_url`.
    pub public_url: Option<HttpUrl>,
    /// Who mails are from.
    pub mail_from: MailFrom,
    /// How mail leaves.
    pub mail_delivery: MailDelivery,
    /// The riders who may register.
    pub registration: RegistrationPolicy,
    /// The visibility of journeys that are created without one.
    pub default_visibility: Visibility,
    /// The distance within which journeys are nearby when a request names none.
    pub nearby_distance_metres: u32,
    /// The web pages that may call the API.
    pub cors_origins: CorsOrigins,
    /// Whether log-ins, registrations, mails, writes and connections of a client are limited.
    pub rate_limit: bool,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether this process was started by AWS Lambda, which hands it requests instead of connections.
    pub is_on_lambda: bool,
    /// Names that are not keys, but resemble one.
    pub mistyped_keys: Vec<Problem>,
}

/// The configuration can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// `.env` can't be read.
    #[error(transparent)]
    DotEnv(#[from] DotEnvError),
    /// Values are wrong or missing.
    #[error("{0}")]
    Wrong(Problems),
}

/// Everything that is wrong, a line each.
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

/// A signing key shorter than this could be guessed: HS256 wants as many bytes as its hash has.
const SECRET_KEY_LEAST_BYTES: usize = 32;

impl Config {
    /// Reads the process environment, and `.env` in the working directory.
    ///
    /// # Errors
    /// Everything that is wrong, at once; a `.env` that can't be read, alone.
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

    /// Reads an environment, and what a `.env` file held.
    ///
    /// # Errors
    /// [`ConfigError::Wrong`] with everything that is wrong.
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

    /// Every key is read before the first that is wrong ends anything: `None` comes with problems noted.
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
        let rate_limit = reader.get_or_default(&keys::RATE_LIMIT, |value| match value {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        });
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
            trusted_proxies: trusted_proxies?,
            is_on_lambda,
            mistyped_keys: Vec::new(),
        })
    }

    /// Where the links in mails lead, without a trailing slash: `FRONTEND_URL`, or this server at the port it really got.
    #[must_use]
    pub fn links_lead_to(&self, port: u16) -> String {
        match &self.frontend_url {
            Some(url) => url.as_str().to_owned(),
            None => self.host.http_url(port),
        }
    }

    /// Returns the URL at which this server is reached from outside, without a trailing slash: `PUBLIC_URL` or, without it,
    /// [`Config::links_lead_to`].
    #[must_use]
    pub fn public_url(&self, port: u16) -> String {
        match &self.public_url {
            Some(url) => url.as_str().to_owned(),
            None => self.links_lead_to(port),
        }
    }
}

/// On AWS Lambda nothing that is kept beside the program lasts, and everybody can reach it.
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
