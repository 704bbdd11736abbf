//! The table of all keys of the configuration.
//!
//! The reader, the errors, `.env.example` and `docs/CONFIGURATION.md` all use this table.

/// A key of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The name of the key in the environment.
    pub name: &'static str,
    /// The section of the documentation that lists the key.
    pub section: Section,
    /// The value of the key when it is not set.
    pub default: Default,
    /// The values that the key takes, as the end of the sentence “it takes …”.
    pub takes: &'static str,
    /// The purpose of the key, in whole sentences.
    pub meaning: &'static str,
    /// Whether the value must never be shown.
    pub secret: bool,
}

/// The value of a key that is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// This value, in every environment.
    Value(&'static str),
    /// This value in `local`; elsewhere the key is required.
    LocalValue(&'static str),
    /// A value that depends on other settings, described in these words.
    Described(&'static str),
    /// No value.
    Nothing,
}

impl Default {
    /// Returns the default, if it is a fixed value.
    #[must_use]
    pub const fn value(self) -> Option<&'static str> {
        match self {
            Self::Value(value) | Self::LocalValue(value) => Some(value),
            Self::Described(_) | Self::Nothing => None,
        }
    }
}

/// A section of the documentation of the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Address, environment, and log of the server.
    Server,
    /// Files and database.
    Data,
    /// Signing key and lifetimes of tokens.
    Tokens,
    /// Links in mails, and the delivery of mails.
    Mail,
    /// Registration and journeys.
    Riders,
    /// Browsers, proxies, limits.
    Edge,
}

impl Section {
    /// All sections, in the order of the documentation.
    pub const ALL: [Self; 6] = [
        Self::Server,
        Self::Data,
        Self::Tokens,
        Self::Mail,
        Self::Riders,
        Self::Edge,
    ];

    /// Returns the heading of the section.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Server => "The server",
            Self::Data => "Where things are kept",
            Self::Tokens => "Tokens",
            Self::Mail => "Mail",
            Self::Riders => "Riders",
            Self::Edge => "Browsers, proxies and limits",
        }
    }
}

const MINUTES: &str = "a number of minutes, 1 to 5256000";

macro_rules! keys {
    ($($name:ident { $section:ident, $default:expr, takes: $takes:expr, meaning: $meaning:expr $(, secret: $secret:literal)? })+) => {
        $(
            #[doc = concat!("The key `", stringify!($name), "`.")]
            pub const $name: Key = Key {
                name: stringify!($name),
                section: Section::$section,
                default: $default,
                takes: $takes,
                meaning: $meaning,
                secret: false $(|| $secret)?,
            };
        )+
        /// Every key, in the order of the documentation.
        pub const ALL: &[Key] = &[$($name),+];
    };
}

use self::Default::{Described, LocalValue, Nothing, Value};

