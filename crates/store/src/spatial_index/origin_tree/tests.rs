use kairos_domain::geo::distance;
use proptest::prelude::*;

use super::*;

/// Anywhere, and in crowds where ties and borders are likely: a pole, the antimeridian, a small town.
fn position() -> impl Strategy<Value = Position> {
    let exact = |longitude: i32, latitude: i32| (f64::from(longitude), f64::from(latitude));
    prop_oneof![
        (-180.0..=180.0, -90.0..=90.0),
        (-180..=180, 88..=90).prop_map(move |(longitude, latitude)| exact(longitude, latitude)),
        (178..=180, -2..=2).prop_map(move |(longitude, latitude)| exact(longitude, latitude)),
        (-180..=-178, -2..=2).prop_map(move |(longitude, latitude)| exact(longitude, latitude)),
        (16.0..16.01, 48.0..48.01),
    ]
    .prop_map(|(longitude, latitude)| Position::new(longitude, latitude, None).unwrap())
}

proptest! {
    #[test]
    fn the_tree_agrees_with_going_through_all_origins(
        origins in prop::collection::vec(position(), 0..200),
        places in prop::collection::vec(position(), 1..20),
        radius in prop_oneof![Just(0.0), 0.0..1_000.0, 0.0..500_000.0, Just(2.0e7), Just(1.1e7)],
    ) {
        let tree = OriginTree::new(&origins, radius);
        let radius = Distance::from_metres(radius);
        for place in places.iter().chain(&origins) {
            let nearest = origins.iter().map(|origin| distance(*origin, *place)).min();
            let within = nearest.filter(|nearest| *nearest <= radius);
            prop_assert_eq!(tree.distance_to(*place), within);
        }
    }
}
