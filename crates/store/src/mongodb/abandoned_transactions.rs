//! Ends transactions that a killed process has left open. They block writes to the same documents until the
//! server ends them after a minute.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use bson::{Bson, Document, doc};
use futures_util::TryStreamExt as _;
use mongodb::error::Error;

use super::connection::Connection;

/// How long a transaction must have been inactive to count as abandoned.
///
/// A live act sends its next command within milliseconds. If an act pauses for longer, its transaction is
/// aborted and the act runs again.
const ABANDONED_AFTER: Duration = Duration::from_secs(3);

/// Minimum interval between two searches of a process.
const PERIOD: Duration = Duration::from_secs(2);

impl Connection {
    /// Ends abandoned transactions of this program and database user, at most once per `PERIOD`.
    ///
    /// The server may reject these commands. Then it ends the transactions later by itself.
    pub(super) async fn end_abandoned_transactions(&self) {
        if !self.may_search_for_abandoned_transactions() {
            return;
        }
        match self.end_transactions_that_are(ABANDONED_AFTER).await {
            Ok(0) => {}
            Ok(transactions) => tracing::warn!(transactions, "ended transactions of a killed process"),
            Err(error) => {
                tracing::debug!(error = %error.kind, "could not end abandoned transactions; the server will end them");
            }
        }
    }

    fn may_search_for_abandoned_transactions(&self) -> bool {
        let mut last = self
            .searched_for_abandoned
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| last.elapsed() < PERIOD) {
            return false;
        }
        *last = Some(Instant::now());
        true
    }

    async fn end_transactions_that_are(&self, inactive: Duration) -> Result<usize, Error> {
        let admin = self.database.client().database("admin");
        let inactive = i64::try_from(inactive.as_micros()).unwrap_or(i64::MAX);
        let steps = [
            doc! { "$currentOp": { "allUsers": false, "idleSessions": true } },
            doc! { "$match": {
                "type": "idleSession", "appName": &self.app_name,
                "transaction.timeInactiveMicros": { "$gte": inactive },
            } },
            doc! { "$project": { "id": "$lsid.id" } },
        ];
        let found: Vec<Document> = admin.aggregate(steps).await?.try_collect().await?;
        let sessions = found.into_iter().filter_map(|mut found| found.remove("id"));
        let sessions: Vec<Bson> = sessions.map(|id| doc! { "id": id }.into()).collect();
        let count = sessions.len();
        if count > 0 {
            admin.run_command(doc! { "killSessions": sessions }).await?;
        }
        Ok(count)
    }
}
