use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use futures_util::future::join_all;

use super::*;

fn hasher() -> PasswordHasher {
    PasswordHasher::new(4, NonZeroUsize::new(2).unwrap())
}

fn client(number: u8) -> Client {
    Client::at([192, 0, 2, number].into())
}

fn attempt(text: &str) -> PasswordAttempt {
    PasswordAttempt::new(text.to_owned())
}

fn password(text: &str) -> NewPassword {
    NewPassword::parse(text).unwrap()
}

/// Takes the hasher's only slot, until the place is dropped.
fn take_the_slot(hasher: &PasswordHasher) -> Place {
    let (start, mut started) = oneshot::channel();
    let place = Place::take(&hasher.queue, client(0), start).unwrap();
    assert_eq!(started.try_recv(), Ok(()));
    place
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn a_hash_fits_its_own_password_only() {
    let (hasher, client) = (hasher(), client(1));
    let hash = hasher.hash(client, password("correct horse")).await.unwrap();
    assert!(hash.as_str().starts_with("$2b$04$"));
    for (text, hash, fits) in [
        ("correct horse", Some(&hash), true),
        ("correct horsf", Some(&hash), false),
        ("correct horse", None, false),
    ] {
        let verified = hasher.verify(client, attempt(text), hash).await;
        assert_eq!(verified.unwrap(), fits, "{text}");
    }
}

#[tokio::test]
async fn of_a_long_attempt_the_first_72_bytes_count() {
    let (hasher, client) = (hasher(), client(1));
    let hash = hasher.hash(client, password(&"x".repeat(72))).await.unwrap();
    for (length, fits) in [(100, true), (71, false)] {
        let verified = hasher
            .verify(client, attempt(&"x".repeat(length)), Some(&hash))
            .await;
        assert_eq!(verified.unwrap(), fits, "{length}");
    }
}

#[tokio::test]
async fn a_password_matches_however_its_letters_are_composed() {
    let (hasher, client) = (hasher(), client(1));
    let (composed, decomposed) = ("\u{e9}t\u{e9} 2026", "e\u{301}te\u{301} 2026");
    for typed in [composed, decomposed] {
        let hash = hasher.hash(client, password(typed)).await.unwrap();
        for attempted in [composed, decomposed] {
            assert!(
                hasher
                    .verify(client, attempt(attempted), Some(&hash))
                    .await
                    .unwrap()
            );
        }
    }
    // The earlier service hashed what came.
    let hash = PasswordHash(bcrypt::hash(decomposed, 4).unwrap());
    assert!(
        hasher
            .verify(client, attempt(decomposed), Some(&hash))
            .await
            .unwrap()
    );
    assert!(
        !hasher
            .verify(client, attempt(composed), Some(&hash))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_stored_text_that_is_no_hash_matches_nothing() {
    for text in ["", "plain", "$2b$12$short"] {
        let hash = PasswordHash::stored(text.to_owned());
        let verified = hasher().verify(client(1), attempt(text), Some(&hash)).await;
        assert!(!verified.unwrap());
    }
}

#[tokio::test]
async fn one_client_has_sixteen_places_and_a_caller_who_leaves_gives_its_place_back() {
    let hasher = hasher();
    let slot = take_the_slot(&hasher);
    let verify = |number| hasher.verify(client(number), attempt("a guess"), None);
    let mut waiting: Vec<_> = (0..16).map(|_| Box::pin(verify(1))).collect();
    for caller in &mut waiting {
        assert!(poll(caller.as_mut()).is_pending());
    }
    let refused = poll(pin!(verify(1)));
    assert!(matches!(refused, Poll::Ready(Err(HashingError::ShareUsed))));
    assert!(poll(pin!(verify(2))).is_pending());
    waiting.pop();
    let mut late = Box::pin(verify(1));
    assert!(poll(late.as_mut()).is_pending());
    waiting.push(late);
    drop(slot);
    for verified in join_all(waiting).await {
        assert!(!verified.unwrap());
    }
    assert!(!verify(1).await.unwrap());
}

#[tokio::test]
async fn beyond_the_queue_callers_are_turned_away_and_then_served_again() {
    let hasher = hasher();
    let slot = take_the_slot(&hasher);
    let verify = |number| hasher.verify(client(number), attempt("a guess"), None);
    let mut waiting: Vec<_> = (0..64).map(|number| Box::pin(verify(1 + number / 16))).collect();
    for caller in &mut waiting {
        assert!(poll(caller.as_mut()).is_pending());
    }
    let refused = poll(pin!(verify(9)));
    assert!(matches!(refused, Poll::Ready(Err(HashingError::QueueFull))));
    drop(slot);
    for verified in join_all(waiting).await {
        assert!(!verified.unwrap());
    }
    assert!(!verify(9).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_password_that_no_core_takes_within_five_seconds_is_given_up() {
    let hasher = hasher();
    let slot = take_the_slot(&hasher);
    let began = tokio::time::Instant::now();
    let late = hasher.verify(client(1), attempt("a guess"), None).await;
    assert!(matches!(late, Err(HashingError::TooLate)));
    assert_eq!(began.elapsed(), Duration::from_secs(5));
    drop(slot);
    assert!(!hasher.verify(client(1), attempt("a guess"), None).await.unwrap());
}

#[tokio::test]
async fn a_panic_is_a_failure_and_frees_its_core() {
    let hasher = hasher();
    let panics = hasher.on_a_blocking_thread(client(1), || panic!("no memory for the hash"));
    let failed: Result<(), _> = panics.await;
    let message = failed.unwrap_err().to_string();
    assert!(message.contains("no memory for the hash"), "{message}");
    assert!(!hasher.verify(client(1), attempt("a guess"), None).await.unwrap());
}

#[tokio::test]
async fn a_failure_of_bcrypt_is_a_failure() {
    let hasher = PasswordHasher::new(3, NonZeroUsize::MIN);
    let failed = hasher.hash(client(1), password("correct horse")).await;
    assert!(matches!(failed, Err(HashingError::Failed(_))));
}
