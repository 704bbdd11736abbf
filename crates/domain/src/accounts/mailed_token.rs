//! Tokens in mailed links.
//!
//! A mailed token contains the rider, the address that it was sent to and the version of that address. It is
//! valid as long as the rider has kept that address without interruption.

use chrono::{DateTime, TimeDelta, Utc};

use crate::Kairos;
use crate::email_address::EmailKey;
use crate::store::StoreError;
use crate::token::{Claims, MailedAccount, OwnClaims, Scope};
use crate::user::User;

/// Why a mailed token was rejected.
#[derive(Debug, thiserror::Error)]
pub(super) enum MailedTokenError {
    /// The text is not such a token, or the token has expired, or the account has another address now.
    #[error("not a token that is good")]
    Invalid,
    /// The account of the token no longer exists.
    #[error("the account no longer exists")]
    UserNotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Kairos {
    /// Returns a new token for `user` at the account's present address.
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

    /// Reads a mailed token and returns its account.
    ///
    /// Tokens of the earlier service contain the address only.
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
            // A token of the earlier service is older than any change of address in this service.
            None => (self.store.user_by_email(&address).await?, 0),
        };
        let user = user.ok_or(MailedTokenError::UserNotFound)?;
        if user.email.key() != address || user.address_version != address_version {
            return Err(MailedTokenError::Invalid);
        }
        Ok((user, claims))
    }
}
