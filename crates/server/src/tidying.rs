//! Removing what nobody sees any more (sessions that have expired, counts that are outdated, what an interrupted deletion left), and
//! bringing up to date what was left behind.

use std::sync::Arc;
use std::time::Duration;

use kairos_domain::clock::Clock;
use kairos_domain::store::Store;
use tokio_util::sync::CancellationToken;

/// How often that is done.
pub const PERIOD: Duration = Duration::from_secs(3600);

/// Tidies now and then every hour, until it is asked to stop.
pub async fn tidy_every_hour(store: Arc<dyn Store>, clock: Arc<dyn Clock>, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(PERIOD);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        tidy(&*store, &*clock).await;
    }
}

/// Tidies once. What fails is left to the next time.
pub async fn tidy(store: &dyn Store, clock: &dyn Clock) {
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
    match store.finish_interrupted_acts().await {
        Ok(0) => {}
        Ok(deletions) => tracing::info!(deletions, "interrupted deletions were finished"),
        Err(error) => {
            tracing::warn!(%error, "interrupted deletions could not be finished; tried again later");
        }
    }
    match store.renew_tracks().await {
        Ok(0) => {}
        Ok(journeys) => tracing::info!(journeys, "tracks were drawn from their markers"),
        Err(error) => {
            tracing::warn!(%error, "tracks could not be drawn; searches ask the markers meanwhile");
        }
    }
}
