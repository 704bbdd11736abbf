use kairos_domain::geo::Distance;
use serde::Serialize;
use utoipa::ToSchema;

use super::Coordinates;

/// A town.
#[derive(Serialize, ToSchema)]
pub(crate) struct Place {
    /// The local name.
    #[schema(example = "Lugano")]
    name: &'static str,
    /// The ISO 3166-1 code of the country: two letters.
    #[schema(example = "CH")]
    country: &'static str,
    /// The position of the centre.
    position: Coordinates,
    /// The number of inhabitants, 0 if unknown.
    #[schema(example = 63_000)]
    population: u32,
    /// The great-circle distance from `near`, in metres; null in a search by name.
    #[schema(example = 1_234.567)]
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
