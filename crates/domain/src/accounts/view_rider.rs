use crate::Kairos;
use crate::id::UserId;
use crate::store::StoreError;
use crate::user::{PublicProfile, User};

/// An account as its reader may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RiderView {
    /// The reader's own.
    Own(User),
    /// Somebody else's.
    Other(PublicProfile),
}

/// Why an account was not shown.
#[derive(Debug, thiserror::Error)]
pub enum ViewRiderError {
    /// There is no such account.
    #[error("no such rider")]
    UserNotFound,
    /// The store could not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Shows an account to a rider.
    ///
    /// # Errors
    /// [`ViewRiderError`].
    pub async fn view_rider(&self, reader: &User, id: UserId) -> Result<RiderView, ViewRiderError> {
        let user = self.store.user(id).await?.ok_or(ViewRiderError::UserNotFound)?;
        Ok(if user.id == reader.id {
            RiderView::Own(user)
        } else {
            RiderView::Other(user.public_profile(reader))
        })
    }
}
