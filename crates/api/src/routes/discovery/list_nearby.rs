use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use futures_util::future::ready;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use kairos_domain::Kairos;
use kairos_domain::discovery::{self, Include, NearbyQuery};
use kairos_domain::id::JourneyId;
use kairos_domain::journeys::ReadOnError;
use kairos_domain::user::User;
use utoipa::{IntoParams, ToSchema};

use super::nearby_query::NearbyParams;
use crate::error::ApiResult;
use crate::extract::{CurrentRider, Fields, Input, Json, Path, Query, parsers};
use crate::openapi::documented_errors;
use crate::schemas::{Marker, NearbyJourney};
use crate::streaming;

/// The default limit with markers.
const DEFAULT_LIMIT_WITH_MARKERS: u32 = 20;

/// The highest limit with markers.
const MAX_LIMIT_WITH_MARKERS: u32 = 50;

/// A part of a nearby journey that can be included.
#[derive(Clone, Copy, ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Included {
    Rider,
    Markers,
}

const WORDS: [(&str, Included); 2] = [("rider", Included::Rider), ("markers", Included::Markers)];

/// The query parameter `include`, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `ListNearby` reads")]
pub(crate) struct IncludeParams {
    /// Parts to include with each journey, repeated or separated by commas. With `markers`, `limit` is at
    /// most 50, and 20 if absent.
    #[param(inline, required = false, nullable = false)]
    include: Option<Vec<Included>>,
}

/// The query: the area of the search, and the parts to include.
pub(crate) struct ListNearby {
    nearby: NearbyParams,
    include: Include,
}

impl Input for ListNearby {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let include = fields.words("include", parsers::one_of(&WORDS));
        let mut included = Include::default();
        for word in include.iter().flatten() {
            match word {
                Included::Rider => included.rider = true,
                Included::Markers => included.markers = true,
            }
        }
        let (default_limit, max_limit) = if included.markers {
            (DEFAULT_LIMIT_WITH_MARKERS, MAX_LIMIT_WITH_MARKERS)
        } else {
            (NearbyQuery::DEFAULT_LIMIT, NearbyQuery::MAX_LIMIT)
        };
        let nearby = NearbyParams::read_with(fields, max_limit);
        include?;
        let nearby = nearby?;
        Some(Self {
            nearby: NearbyParams {
                limit: nearby.limit.or(Some(default_limit)),
                ..nearby
            },
            include: included,
        })
    }
}

documented_errors!(JourneyNotFound, WholeAnswerTooLarge, AnswerTooLarge);

/// List journeys near a journey, with riders and markers
///
/// Lists journeys of other riders. The distance is the smallest between any marker of theirs and any marker
/// of this journey. The nearest comes first; the id decides ties. The answer is exact. A journey without
/// markers has no neighbours.
#[utoipa::path(
    get,
    path = "/api/v1/journeys/{journey_id}/nearby",
    operation_id = "list_nearby_journeys",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), NearbyParams, IncludeParams),
    responses(
        (status = 200, description = "The nearby journeys, with what `include` names", body = Vec<NearbyJourney>),
        Errors,
    )
)]
pub(crate) async fn list_nearby(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    Query(ListNearby { nearby, include }): Query<ListNearby>,
) -> ApiResult<Response> {
    let found = kairos
        .list_nearby_journeys(&rider, journey_id, nearby.into(), include)
        .await?;
    if !include.markers {
        let found: Vec<_> = found.into_iter().map(NearbyJourney::from).collect();
        return Ok(Json(found).into_response());
    }
    streaming::answer(with_markers(rider, kairos, found)).await
}

/// Returns the journeys in JSON, in parts, each with its markers.
fn with_markers(
    reader: User,
    kairos: Arc<Kairos>,
    found: Vec<discovery::NearbyJourney>,
) -> impl Stream<Item = Result<Vec<u8>, ReadOnError>> + Send {
    // One after another: a list that is opened ahead would keep its turn at the fence while the client reads.
    let opened = stream::iter(found).then(move |nearby| {
        let (kairos, reader) = (Arc::clone(&kairos), reader.clone());
        async move {
            let markers = kairos.markers_of_nearby_journey(&reader, &nearby.found).await?;
            // A journey that has just gone has just left the list, too.
            Ok::<_, ReadOnError>(markers.map(|markers| (NearbyJourney::from(nearby), markers)))
        }
    });
    let mut before = "";
    let journeys = opened
        .try_filter_map(|opened| ready(Ok(opened)))
        .map_ok(move |(nearby, markers)| {
            let mut json = std::mem::replace(&mut before, ",").as_bytes().to_vec();
            nearby.write_up_to_markers(&mut json);
            streaming::list::<_, Marker>(markers, json, NearbyJourney::AFTER_MARKERS)
        })
        .try_flatten();
    let part = |text: &str| stream::iter([Ok(text.as_bytes().to_vec())]);
    part("[").chain(journeys).chain(part("]"))
}
