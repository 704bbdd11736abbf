//! Towns of the world: search by the beginning of a name, and by distance.
//!
//! The towns are those of GeoNames (CC BY 4.0) with at least 1 000 inhabitants, and all capitals. The build
//! makes tables of them that are part of the program: the search parses nothing and holds nothing in memory.

mod folding;
mod nearest;
mod table;

use std::cmp::Reverse;

use kairos_domain::geo::{Distance, Position};

use folding::folded;
use table::{ByName, Town};

/// A town.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// The local name.
    pub name: &'static str,
    /// The ISO 3166-1 code of the country, two letters.
    pub country: &'static str,
    /// The position of the centre.
    pub position: Position,
    /// The number of inhabitants, 0 if unknown.
    pub population: u32,
}

/// Finds the towns whose names begin with `beginning`: the largest ones, at most `limit`.
///
/// Case, diacritics and punctuation don't count. A town whose whole name is asked for comes first.
#[must_use]
pub fn beginning_with(beginning: &str, limit: usize) -> Vec<Place> {
    let beginning = folded(beginning);
    if beginning.is_empty() {
        return Vec::new();
    }
    let (_, from) = Town::by_name().split(|town| folded(town.name()) < beginning);
    let (found, _) = from.split(|town| folded(town.name()).starts_with(&beginning));
    let (whole, longer) = found.split(|town| folded(town.name()) == beginning);
    let largest = |towns: ByName| {
        let mut towns: Vec<Town> = towns.iter().collect();
        towns.sort_by_key(|town| Reverse(town.population()));
        towns
    };
    let towns = largest(whole).into_iter().chain(largest(longer));
    towns.filter_map(Town::place).take(limit).collect()
}

/// Finds the towns that are nearest to a position, with their great-circle distances, at most `limit`.
#[must_use]
pub fn nearest_to(position: Position, limit: usize) -> Vec<(Place, Distance)> {
    let origin = position.unit_vector();
    let with_distance = |town: Town| Some((town.place()?, origin.distance_to(town.unit_vector())));
    let nearest = nearest::find(origin, limit);
    nearest.into_iter().filter_map(with_distance).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(beginning: &str) -> Vec<&'static str> {
        let found = beginning_with(beginning, 5);
        found.iter().map(|place| place.name).collect()
    }

    #[test]
    fn case_diacritics_and_punctuation_do_not_count() {
        for beginning in ["zürich", "ZURICH", "Zu\u{308}rich", " zurich"] {
            assert_eq!(names(beginning).first(), Some(&"Zürich"), "{beginning}");
        }
        assert_eq!(names("saint nazaire").first(), Some(&"Saint-Nazaire"));
        assert_eq!(names("lodz").first(), Some(&"Łódź"));
        assert_eq!(names("tromso").first(), Some(&"Tromsø"));
    }

    #[test]
    fn a_whole_name_comes_first_and_then_the_largest() {
        let found = beginning_with("lugano", 20);
        assert_eq!((found[0].name, found[0].country), ("Lugano", "CH"));
        let populations: Vec<_> = beginning_with("san", 20)
            .iter()
            .filter(|place| folded(place.name) != "san")
            .map(|place| place.population)
            .collect();
        assert!(
            populations.is_sorted_by(|one, other| one >= other),
            "{populations:?}"
        );
        assert!(names("").is_empty() && names("-").is_empty() && names("xqzy").is_empty());
    }

    #[test]
    fn every_town_is_found_by_its_name() {
        for row in Town::all().iter().step_by(997) {
            let name = Town::of(row).name();
            assert!(names(name).contains(&name), "{name}");
        }
    }

    #[test]
    fn the_nearest_town_has_its_distance() {
        let [(place, distance)] = nearest_to(Position::new(8.951, 46.01, None).unwrap(), 1)[..] else {
            panic!("one town");
        };
        assert_eq!(place.country, "CH");
        assert!(distance.metres() < 3_000.0);
    }
}
