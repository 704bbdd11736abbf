use super::*;
use crate::geo::distance;
use crate::itinerary::RouteIndex;

#[test]
fn positions_are_five_kilometres_apart_along_each_segment() {
    let meridian = |longitude: f64| vec![at(longitude, 0.0), at(longitude, 0.05), at(longitude, 0.1)];
    let line = line([meridian(180.0), meridian(10.0)]);
    let positions = nearby_positions(&line);
    // A tenth of a degree is 11 131.9 m.
    assert_eq!(positions.len(), 8);
    for (number, position) in positions.iter().enumerate() {
        let start = if number < 4 { at(180.0, 0.0) } else { at(10.0, 0.0) };
        let along = [0.0, 5_000.0, 10_000.0, 11_131.885][number % 4];
        assert_eq!(distance(start.position(), *position).metres(), along);
    }
    assert_eq!(positions[3], at(180.0, 0.1).position());
}

#[test]
fn a_short_segment_is_its_two_ends() {
    let short = line([vec![at(8.0, 47.0), at(8.01, 47.0)], vec![at(9.0, 47.0); 2]]);
    let expected = [at(8.0, 47.0), at(8.01, 47.0), at(9.0, 47.0)].map(LinePosition::position);
    let positions = nearby_positions(&short);
    assert_eq!(positions.len(), 3);
    for (position, expected) in positions.iter().zip(expected) {
        assert_eq!(distance(*position, expected).metres(), 0.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn each_position_is_at_its_place(line in any_line()) {
        let mut positions = nearby_positions(&line).into_iter();
        for segment in line.segments() {
            let alone = super::line([segment.to_vec()]);
            let index = RouteIndex::new(&alone);
            let last = (index.length().metres() / NEARBY_SPACING_METRES).ceil() as usize;
            for number in 0..=last {
                let metres = (number as f64 * NEARBY_SPACING_METRES).min(index.length().metres());
                let expected = index.position_at(crate::geo::Distance::from_metres(metres)).unwrap();
                let position = positions.next().unwrap();
                prop_assert!(distance(position, expected).metres() <= 0.002);
            }
        }
        prop_assert_eq!(positions.next(), None);
    }
}
