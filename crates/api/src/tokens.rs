//! The wire form of tokens: JWT (RFC 7519) signed with HMAC-SHA-256, and with nothing else.

use chrono::{DateTime, Utc};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use kairos_domain::token::{Claims, NotAToken, OwnClaims, Scope, TokenCodec};
use ring::hmac;
use serde::{Deserialize, Deserializer, Serialize};
use signature::{Error, Signer, Verifier};

/// Signs and reads tokens with one secret.
pub struct JwtCodec {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

/// The claims by the names they have in a token. Tokens of the earlier service have the first three.
#[derive(Serialize, Deserialize)]
struct WireClaims {
    /// Seconds since 1970.
    #[serde(deserialize_with = "numeric_date")]
    exp: i64,
    sub: String,
    scope: String,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    own: Option<WireOwnClaims>,
}

#[derive(Serialize, Deserialize)]
struct WireOwnClaims {
    /// Seconds since 1970.
    iat: i64,
    jti: String,
    /// The rider's credential version.
    cv: u32,
    /// The rider's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    /// The session's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
}

/// A JWT's date may have a fraction (RFC 7519, section 2), which makes no difference here.
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
    /// A codec for the tokens of one secret, of any length; the configuration sees to it that it is long enough.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        // A second codec finds the provider installed, which is what it wants.
        HMAC_SHA_256.install_default().ok();
        let mut validation = Validation::new(Algorithm::HS256);
        // Whether a token has ended is the domain's to say, by its clock.
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
        let own = claims.own.as_ref().map(|own| WireOwnClaims {
            iat: own.issued_at.timestamp(),
            jti: own.token_id.clone(),
            cv: own.credential_version,
            uid: own.user_id.map(|id| id.to_string()),
            sid: own.session_id.map(|id| id.to_string()),
        });
        let known = Scope::ALL.iter().find(|(_, scope)| *scope == claims.scope);
        let wire = WireClaims {
            exp: claims.expires_at.timestamp(),
            sub: claims.subject.clone(),
            scope: known.map(|(word, _)| (*word).to_owned()).unwrap_or_default(),
            own,
        };
        // Strings and integers always serialise, and HMAC takes every key; an empty text would be no token.
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
            subject: wire.sub,
            expires_at: instant(wire.exp)?,
            own: wire.own.map(OwnClaims::try_from).transpose()?,
        })
    }
}

impl TryFrom<WireOwnClaims> for OwnClaims {
    type Error = NotAToken;

    fn try_from(wire: WireOwnClaims) -> std::result::Result<Self, NotAToken> {
        Ok(Self {
            issued_at: instant(wire.iat)?,
            token_id: wire.jti,
            credential_version: wire.cv,
            user_id: wire.uid.map(|id| id.parse()).transpose().map_err(|_| NotAToken)?,
            session_id: wire.sid.map(|id| id.parse()).transpose().map_err(|_| NotAToken)?,
        })
    }
}

fn instant(seconds: i64) -> std::result::Result<DateTime<Utc>, NotAToken> {
    DateTime::from_timestamp(seconds, 0).ok_or(NotAToken)
}

/// What `jsonwebtoken` needs to sign and verify: HS256 by `ring`, no other algorithm and no key sets.
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
mod tests {
    use super::*;

    const SECRET: &[u8] = b"a secret of the tests, long enough";

    /// Made by another implementation, of `{"exp":1767225600,"sub":"5f43a1b2c3d4e5f60718293a","scope":"access"}`.
    const OF_THE_EARLIER_SERVICE: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3NjcyMjU2MDAsInN1YiI6IjVmNDNhMWIyYzNkNGU1ZjYwNzE4MjkzYSIsInNjb3BlIjoiYWNjZXNzIn0.Y5ZKDJeR6Kt-DL6oB5KxeSqz78KWXnrdd4L29GZlbUI";

    fn claims() -> Claims {
        Claims {
            scope: Scope::Refresh,
            subject: "5f43a1b2c3d4e5f60718293a".to_owned(),
            expires_at: instant(1_767_225_600).unwrap(),
            own: Some(OwnClaims {
                issued_at: instant(1_767_222_000).unwrap(),
                token_id: "abc".to_owned(),
                credential_version: 3,
                user_id: Some("5f43a1b2c3d4e5f60718293b".parse().unwrap()),
                session_id: None,
            }),
        }
    }

    #[test]
    fn what_is_signed_is_read_again() {
        let codec = JwtCodec::new(SECRET);
        for scope in Scope::ALL {
            let claims = Claims {
                scope: scope.1,
                ..claims()
            };
            assert_eq!(codec.read(&codec.sign(&claims)), Ok(claims));
        }
    }

    #[test]
    fn tokens_of_the_earlier_service_are_read() {
        let claims = JwtCodec::new(SECRET).read(OF_THE_EARLIER_SERVICE).unwrap();
        let expected = Claims {
            scope: Scope::Access,
            own: None,
            ..super::tests::claims()
        };
        assert_eq!(claims, expected);
    }

    #[test]
    fn a_date_may_have_a_fraction() {
        let codec = JwtCodec::new(SECRET);
        let claims = serde_json::json!({"exp": 1_767_225_600.75, "sub": "x", "scope": "access"});
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &codec.encoding).unwrap();
        assert_eq!(
            codec.read(&token).unwrap().expires_at,
            instant(1_767_225_600).unwrap()
        );
    }

    #[test]
    fn another_key_algorithm_or_form_is_no_token() {
        let codec = JwtCodec::new(SECRET);
        let token = codec.sign(&claims());
        assert_eq!(JwtCodec::new(b"another").read(&token), Err(NotAToken));
        let (_, rest) = token.split_once('.').unwrap();
        let (payload, signature) = rest.split_once('.').unwrap();
        for header in [
            "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0",
            "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9",
            "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9",
        ] {
            assert_eq!(
                codec.read(&format!("{header}.{payload}.{signature}")),
                Err(NotAToken)
            );
            assert_eq!(codec.read(&format!("{header}.{payload}.")), Err(NotAToken));
        }
        for text in [
            "",
            ".",
            "..",
            "a.b.c",
            "é",
            &token[1..],
            &token[..token.len() - 1],
        ] {
            assert_eq!(codec.read(text), Err(NotAToken), "{text}");
        }
    }

    #[test]
    fn claims_of_the_wrong_type_are_no_token() {
        let codec = JwtCodec::new(SECRET);
        for claims in [
            serde_json::json!({"exp": "soon", "sub": "x", "scope": "access"}),
            serde_json::json!({"exp": i64::MAX, "sub": "x", "scope": "access"}),
            serde_json::json!({"exp": 1, "sub": 5, "scope": "access"}),
            serde_json::json!({"exp": 1, "sub": "x", "scope": "everything"}),
            serde_json::json!({"sub": "x", "scope": "access"}),
            serde_json::json!([]),
        ] {
            let token =
                jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &codec.encoding).unwrap();
            assert_eq!(codec.read(&token), Err(NotAToken), "{claims}");
        }
    }
}
