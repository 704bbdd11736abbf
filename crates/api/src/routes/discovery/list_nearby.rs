use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use futures_util::future::ready;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use kairos_domain::Kairos;
use kairos_domain::discovery::{self, Include, NearbyQuery};
use kairos_domain::id::JourneyId;
use kairos_domain::journeys::{PackedLine, ReadOnError};
use kairos_domain::line::LineKind;
use kairos_domain::user::User;
use utoipa::{IntoParams, ToSchema};

use super::nearby_query::NearbyParams;
use crate::error::ApiResult;
use crate::extract::{CurrentRider, Fields, Input, Json, Path, Query, parsers};
use crate::openapi::documented_errors;
use crate::schemas::{Marker, NearbyJourney};
use crate::streaming;

/// The default limit with markers or lines.
const DEFAULT_LIMIT_WITH_PARTS: u32 = 20;

/// The highest limit with markers or lines.
const MAX_LIMIT_WITH_PARTS: u32 = 50;

/// A part of a nearby journey that can be included.
#[derive(Clone, Copy, ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Included {
    Rider,
    Markers,
    Lines,
}

const WORDS: [(&str, Included); 3] = [
    ("rider", Included::Rider),
    ("markers", Included::Markers),
    ("lines", Included::Lines),
];

/// The query parameter `include`, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `ListNearby` reads")]
pub(crate) struct IncludeParams {
    /// Parts to include with each journey, repeated or separated by commas. With `markers` or `lines`, `limit` is
    /// at most 50, and 20 if absent.
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
                Included::Lines => included.lines = true,
            }
        }
        let (default_limit, max_limit) = if included.markers || included.lines {
            (DEFAULT_LIMIT_WITH_PARTS, MAX_LIMIT_WITH_PARTS)
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

/// List journeys near a journey, with riders, markers and lines
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
    if !include.markers && !include.lines {
        let found: Vec<_> = found.into_iter().map(NearbyJourney::from).collect();
        return Ok(Json(found).into_response());
    }
    streaming::answer(with_parts(rider, kairos, found, include)).await
}

/// Returns the journeys in JSON, in parts, each with its markers and its lines.
fn with_parts(
    reader: User,
    kairos: Arc<Kairos>,
    found: Vec<discovery::NearbyJourney>,
    include: Include,
) -> impl Stream<Item = Result<Vec<u8>, ReadOnError>> + Send {
    // One after another: a list that is opened ahead would keep its turn at the fence while the client reads.
    let opened = stream::iter(found).then(move |nearby| {
        let (kairos, reader) = (Arc::clone(&kairos), reader.clone());
        async move {
            let mut markers = None;
            if include.markers {
                markers = kairos.markers_of_nearby_journey(&reader, &nearby.found).await?;
                // A journey that has just gone has just left the list, too.
                if markers.is_none() {
                    return Ok(None);
                }
            }
            let lines = if include.lines {
                let id = nearby.found.journey.id;
                Some(kairos.simplified_lines(&reader, id).await?)
            } else {
                None
            };
            Ok::<_, ReadOnError>(Some((NearbyJourney::from(nearby), markers, lines)))
        }
    });
    let mut before = "";
    let journeys = opened
        .try_filter_map(|opened| ready(Ok(opened)))
        .map_ok(move |(nearby, markers, lines)| {
            let mut json = std::mem::replace(&mut before, ",").as_bytes().to_vec();
            nearby.write_up_to_markers(&mut json);
            let markers = match markers {
                Some(markers) => {
                    json.push(b'[');
                    streaming::list::<_, Marker>(markers, json, "]").left_stream()
                }
                None => part_after(json, "null").right_stream(),
            };
            markers.chain(lines_of(lines))
        })
        .try_flatten();
    part("[").chain(journeys).chain(part("]"))
}

/// Returns `lines` in JSON, in parts, and the end of the journey.
fn lines_of(
    lines: Option<Vec<(LineKind, PackedLine)>>,
) -> impl Stream<Item = Result<Vec<u8>, ReadOnError>> + Send {
    let Some(mut lines) = lines else {
        return part(",\"lines\":null}").left_stream();
    };
    let mut line_of = |kind| {
        let index = lines.iter().position(|(found, _)| *found == kind);
        match index.map(|index| lines.swap_remove(index)) {
            Some((_, line)) => streaming::feature(line).left_stream(),
            None => part("null").right_stream(),
        }
    };
    let (route, track) = (line_of(LineKind::Route), line_of(LineKind::Track));
    part(",\"lines\":{\"route\":")
        .chain(route)
        .chain(part(",\"track\":"))
        .chain(track)
        .chain(part("}}"))
        .right_stream()
}

fn part(text: &'static str) -> impl Stream<Item = Result<Vec<u8>, ReadOnError>> + Send {
    part_after(Vec::new(), text)
}

fn part_after(
    mut json: Vec<u8>,
    text: &'static str,
) -> impl Stream<Item = Result<Vec<u8>, ReadOnError>> + Send {
    json.extend_from_slice(text.as_bytes());
    stream::iter([Ok(json)])
}
