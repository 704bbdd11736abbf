//! Composes the service: implements the ports of the domain as the configuration says.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::http::HeaderValue;
use chrono::TimeDelta;
use kairos_api::{ApiSettings, JwtCodec};
use kairos_domain::clock::{Clock, Randomness};
use kairos_domain::mail::Mailer;
use kairos_domain::password::PasswordHasher;
use kairos_domain::store::Store;
use kairos_domain::{Kairos, MailsLeave, Ports, Settings, TokenLifetimes};
use kairos_mail::{Folder, HelloName, Resend, ResendSettings, Sender, Smtp, SmtpSettings};
use kairos_store::administration::AdminStore;
use kairos_store::mongodb::{MongoSettings, MongoStore};
use kairos_store::sqlite::SqliteStore;
use kairos_web::MapSettings;
use secrecy::ExposeSecret as _;
use url::Url;

use crate::config::{Config, CorsOrigins, Database, Environment, MailDelivery, secret_key};
use crate::service::whole;
use crate::system::{OsRandomness, SystemClock};

/// The parts of a service that its start and its background tasks use.
pub struct Service {
    /// The use cases.
    pub kairos: Arc<Kairos>,
    /// The store.
    pub store: Arc<dyn Store>,
    /// The machine's clock.
    pub clock: Arc<dyn Clock>,
    /// The machine's randomness.
    pub randomness: Arc<dyn Randomness>,
    /// The hasher of passwords.
    pub passwords: PasswordHasher,
    /// The API over HTTP.
    pub router: Router,
}

/// Time limits and the delivery of mails, by the environment of the program.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// When mails are sent.
    pub mails_leave: MailsLeave,
    /// Time limit for a request.
    pub time_limit: Duration,
}

impl Pace {
    /// The pace of a server, which runs all the time.
    pub const OF_A_SERVER: Self = Self {
        mails_leave: MailsLeave::InTheBackground,
        time_limit: Duration::from_secs(30),
    };

    /// The pace of a function on AWS Lambda, which is frozen between requests.
    ///
    /// The time left of an invocation also limits its response, and in practice is the limit that counts. In
    /// the template, API Gateway waits for 16 s.
    pub const OF_A_FUNCTION: Self = Self {
        mails_leave: MailsLeave::BeforeTheActEnds {
            within: Duration::from_secs(2),
        },
        time_limit: Duration::from_secs(15),
    };
}

/// Opens what the configuration names, and composes the service.
///
/// Links in mails lead to `port`, unless the configuration says otherwise.
///
/// # Errors
/// A sentence for the operator that names what can't be opened.
pub async fn service(config: &Config, port: u16, pace: Pace) -> anyhow::Result<Service> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let randomness: Arc<dyn Randomness> =
        Arc::new(OsRandomness::open().context("this system gives no randomness")?);
    let key = match &config.secret_key {
        Some(key) => key.clone(),
        None => secret_key::load_or_make(&config.data_dir, &*randomness)?,
    };
    let store = admin_store(&config.database, Access::Write).await?;
    if store.is_new() {
        report_new_database(config);
    }
    let store: Arc<dyn Store> = store;
    let passwords = PasswordHasher::new(
        PasswordHasher::COST,
        available_parallelism().unwrap_or(NonZeroUsize::MIN),
    );
    let kairos = Arc::new(Kairos::new(
        Ports {
            store: Arc::clone(&store),
            mailer: mailer(config)?,
            clock: Arc::clone(&clock),
            randomness: Arc::clone(&randomness),
            tokens: Arc::new(JwtCodec::new(key.expose_secret().as_bytes())),
            passwords: passwords.clone(),
        },
        Settings {
            lifetimes: lifetimes(config),
            frontend_url: config.links_lead_to(port),
            rate_limit: config.rate_limit,
            mails_leave: pace.mails_leave,
            registration: config.registration,
            default_visibility: config.default_visibility,
            nearby_distance_metres: config.nearby_distance_metres.into(),
        },
    ));
    let router = kairos_api::router(
        Arc::clone(&kairos),
        api_settings(config, port, pace, &randomness)?,
    );
    Ok(Service {
        kairos,
        store,
        clock,
        randomness,
        passwords,
        router,
    })
}

/// Returns the first map of the operator's own, by name.
fn own_map(data_dir: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(data_dir.join("maps")).ok()?;
    let paths = files.filter_map(|file| Some(file.ok()?.path()));
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "pmtiles"))
        .min()
}

/// Logs that the database was empty.
///
/// Outside `local`, this is more often due to a wrong `DATABASE_URL` than to a first start.
fn report_new_database(config: &Config) {
    let database = match &config.database {
        Database::Sqlite(path) => whole(path).display().to_string(),
        database @ Database::MongoDb { .. } => database.to_string(),
    };
    if config.environment == Environment::Local {
        tracing::info!(database, "created a new database");
    } else {
        tracing::warn!(
            database,
            "created a new database; if there should be one, check DATABASE_URL"
        );
    }
}