keys! {
    HOST { Server, Value("127.0.0.1"), takes: "an IP address or a host name", meaning: "The address the server listens on. `0.0.0.0` or `::` is all of them." }
    PORT { Server, Value("8000"), takes: "a port number, 0 to 65535", meaning: "The port it listens on. `0` is any that is free." }
    ENVIRONMENT { Server, Value("local"), takes: "`local`, `staging` or `production`", meaning: "What this installation is. `local` works with nothing configured; the others refuse to start half-configured, and log JSON." }
    PUBLIC_URL { Server, Described("`FRONTEND_URL`"), takes: "an absolute `http` or `https` URL without user, query or fragment", meaning: "Where this server is reached from outside, if that is neither where mails lead nor what a proxy passes on in `Host`. Pages of this origin may log in and register, whatever `CORS_ORIGINS` says." }
    PROJECT_NAME { Server, Value("Kairos"), takes: "1 to 100 characters on one line", meaning: "The title of the documentation pages and of the mails." }
    WEB_APP { Server, Value("on"), takes: "`on` or `off`", meaning: "Whether the web app is served, at `/` and below `/app/`. `off` leaves the API, its documentation and the pages that mails link to." }
    MAP_STYLE_URL { Server, Nothing, takes: "an absolute `http` or `https` URL without user and fragment", meaning: "A style of MapLibre, instead of the embedded base map of the web app. Browsers load the style and everything on its host; other hosts that it names are blocked." }
    MAP_TILES_URL { Server, Nothing, takes: "an absolute `http` or `https` URL with `{z}`, `{x}` and `{y}`", meaning: "Raster tiles, instead of the embedded base map of the web app. The servers of openstreetmap.org are not meant for apps." }
    MAP_ATTRIBUTION { Server, Nothing, takes: "1 to 1000 characters on one line", meaning: "The attribution that these tiles want, which may hold links in HTML." }
    LOG { Server, Value("info"), takes: "a `tracing` filter such as `info` or `warn,kairos_api=debug`", meaning: "What is logged, to standard error. Query strings never are." }
    METRICS_LISTEN { Server, Nothing, takes: "an IP address and a port, such as `127.0.0.1:9100`", meaning: "Where metrics are given to Prometheus, at `/metrics`. Nowhere when it is not set, nor on AWS Lambda, which measures by itself. They tell how the service is used: keep them from the public." }

    DATA_DIR { Data, Value("data"), takes: "the path of a folder", meaning: "Where the server keeps its own files. It is made when it is missing." }
    DATABASE_URL { Data, Described("in `local` SQLite at `DATA_DIR/kairos.db`; required elsewhere, unless `MONGO_HOST` is set"), takes: "`sqlite://PATH`, `mongodb://HOST/DATABASE` or `mongodb+srv://HOST/DATABASE`", meaning: "The database. `sqlite://data/kairos.db` is relative to the working directory, `sqlite:///var/lib/kairos.db` is absolute. MongoDB has to be a replica set, of one member or more, or a sharded cluster.", secret: true }
    MONGO_HOST { Data, Nothing, takes: "a host name", meaning: "With no `DATABASE_URL`: the MongoDB cluster to reach by `mongodb+srv://`, with retryable writes and majority write concern. The four `MONGO_` keys are set together." }
    MONGO_USERNAME { Data, Nothing, takes: "a user name", meaning: "The user of that cluster." }
    MONGO_PASSWORD { Data, Nothing, takes: "a password", meaning: "The password of that user.", secret: true }
    MONGO_DB_NAME { Data, Nothing, takes: "the name of a database", meaning: "The database in that cluster." }
    MONGODB_MAX_CONNECTIONS { Data, Value("32"), takes: "a number, 2 to 1000", meaning: "The most connections to a MongoDB server at once, unless the connection string says `maxPoolSize`. At most half of them read lists and search at the same time, so that nothing else waits behind these." }
    MONGODB_TIMEOUT_SECONDS { Data, Value("5"), takes: "a number of seconds, 1 to 8", meaning: "How long a call to a MongoDB server may take, the wait for a connection included. After that the request is answered 503." }

    SECRET_KEY { Tokens, Described("in `local` made once and kept in `DATA_DIR/secret_key`; required elsewhere"), takes: "a secret of at least 32 bytes, such as `openssl rand -hex 32` gives", meaning: "Signs the tokens. Whoever knows it can be anyone; who changes it signs everyone out. In `local` a shorter one is taken, with a warning.", secret: true }
    ACCESS_TOKEN_EXPIRE_MINUTES { Tokens, Value("60"), takes: MINUTES, meaning: "How long an access token is good." }
    REFRESH_TOKEN_EXPIRE_MINUTES { Tokens, Value("11520"), takes: MINUTES, meaning: "How long a refresh token is good." }
    VERIFICATION_TOKEN_EXPIRE_MINUTES { Tokens, Value("15"), takes: MINUTES, meaning: "How long the link that verifies an address is good." }
    PASSWORD_RESET_TOKEN_EXPIRE_MINUTES { Tokens, Value("15"), takes: MINUTES, meaning: "How long the link that sets a new password is good." }

    FRONTEND_URL { Mail, Described("in `local` `http://HOST:PORT`; required elsewhere"), takes: "an absolute `http` or `https` URL without user, query or fragment", meaning: "Where the links in mails lead: `FRONTEND_URL/verify` and `FRONTEND_URL/reset-password`. The server has small pages of its own at these paths." }
    MAIL_FROM { Mail, LocalValue("Kairos <kairos@localhost>"), takes: "a sender such as `Kairos <kairos@example.org>`", meaning: "Who the mails are from." }
    RESEND_API_KEY { Mail, Nothing, takes: "an API key of Resend", meaning: "Sends mail through Resend. Outside `local` this or `MAIL_SERVER` is required; if both are set, Resend is used.", secret: true }
    RESEND_BASE_URL { Mail, Value("https://api.resend.com"), takes: "an absolute `http` or `https` URL without user, query or fragment", meaning: "Where Resend's API is." }
    MAIL_SERVER { Mail, Nothing, takes: "a host name or an IP address", meaning: "Sends mail through this SMTP server. With neither this nor `RESEND_API_KEY`, in `local`, each mail becomes a file in `DATA_DIR/outbox`." }
    MAIL_PORT { Mail, Value("587"), takes: "a port number, 1 to 65535", meaning: "The port of that server." }
    MAIL_TLS { Mail, Described("`tls` on port 465, `none` if the server is this machine, else `starttls`"), takes: "`starttls`, `tls` or `none`", meaning: "How the connection to that server is encrypted: `starttls` demands STARTTLS, `tls` is TLS from the first byte, `none` is in the clear. `none` with `MAIL_USERNAME` is refused unless the server is this machine." }
    MAIL_HELO { Mail, Described("the name of this machine if it has a dot, else the host of `FRONTEND_URL`"), takes: "a host name or an IP address", meaning: "The name by which Kairos introduces itself to that server (`EHLO`). Some servers refuse a name that they cannot resolve." }
    MAIL_USERNAME { Mail, Nothing, takes: "a user name, together with `MAIL_PASSWORD`", meaning: "Who signs in there. Without it nobody does." }
    MAIL_PASSWORD { Mail, Nothing, takes: "a password, together with `MAIL_USERNAME`", meaning: "The password of that user.", secret: true }

    REGISTRATION { Riders, Value("open"), takes: "`open`, `invite` or `closed`", meaning: "Who may register: everybody, whoever has an invitation that `kairos riders invite` has created, or nobody." }
    DEFAULT_VISIBILITY { Riders, Value("public"), takes: "`public` or `private`", meaning: "The visibility of journeys that are created without one." }
    NEARBY_DISTANCE_METERS { Riders, Value("100000"), takes: "a number of metres, 1 to 500000", meaning: "The distance within which journeys are nearby when a request names none. The earlier service took 500000." }

    CORS_ORIGINS { Edge, Value(r#"["*"]"#), takes: "a JSON list of origins, or origins with commas between them, such as `https://example.org`; `*` is every one", meaning: "The web pages that may call the API from a browser. With `*`, any page that a rider opens may try passwords, register and ask for mails." }
    RATE_LIMIT { Edge, Value("on"), takes: "`on` or `off`", meaning: "Whether log-ins, registrations, mails and writes are limited, as docs/SECURITY.md says, and each client has a share of the connections. `off` is for load tests; bounds on bytes, on passwords that wait, and on connections in all stay." }
    TRUSTED_PROXIES { Edge, Nothing, takes: "IP addresses and networks with commas between them, such as `10.0.0.0/8, ::1`", meaning: "The proxies whose `X-Forwarded-For` is believed. Behind a proxy that is not named here all clients count as one, and share its limits." }
}
