//! The search for the nearest towns in the k-d tree.

use std::collections::BinaryHeap;

use kairos_domain::geo::UnitVector;

use crate::table::Town;

/// Returns the nearest towns, nearest first, at most `limit`.
pub(crate) fn find(origin: UnitVector, limit: usize) -> Vec<Town> {
    let mut search = Search {
        origin,
        limit,
        nearest: BinaryHeap::with_capacity(limit + 1),
    };
    if limit > 0 {
        search.visit(Town::all(), 0);
    }
    let nearest = search.nearest.into_sorted_vec();
    nearest.into_iter().map(|candidate| candidate.town).collect()
}

struct Search {
    origin: UnitVector,
    limit: usize,
    nearest: BinaryHeap<Candidate>,
}

impl Search {
    /// Visits a subtree: the half on the side of the origin first, the other only if it may hold a nearer town.
    fn visit(&mut self, rows: &'static [[u8; 20]], axis: usize) {
        let (before, from) = rows.split_at(rows.len() / 2);
        let Some((row, after)) = from.split_first() else {
            return;
        };
        let town = Town::of(row);
        let vector = town.unit_vector();
        self.offer(town, vector);
        let offset = coordinate(self.origin, axis) - coordinate(vector, axis);
        let (near, far) = if offset < 0.0 {
            (before, after)
        } else {
            (after, before)
        };
        self.visit(near, (axis + 1) % 3);
        if self.nearest.len() < self.limit || offset * offset <= self.furthest() {
            self.visit(far, (axis + 1) % 3);
        }
    }

    fn offer(&mut self, town: Town, vector: UnitVector) {
        self.nearest.push(Candidate {
            chord_squared: self.origin.chord_squared_to(vector),
            town,
        });
        if self.nearest.len() > self.limit {
            self.nearest.pop();
        }
    }

    fn furthest(&self) -> f64 {
        let furthest = self.nearest.peek();
        furthest.map_or(f64::INFINITY, |candidate| candidate.chord_squared)
    }
}

const fn coordinate(vector: UnitVector, axis: usize) -> f64 {
    match axis {
        0 => vector.x,
        1 => vector.y,
        _ => vector.z,
    }
}

/// A town with the square of its chord from the origin, by which candidates are ordered.
struct Candidate {
    chord_squared: f64,
    town: Town,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.chord_squared.total_cmp(&other.chord_squared)
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Candidate {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chords(origin: UnitVector, towns: impl Iterator<Item = Town>) -> Vec<f64> {
        towns
            .map(|town| origin.chord_squared_to(town.unit_vector()))
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]

        #[test]
        fn the_nearest_towns_are_those_of_all_towns(longitude in -180.0..=180.0, latitude in -90.0..=90.0, limit in 1_usize..20) {
            let origin = UnitVector::at_degrees(longitude, latitude);
            let mut all = chords(origin, Town::all().iter().map(Town::of));
            all.sort_by(f64::total_cmp);
            all.truncate(limit);
            prop_assert_eq!(chords(origin, find(origin, limit).into_iter()), all);
        }
    }
}
