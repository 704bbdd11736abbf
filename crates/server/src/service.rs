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

/// How long mails that are just leaving are waited for at the stop.
const LAST_MAILS: Duration = Duration::from_millis(1_500);

/// How many connections ask for metrics at once.
const METRICS_CONNECTIONS: usize = 16;

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// What keeps the service from starting, in a sentence for the operator.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    let mut door = Door::open(&config).await?;
    let port = door.port;
    let service = tokio::select! {
        service = compose::service(&config, port, Pace::OF_A_SERVER) => service?,
        // Whose database doesn't answer needn't be waited for.
        () = door.signals.next() => return Ok(()),
    };
    announce(&config, door.port);
    door.serve(service).await
}

/// The socket, and the signals that close it.
pub(crate) struct Door {
    listener: TcpListener,
    metrics: Option<TcpListener>,
    signals: StopSignals,
    bounds: ServerBounds,
    trusted_proxies: Vec<IpNet>,
    pub(crate) port: u16,
}

impl Door {
    /// Listens. Nothing else has been touched by then: a second process on the same port changes nothing.
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

    /// Serves until a signal comes; then finishes what is in flight.
    ///
    /// # Errors
    /// When there are to be metrics, and nothing can be measured.
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

/// The bounds of the server. For load tests from one machine, a client has no share of connections.
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

/// Gives metrics to whoever asks at a listener of their own.
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

/// Says where everything is.
pub(crate) fn announce(config: &Config, port: u16) {
    let url = config.host.http_url(port);
    say(format_args!(
        "Kairos {} listens on {url}",
        env!("CARGO_PKG_VERSION")
    ));
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
