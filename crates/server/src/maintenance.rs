//! Regular maintenance: deletes expired records, and migrates records of the earlier service.

use std::sync::Arc;
use std::time::Duration;

use kairos_domain::clock::Clock;
use kairos_domain::store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

/// The time between two runs.
pub const PERIOD: Duration = Duration::from_secs(3600);

/// Runs maintenance now, then hourly, until cancelled.
pub async fn maintain_every_hour(store: Arc<dyn Store>, clock: Arc<dyn Clock>, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(PERIOD);
    let runs = async {
        loop {
            ticks.tick().await;
            maintain(&*store, &*clock).await;
        }
    };
    // If the stop interrupts a run, the next run continues it.
    stop.run_until_cancelled(runs).await;
}

/// Runs maintenance once, and returns whether all of it succeeded.
///
/// The next run retries the parts that failed.
pub async fn maintain(store: &dyn Store, clock: &dyn Clock) -> bool {
    let purged = store.purge_expired(clock.now()).await;
    match &purged {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "deleted expired sessions"),
        Err(error) => tracing::warn!(%error, "deleting expired records failed, retrying later"),
    }
    let migrated = migrate(store).await;
    if let Err(error) = &migrated {
        tracing::warn!(%error, "migrating records of the earlier service failed, continuing later");
    }
    purged.is_ok() && migrated.is_ok()
}

/// Migrates all records of the earlier service, batch after batch.
async fn migrate(store: &dyn Store) -> Result<(), StoreError> {
    while store.migrate_next_batch().await? {}
    Ok(())
}
