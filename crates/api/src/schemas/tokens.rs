use kairos_domain::accounts::SessionTokens;
use serde::Serialize;
use utoipa::ToSchema;

/// The tokens of a session.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "access_token": "eyJhbGciOiJIUzI1NiJ9.access.signature",
    "refresh_token": "eyJhbGciOiJIUzI1NiJ9.refresh.signature",
    "token_type": "bearer",
}))]
pub(crate) struct Tokens {
    /// Token for `Authorization: Bearer …`. It is valid for 60 minutes.
    access_token: String,
    /// Token that continues the session. It is valid for 8 days, and using it gives a new pair of tokens.
    refresh_token: String,
    #[schema(inline)]
    token_type: TokenType,
}

/// Always `bearer`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum TokenType {
    Bearer,
}

impl From<SessionTokens> for Tokens {
    fn from(tokens: SessionTokens) -> Self {
        Self {
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            token_type: TokenType::Bearer,
        }
    }
}
