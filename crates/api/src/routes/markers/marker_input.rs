use chrono::NaiveDate;
use kairos_domain::geo::Position;
use kairos_domain::id::JourneyId;
use kairos_domain::marker::{MarkerDetails, MarkerKind};
use kairos_domain::text::{Name, Prose};
use utoipa::ToSchema;

use crate::extract::{Fields, Input, Objection, parsers};
use crate::schemas::{CoordinatesInput, MarkerType};

/// A whole marker, as its owner writes it.
#[derive(ToSchema)]
#[schema(as = MarkerInput, example = json!({
    "name": "Passau, camp site",
    "marker_type": "plan",
    "coordinates": {"type": "Point", "coordinates": [13.43, 48.57]},
    "estimated_time": "2027-06-07",
    "notes": "A day later than planned.",
}))]
pub(crate) struct MarkerInput {
    /// Name of the place, with at least one visible character.
    #[schema(value_type = String, min_length = 1, max_length = 200, pattern = "\\S")]
    name: Name,
    #[schema(value_type = MarkerType, inline)]
    marker_type: MarkerKind,
    /// Position of the place.
    #[schema(value_type = CoordinatesInput)]
    coordinates: Position,
    /// Day (UTC) on which the rider was there; of a past marker not later than tomorrow. None if null or
    /// absent. A date-time is accepted if its time is exactly midnight.
    timestamp: Option<NaiveDate>,
    /// Day (UTC) on which the rider means to be there. None if null or absent. A date-time is accepted if its
    /// time is exactly midnight.
    estimated_time: Option<NaiveDate>,
    /// Notes of the owner. Empty if absent.
    #[schema(value_type = String, required = false, max_length = 10000)]
    notes: Prose,
    /// Not needed: the path names the journey. The id of another journey is rejected.
    #[schema(value_type = Option<String>, deprecated)]
    #[expect(dead_code, reason = "compared when it is read")]
    journey_id: Option<JourneyId>,
}

impl Input for MarkerInput {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", parsers::name);
        let marker_type = fields.required("marker_type", parsers::one_of(&MarkerKind::ALL));
        let coordinates = fields.required("coordinates", parsers::point);
        let timestamp = fields.nullable("timestamp", parsers::date);
        let estimated_time = fields.nullable("estimated_time", parsers::date);
        let notes = fields.optional("notes", parsers::prose);
        let journey_id = fields.nullable("journey_id", parsers::id);
        check_journey(fields, journey_id.flatten());
        if let (Some(MarkerKind::Past), Some(Some(day))) = (marker_type, timestamp) {
            fields.check_past_day("timestamp", day);
        }
        Some(Self {
            name: name?,
            marker_type: marker_type?,
            coordinates: coordinates?,
            timestamp: timestamp?,
            estimated_time: estimated_time?,
            notes: notes?.unwrap_or_default(),
            journey_id: journey_id?,
        })
    }
}

/// Objects to another journey than that of the path.
pub(super) fn check_journey(fields: &mut Fields<'_>, claimed: Option<JourneyId>) {
    if claimed.is_some() && claimed != fields.id_in_path("journey_id") {
        fields.object("journey_id", Objection::value("must be the journey of the path"));
    }
}

impl From<MarkerInput> for MarkerDetails {
    fn from(input: MarkerInput) -> Self {
        Self {
            name: input.name,
            notes: input.notes,
            kind: input.marker_type,
            position: input.coordinates,
            timestamp: input.timestamp,
            estimated_time: input.estimated_time,
        }
    }
}
