//! Operations on accounts for operators. They need the store only, and can run beside the service.

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::{Clock, Randomness};
use crate::email_address::EmailKey;
use crate::id::UserId;
use crate::store::{Store, StoreError, UserChange};
use crate::token::TokenHash;
use crate::user::User;
use crate::writes::is_done_uncounted;

/// The lifetime of an invitation.
const INVITATION_LIFETIME: TimeDelta = TimeDelta::days(14);

/// An invitation to register. The store keeps the hash of its token only.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The text that a registration contains.
    pub token: String,
    /// The instant at which the invitation expires.
    pub expires_at: DateTime<Utc>,
}

/// Returns the account with this id, or the one that logs in by this address.
///
/// # Errors
/// [`StoreError`].
pub async fn find_rider(store: &dyn Store, address_or_id: &str) -> Result<Option<User>, StoreError> {
    let text = address_or_id.trim();
    match text.parse() {
        Ok(id) => store.user(id).await,
        Err(_) => store.user_by_email(&EmailKey::of(text)).await,
    }
}

/// Marks a rider's address as verified. Returns the account, or `None` if it is gone.
///
/// # Errors
/// [`StoreError`].
pub async fn verify_rider(store: &dyn Store, id: UserId) -> Result<Option<User>, StoreError> {
    loop {
        let Some(before) = store.user(id).await? else {
            return Ok(None);
        };
        if before.is_verified {
            return Ok(Some(before));
        }
        let change = UserChange::verification(before);
        if is_done_uncounted(store.replace_user(&change, None).await)? {
            return Ok(Some(change.after));
        }
    }
}

/// Deletes an account with all its data, batch after batch. Returns whether the account existed.
///
/// # Errors
/// [`StoreError`]. Once the account is marked, a running service finishes the deletion.
pub async fn delete_rider(store: &dyn Store, id: UserId) -> Result<bool, StoreError> {
    loop {
        let Some(before) = store.user(id).await? else {
            return Ok(false);
        };
        if is_done_uncounted(store.delete_user(&before).await)? {
            break;
        }
    }
    while store.delete_next_batch().await? {}
    Ok(true)
}

/// Adds an invitation, which is valid for one registration within 14 days.
///
/// # Errors
/// [`StoreError`].
pub async fn invite(
    store: &dyn Store,
    clock: &dyn Clock,
    randomness: &dyn Randomness,
) -> Result<Invitation, StoreError> {
    let token = randomness
        .bytes::<16>()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let invitation = Invitation {
        token,
        expires_at: clock.now() + INVITATION_LIFETIME,
    };
    store
        .add_invitation(TokenHash::of(&invitation.token), invitation.expires_at)
        .await?;
    Ok(invitation)
}
