//! `kairos serve`: the service from its start to its stop.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::compose::{self, Service};
use crate::config::{Config, Database, MailDelivery};
use crate::console::say;
use crate::serve::{self, Limits};
use crate::signals::StopSignals;

/// How often what nobody sees any more is removed (sessions that have expired, counts that are outdated, what an interrupted deletion left), and
/// what was left behind is brought up to date. The first time is at the start.
const TIDYING_PERIOD: Duration = Duration::from_secs(3600);

/// How long mails that are just leaving are waited for at the stop.
const LAST_MAILS: Duration = Duration::from_secs(5);

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// What keeps the service from starting, in a sentence for the operator.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    let door = Door::open(&config).await?;
    let service = compose::service(&config, door.port).await?;
    announce(&config, door.port);
    door.serve(service).await;
    Ok(())
}

/// The socket, and the signals that close it.
pub(crate) struct Door {
    listener: TcpListener,
    signals: StopSignals,
    pub(crate) port: u16,
}

impl Door {
    /// Listens. Nothing else has been touched by then: a second process on the same port changes nothing.
    pub(crate) async fn open(config: &Config) -> anyhow::Result<Self> {
        let signals = StopSignals::listen()?;
        let address = config.host.with_port(config.port);
        let listener = TcpListener::bind(&address)
            .await
            .with_context(|| format!("can't listen on {address} (HOST, PORT)"))?;
        let port = listener.local_addr()?.port();
        Ok(Self {
            listener,
            signals,
            port,
        })
    }

    /// Serves until a signal comes; then finishes what is in flight.
    pub(crate) async fn serve(mut self, service: Service) {
        let stop = CancellationToken::new();
        let mails = tokio::spawn({
            let (kairos, stop) = (Arc::clone(&service.kairos), stop.clone());
            async move { kairos.deliver_mail(stop.cancelled_owned()).await }
        });
        let tidying = tokio::spawn(tidy(service.store, service.clock, stop.clone()));
        let heard = async {
            self.signals.next().await;
            tracing::info!("asked to stop");
        };
        serve::run(
            self.listener,
            service.router,
            service.randomness,
            Limits::default(),
            heard,
        )
        .await;
        stop.cancel();
        let tasks = async { tokio::join!(mails, tidying) };
        if tokio::time::timeout(LAST_MAILS, tasks).await.is_err() {
            tracing::warn!("a mail was still leaving when the time to stop was up; it will be tried again");
        }
        tracing::info!("stopped");
    }
}

async fn tidy(
    store: Arc<dyn kairos_domain::store::Store>,
    clock: Arc<dyn kairos_domain::clock::Clock>,
    stop: CancellationToken,
) {
    let mut ticks = tokio::time::interval(TIDYING_PERIOD);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        match store.purge_expired_sessions(clock.now()).await {
            Ok(0) => {}
            Ok(sessions) => tracing::info!(sessions, "expired sessions were forgotten"),
            Err(error) => {
                tracing::warn!(%error, "expired sessions could not be forgotten; tried again later");
            }
        }
        if let Err(error) = store.purge_limits(clock.now()).await {
            tracing::warn!(%error, "outdated counts could not be forgotten; tried again later");
        }
        match store.renew_tracks().await {
            Ok(0) => {}
            Ok(journeys) => tracing::info!(journeys, "tracks were drawn from their markers"),
            Err(error) => {
                tracing::warn!(%error, "tracks could not be drawn; searches ask the markers meanwhile");
            }
        }
        match store.finish_interrupted_acts().await {
            Ok(0) => {}
            Ok(deletions) => tracing::info!(deletions, "interrupted deletions were finished"),
            Err(error) => {
                tracing::warn!(%error, "interrupted deletions could not be finished; tried again later");
            }
        }
    }
}

/// Says where everything is.
pub(crate) fn announce(config: &Config, port: u16) {
    let url = config.host.http_url(port);
    say(format_args!(
        "Kairos {} listens on {url}",
        env!("CARGO_PKG_VERSION")
    ));
    say(format_args!("  docs   {url}/docs and {url}/redoc"));
    if let Database::Sqlite(path) = &config.database {
        say(format_args!("  data   {}", whole(path).display()));
    }
    if let MailDelivery::Folder(path) = &config.mail_delivery {
        say(format_args!("  mails  {}", whole(path).display()));
    }
}

fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
