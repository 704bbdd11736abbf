use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use kairos_domain::Kairos;
use tower::util::{MapRequestLayer, MapResponseLayer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::ApiError;
use crate::error_code::ErrorCode;
use crate::extract::MAX_FILE_BYTES;
use crate::openapi::{self, Document};
use crate::routes::{
    app_session, auth, discovery, files, health, itinerary, journeys, lines, markers, pages, places, users,
};
use crate::{ApiSettings, MayReceiveFile, middleware};

/// Returns every route of the API. Registering a route also documents it.
pub(crate) fn api() -> OpenApiRouter<Arc<Kairos>> {
    OpenApiRouter::with_openapi(openapi::frame())
        // --- signing in and out
        .routes(routes!(auth::log_in::log_in))
        .routes(routes!(auth::refresh::refresh))
        .routes(routes!(auth::log_out::log_out))
        // --- riders
        .routes(routes!(users::register::register))
        .routes(routes!(users::verify_email::verify_email))
        .routes(routes!(users::resend_verification::resend_verification))
        .routes(routes!(users::reset_password::reset_password))
        .routes(routes!(users::update_password::update_password))
        .routes(routes!(users::me::me))
        .routes(routes!(users::change_password::change_password))
        .routes(routes!(users::view::view, users::update::update, users::delete::delete))
        .routes(routes!(users::list_my_journeys::list_my_journeys))
        .routes(routes!(users::my_active_journey::my_active_journey))
        .routes(routes!(users::list_journeys::list_journeys))
        .routes(routes!(users::active_journey::active_journey))
        // --- journeys
        .routes(routes!(journeys::create::create))
        .routes(routes!(
            journeys::view::view,
            journeys::update::update,
            journeys::patch::patch,
            journeys::delete::delete
        ))
        .routes(routes!(journeys::toggle_active::toggle_active))
        .routes(routes!(journeys::stats::stats))
        // --- markers
        .routes(routes!(markers::add::add, markers::list::list))
        .routes(routes!(markers::put_markers::put_markers))
        .routes(routes!(
            markers::view::view,
            markers::update::update,
            markers::patch::patch,
            markers::delete::delete
        ))
        // --- lines
        .merge(with_files())
        .routes(routes!(lines::add_track_positions::add_track_positions))
        .routes(routes!(files::export_journey::export_journey))
        // --- schedules and itineraries
        .routes(routes!(
            itinerary::get_schedule::get_schedule,
            itinerary::put_schedule::put_schedule,
            itinerary::delete_schedule::delete_schedule
        ))
        .routes(routes!(itinerary::get_itinerary::get_itinerary))
        // --- discovery
        .routes(routes!(discovery::near_journey::near_journey))
        .routes(routes!(discovery::list_nearby::list_nearby))
        .routes(routes!(discovery::near_point::near_point))
        .routes(routes!(discovery::encounters::encounters))
        // --- places
        .routes(routes!(places::search::search))
        // --- health
        .routes(routes!(health::ping::ping))
        .routes(routes!(health::ping_store::ping_store))
        .routes(routes!(health::state::health))
}

/// Returns the routes that receive files.
fn with_files() -> OpenApiRouter<Arc<Kairos>> {
    OpenApiRouter::new()
        .routes(routes!(
            lines::get_route::get_route,
            lines::put_route::put_route,
            lines::delete_route::delete_route
        ))
        .routes(routes!(
            lines::get_track::get_track,
            lines::put_track::put_track,
            lines::delete_track::delete_track
        ))
        .routes(routes!(files::import_journey::import_journey))
        .routes(routes!(files::import_into_journey::import_into_journey))
        .layer(MapResponseLayer::new(|mut response: Response| {
            let largest = MAX_FILE_BYTES;
            response.extensions_mut().insert(MayReceiveFile { largest });
            response
        }))
}

/// Returns the whole HTTP service: the API, its document, the web app and the pages.
pub fn router(kairos: Arc<Kairos>, settings: ApiSettings) -> Router {
    let (routes, document) = api().split_for_parts();
    let document = Document::new(&openapi::complete(document, &settings.project_name));
    let app_session = match &settings.web_app {
        Some(_) => app_session::router(Arc::clone(&kairos), settings.is_https),
        None => Router::new(),
    };
    let routes = routes
        .with_state(kairos)
        .merge(app_session)
        .merge(document.router())
        .merge(pages::router(&settings.project_name, settings.web_app.as_ref()))
        .route_layer(MapRequestLayer::new(middleware::note_route))
        .fallback(async || ApiError::from(ErrorCode::NotFound))
        .method_not_allowed_fallback(async || ApiError::from(ErrorCode::MethodNotAllowed));
    middleware::around(routes, settings)
}
