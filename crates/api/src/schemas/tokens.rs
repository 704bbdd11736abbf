use kairos_domain::accounts::SessionTokens;
use serde::Serialize;
use utoipa::ToSchema;

/// The tokens of a session.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tokens {
    /// Valid for an hour in `Authorization: Bearer …`.
    access_token: String,
    /// Valid for eight days. Its use gives a new pair of tokens.
    refresh_token: String,
    /// Always `bearer`.
    token_type: TokenType,
}

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
