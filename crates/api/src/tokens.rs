//! The wire format of tokens: JWT (RFC 7519), signed with HMAC-SHA-256 only.

use chrono::{DateTime, Utc};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use kairos_domain::token::{Claims, MailedAccount, NotAToken, OwnClaims, Scope, TokenCodec};
use ring::hmac;
use serde::{Deserialize, Deserializer, Serialize};
use signature::{Error, Signer, Verifier};

/// Signs and reads tokens with one secret.
pub struct JwtCodec {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

/// The claims by their names in a token. Tokens of the earlier service have only the first three.
#[derive(Default, Serialize, Deserialize)]
struct WireClaims {
    /// Seconds since 1970.
    #[serde(deserialize_with = "numeric_date")]
    exp: i64,
    sub: String,
    scope: String,
    /// Seconds since 1970.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    iat: Option<i64>,
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    jti: Option<String>,
    /// The rider's credential version.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    cv: Option<u32>,
    /// The session's id, in refresh tokens.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    sid: Option<String>,
    /// The rider's id, in mailed tokens.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    uid: Option<String>,
    /// The rider's address version, in mailed tokens.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    av: Option<u32>,
}

/// Reads a claim that is present: `null` is not the same as an absent claim.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> std::result::Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads a date and drops its fraction, which a JWT may have (RFC 7519, section 2).
fn numeric_date<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<i64, D::Error> {
    let seconds = serde_json::Number::deserialize(deserializer)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is beyond an i64 saturates, and is no date either"
    )]
    let whole = || seconds.as_f64().map(|seconds| seconds.floor() as i64);
    seconds
        .as_i64()
        .or_else(whole)
        .ok_or_else(|| serde::de::Error::custom("not a date"))
}

impl JwtCodec {
    /// Creates a codec with a secret of any length. The configuration checks that it is long enough.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        // For a second codec, the same provider is already installed.
        HMAC_SHA_256.install_default().ok();
        let mut validation = Validation::new(Algorithm::HS256);
        // The domain checks the expiry, by its own clock.
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
        }
    }
}

impl std::fmt::Debug for JwtCodec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JwtCodec(…)")
    }
}

impl TokenCodec for JwtCodec {
    fn sign(&self, claims: &Claims) -> String {
        let own = claims.own.as_ref();
        let account = own.and_then(|own| own.account);
        let known = Scope::ALL.iter().find(|(_, scope)| *scope == claims.scope);
        let wire = WireClaims {
            exp: claims.expires_at.timestamp(),
            sub: claims.subject.clone(),
            scope: known.map(|(word, _)| (*word).to_owned()).unwrap_or_default(),
            iat: own.map(|own| own.issued_at.timestamp()),
            jti: own.map(|own| own.token_id.clone()),
            cv: own.map(|own| own.credential_version),
            sid: own.and_then(|own| own.session_id).map(|id| id.to_string()),
            uid: account.map(|account| account.user_id.to_string()),
            av: account.map(|account| account.address_version),
        };
        // Strings and integers always serialise, and HMAC accepts every key. An empty text would be no valid
        // token.
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &wire, &self.encoding).unwrap_or_default()
    }

    fn read(&self, token: &str) -> std::result::Result<Claims, NotAToken> {
        let decoded = jsonwebtoken::decode::<WireClaims>(token, &self.decoding, &self.validation);
        let wire = decoded.map_err(|_| NotAToken)?.claims;
        let (_, scope) = Scope::ALL
            .into_iter()
            .find(|(word, _)| *word == wire.scope)
            .ok_or(NotAToken)?;
        Ok(Claims {
            scope,
            own: own_claims(&wire, scope)?,
            subject: wire.sub,
            expires_at: instant(wire.exp)?,
        })
    }
}

/// Reads the claims that the earlier service did not make: all claims of the scope, or none.
///
/// A token with only some of them is rejected. As a token of the earlier service, it would pass fewer checks.
fn own_claims(wire: &WireClaims, scope: Scope) -> std::result::Result<Option<OwnClaims>, NotAToken> {
    let (iat, jti, cv) = match (wire.iat, &wire.jti, wire.cv) {
        (Some(iat), Some(jti), Some(cv)) => (iat, jti, cv),
        (None, None, None) if (&wire.sid, &wire.uid, wire.av) == (&None, &None, None) => return Ok(None),
        _ => return Err(NotAToken),
    };
    let (session_id, account) = match (scope, &wire.sid, &wire.uid, wire.av) {
        (Scope::Access, None, None, None) => (None, None),
        (Scope::Refresh, Some(sid), None, None) => (Some(sid.parse().map_err(|_| NotAToken)?), None),
        (Scope::EmailVerification | Scope::PasswordReset, None, Some(uid), Some(address_version)) => {
            let user_id = uid.parse().map_err(|_| NotAToken)?;
            let account = MailedAccount {
                user_id,
                address_version,
            };
            (None, Some(account))
        }
        _ => return Err(NotAToken),
    };
    Ok(Some(OwnClaims {
        issued_at: instant(iat)?,
        token_id: jti.clone(),
        credential_version: cv,
        session_id,
        account,
    }))
}

fn instant(seconds: i64) -> std::result::Result<DateTime<Utc>, NotAToken> {
    DateTime::from_timestamp(seconds, 0).ok_or(NotAToken)
}

/// The provider of `jsonwebtoken`: HS256 by `ring`, with no other algorithm and no key sets.
static HMAC_SHA_256: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(HmacSha256::new(*algorithm, key.as_bytes())?)),
    verifier_factory: |algorithm, key| Ok(Box::new(HmacSha256::new(*algorithm, key.try_get_as_bytes()?)?)),
    key_utils: KeyUtils::new_unimplemented(),
};

struct HmacSha256(hmac::Key);

impl HmacSha256 {
    fn new(algorithm: Algorithm, key: &[u8]) -> Result<Self> {
        if algorithm == Algorithm::HS256 {
            Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, key)))
        } else {
            Err(ErrorKind::InvalidAlgorithm.into())
        }
    }
}

impl Signer<Vec<u8>> for HmacSha256 {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        Ok(hmac::sign(&self.0, message).as_ref().to_vec())
    }
}

impl Verifier<Vec<u8>> for HmacSha256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        hmac::verify(&self.0, message, signature).map_err(|_| Error::new())
    }
}

impl JwtSigner for HmacSha256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for HmacSha256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests;
