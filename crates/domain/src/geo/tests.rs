use super::*;
use proptest::prelude::*;

fn at(longitude: f64, latitude: f64) -> Position {
    Position::new(longitude, latitude, None).unwrap()
}

#[test]
fn a_degree_of_the_equator_is_what_mongodb_says() {
    // `$geoNear` of MongoDB 6.0 gives 111318.84502145034 m.
    assert_eq!(distance(at(0.0, 0.0), at(0.0, 1.0)).metres(), 111_318.845);
}

#[test]
fn neither_the_antimeridian_nor_a_pole_is_a_border() {
    assert_eq!(distance(at(180.0, 10.0), at(-180.0, 10.0)).metres(), 0.0);
    assert_eq!(distance(at(0.0, 90.0), at(123.0, 90.0)).metres(), 0.0);
    assert_eq!(
        distance(at(179.5, 0.0), at(-179.5, 0.0)),
        distance(at(0.0, 0.0), at(1.0, 0.0))
    );
    let half = std::f64::consts::PI * EARTH_RADIUS_METRES;
    assert_eq!(
        distance(at(10.0, 20.0), at(-170.0, -20.0)),
        Distance::from_metres(half)
    );
}

#[test]
fn numbers_outside_their_range_are_refused() {
    for (longitude, latitude, elevation, fault) in [
        (180.000_001, 0.0, None, InvalidPosition::Longitude),
        (f64::NAN, 0.0, None, InvalidPosition::Longitude),
        (f64::NEG_INFINITY, 0.0, None, InvalidPosition::Longitude),
        (0.0, -90.1, None, InvalidPosition::Latitude),
        (0.0, f64::NAN, None, InvalidPosition::Latitude),
        (0.0, 0.0, Some(f64::INFINITY), InvalidPosition::Elevation),
    ] {
        assert_eq!(Position::new(longitude, latitude, elevation), Err(fault));
    }
}

#[test]
fn between_antipodes_the_point_stays_at_the_first() {
    let point = along_great_circle(at(10.0, 20.0), at(-170.0, -20.0), 0.5);
    assert!(distance(point, at(10.0, 20.0)).metres() < 0.001);
}

#[test]
fn a_way_over_the_antimeridian_is_the_short_one() {
    let point = along_great_circle(at(179.0, 0.0), at(-179.0, 0.0), 0.5);
    assert_eq!((point.longitude(), point.latitude()), (-180.0, 0.0));
}

fn position() -> impl Strategy<Value = Position> {
    (-180.0..=180.0, -90.0..=90.0).prop_map(|(longitude, latitude)| at(longitude, latitude))
}

proptest! {
    #[test]
    fn distance_is_symmetric_and_agrees_with_the_haversine(a in position(), b in position()) {
        let (p, q) = (a.latitude().to_radians(), b.latitude().to_radians());
        let turn = (b.longitude() - a.longitude()).to_radians();
        let h = ((q - p) / 2.0).sin().powi(2) + p.cos() * q.cos() * (turn / 2.0).sin().powi(2);
        let haversine = 2.0 * EARTH_RADIUS_METRES * h.sqrt().min(1.0).asin();
        prop_assert_eq!(distance(a, b), distance(b, a));
        // Near the antipodes the haversine itself is out by centimetres.
        let margin = if haversine > 2.0e7 { 0.2 } else { 0.002 };
        prop_assert!((distance(a, b).metres() - haversine).abs() < margin);
    }

    #[test]
    fn a_point_between_divides_the_way_in_proportion(a in position(), b in position(), fraction in 0.0..=1.0) {
        let whole = distance(a, b).metres();
        prop_assume!(whole < 2.0e7);
        let between = along_great_circle(a, b, fraction);
        prop_assert!((distance(a, between).metres() - whole * fraction).abs() < 0.01);
        prop_assert!((distance(between, b).metres() - whole * (1.0 - fraction)).abs() < 0.01);
        prop_assert!((-180.0..180.0).contains(&between.longitude()));
    }
}

#[test]
fn a_negative_zero_is_zero_from_the_moment_it_is_read() {
    let position = Position::new(-0.0, -0.0, Some(-0.0)).unwrap();
    let numbers = [
        position.longitude(),
        position.latitude(),
        position.elevation().unwrap(),
    ];
    assert!(numbers.iter().all(|number| number.is_sign_positive()));
}
