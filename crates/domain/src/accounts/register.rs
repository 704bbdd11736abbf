use std::sync::Arc;

use tokio::time::Instant;

use super::rate_limits;
use crate::client::Client;
use crate::email_address::EmailAddress;
use crate::id::{MailId, UserId};
use crate::mail::{MailKind, OutboxMail};
use crate::password::{HashingError, NewPassword};
use crate::rate_limiter::RateLimitError;
use crate::store::{Registered, Registration, StoreError, Unique};
use crate::text::Name;
use crate::token::TokenHash;
use crate::user::{Contact, User};
use crate::{Kairos, RegistrationPolicy};

/// A registration of a new account.
#[derive(Debug, Clone)]
pub struct RegisterRider {
    /// The e-mail address.
    pub email: EmailAddress,
    /// The rider's name.
    pub name: Name,
    /// The password of the account.
    pub password: NewPassword,
    /// The contact lines of the profile.
    pub contact: Contact,
    /// The token of an invitation, if the request has one.
    pub invitation: Option<String>,
    /// The client that sent the request.
    pub client: Client,
}

/// Why an account was not created.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Nobody may register.
    #[error("registration is closed")]
    Closed,
    /// The request has no valid invitation, but a registration needs one.
    #[error("registration is by invitation")]
    ByInvitation,
    /// An account has this address already.
    #[error("the address is taken")]
    EmailTaken,
    /// The client has registered too often, or too many mails went to the address.
    #[error(transparent)]
    Limited(#[from] RateLimitError),
    /// The password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Creates an unverified account and mails the rider a link that verifies the address.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub async fn register_rider(self: &Arc<Self>, register: RegisterRider) -> Result<UserId, RegisterError> {
        let invitation = self.admit(register.invitation.as_deref())?;
        let email = register.email.key();
        let mails = [rate_limits::mails_to(&email, MailKind::VerifyEmail)];
        self.rate_limiter
            .try_acquire_claim(&email, register.client, &mails)
            .await?;
        let password = self.passwords.hash(register.client, register.password).await?;
        let now = self.clock.now();
        let user = User {
            id: UserId(self.new_id(now)),
            email: register.email,
            is_verified: false,
            name: register.name,
            contact: register.contact,
            password,
            credential_version: 0,
            address_version: 0,
        };
        let mail = OutboxMail {
            id: MailId(self.new_id(now)),
            user_id: user.id,
            to: user.email.clone(),
            kind: MailKind::VerifyEmail,
            created_at: now,
            attempts: 0,
        };
        let id = user.id;
        let registration = Registration {
            user,
            mail,
            invitation,
        };
        match self.store.register_user(&registration).await {
            Ok(Registered::Done) => {}
            Ok(Registered::InvitationNotGood) => return Err(RegisterError::ByInvitation),
            Err(StoreError::Conflict(Unique::Email)) => return Err(RegisterError::EmailTaken),
            Err(error) => return Err(error.into()),
        }
        self.rate_limiter.count_mails(&mails).await;
        self.see_to_mails(Instant::now()).await;
        Ok(id)
    }

    /// Returns the hash of the invitation that a registration needs, or `None` if it needs none.
    fn admit(&self, invitation: Option<&str>) -> Result<Option<TokenHash>, RegisterError> {
        match self.settings.registration {
            RegistrationPolicy::Open => Ok(None),
            RegistrationPolicy::Closed => Err(RegisterError::Closed),
            RegistrationPolicy::ByInvitation => match invitation {
                Some(invitation) => Ok(Some(TokenHash::of(invitation))),
                None => Err(RegisterError::ByInvitation),
            },
        }
    }
}
