//! The choice of the database, and its limits.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};

use super::keys;
use super::reader::Reader;
use super::values::{Environment, Host};

/// The database to use.
#[derive(Debug, Clone)]
pub enum Database {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A MongoDB database.
    MongoDb {
        /// The connection string, which may hold a password.
        url: SecretString,
        /// The name of the database.
        name: String,
        /// Limits on the use of the server.
        limits: MongoDbLimits,
    },
}

/// Limits on the use of a MongoDB server.
#[derive(Debug, Clone, Copy)]
pub struct MongoDbLimits {
    /// Most connections open at once. `maxPoolSize` in the connection string takes precedence.
    pub max_connections: u32,
    /// Time limit for one call, in seconds.
    pub timeout_seconds: u32,
}

impl fmt::Display for Database {
    /// Writes the database without user or password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::MongoDb { url, name, .. } => {
                let url = url.expose_secret();
                let hosts = url.split_once("://").map_or(url, |(_, rest)| rest);
                let hosts = hosts.split('/').next().unwrap_or(hosts);
                let hosts = hosts.rsplit_once('@').map_or(hosts, |(_, hosts)| hosts);
                write!(f, "MongoDB database {name} on {hosts}")
            }
        }
    }
}

impl MongoDbLimits {
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let number = |range: RangeInclusive<u32>| {
            move |value: &str| value.parse().ok().filter(|number| range.contains(number))
        };
        let max_connections = reader.get_or_default(&keys::MONGODB_MAX_CONNECTIONS, number(2..=1000));
        let timeout_seconds = reader.get_or_default(&keys::MONGODB_TIMEOUT_SECONDS, number(1..=8));
        Some(Self {
            max_connections: max_connections?,
            timeout_seconds: timeout_seconds?,
        })
    }
}

impl Database {
    /// Parses the address of a database, in the form of `DATABASE_URL`.
    #[must_use]
    pub fn parse(value: &str, limits: MongoDbLimits) -> Option<Self> {
        if let Some(path) = value.strip_prefix("sqlite://") {
            // Options and `:memory:` are rejected: no operator wants journeys that a restart deletes.
            let is_file = !path.is_empty()
                && !path.ends_with('/')
                && !path.contains(['?', '#', '\0'])
                && !path.starts_with(':');
            return is_file.then(|| Self::Sqlite(PathBuf::from(path)));
        }
        let rest = value
            .strip_prefix("mongodb://")
            .or_else(|| value.strip_prefix("mongodb+srv://"))?;
        let (authority, path) = rest.split_once('/')?;
        let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
        let name = path.split_once('?').map_or(path, |(name, _)| name);
        (!hosts.is_empty() && !value.contains(char::is_whitespace) && is_database_name(name)).then(|| {
            Self::MongoDb {
                url: SecretString::from(value),
                name: name.to_owned(),
                limits,
            }
        })
    }

    /// Reads `DATABASE_URL`, else the four `MONGO_` keys, else takes the default in `local`.
    pub(super) fn read(
        reader: &mut Reader<'_>,
        environment: Option<Environment>,
        data_dir: Option<&Path>,
        limits: Option<MongoDbLimits>,
    ) -> Option<Self> {
        if reader.is_set(&keys::DATABASE_URL) {
            // Wrong limits are already noted as a problem, so that these values are never used.
            let limits = limits.unwrap_or(MongoDbLimits {
                max_connections: 2,
                timeout_seconds: 1,
            });
            return reader.get(&keys::DATABASE_URL, |value| Self::parse(value, limits));
        }
        let mongo_keys = [
            &keys::MONGO_HOST,
            &keys::MONGO_USERNAME,
            &keys::MONGO_PASSWORD,
            &keys::MONGO_DB_NAME,
        ];
        if mongo_keys.iter().any(|key| reader.is_set(key)) {
            for key in mongo_keys {
                if !reader.is_set(key) {
                    reader.missing(key, "with the other `MONGO_` keys");
                }
            }
            let host = reader.get(&keys::MONGO_HOST, |value| {
                Host::parse(value).filter(|host| !host.as_str().contains(':'))
            });
            let username = reader.get(&keys::MONGO_USERNAME, |value| Some(value.to_owned()));
            let password = reader.secret(&keys::MONGO_PASSWORD);
            let name = reader.get(&keys::MONGO_DB_NAME, |value| {
                is_database_name(value).then(|| value.to_owned())
            });
            return Some(Self::cluster(&host?, &username?, &password?, name?, limits?));
        }
        match environment? {
            Environment::Local => Some(Self::Sqlite(data_dir?.join("kairos.db"))),
            Environment::Staging | Environment::Production => {
                reader.missing(&keys::DATABASE_URL, "outside `local`, unless `MONGO_HOST` is set");
                None
            }
        }
    }

    fn cluster(
        host: &Host,
        username: &str,
        password: &SecretString,
        name: String,
        limits: MongoDbLimits,
    ) -> Self {
        let username = utf8_percent_encode(username, NON_ALPHANUMERIC);
        let password = utf8_percent_encode(password.expose_secret(), NON_ALPHANUMERIC);
        let host = host.as_str();
        Self::MongoDb {
            url: format!("mongodb+srv://{username}:{password}@{host}/{name}?retryWrites=true&w=majority")
                .into(),
            name,
            limits,
        }
    }
}

/// Returns whether MongoDB accepts a database name on every system it runs on.
fn is_database_name(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && !name.contains(|character: char| character.is_control() || "/\\. \"$*<>:|?#%".contains(character))
}
