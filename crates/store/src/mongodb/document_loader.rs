use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bson::oid::ObjectId as Oid;
use bson::{RawDocumentBuf, doc};
use futures_util::TryStreamExt as _;
use kairos_domain::id::ObjectId;
use kairos_domain::store::StoreError;
use mongodb::Collection;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::documents::{id_of, oid};
use super::error::translate;

/// How many calls are on their way at once. With fewer, more documents would share a call, and one slow call
/// would hold up more.
const CALLS_AT_ONCE: usize = 2;

/// How many documents one call asks for.
const DOCUMENTS_A_CALL: usize = 100;

/// Reads documents by their ids, several with one call where several are asked for at the same time.
///
/// A server spends a tenth of a millisecond on a call, whatever it asks for, and hardly more on ten ids than
/// on one. Nearly every request asks for two riders and a journey, so that under load their calls are what
/// costs. Nobody waits for others to come: what is asked for while few calls are on their way is asked for at
/// once, and only what comes meanwhile goes together. Every answer was read after it was asked for.
#[derive(Debug)]
pub(super) struct DocumentLoader {
    collection: Collection<RawDocumentBuf>,
    timeout: Duration,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Waiting>,
    calls: usize,
}

/// Somebody who waits for a document.
#[derive(Debug)]
struct Waiting {
    id: ObjectId,
    answer: oneshot::Sender<Result<Option<RawDocumentBuf>, StoreError>>,
}

impl DocumentLoader {
    pub(super) fn new(collection: Collection<RawDocumentBuf>, timeout: Duration) -> Arc<Self> {
        Arc::new(Self {
            collection,
            timeout,
            queue: Mutex::default(),
        })
    }

    /// Reads the document with an id.
    pub(super) async fn document(
        self: &Arc<Self>,
        id: ObjectId,
    ) -> Result<Option<RawDocumentBuf>, StoreError> {
        let (answer, answered) = oneshot::channel();
        if let Some(batch) = self.enqueue(Waiting { id, answer }) {
            tokio::spawn(Arc::clone(self).call_until_nobody_waits(batch));
        }
        timeout(self.timeout, answered)
            .await
            .map_err(|too_late| StoreError::Unavailable(too_late.into()))?
            .unwrap_or_else(|gone| Err(StoreError::Failed(gone.into())))
    }

    /// Gives what is to be asked for now, if a call may go.
    fn enqueue(&self, waiting: Waiting) -> Option<Vec<Waiting>> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.waiting.push(waiting);
        (queue.calls < CALLS_AT_ONCE).then(|| {
            queue.calls += 1;
            queue.next_batch()
        })
    }

    async fn call_until_nobody_waits(self: Arc<Self>, first: Vec<Waiting>) {
        let mut batch = first;
        while !batch.is_empty() {
            self.answer(batch).await;
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            batch = queue.next_batch();
            if batch.is_empty() {
                queue.calls -= 1;
            }
        }
    }

    async fn answer(&self, batch: Vec<Waiting>) {
        let ids = batch.iter().map(|waiting| waiting.id);
        let found = timeout(self.timeout, self.read(ids.collect())).await;
        match found.unwrap_or_else(|too_late| Err(StoreError::Unavailable(too_late.into()))) {
            Ok(documents) => {
                for waiting in batch {
                    // Who no longer waits needs no answer.
                    waiting.answer.send(Ok(documents.get(&waiting.id).cloned())).ok();
                }
            }
            Err(error) => {
                for waiting in batch {
                    waiting.answer.send(Err(again(&error))).ok();
                }
            }
        }
    }

    async fn read(&self, ids: Vec<ObjectId>) -> Result<HashMap<ObjectId, RawDocumentBuf>, StoreError> {
        let filter = match *ids {
            // A query for one id takes the server's shortest way.
            [id] => doc! { "_id": oid(id) },
            _ => doc! { "_id": { "$in": ids.into_iter().map(oid).collect::<Vec<Oid>>() } },
        };
        let found = self.collection.find(filter).await.map_err(translate)?;
        let found: Vec<_> = found.try_collect().await.map_err(translate)?;
        found
            .into_iter()
            .map(|document| Ok((id_of(&document, "document")?, document)))
            .collect()
    }
}

impl Queue {
    fn next_batch(&mut self) -> Vec<Waiting> {
        // Those who have left meanwhile are not asked for.
        self.waiting.retain(|waiting| !waiting.answer.is_closed());
        let rest = self.waiting.split_off(self.waiting.len().min(DOCUMENTS_A_CALL));
        mem::replace(&mut self.waiting, rest)
    }
}

/// The same error for each who waited.
fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Unavailable(cause) => StoreError::Unavailable(cause.to_string().into()),
        StoreError::TooSlow => StoreError::TooSlow,
        other => StoreError::Failed(other.to_string().into()),
    }
}
