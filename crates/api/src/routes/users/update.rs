use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::accounts::UpdateProfile;
use kairos_domain::email_address::EmailAddress;
use kairos_domain::id::UserId;
use kairos_domain::password::PasswordAttempt;
use kairos_domain::text::{Name, ProfileLine};
use kairos_domain::user::Contact;
use utoipa::ToSchema;

use crate::error::ApiResult;
use crate::etag::{IfMatch, IfMatchParams, Tagged};
use crate::extract::{Amendment, CurrentClient, CurrentRider, Fields, Input, Path, StoredTexts, parsers};
use crate::openapi::documented_errors;
use crate::schemas::User;

/// A whole profile. A field that is absent is emptied, except the address.
#[derive(ToSchema)]
#[schema(as = UserUpdate, example = json!({
    "name": "Ann",
    "phonenumber": "+43 660 1234567",
    "instagram": "ann.on.two.wheels",
    "country": "AT",
}))]
pub(crate) struct ProfileInput {
    /// Name that other riders see, with at least one visible character.
    #[schema(value_type = String, min_length = 1, max_length = 200, pattern = "\\S")]
    name: Name,
    /// Telephone number for other riders. None if null or absent.
    #[schema(value_type = Option<String>, max_length = 200)]
    phonenumber: Option<ProfileLine>,
    /// Name on Instagram for other riders. None if null or absent.
    #[schema(value_type = Option<String>, max_length = 200)]
    instagram: Option<ProfileLine>,
    /// Country. None if null or absent.
    #[schema(value_type = Option<String>, max_length = 200)]
    country: Option<ProfileLine>,
    /// E-mail address. Unchanged if null or absent. Another address needs `current_password`, and has to be
    /// verified.
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    email: Option<EmailAddress>,
    /// Current password. Needed for another address, not for another spelling of the same one.
    #[schema(value_type = Option<String>, format = Password)]
    current_password: Option<PasswordAttempt>,
    /// Not needed: `POST /users/me/password` changes the password. Anything but null is rejected.
    #[schema(deprecated)]
    password: Option<String>,
}

impl Input for ProfileInput {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", parsers::name);
        let phonenumber = fields.nullable("phonenumber", parsers::profile_line);
        let instagram = fields.nullable("instagram", parsers::profile_line);
        let country = fields.nullable("country", parsers::profile_line);
        let email = fields.nullable("email", parsers::email_address);
        let current_password = fields.nullable("current_password", parsers::secret);
        let password = fields.nullable("password", parsers::secret_of_any_type);
        Some(Self {
            name: name?,
            phonenumber: phonenumber?,
            instagram: instagram?,
            country: country?,
            email: email?,
            // An empty field of a form is no password.
            current_password: current_password?
                .filter(|text| !text.is_empty())
                .map(PasswordAttempt::new),
            password: password?,
        })
    }
}

documented_errors!(
    PasswordNotAllowed,
    IncorrectPassword,
    EmailTaken,
    NotYourAccount,
    UserNotFound,
    RateLimited
);

/// Replace the rider's own profile
///
/// Replaces the whole profile, except the address if it is absent. Another address needs `current_password`.
/// It takes effect at once, unverified. The service mails a link that verifies it to the new address, and a
/// notice to the old one. Another spelling of the same address does none of this.
#[utoipa::path(
    put,
    path = "/api/v1/users/{user_id}",
    operation_id = "update_user_api_v1_users__user_id__put",
    tag = "users",
    security(("OAuth2PasswordBearer" = [])),
    params(("user_id" = String, Path), IfMatchParams),
    request_body = ProfileInput,
    responses(
        (status = 200, description = "The account as it is now", body = User),
        Errors,
    )
)]
pub(crate) async fn update(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    CurrentClient(client): CurrentClient,
    Path(user_id): Path<UserId>,
    if_match: IfMatch,
    profile: Amendment<ProfileInput>,
) -> ApiResult<Tagged<User>> {
    let stored = (user_id == rider.id).then(|| StoredTexts::from(&rider));
    let ProfileInput {
        name,
        phonenumber,
        instagram,
        country,
        email,
        current_password,
        password,
    } = profile.judged(async { Ok(stored) }).await?;
    let contact = Contact {
        phonenumber,
        instagram,
        country,
    };
    let update = UpdateProfile {
        name,
        contact,
        email,
        current_password,
        password,
        client,
    };
    let precondition = if_match.precondition::<User, _>();
    let user = kairos
        .update_profile(&rider, user_id, &precondition, update)
        .await?;
    Ok(Tagged::new(user.into()))
}
