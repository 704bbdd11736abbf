use std::future::ready;

use futures_util::FutureExt;
use proptest::prelude::*;

use super::*;
use crate::discovery::fixtures::*;
use crate::geo::{Distance, distance};
use crate::id::MarkerId;

/// Journeys by their one marker, searched as the port demands: everything within the radius, nearest first, at most `limit`.
fn within(journeys: &[Position], origin: Position, radius_metres: f64, limit: u32) -> Vec<NearbyMatch> {
    let mut found: Vec<_> = (0..)
        .zip(journeys)
        .map(|(number, position)| NearbyMatch {
            journey: journey(number, 1),
            marker_id: MarkerId(id(number)),
            distance: distance(origin, *position),
        })
        .filter(|found| found.distance.metres() <= radius_metres)
        .collect();
    found.sort_by_key(|found| (found.distance, found.journey.id));
    found.truncate(limit as usize);
    found
}

/// What widening finds, and the radii that it tried.
fn widen(journeys: &[Position], origin: Position, max: f64, limit: u32) -> (Vec<NearbyMatch>, Vec<f64>) {
    let mut radii = Vec::new();
    let found = widening(max, limit, |radius| {
        radii.push(radius);
        ready(Ok(within(journeys, origin, radius, limit)))
    });
    let found = found.now_or_never().unwrap().unwrap();
    (found, radii)
}

#[test]
fn a_lonely_place_is_searched_up_to_the_greatest_distance_and_no_further() {
    let far = [at(0.0, 80.0)];
    for (max, tried) in [
        (0.0, vec![0.0]),
        (1_999.0, vec![1_999.0]),
        (2_000.0, vec![2_000.0]),
        (100_000.0, vec![2_000.0, 8_000.0, 32_000.0, 100_000.0]),
        (500_000.0, vec![2_000.0, 8_000.0, 32_000.0, 128_000.0, 500_000.0]),
    ] {
        assert_eq!(widen(&far, at(0.0, 0.0), max, 50), (Vec::new(), tried));
    }
}

#[test]
fn a_crowded_place_is_searched_no_further_than_needed() {
    // One journey at each of 0, 1.1, 2.2, … kilometres.
    let crowd: Vec<_> = (0..50).map(|number| at(0.0, f64::from(number) * 0.01)).collect();
    let (found, radii) = widen(&crowd, at(0.0, 0.0), 500_000.0, 2);
    assert_eq!((found.len(), radii), (2, vec![2_000.0]));
    let (found, radii) = widen(&crowd, at(0.0, 0.0), 500_000.0, 3);
    assert_eq!((found.len(), radii), (3, vec![2_000.0, 8_000.0]));
}

#[test]
fn a_store_that_fails_ends_the_search() {
    let mut calls = 0;
    let found = widening(500_000.0, 50, |_| {
        calls += 1;
        ready(Err(StoreError::TooSlow))
    });
    assert!(matches!(found.now_or_never().unwrap(), Err(StoreError::TooSlow)));
    assert_eq!(calls, 1);
}

#[test]
fn the_rim_of_the_greatest_distance_is_included() {
    let (found, _) = widen(&[at(0.0, 1.0)], at(0.0, 0.0), 111_318.845, 50);
    assert_eq!(found[0].distance, Distance::from_metres(111_318.845));
    let (found, _) = widen(&[at(0.0, 1.0)], at(0.0, 0.0), 111_318.844, 50);
    assert_eq!(found, []);
}

proptest! {
    #[test]
    fn widening_finds_what_one_search_of_the_whole_circle_finds(
        journeys in prop::collection::vec(
            prop_oneof![
                // Crowds, where many lie equally far, and wide country.
                (-4..=4_i32, -4..=4_i32).prop_map(|(x, y)| (f64::from(x) * 0.01, f64::from(y) * 0.01)),
                (-4.0..4.0, -4.0..4.0),
            ],
            0..60,
        ),
        max in prop_oneof![Just(0.0), 0.0..2_500.0, 0.0..500_000.0],
        limit in 1..40_u32,
    ) {
        let journeys: Vec<_> = journeys.into_iter().map(|(x, y)| at(x, y)).collect();
        let origin = at(0.0, 0.0);
        prop_assert_eq!(widen(&journeys, origin, max, limit).0, within(&journeys, origin, max, limit));
    }
}
