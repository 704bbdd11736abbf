//! Removing what nobody sees any more (sessions that have expired, counts that are outdated, what an interrupted deletion left), and
//! bringing up to date what was left behind, or written by another service: the index of places, and tracks.

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
    let tidy_in_time = async {
        loop {
            ticks.tick().await;
            tidy(&*store, &*clock).await;
        }
    };
    // Whatever is stopped halfway goes on the next time.
    stop.run_until_cancelled(tidy_in_time).await;
}

/// Tidies once, and says whether all of it could be done. What fails is left to the next time.
pub async fn tidy(store: &dyn Store, clock: &dyn Clock) -> bool {
    let mut is_all_done = true;
    match store.purge_expired_sessions(clock.now()).await {
        Ok(0) => {}
        Ok(sessions) => tracing::info!(sessions, "expired sessions were forgotten"),
        Err(error) => {
            is_all_done = false;
            tracing::warn!(%error, "expired sessions could not be forgotten; tried again later");
        }
    }
    if let Err(error) = store.purge_limits(clock.now()).await {
        is_all_done = false;
        tracing::warn!(%error, "outdated counts could not be forgotten; tried again later");
    }
    match store.finish_interrupted_acts().await {
        Ok(0) => {}
        Ok(deletions) => tracing::info!(deletions, "interrupted deletions were finished"),
        Err(error) => {
            is_all_done = false;
            tracing::warn!(%error, "interrupted deletions could not be finished; tried again later");
        }
    }
    if let Err(error) = store.adopt_markers().await {
        is_all_done = false;
        tracing::warn!(%error, "markers are not all in the index of places; gone on with later");
    }
    match store.renew_tracks().await {
        Ok(0) => {}
        Ok(journeys) => tracing::info!(journeys, "tracks were drawn from their markers"),
        Err(error) => {
            is_all_done = false;
            tracing::warn!(%error, "tracks could not be drawn; searches ask the markers meanwhile");
        }
    }
    is_all_done
}
