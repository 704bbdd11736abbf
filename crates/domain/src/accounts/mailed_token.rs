//! The tokens that travel by mail: they name a rider and the address they were sent to, and both must still
//! belong together when they come back.

use chrono::{DateTime, TimeDelta, Utc};

use crate::Kairos;
use crate::email_address::EmailKey;
use crate::store::StoreError;
use crate::token::{Claims, OwnClaims, Scope};
use crate::user::User;

/// Why a mailed token was refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum MailedTokenError {
    /// It is no such token, has ended, or went to an address that the account no longer has.
    #[error("not a token that is good")]
    Invalid,
    /// Its account is gone.
    #[error("the account no longer exists")]
    UserNotFound,
    /// The store could not say.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Makes a token for `user` at the address they have now.
    pub(super) fn make_mailed_token(
        &self,
        user: &User,
        scope: Scope,
        lifetime: TimeDelta,
        now: DateTime<Utc>,
    ) -> String {
        self.tokens.sign(&Claims {
            scope,
            subject: user.email.as_str().to_owned(),
            expires_at: now + lifetime,
            own: Some(OwnClaims {
                issued_at: now,
                token_id: self.new_token_id(),
                credential_version: user.credential_version,
                user_id: Some(user.id),
                session_id: None,
            }),
        })
    }

    /// Reads such a token and finds its account. Tokens of the earlier service name the address only.
    pub(super) async fn read_mailed_token(
        &self,
        token: &str,
        scope: Scope,
    ) -> Result<(User, Claims), MailedTokenError> {
        let claims = self.tokens.read(token).map_err(|_| MailedTokenError::Invalid)?;
        if claims.scope != scope || claims.has_expired(self.clock.now()) {
            return Err(MailedTokenError::Invalid);
        }
        let address = EmailKey::of(&claims.subject);
        let user = match &claims.own {
            Some(own) => {
                self.store
                    .user(own.user_id.ok_or(MailedTokenError::Invalid)?)
                    .await?
            }
            None => self.store.user_by_email(&address).await?,
        };
        let user = user.ok_or(MailedTokenError::UserNotFound)?;
        if user.email.key() != address {
            return Err(MailedTokenError::Invalid);
        }
        Ok((user, claims))
    }
}
