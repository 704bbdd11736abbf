//! The choice of a place for each fixed day among its candidates.

use std::cmp::Reverse;

use chrono::{Datelike as _, NaiveDate};

use super::route_index::Candidate;
use crate::geo::Distance;

/// The most that places advance from one day to the next.
const MILLIMETRES_PER_DAY: i64 = 400_000_000;

/// A fixed day whose place is to be chosen.
#[derive(Debug, Clone)]
pub(super) struct OpenDay {
    pub(super) date: NaiveDate,
    /// The candidates in order of their places, each place once.
    pub(super) candidates: Vec<Candidate>,
    /// The place on this day by the schedule alone.
    pub(super) scheduled: Option<Distance>,
    /// Whether one of the candidates must be chosen. On an earlier day there are none then.
    pub(super) must_have_place: bool,
}

/// A candidate of a day.
struct Node {
    day: usize,
    place: Distance,
    date: i64,
    /// The square of the distance, in squares of 100 m.
    square: u64,
    /// The difference from the scheduled place, in millimetres.
    deviation: u64,
    must_be_chosen: bool,
}

/// The best chain of nodes from one node on, without the others. The least chain is the best.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Chain {
    places: Reverse<u32>,
    squares: u64,
    deviations: u64,
    /// Nodes are numbered by day, then by place. Of equally good chains, the one with the earliest places
    /// begins with the least number, and each next node of it was chosen in the same way.
    first: usize,
}

impl Chain {
    const EMPTY: Self = Self {
        places: Reverse(0),
        squares: 0,
        deviations: 0,
        first: usize::MAX,
    };
}

/// Chooses a place for each day, or none. The days are in order, each date once.
///
/// Places don't go back and advance by at most 400 km for each day. Of all such choices, the function returns
/// the one with the most places, then the smallest sum of squared distances, then the smallest sum of
/// differences from the schedule, then the earliest places.
///
/// A candidate may follow another if its place is not less and its place minus 400 km for each day is not
/// greater. Both are orders of numbers, and together they imply the order of dates. So the candidates are
/// visited by falling place, and a Fenwick tree over the other number holds the best chain from there on.
/// (P. Fenwick, "A new data structure for cumulative frequency tables", 1994.)
pub(super) fn choose(days: &[OpenDay]) -> Vec<Option<Distance>> {
    let nodes: Vec<Node> = (0..)
        .zip(days)
        .flat_map(|(index, day)| day.nodes(index))
        .collect();
    let mut tree = FenwickTree::new(&nodes);
    let mut following = vec![usize::MAX; nodes.len()];
    let mut visits: Vec<_> = (0..).zip(&nodes).collect();
    visits.sort_unstable_by_key(|(_, node)| (Reverse(node.place), Reverse(node.date)));
    let mut best = Chain::EMPTY;
    for (index, node) in visits {
        let rest = tree.best_up_to(node.reach());
        if let Some(next) = following.get_mut(index) {
            *next = rest.first;
        }
        let chain = Chain {
            places: Reverse(rest.places.0 + 1),
            squares: rest.squares + node.square,
            deviations: rest.deviations + node.deviation,
            first: index,
        };
        tree.insert(node.reach(), chain);
        best = best.min(chain);
    }

    let mut places = vec![None; days.len()];
    let must = nodes.iter().position(|node| node.must_be_chosen);
    let mut chosen = must.unwrap_or(best.first);
    while let Some(node) = nodes.get(chosen) {
        if let Some(place) = places.get_mut(node.day) {
            *place = Some(node.place);
        }
        chosen = following.get(chosen).copied().unwrap_or(usize::MAX);
    }
    places
}

impl OpenDay {
    fn nodes(&self, index: usize) -> impl Iterator<Item = Node> {
        self.candidates.iter().map(move |candidate| {
            // Halves round up.
            let hundred_metres = (candidate.distance.millimetres() + 50_000) / 100_000;
            let scheduled = self.scheduled.unwrap_or(candidate.place);
            Node {
                day: index,
                place: candidate.place,
                date: i64::from(self.date.num_days_from_ce()),
                square: hundred_metres * hundred_metres,
                deviation: candidate.place.millimetres().abs_diff(scheduled.millimetres()),
                must_be_chosen: self.must_have_place,
            }
        })
    }
}

impl Node {
    /// Returns the place minus 400 km for each day, which may not grow along a chain.
    fn reach(&self) -> i64 {
        self.place.millimetres().cast_signed() - MILLIMETRES_PER_DAY * self.date
    }
}

/// The best chains by the reach of their first node.
struct FenwickTree {
    reaches: Vec<i64>,
    /// Element `i` covers the reaches from `i & (i + 1)` to `i`.
    best: Vec<Chain>,
}

impl FenwickTree {
    fn new(nodes: &[Node]) -> Self {
        let mut reaches: Vec<_> = nodes.iter().map(Node::reach).collect();
        reaches.sort_unstable();
        reaches.dedup();
        let best = vec![Chain::EMPTY; reaches.len()];
        Self { reaches, best }
    }

    /// Returns the best chain whose first node has at most this reach.
    fn best_up_to(&self, reach: i64) -> Chain {
        let mut best = Chain::EMPTY;
        let mut end = self.reaches.partition_point(|other| *other <= reach);
        while let Some(index) = end.checked_sub(1) {
            best = self.best.get(index).map_or(best, |chain| best.min(*chain));
            end &= index;
        }
        best
    }

    fn insert(&mut self, reach: i64, chain: Chain) {
        let mut index = self.reaches.partition_point(|other| *other < reach);
        while let Some(best) = self.best.get_mut(index) {
            *best = chain.min(*best);
            index |= index + 1;
        }
    }
}
