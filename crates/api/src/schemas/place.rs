use kairos_domain::geo::Distance;
use serde::Serialize;
use utoipa::ToSchema;

use super::Coordinates;

/// A town.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "name": "Lugano",
    "country": "CH",
    "position": {"type": "Point", "coordinates": [8.96, 46.005]},
    "population": 63185,
    "distance_meters": null,
}))]
pub(crate) struct Place {
    /// The local name.
    name: &'static str,
    /// The ISO 3166-1 code of the country: two letters.
    country: &'static str,
    /// The position of the centre.
    position: Coordinates,
    /// The number of inhabitants, 0 if unknown.
    population: u32,
    /// The great-circle distance from `near`, in metres; null in a search by name.
    distance_meters: Option<f64>,
}

impl Place {
    pub(crate) fn of(place: kairos_places::Place, distance: Option<Distance>) -> Self {
        Self {
            name: place.name,
            country: place.country,
            position: place.position.into(),
            population: place.population,
            distance_meters: distance.map(Distance::metres),
        }
    }
}
