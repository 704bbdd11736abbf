use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bson::{Document, RawDocumentBuf, doc};
use futures_util::TryStreamExt as _;
use kairos_domain::id::{ObjectId, UserId};
use kairos_domain::store::StoreError;
use mongodb::Collection;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::documents::{id_of, oid};
use super::error::translate;
use super::journeys::not_private;

/// Limit of concurrent calls. With fewer, more documents would share a call, and one slow call would delay
/// more readers.
const CALLS_AT_ONCE: usize = 2;

/// Limit of documents in one call.
const DOCUMENTS_A_CALL: usize = 100;

/// Reads documents by id. Concurrent reads share a call.
///
/// A call costs the server a tenth of a millisecond, and ten ids cost hardly more than one. Nearly every
/// request reads two riders and a journey, so under load these calls are the main cost.
///
/// A read never waits for a batch to fill. It starts a call at once while fewer than `CALLS_AT_ONCE` calls
/// are running; otherwise it joins the next call. Every document is read after the request for it.
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

/// A read that waits for its document.
#[derive(Debug)]
struct Waiting {
    id: ObjectId,
    /// The only rider to whom the document may be private; `None` if anybody may read it.
    reader: Option<UserId>,
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
        self.read_for(id, None).await
    }

    /// Reads the document with an id, unless it is private to another rider.
    ///
    /// The server does not send such a document, so that the time of the response does not reveal it. A
    /// concurrent read of its owner may share the call. The caller therefore has to check the visibility, too.
    pub(super) async fn visible_document(
        self: &Arc<Self>,
        id: ObjectId,
        reader: UserId,
    ) -> Result<Option<RawDocumentBuf>, StoreError> {
        self.read_for(id, Some(reader)).await
    }

    async fn read_for(
        self: &Arc<Self>,
        id: ObjectId,
        reader: Option<UserId>,
    ) -> Result<Option<RawDocumentBuf>, StoreError> {
        let (answer, answered) = oneshot::channel();
        if let Some(batch) = self.enqueue(Waiting { id, reader, answer }) {
            tokio::spawn(Arc::clone(self).call_until_nobody_waits(batch));
        }
        timeout(self.timeout, answered)
            .await
            .map_err(|too_late| StoreError::Unavailable(too_late.into()))?
            .unwrap_or_else(|gone| Err(StoreError::Failed(gone.into())))
    }

    /// Queues a read. Returns a batch to read now, unless `CALLS_AT_ONCE` calls are already running.
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
        let found = timeout(self.timeout, self.read(filter(&batch))).await;
        match found.unwrap_or_else(|too_late| Err(StoreError::Unavailable(too_late.into()))) {
            Ok(documents) => {
                for waiting in batch {
                    // Sending fails if the reader has stopped waiting. That is no error.
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

    async fn read(&self, filter: Document) -> Result<HashMap<ObjectId, RawDocumentBuf>, StoreError> {
        let found = self.collection.find(filter).await.map_err(translate)?;
        let found: Vec<_> = found.try_collect().await.map_err(translate)?;
        found
            .into_iter()
            .map(|document| Ok((id_of(&document, "document")?, document)))
            .collect()
    }
}

/// Returns the filter of a call for several reads.
fn filter(batch: &[Waiting]) -> Document {
    let all: Vec<_> = batch.iter().map(|waiting| oid(waiting.id)).collect();
    let mut filter = match *all {
        // The server has a faster query path for a single id.
        [id] => doc! { "_id": id },
        _ => doc! { "_id": { "$in": all } },
    };
    let readers = batch.iter().filter_map(|waiting| waiting.reader);
    let readers: Vec<_> = readers.map(|reader| oid(reader.0)).collect();
    if !readers.is_empty() {
        let anybodys = batch.iter().filter(|waiting| waiting.reader.is_none());
        let anybodys: Vec<_> = anybodys.map(|waiting| oid(waiting.id)).collect();
        filter.insert(
            "$or",
            vec![
                doc! { "visibility": not_private() },
                doc! { "user_id": { "$in": readers } },
                doc! { "_id": { "$in": anybodys } },
            ],
        );
    }
    filter
}

impl Queue {
    fn next_batch(&mut self) -> Vec<Waiting> {
        // Skip readers that have stopped waiting.
        self.waiting.retain(|waiting| !waiting.answer.is_closed());
        let rest = self.waiting.split_off(self.waiting.len().min(DOCUMENTS_A_CALL));
        mem::replace(&mut self.waiting, rest)
    }
}

/// Copies an error for each reader of a failed batch.
fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Unavailable(cause) => StoreError::Unavailable(cause.to_string().into()),
        StoreError::TooSlow => StoreError::TooSlow,
        other => StoreError::Failed(other.to_string().into()),
    }
}
