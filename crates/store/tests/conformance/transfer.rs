//! What one store holds, another can hold: read out of either and put into the other, everything is the same.

use std::sync::Arc;

use kairos_store::administration::{AdminStore, RecordKind};
use kairos_store::sqlite::SqliteStore;

use crate::administration::{fill, records};
use crate::fixtures::World;

pub(crate) async fn on_sqlite() -> (Arc<dyn AdminStore>, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&directory.path().join("kairos.db")).await;
    (Arc::new(store.unwrap()), directory)
}

/// Copies everything there can be from one store into another.
pub(crate) async fn is_copied(source: Arc<dyn AdminStore>, target: Arc<dyn AdminStore>) {
    let (source, target) = (World::new(source), World::new(target));
    fill(&source).await;
    for kind in RecordKind::ALL {
        let all = records(&*source.store, kind).await;
        // Half of it twice, as when a copy was stopped and goes on.
        let half = &all[..all.len() / 2];
        assert_eq!(target.store.add_records(half).await.unwrap(), []);
        assert_eq!(target.store.add_records(&all).await.unwrap(), []);
        assert_eq!(records(&*target.store, kind).await, all);
    }
    target.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_sqlite_to_sqlite() {
    let ((source, _file), (target, _other)) = (on_sqlite().await, on_sqlite().await);
    is_copied(source, target).await;
}
