use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use kairos_domain::Kairos;
use kairos_domain::accounts::RegisterRider;
use kairos_domain::email_address::EmailAddress;
use kairos_domain::password::NewPassword;
use kairos_domain::text::{Name, ProfileLine};
use kairos_domain::user::Contact;
use utoipa::ToSchema;

use crate::error::ApiResult;
use crate::extract::{AllowedPage, CurrentClient, Fields, Input, Json, parsers};
use crate::openapi::documented_errors;
use crate::schemas::Null;

/// A new account.
#[derive(ToSchema)]
#[schema(as = UserRegister, example = json!({
    "email": "ann@example.org",
    "name": "Ann",
    "password": "on two wheels",
    "phonenumber": "+43 660 1234567",
    "instagram": "ann.on.two.wheels",
    "country": "AT",
}))]
pub(crate) struct Registration {
    /// E-mail address. Other riders never see it.
    #[schema(value_type = String, format = Email, max_length = 254)]
    email: EmailAddress,
    /// Name that other riders see, with at least one visible character.
    #[schema(value_type = String, min_length = 1, max_length = 200, pattern = "\\S")]
    name: Name,
    /// Password: at least 8 characters, at most 72 bytes of UTF-8, without NUL.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 72, pattern = "^[^\\x00]*$")]
    password: NewPassword,
    /// Telephone number for other riders. Every rider with a verified address can read it.
    #[schema(value_type = Option<String>, max_length = 200)]
    phonenumber: Option<ProfileLine>,
    /// Name on Instagram for other riders. Every rider with a verified address can read it.
    #[schema(value_type = Option<String>, max_length = 200)]
    instagram: Option<ProfileLine>,
    /// Country. Every rider can read it.
    #[schema(value_type = Option<String>, max_length = 200)]
    country: Option<ProfileLine>,
    /// Invitation from the operator. Needed where registration is by invitation, ignored elsewhere.
    invite: Option<String>,
}

impl Input for Registration {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email", parsers::email_address);
        let name = fields.required("name", parsers::name);
        let password = fields.required("password", parsers::new_password);
        let phonenumber = fields.nullable("phonenumber", parsers::profile_line);
        let instagram = fields.nullable("instagram", parsers::profile_line);
        let country = fields.nullable("country", parsers::profile_line);
        let invite = fields.nullable("invite", parsers::secret);
        Some(Self {
            email: email?,
            name: name?,
            password: password?,
            phonenumber: phonenumber?,
            instagram: instagram?,
            country: country?,
            invite: invite?,
        })
    }
}

documented_errors!(
    EmailTaken,
    RegistrationClosed,
    RegistrationByInvitation,
    ForeignOrigin,
    RateLimited
);

/// Register
///
/// Creates an account, and mails a link that verifies its address. `phonenumber` and `instagram` are there to
/// be contacted by: every rider with a verified address can read them. Other riders never see the address
/// itself.
#[utoipa::path(
    post,
    path = "/api/v1/users/register",
    operation_id = "register_user_api_v1_users_register_post",
    tag = "users",
    request_body = Registration,
    responses(
        (status = 201, description = "The account is created, and its address not verified yet", body = inline(Null)),
        Errors,
    )
)]
pub(crate) async fn register(
    State(kairos): State<Arc<Kairos>>,
    CurrentClient(client): CurrentClient,
    _: AllowedPage,
    Json(registration): Json<Registration>,
) -> ApiResult<(StatusCode, Json<Null>)> {
    let Registration {
        email,
        name,
        password,
        phonenumber,
        instagram,
        country,
        invite,
    } = registration;
    let contact = Contact {
        phonenumber,
        instagram,
        country,
    };
    kairos
        .register_rider(RegisterRider {
            email,
            name,
            password,
            contact,
            invitation: invite,
            client,
        })
        .await?;
    Ok((StatusCode::CREATED, Json(Null)))
}
