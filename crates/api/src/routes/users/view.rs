use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::accounts::RiderView;
use kairos_domain::id::UserId;
use serde::Serialize;
use utoipa::openapi::schema::AnyOfBuilder;
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::error::ApiResult;
use crate::etag::{IfNoneMatch, IfNoneMatchParams, Tagged};
use crate::extract::{CurrentRider, Path};
use crate::openapi::documented_errors;
use crate::schemas::{PublicUser, User};

/// One's own account, whole, or another rider's public side.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum RiderResponse {
    Own(User),
    Other(PublicUser),
}

// Derived, it would be *one of* both, and one's own account is both: it has all that `PublicUser` names.
impl PartialSchema for RiderResponse {
    fn schema() -> RefOr<Schema> {
        let any_of = AnyOfBuilder::new()
            .item(Ref::from_schema_name(User::name()))
            .item(Ref::from_schema_name(PublicUser::name()))
            .description(Some(
                "The whole account if it is the reader's own, else what other riders see of it.",
            ));
        Schema::AnyOf(any_of.build()).into()
    }
}

impl ToSchema for RiderResponse {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.extend([
            (User::name().into_owned(), User::schema()),
            (PublicUser::name().into_owned(), PublicUser::schema()),
        ]);
        User::schemas(schemas);
        PublicUser::schemas(schemas);
    }
}

documented_errors!(UserNotFound);

/// Get a rider
///
/// Gives `User` to the rider, and `PublicUser` to other riders. Telephone number and Instagram name are null
/// unless the reader's own address is verified.
#[utoipa::path(
    get,
    path = "/api/v1/users/{user_id}",
    operation_id = "get_user_by_id_api_v1_users__user_id__get",
    tag = "users",
    security(("OAuth2PasswordBearer" = [])),
    params(("user_id" = String, Path), IfNoneMatchParams),
    responses(
        (status = 200, description = "What the reader may see of the rider", body = RiderResponse),
        Errors,
    )
)]
pub(crate) async fn view(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(user_id): Path<UserId>,
    seen: IfNoneMatch,
) -> ApiResult<Tagged<RiderResponse>> {
    let view = match kairos.view_rider(&rider, user_id).await? {
        RiderView::Own(user) => RiderResponse::Own(user.into()),
        RiderView::Other(profile) => RiderResponse::Other(profile.into()),
    };
    Ok(Tagged::unless_seen(seen, view))
}
