use kairos_domain::accounts::SessionTokens;
use serde::Serialize;
use utoipa::ToSchema;

/// What a signed-in client holds.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tokens {
    /// Goes into `Authorization: Bearer …`; good for an hour.
    access_token: String,
    /// Good for one new pair of tokens, for eight days.
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
