use crate::Kairos;
use crate::id::UserId;
use crate::store::StoreError;
use crate::user::User;
use crate::writes::{Precondition, WriteRefused};

/// Why an account was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteAccountError {
    /// There is no such account.
    #[error("no such rider")]
    UserNotFound,
    /// The account belongs to another rider.
    #[error("another rider's account")]
    NotYourAccount,
    /// The write was refused.
    #[error(transparent)]
    Write(#[from] WriteRefused),
}

impl From<StoreError> for DeleteAccountError {
    fn from(error: StoreError) -> Self {
        Self::Write(error.into())
    }
}

impl Kairos {
    /// Deletes a rider's own account with its journeys, markers, sessions and queued mails.
    ///
    /// # Errors
    /// [`DeleteAccountError`].
    pub async fn delete_account(
        &self,
        rider: &User,
        id: UserId,
        precondition: &Precondition<User>,
    ) -> Result<(), DeleteAccountError> {
        if id != rider.id {
            return Err(match self.store.user(id).await? {
                Some(_) => DeleteAccountError::NotYourAccount,
                None => DeleteAccountError::UserNotFound,
            });
        }
        loop {
            let before = self
                .store
                .user(id)
                .await?
                .ok_or(DeleteAccountError::UserNotFound)?;
            precondition.check(&before)?;
            let deleted = self.store.delete_user(&before).await;
            if self.is_done(deleted)? {
                self.deletion_is_due.notify_one();
                return Ok(());
            }
        }
    }
}
