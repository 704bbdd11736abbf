//! The cities where journeys start and end.

use fastrand::Rng;
use kairos_domain::geo::Position;

/// Longitude, latitude and weight. The weight is the relative chance that a journey starts in the city.
const CITIES: [(f64, f64, u32); 24] = [
    (4.9, 52.4, 9),
    (2.35, 48.86, 9),
    (-1.55, 47.22, 8),
    (7.59, 47.56, 8),
    (13.4, 52.52, 7),
    (16.37, 48.21, 8),
    (19.04, 47.5, 7),
    (20.46, 44.79, 5),
    (12.57, 55.68, 6),
    (9.19, 45.46, 6),
    (12.5, 41.9, 5),
    (2.17, 41.39, 6),
    (-8.61, 41.15, 5),
    (-3.7, 40.42, 4),
    (-0.13, 51.51, 6),
    (-3.19, 55.95, 4),
    (10.75, 59.91, 4),
    (25.78, 71.17, 3),
    (28.98, 41.01, 4),
    (44.78, 41.72, 2),
    (69.24, 41.3, 2),
    (-123.12, 49.28, 2),
    (-68.3, -54.8, 1),
    (174.76, -36.85, 1),
];

/// Picks a city at random, in proportion to its weight.
pub(crate) fn city(random: &mut Rng) -> Position {
    let all: u32 = CITIES.iter().map(|(.., weight)| weight).sum();
    let mut drawn = random.u32(0..all);
    for (longitude, latitude, weight) in CITIES {
        if drawn < weight {
            return place(longitude, latitude);
        }
        drawn -= weight;
    }
    place(0.0, 0.0)
}

/// Picks one of the five cities nearest to a place.
pub(crate) fn neighbour(from: Position, random: &mut Rng) -> Position {
    let mut cities = CITIES.map(|(longitude, latitude, _)| place(longitude, latitude));
    cities.sort_by_key(|city| kairos_domain::geo::distance(from, *city));
    cities.get(random.usize(1..=5)).copied().unwrap_or(from)
}

fn place(longitude: f64, latitude: f64) -> Position {
    Position::new(longitude, latitude, None).unwrap_or_else(|_| place(0.0, 0.0))
}
