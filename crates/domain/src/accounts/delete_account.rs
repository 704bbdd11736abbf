use crate::Kairos;
use crate::id::UserId;
use crate::store::StoreError;
use crate::user::User;

/// Why an account was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteAccountError {
    /// There is no such account.
    #[error("no such rider")]
    UserNotFound,
    /// It is somebody else's.
    #[error("another rider's account")]
    NotYourAccount,
    /// The store could not delete it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Deletes a rider's own account, with its journeys, markers, sessions and waiting mails.
    ///
    /// # Errors
    /// [`DeleteAccountError`].
    pub async fn delete_account(&self, rider: &User, id: UserId) -> Result<(), DeleteAccountError> {
        if id != rider.id {
            return Err(match self.store.user(id).await? {
                Some(_) => DeleteAccountError::NotYourAccount,
                None => DeleteAccountError::UserNotFound,
            });
        }
        if !self.store.delete_user_with_everything(id).await? {
            return Err(DeleteAccountError::UserNotFound);
        }
        Ok(())
    }
}
