//! The deadline of a discovery query.

use std::time::Duration;

use crate::store::StoreError;

/// The timeout of a discovery query.
pub const DEADLINE: Duration = Duration::from_secs(5);

/// Runs an act until the deadline.
///
/// # Errors
/// The error of the act, or [`StoreError::TooSlow`] at the deadline.
pub(super) async fn in_time<T, E: From<StoreError>>(act: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    tokio::time::timeout(DEADLINE, act)
        .await
        .unwrap_or_else(|_| Err(StoreError::TooSlow.into()))
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
}
