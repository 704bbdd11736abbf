use super::*;

fn hasher() -> PasswordHasher {
    PasswordHasher::new(4, NonZeroUsize::new(2).unwrap())
}

fn attempt(text: &str) -> PasswordAttempt {
    PasswordAttempt::new(text.to_owned())
}

#[test]
fn the_bounds_are_those_of_bcrypt() {
    assert_eq!(
        NewPassword::parse("1234567").err(),
        Some(InvalidPassword::TooShort)
    );
    assert!(NewPassword::parse("12345678").is_ok());
    assert!(NewPassword::parse(&"x".repeat(72)).is_ok());
    assert_eq!(
        NewPassword::parse(&"x".repeat(73)).err(),
        Some(InvalidPassword::TooLong)
    );
    assert_eq!(
        NewPassword::parse(&"é".repeat(37)).err(),
        Some(InvalidPassword::TooLong)
    );
    assert_eq!(NewPassword::parse("1234567\0").err(), Some(InvalidPassword::Nul));
}

#[tokio::test]
async fn a_hash_fits_its_own_password_only() {
    let hasher = hasher();
    let hash = hasher
        .hash(NewPassword::parse("correct horse").unwrap())
        .await
        .unwrap();
    assert!(hash.as_str().starts_with("$2b$04$"));
    assert!(
        hasher
            .verify(attempt("correct horse"), Some(&hash))
            .await
            .unwrap()
    );
    assert!(
        !hasher
            .verify(attempt("correct horsf"), Some(&hash))
            .await
            .unwrap()
    );
    assert!(!hasher.verify(attempt("correct horse"), None).await.unwrap());
}

#[test]
fn the_bounds_are_those_of_the_composed_form() {
    // Six letters of two code points each are six characters, 73 bytes are 72 composed.
    let decomposed = "e\u{301}".repeat(6);
    assert_eq!(
        NewPassword::parse(&decomposed).err(),
        Some(InvalidPassword::TooShort)
    );
    let long = format!("e\u{301}{}", "x".repeat(70));
    assert_eq!(NewPassword::parse(&long).unwrap().0.len(), 72);
}

#[tokio::test]
async fn a_password_matches_however_its_letters_are_composed() {
    let hasher = hasher();
    let (composed, decomposed) = ("\u{e9}t\u{e9} 2026", "e\u{301}te\u{301} 2026");
    for typed in [composed, decomposed] {
        let hash = hasher.hash(NewPassword::parse(typed).unwrap()).await.unwrap();
        for attempted in [composed, decomposed] {
            assert!(hasher.verify(attempt(attempted), Some(&hash)).await.unwrap());
        }
    }
    // The earlier service hashed what came.
    let hash = PasswordHash(bcrypt::hash(decomposed, 4).unwrap());
    assert!(hasher.verify(attempt(decomposed), Some(&hash)).await.unwrap());
    assert!(!hasher.verify(attempt(composed), Some(&hash)).await.unwrap());
}

#[tokio::test]
async fn of_a_long_attempt_the_first_72_bytes_count() {
    let hasher = hasher();
    let hash = hasher
        .hash(NewPassword::parse(&"x".repeat(72)).unwrap())
        .await
        .unwrap();
    assert!(
        hasher
            .verify(attempt(&"x".repeat(100)), Some(&hash))
            .await
            .unwrap()
    );
    assert!(
        !hasher
            .verify(attempt(&"x".repeat(71)), Some(&hash))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_stored_text_that_is_no_hash_matches_nothing() {
    for text in ["", "plain", "$2b$12$short"] {
        let hash = PasswordHash::stored(text.to_owned());
        assert!(!hasher().verify(attempt(text), Some(&hash)).await.unwrap());
    }
}

#[tokio::test]
async fn beyond_the_queue_callers_are_turned_away_and_then_served_again() {
    let hasher = hasher();
    let hash = hasher
        .hash(NewPassword::parse("12345678").unwrap())
        .await
        .unwrap();
    let busy = hasher.slots.acquire().await.unwrap();
    let callers: Vec<_> = (0..200)
        .map(|_| {
            let (hasher, hash) = (hasher.clone(), hash.clone());
            tokio::spawn(async move { hasher.verify(attempt("12345678"), Some(&hash)).await })
        })
        .collect();
    tokio::task::yield_now().await;
    drop(busy);
    let mut served = 0;
    for caller in callers {
        if let Ok(matches) = caller.await.unwrap() {
            served += usize::from(matches);
        }
    }
    assert_eq!(served, 1 + PasswordHasher::MAX_WAITING);
    assert_eq!(hasher.verify(attempt("12345678"), Some(&hash)).await, Ok(true));
}
