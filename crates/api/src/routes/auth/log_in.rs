use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::accounts::LogIn;
use kairos_domain::client::Client;
use kairos_domain::email_address::EmailKey;
use kairos_domain::password::PasswordAttempt;
use utoipa::ToSchema;

use crate::error::ApiResult;
use crate::extract::{AllowedPage, CurrentClient, Fields, Form, Input, Json, parsers};
use crate::openapi::documented_errors;
use crate::schemas::Tokens;

/// The form of an OAuth2 password grant (RFC 6749, 4.3.2). Its `scope`, `client_id` and `client_secret` are
/// ignored.
#[derive(ToSchema)]
#[schema(
    as = Body_login_api_v1_auth_token_post,
    example = json!({"grant_type": "password", "username": "ann@example.org", "password": "on two wheels"})
)]
pub(crate) struct LogInForm {
    /// `password`, which is also meant if it is absent.
    #[schema(value_type = String, required = false, pattern = "^password$")]
    grant_type: (),
    /// E-mail address of the rider.
    #[schema(value_type = String)]
    username: EmailKey,
    /// Password of the rider.
    #[schema(value_type = String, format = Password)]
    password: PasswordAttempt,
}

impl LogInForm {
    /// Returns the attempt of a client with this form.
    pub(crate) fn into_attempt(self, client: Client) -> LogIn {
        let Self {
            grant_type: (),
            username,
            password,
        } = self;
        LogIn {
            email: username,
            password,
            client,
        }
    }
}

/// The only grant there is.
const GRANT_TYPES: [(&str, ()); 1] = [("password", ())];

impl Input for LogInForm {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let grant_type = fields.optional("grant_type", parsers::one_of(&GRANT_TYPES));
        let username = fields.required("username", parsers::string);
        let password = fields.required("password", parsers::secret);
        Some(Self {
            grant_type: grant_type?.unwrap_or_default(),
            username: EmailKey::of(&username?),
            password: PasswordAttempt::new(password?),
        })
    }
}

documented_errors!(WrongCredentials, ForeignOrigin, RateLimited);

/// Log in
///
/// Checks an e-mail address and a password, and gives an access token and a refresh token. An unknown address
/// and a wrong password get the same answer in the same time. The form is that of OAuth2;
/// `multipart/form-data` is accepted, too.
#[utoipa::path(
    post,
    path = "/api/v1/auth/token",
    operation_id = "login_api_v1_auth_token_post",
    tag = "authentication",
    request_body(content = LogInForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The tokens of a new session", body = Tokens),
        Errors,
    )
)]
pub(crate) async fn log_in(
    State(kairos): State<Arc<Kairos>>,
    CurrentClient(client): CurrentClient,
    _: AllowedPage,
    Form(form): Form<LogInForm>,
) -> ApiResult<Json<Tokens>> {
    let tokens = kairos.log_in(form.into_attempt(client)).await?;
    Ok(Json(tokens.into()))
}
