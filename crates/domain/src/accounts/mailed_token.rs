//! Mailed tokens. They name a rider, the address they were sent to and its version, and are valid while the rider
//! has that address without an interruption.

use chrono::{DateTime, TimeDelta, Utc};

use crate::Kairos;
use crate::email_address::EmailKey;
use crate::store::StoreError;
use crate::token::{Claims, MailedAccount, OwnClaims, Scope};
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
                session_id: None,
                account: Some(MailedAccount {
                    user_id: user.id,
                    address_version: user.address_version,
                }),
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
        let (user, address_version) = match &claims.own {
            Some(own) => {
                let account = own.account.ok_or(MailedTokenError::Invalid)?;
                (self.store.user(account.user_id).await?, account.address_version)
            }
            // It is older than any change of address made here.
            None => (self.store.user_by_email(&address).await?, 0),
        };
        let user = user.ok_or(MailedTokenError::UserNotFound)?;
        if user.email.key() != address || user.address_version != address_version {
            return Err(MailedTokenError::Invalid);
        }
        Ok((user, claims))
    }
}
