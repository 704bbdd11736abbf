use super::*;

fn ascent(elevations: &[f64]) -> Option<f64> {
    LineSummary::of(&line([climbing(elevations)])).ascent_metres
}

#[test]
fn ascent_counts_climbs_of_five_metres_above_the_lowest_since() {
    assert_eq!(ascent(&[100.0, 104.9, 100.1, 104.9]), Some(0.0));
    assert_eq!(ascent(&[100.0, 105.0]), Some(5.0));
    assert_eq!(ascent(&[100.0, 103.0, 106.0, 108.0, 112.0]), Some(12.0));
    assert_eq!(ascent(&[100.0, 90.0, 96.0]), Some(6.0));
    assert_eq!(ascent(&[100.0, 110.0, 107.0, 111.0, 112.0]), Some(15.0));
}

#[test]
fn elevations_that_nobody_can_ride_at_count_as_none() {
    assert_eq!(ascent(&[-9999.0, -9999.0]), None);
    assert_eq!(ascent(&[100.0, -9999.0, 104.0, 9000.1, 105.0]), Some(5.0));
    assert_eq!(ascent(&[-500.0, 9000.0]), Some(9500.0));
    assert_eq!(
        LineSummary::of(&line([vec![at(0.0, 0.0), at(1.0, 0.0)]])).ascent_metres,
        None
    );
}

#[test]
fn a_gap_between_segments_has_neither_length_nor_ascent() {
    let near = climbing(&[0.0, 5.0]);
    let far: Vec<_> = vec![at(50.0, 0.0), at(50.001, 0.0)];
    let summary = LineSummary::of(&line([near, far]));
    assert_eq!((summary.segments, summary.positions), (2, 4));
    assert_eq!(summary.length.metres(), 222.638);
    assert_eq!(summary.ascent_metres, Some(5.0));
}

#[test]
fn times_are_the_earliest_and_latest_wherever_they_stand() {
    let time = |second| DateTime::from_timestamp(second, 0).unwrap();
    let backwards = vec![
        at(0.0, 0.0).with_time(time(9)),
        at(0.0, 1.0),
        at(0.0, 2.0).with_time(time(3)),
    ];
    let summary = LineSummary::of(&line([backwards]));
    assert_eq!(
        (summary.first_time, summary.last_time),
        (Some(time(3)), Some(time(9)))
    );
}

fn edges(segments: &[&[f64]]) -> (f64, f64) {
    let segments = segments
        .iter()
        .map(|longitudes| longitudes.iter().map(|longitude| at(*longitude, 1.0)).collect());
    let bounding_box = LineSummary::of(&line(segments)).bounding_box.unwrap();
    assert_eq!((bounding_box.south, bounding_box.north), (1.0, 1.0));
    (bounding_box.west, bounding_box.east)
}

#[test]
fn a_box_lies_across_the_antimeridian_where_the_line_does() {
    assert_eq!(edges(&[&[1.0, 3.0, 2.0]]), (1.0, 3.0));
    assert_eq!(edges(&[&[179.0, -179.0]]), (179.0, -179.0));
    // Cut in two, as RFC 7946 advises.
    assert_eq!(edges(&[&[179.0, 180.0], &[-180.0, -179.0]]), (179.0, -179.0));
    assert_eq!(edges(&[&[178.0, 179.0], &[-179.0, -178.0]]), (178.0, -178.0));
    assert_eq!(
        edges(&[&[179.0, -179.0], &[-179.5, -170.0], &[10.0, 11.0]]),
        (10.0, -170.0)
    );
    assert_eq!(
        edges(&[&[170.0, -140.0], &[-170.0, -165.0], &[-150.0, -145.0]]),
        (170.0, -140.0)
    );
    assert_eq!(edges(&[&[-120.0, 0.0, 120.0, -120.0]]), (-180.0, 180.0));
    assert_eq!(edges(&[&[0.0, 120.0, -120.0]]), (0.0, -120.0));
}

#[test]
fn a_line_without_positions_has_no_box() {
    assert_eq!(LineSummary::of(&Line::default()).bounding_box, None);
}
