use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use kairos_domain::id::ObjectId;

use super::*;

fn rider(number: u8) -> UserId {
    UserId(ObjectId::from_bytes([number; 12]))
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_leave_connections_to_lists_and_small_reads() {
    let directory = tempfile::tempdir().unwrap();
    let connections = Connections::open(&directory.path().join("kairos.db"))
        .await
        .unwrap();
    let connections = Arc::new(connections);
    let (finish, finished) = mpsc::channel::<()>();
    let finished = Arc::new(Mutex::new(finished));
    let begun = Arc::new(AtomicUsize::new(0));
    // More searches than connections.
    let searches: Vec<_> = (0..20)
        .map(|number| {
            let (connections, finished) = (Arc::clone(&connections), Arc::clone(&finished));
            let begun = Arc::clone(&begun);
            tokio::spawn(async move {
                let search = connections.search(rider(number), move |_, _, mut effort| {
                    effort.spend(1_000_000)?;
                    begun.fetch_add(1, Ordering::SeqCst);
                    finished.lock().unwrap().recv().ok();
                    Ok(())
                });
                search.await
            })
        })
        .collect();
    let page = connections.list(rider(20), |_| Ok(()));
    while begun.load(Ordering::SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    page.await.unwrap();
    connections.check_health().await.unwrap();
    let answer = connections.read(|db| Ok(db.query_row("SELECT 7", [], |row| row.get::<_, i64>(0))?));
    assert_eq!(answer.await.unwrap(), 7);
    drop(finish);
    for search in searches {
        search.await.unwrap().unwrap();
    }
}

/// SQLite's page limit simulates a full disk. Only writes that need a new page reach it.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_without_room_is_noted_until_one_succeeds() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kairos.db");
    let connections = Connections::open(&path).await.unwrap();
    let limit = async |pages: u32| {
        let mut lease = connections.writer.lease().await.unwrap();
        let db = &lease.member().unwrap().db;
        db.pragma_update(None, "max_page_count", pages).unwrap();
    };
    let write = async || -> Result<(), StoreError> {
        let act = |db: &Transaction<'_>| {
            db.execute_batch(
                "CREATE TABLE IF NOT EXISTS filler (bytes BLOB); INSERT INTO filler VALUES (zeroblob(100000))",
            )?;
            Ok(())
        };
        connections.write(act).await
    };
    limit(1).await;
    let refused = write().await;
    assert!(matches!(refused, Err(StoreError::DiskFull(_))), "{refused:?}");
    let failing = connections.write_health.check(async { Err(StoreError::TooSlow) });
    assert!(matches!(failing.await, Err(StoreError::TooSlow)));
    // An act without writes does not prove that the database is writable.
    let nothing: Result<(), StoreError> = connections.write(|_| Ok(())).await;
    nothing.unwrap();
    let still = connections.check_health().await;
    assert!(matches!(still, Err(StoreError::Unavailable(_))), "{still:?}");
    limit(1_000_000).await;
    write().await.unwrap();
    connections.check_health().await.unwrap();
}
