use chrono::NaiveDate;
use kairos_domain::geo::Distance;
use kairos_domain::itinerary::{self, ItineraryDay};
use serde::Serialize;
use utoipa::ToSchema;

use super::Coordinates;

/// A day of an itinerary.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "date": "2027-06-02",
    "position": {"type": "Point", "coordinates": [13.43, 48.57]},
    "source": "route",
    "meters_along_route": 80_000.0,
}))]
pub(crate) struct Day {
    /// The day (UTC).
    date: NaiveDate,
    /// Position at the end of the day, without an elevation.
    position: Coordinates,
    #[schema(inline)]
    source: DaySource,
    /// Distance from the start of the route along the route, in metres. Null off the route.
    meters_along_route: Option<f64>,
}

/// Source of the position. `past_marker`, `track` and `plan_marker`: the day is fixed. `route`: a place on the
/// route. `between`: on the great circle between two fixed days.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DaySource {
    PastMarker,
    Track,
    PlanMarker,
    Route,
    Between,
}

impl From<ItineraryDay> for Day {
    fn from(day: ItineraryDay) -> Self {
        Self {
            date: day.date,
            position: day.position.into(),
            source: day.source.into(),
            meters_along_route: day.place.map(Distance::metres),
        }
    }
}

impl From<itinerary::DaySource> for DaySource {
    fn from(source: itinerary::DaySource) -> Self {
        match source {
            itinerary::DaySource::PastMarker => Self::PastMarker,
            itinerary::DaySource::Track => Self::Track,
            itinerary::DaySource::PlanMarker => Self::PlanMarker,
            itinerary::DaySource::Route => Self::Route,
            itinerary::DaySource::Between => Self::Between,
        }
    }
}
