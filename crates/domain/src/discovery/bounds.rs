//! What a discovery query may take of the machine: five seconds, and no async thread.

use std::time::Duration;

use tokio::sync::oneshot;

use crate::store::StoreError;

/// How long a discovery query may take before it is given up.
pub const DEADLINE: Duration = Duration::from_secs(5);

/// Runs an act until the deadline.
///
/// # Errors
/// Those of the act, and [`StoreError::TooSlow`] when time is up.
pub(super) async fn in_time<T, E: From<StoreError>>(act: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    tokio::time::timeout(DEADLINE, act)
        .await
        .unwrap_or_else(|_| Err(StoreError::TooSlow.into()))
}

/// Whether anybody still waits for the result of [`off_the_async_threads`].
pub(super) struct Caller<T>(oneshot::Sender<T>);

impl<T> Caller<T> {
    pub(super) fn waits(&self) -> bool {
        !self.0.is_closed()
    }
}

/// Computes on a blocking thread, so that no other request waits meanwhile. A blocking thread can't be stopped from
/// outside: long work asks whether its caller still [waits](Caller::waits).
///
/// # Errors
/// [`StoreError::Failed`] when the work panicked.
pub(super) async fn off_the_async_threads<T: Send + 'static>(
    work: impl FnOnce(&Caller<T>) -> T + Send + 'static,
) -> Result<T, StoreError> {
    let (sender, result) = oneshot::channel();
    tokio::task::spawn_blocking(move || {
        let caller = Caller(sender);
        let result = work(&caller);
        // A caller who has gone needs no answer.
        caller.0.send(result).ok();
    });
    result.await.map_err(|gone| StoreError::Failed(gone.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_act_is_given_up_after_five_seconds() {
        let seconds = |seconds| async move {
            tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
            Ok::<_, StoreError>(seconds)
        };
        assert_eq!(in_time(seconds(4.9)).await.unwrap(), 4.9);
        assert!(matches!(in_time(seconds(5.1)).await, Err(StoreError::TooSlow)));
    }

    #[tokio::test]
    async fn work_learns_that_nobody_waits_any_more() {
        let (started, has_started) = oneshot::channel();
        let (left, has_left) = oneshot::channel();
        let (report, reported) = oneshot::channel();
        let asking = tokio::spawn(off_the_async_threads(move |caller| {
            let waited = caller.waits();
            started.send(()).unwrap();
            has_left.blocking_recv().unwrap();
            report.send((waited, caller.waits())).unwrap();
        }));
        has_started.await.unwrap();
        asking.abort();
        assert!(asking.await.unwrap_err().is_cancelled());
        left.send(()).unwrap();
        assert_eq!(reported.await.unwrap(), (true, false));
    }

    #[tokio::test]
    async fn work_that_panics_is_a_fault_and_not_a_panic_of_the_caller() {
        let result = off_the_async_threads(|_: &Caller<()>| panic!("on purpose")).await;
        assert!(matches!(result, Err(StoreError::Failed(_))));
    }
}