/// The purpose of opening a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// To read. MongoDB may be a standalone server, and is not migrated.
    Read,
    /// To write. Migrations run first.
    Write,
}

/// Opens a database.
///
/// # Errors
/// A sentence for the operator about the problem with the database.
pub async fn admin_store(database: &Database, access: Access) -> anyhow::Result<Arc<dyn AdminStore>> {
    match database {
        Database::Sqlite(path) => {
            if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("")) {
                secret_key::create_private_folder(folder)
                    .with_context(|| format!("the folder {} can't be created", folder.display()))?;
            }
            Ok(Arc::new(SqliteStore::open(path).await?))
        }
        Database::MongoDb { url, name, limits } => {
            let settings = MongoSettings {
                url: url.expose_secret().to_owned(),
                database: name.clone(),
                max_connections: limits.max_connections,
                timeout: Duration::from_secs(limits.timeout_seconds.into()),
            };
            Ok(Arc::new(match access {
                Access::Read => MongoStore::open_to_read(&settings).await?,
                Access::Write => MongoStore::open(&settings).await?,
            }))
        }
    }
}

/// Creates the client that sends mails.
///
/// # Errors
/// A sentence for the operator that names the faulty setting.
pub fn mailer(config: &Config) -> anyhow::Result<Arc<dyn Mailer>> {
    let sender: Sender = config.mail_from.as_str().parse().context("MAIL_FROM")?;
    let project_name = config.project_name.clone();
    Ok(match &config.mail_delivery {
        MailDelivery::Resend { api_key, base_url } => Arc::new(
            Resend::new(&ResendSettings {
                api_key: api_key.clone(),
                base_url: base_url.as_str().to_owned(),
                sender,
                project_name,
            })
            .context("RESEND_API_KEY")?,
        ),
        MailDelivery::Smtp {
            host,
            port,
            tls,
            hello_name,
            credentials,
        } => Arc::new(
            Smtp::new(SmtpSettings {
                host: host.as_str().to_owned(),
                port: *port,
                tls: *tls,
                hello_name: match hello_name.clone().or_else(HelloName::of_this_machine) {
                    Some(name) => name,
                    None => host_of_links(config)?,
                },
                credentials: credentials
                    .as_ref()
                    .map(|credentials| kairos_mail::SmtpCredentials {
                        username: credentials.username.clone(),
                        password: credentials.password.clone(),
                    }),
                sender,
                project_name,
            })
            .context("MAIL_SERVER")?,
        ),
        MailDelivery::Folder(path) => Arc::new(Folder::new(path.clone(), sender, &project_name)?),
    })
}

/// Returns the host of the links in mails, for use in `EHLO`.
fn host_of_links(config: &Config) -> anyhow::Result<HelloName> {
    let url = Url::parse(&config.links_lead_to(config.port)).context("FRONTEND_URL")?;
    let host = url.host_str().unwrap_or_default();
    host.parse()
        .context("FRONTEND_URL has no host name for EHLO; set MAIL_HELO")
}

fn lifetimes(config: &Config) -> TokenLifetimes {
    let minutes = |minutes: u32| TimeDelta::minutes(i64::from(minutes));
    TokenLifetimes {
        access: minutes(config.access_token_minutes),
        refresh: minutes(config.refresh_token_minutes),
        verification: minutes(config.verification_token_minutes),
        password_reset: minutes(config.password_reset_token_minutes),
    }
}

fn api_settings(
    config: &Config,
    port: u16,
    pace: Pace,
    randomness: &Arc<dyn Randomness>,
) -> anyhow::Result<ApiSettings> {
    let cors_origins = match &config.cors_origins {
        CorsOrigins::Any => kairos_api::CorsOrigins::Any,
        CorsOrigins::Only(origins) => kairos_api::CorsOrigins::List(
            origins
                .iter()
                .map(|origin| HeaderValue::from_str(origin))
                .collect::<Result<_, _>>()
                .context("CORS_ORIGINS")?,
        ),
    };
    let own_origins = [config.links_lead_to(port), config.public_url(port)]
        .iter()
        .map(|url| Ok(Url::parse(url)?.origin().ascii_serialization()))
        .collect::<anyhow::Result<_>>()
        .context("FRONTEND_URL, PUBLIC_URL")?;
    let is_https = config.public_url(port).starts_with("https:");
    Ok(ApiSettings {
        project_name: config.project_name.clone(),
        cors_origins,
        own_origins,
        web_app: config.web_app.then(|| MapSettings {
            archive: own_map(&config.data_dir),
            ..config.map.clone()
        }),
        is_https,
        trusted_proxies: config.trusted_proxies.clone(),
        lacks_trusted_proxies: config.lacks_trusted_proxies(),
        time_limit: pace.time_limit,
        randomness: Arc::clone(randomness),
    })
}
