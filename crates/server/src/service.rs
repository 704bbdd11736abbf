//! `kairos serve`: the service from its start to its stop.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use ipnet::IpNet;
use kairos_domain::clock::Randomness;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::compose::{self, Pace, Service};
use crate::config::{Config, Database, MailDelivery};
use crate::console::say;
use crate::http_server::{self, ServerBounds};
use crate::maintenance;
use crate::metrics::Metrics;
use crate::signals::{StopSignals, survive_file_size_limit};

/// Time that mails being sent get to finish at shutdown.
const LAST_MAILS: Duration = Duration::from_millis(1_500);

/// Most connections open at once to the listener of metrics.
const METRICS_CONNECTIONS: usize = 16;

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// A sentence for the operator about the problem that prevents the start.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    let mut door = Door::open(&config).await?;
    let port = door.port;
    let service = tokio::select! {
        service = compose::service(&config, port, Pace::OF_A_SERVER) => service?,
        // A stop signal also ends the wait for a database that does not respond.
        () = door.signals.next() => return Ok(()),
    };
    announce(&config, door.port);
    door.serve(service).await
}

/// The listening sockets, and the signals that close them.
pub(crate) struct Door {
    listener: TcpListener,
    metrics: Option<TcpListener>,
    signals: StopSignals,
    bounds: ServerBounds,
    trusted_proxies: Vec<IpNet>,
    pub(crate) port: u16,
}

impl Door {
    /// Opens the listening sockets.
    ///
    /// This comes before everything else, so that a second process on the same port changes nothing.
    pub(crate) async fn open(config: &Config) -> anyhow::Result<Self> {
        let signals = StopSignals::listen()?;
        survive_file_size_limit()?;
        let address = config.host.with_port(config.port);
        let listener = TcpListener::bind(&address)
            .await
            .with_context(|| format!("can't listen on {address} (HOST, PORT)"))?;
        let port = listener.local_addr()?.port();
        let metrics = match config.metrics_listen {
            Some(address) => Some(
                TcpListener::bind(address)
                    .await
                    .with_context(|| format!("can't listen on {address} (METRICS_LISTEN)"))?,
            ),
            None => None,
        };
        Ok(Self {
            listener,
            metrics,
            signals,
            bounds: bounds(config),
            trusted_proxies: config.trusted_proxies.clone(),
            port,
        })
    }

    /// Serves until a signal arrives, then finishes the requests in flight.
    ///
    /// # Errors
    /// If metrics are configured, but their recorder can't be installed.
    pub(crate) async fn serve(mut self, service: Service) -> anyhow::Result<()> {
        let stop = CancellationToken::new();
        if let Some(listener) = self.metrics.take() {
            give_metrics(listener, &service.randomness, &stop)?;
        }
        let mails = tokio::spawn({
            let (kairos, stop) = (Arc::clone(&service.kairos), stop.clone());
            async move { kairos.deliver_mail(stop.cancelled_owned()).await }
        });
        let deletions = tokio::spawn({
            let (kairos, stop) = (Arc::clone(&service.kairos), stop.clone());
            async move { kairos.finish_deletions(stop.cancelled_owned()).await }
        });
        let maintenance = tokio::spawn(maintenance::maintain_every_hour(
            service.store,
            service.clock,
            stop.clone(),
        ));
        let heard = async {
            self.signals.next().await;
            tracing::info!("asked to stop");
        };
        http_server::run(
            self.listener,
            service.router,
            service.randomness,
            self.bounds,
            self.trusted_proxies,
            heard,
        )
        .await;
        stop.cancel();
        let tasks = async { tokio::join!(mails, deletions, maintenance) };
        if tokio::time::timeout(LAST_MAILS, tasks).await.is_err() {
            tracing::warn!("a mail was still leaving when the time to stop was up; it will be tried again");
        }
        tracing::info!("stopped");
        Ok(())
    }
}

/// Returns the limits of the server.
///
/// With `RATE_LIMIT=off`, clients have no share of connections, so that a load test can run from one machine.
fn bounds(config: &Config) -> ServerBounds {
    let bounds = ServerBounds::default();
    if config.rate_limit {
        return bounds;
    }
    ServerBounds {
        connections_per_client: usize::MAX,
        ..bounds
    }
}

/// Starts to serve metrics on a separate listener.
fn give_metrics(
    listener: TcpListener,
    randomness: &Arc<dyn Randomness>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let metrics = Metrics::begin()?;
    let bounds = ServerBounds {
        connections: METRICS_CONNECTIONS,
        ..ServerBounds::default()
    };
    let (router, randomness) = (metrics.router(), Arc::clone(randomness));
    tokio::spawn(http_server::run(
        listener,
        router,
        randomness,
        bounds,
        Vec::new(),
        stop.clone().cancelled_owned(),
    ));
    tokio::spawn(metrics.sum_up(stop.clone()));
    Ok(())
}

/// Prints the URLs of the service, and the places of its files.
pub(crate) fn announce(config: &Config, port: u16) {
    let url = config.host.http_url(port);
    say(format_args!(
        "Kairos {} listens on {url}",
        env!("CARGO_PKG_VERSION")
    ));
    if config.web_app {
        say(format_args!("  app    {url}/"));
    }
    say(format_args!("  docs   {url}/docs and {url}/redoc"));
    if let Some(address) = config.metrics_listen {
        say(format_args!("  metrics at http://{address}/metrics"));
    }
    if let Database::Sqlite(path) = &config.database {
        say(format_args!("  data   {}", whole(path).display()));
    }
    if let MailDelivery::Folder(path) = &config.mail_delivery {
        say(format_args!("  mails  {}", whole(path).display()));
    }
}

pub(crate) fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
