use crate::Kairos;
use crate::id::UserId;
use crate::store::StoreError;
use crate::user::{PublicProfile, User};

/// The part of an account that the reader may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RiderView {
    /// The reader's own account, with all fields.
    Own(User),
    /// The public profile of another rider.
    Other(PublicProfile),
}

/// Why an account was not shown.
#[derive(Debug, thiserror::Error)]
pub enum ViewRiderError {
    /// There is no such account.
    #[error("no such rider")]
    UserNotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Returns the part of an account that the reader may see.
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
