use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::State;
use kairos_domain::Kairos;
use kairos_domain::id::{JourneyId, MarkerId};
use kairos_domain::journeys::{BatchOutcome, BatchStatus, ChangeJourneyError, MarkerBatch, PutMarker};
use kairos_domain::user::User;
use serde::Serialize;
use utoipa::openapi::schema::{AllOfBuilder, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::marker_input::MarkerInput;
use crate::error::ApiResult;
use crate::extract::{
    CurrentRider, Fields, IdempotencyKeyParams, Input, Json, KeyedAmendment, Objection, Path, StoredTexts,
    parsers,
};
use crate::openapi::documented_errors;
use crate::schemas::text;

/// The most items of a batch.
const MAX_ITEMS: usize = 1_000;

/// Markers to put on a journey and to remove from it, at most 1000 together.
#[derive(ToSchema)]
#[schema(as = MarkerBatch)]
pub(crate) struct MarkerBatchInput {
    /// The markers to add, and with an `_id` those to change. Each is given in full.
    #[schema(required = false, max_items = 1000)]
    put: Vec<MarkerPutInput>,
    /// The ids of the markers to remove.
    #[schema(value_type = Vec<String>, required = false, max_items = 1000)]
    delete: Vec<MarkerId>,
}

/// A marker of a batch.
pub(crate) struct MarkerPutInput {
    id: Option<MarkerId>,
    marker: MarkerInput,
}

impl ToSchema for MarkerPutInput {
    fn name() -> Cow<'static, str> {
        "MarkerPut".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        MarkerInput::schemas(schemas);
    }
}

impl PartialSchema for MarkerPutInput {
    /// Returns the schema of a marker with an optional id.
    fn schema() -> RefOr<Schema> {
        let id = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some(
                "A marker of the journey. Absent for a new marker, whose id the service chooses.",
            ));
        AllOfBuilder::new()
            .description(Some("A marker to add, or to change if it has an `_id`."))
            .item(MarkerInput::schema())
            .item(ObjectBuilder::new().property("_id", id))
            .into()
    }
}

impl Input for MarkerPutInput {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let id = fields.nullable("_id", parsers::id);
        let marker = MarkerInput::read(fields);
        Some(Self {
            id: id?,
            marker: marker?,
        })
    }
}

impl Input for MarkerBatchInput {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        if fields.count("put") + fields.count("delete") > MAX_ITEMS {
            let longer = if fields.count("put") < fields.count("delete") {
                "delete"
            } else {
                "put"
            };
            fields.object(longer, Objection::too_many("put and delete", MAX_ITEMS));
            return None;
        }
        let put = fields.items::<MarkerPutInput>("put");
        let delete = fields.list("delete", parsers::id);
        let (put, delete): (_, Vec<MarkerId>) = (put?, delete?);
        let mut seen = HashSet::new();
        for (index, item) in put.iter().enumerate() {
            if item.id.is_some_and(|id| !seen.insert(id)) {
                fields.object_to_item("put", index, Some("_id"), Objection::repeated_id());
            }
        }
        for (index, id) in delete.iter().enumerate() {
            if !seen.insert(*id) {
                fields.object_to_item("delete", index, None, Objection::repeated_id());
            }
        }
        Some(Self { put, delete })
    }
}

impl From<MarkerBatchInput> for MarkerBatch {
    fn from(input: MarkerBatchInput) -> Self {
        let put = input.put.into_iter().map(|item| PutMarker {
            id: item.id,
            details: item.marker.into(),
        });
        Self {
            put: put.collect(),
            delete: input.delete,
        }
    }
}

/// The outcomes of a batch, first of `put`, then of `delete`, in the order given.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"results": [
    {"_id": "665f1c2ab8e4d90012a4c7e3", "status": "created"},
    {"_id": "665f1c2ab8e4d90012a4c7e4", "status": "deleted"},
]}))]
pub(crate) struct MarkerBatchResults {
    /// The outcome of each item.
    results: Vec<MarkerBatchResult>,
}

/// The outcome of one item.
#[derive(Serialize, ToSchema)]
pub(crate) struct MarkerBatchResult {
    /// Id of the marker.
    #[serde(rename = "_id", serialize_with = "text::id")]
    #[schema(value_type = String)]
    id: MarkerId,
    /// The outcome.
    status: MarkerBatchStatus,
}

/// `unchanged`: the marker already had these fields.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MarkerBatchStatus {
    Created,
    Updated,
    Unchanged,
    Deleted,
}

impl From<BatchOutcome> for MarkerBatchResult {
    fn from(outcome: BatchOutcome) -> Self {
        Self {
            id: outcome.id,
            status: match outcome.status {
                BatchStatus::Created => MarkerBatchStatus::Created,
                BatchStatus::Updated => MarkerBatchStatus::Updated,
                BatchStatus::Unchanged => MarkerBatchStatus::Unchanged,
                BatchStatus::Deleted => MarkerBatchStatus::Deleted,
            },
        }
    }
}

documented_errors!(
    NotYourJourney,
    JourneyNotFound,
    TooManyMarkers,
    JourneyFull,
    AccountFull,
    RateLimited
);

/// Add, change and remove many markers
///
/// All or nothing: if one item is at fault, the journey stays as it is. New markers of one day keep their order. An
/// `_id` that names no marker of the journey is the fault `unknown_marker`. A repeated request with the same
/// `Idempotency-Key` gives the same ids, each `unchanged`, or `deleted` if the marker is gone.
#[utoipa::path(
    post,
    path = "/api/v1/journeys/{journey_id}/markers/batch",
    operation_id = "put_markers",
    tag = "journeys",
    security(("OAuth2PasswordBearer" = [])),
    params(("journey_id" = String, Path), IdempotencyKeyParams),
    request_body(content = MarkerBatchInput, example = json!({
        "put": [
            {
                "name": "Passau",
                "marker_type": "plan",
                "coordinates": {"type": "Point", "coordinates": [13.43, 48.57]},
                "estimated_time": "2026-06-01"
            },
            {
                "name": "Linz",
                "marker_type": "plan",
                "coordinates": {"type": "Point", "coordinates": [14.29, 48.31]}
            }
        ]
    })),
    responses(
        (status = 200, description = "The outcome of each item", body = MarkerBatchResults),
        Errors,
    )
)]
pub(crate) async fn put_markers(
    CurrentRider(rider): CurrentRider,
    State(kairos): State<Arc<Kairos>>,
    Path(journey_id): Path<JourneyId>,
    batch: KeyedAmendment<MarkerBatchInput>,
) -> ApiResult<Json<MarkerBatchResults>> {
    let named = batch.amendment.ids_in("put");
    let stored = stored_texts(&kairos, &rider, journey_id, &named);
    let (batch, key) = batch.judged(stored).await?;
    let outcomes = kairos
        .put_markers(&rider, journey_id, &batch.into(), key.as_ref())
        .await?;
    Ok(Json(MarkerBatchResults {
        results: outcomes.into_iter().map(Into::into).collect(),
    }))
}

/// Returns the texts of the markers that a batch changes.
async fn stored_texts(
    kairos: &Kairos,
    rider: &User,
    journey_id: JourneyId,
    ids: &[MarkerId],
) -> ApiResult<Option<StoredTexts>> {
    match kairos.own_markers(rider, journey_id, ids).await {
        Ok(markers) => Ok(Some(StoredTexts::from(markers.as_slice()))),
        Err(ChangeJourneyError::Write(refused)) => Err(refused.into()),
        Err(_) => Ok(None),
    }
}
