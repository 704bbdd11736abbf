mod encoding;
mod growth;
mod nearby;
mod simplify;
mod summary;

use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::geo::Position;

pub(super) fn at(longitude: f64, latitude: f64) -> LinePosition {
    LinePosition::new(Position::new(longitude, latitude, None).unwrap(), None)
}

pub(super) fn climbing(elevations: &[f64]) -> Vec<LinePosition> {
    let positions = elevations.iter().zip(0..).map(|(metres, step)| {
        LinePosition::new(
            Position::new(f64::from(step) * 0.001, 0.0, Some(*metres)).unwrap(),
            None,
        )
    });
    positions.collect()
}

pub(super) fn line(segments: impl IntoIterator<Item = Vec<LinePosition>>) -> Line {
    let mut builder = LineBuilder::default();
    for segment in segments {
        for position in segment {
            builder.push(position).unwrap();
        }
        assert_eq!(builder.end_segment(), 0);
    }
    builder.finish()
}

fn position() -> impl Strategy<Value = LinePosition> {
    let longitude = prop_oneof![4 => 0..100_000, 1 => -1_800_000_000..=1_800_000_000];
    let latitude = prop_oneof![4 => 0..100_000, 1 => -900_000_000..=900_000_000];
    let time = prop_oneof![
        4 => (0_i64..200_000).prop_map(|seconds| seconds * 1000),
        1 => -62_135_596_800_000_i64..253_402_300_799_999,
    ];
    (
        longitude,
        latitude,
        any::<Option<i32>>(),
        proptest::option::of(time),
    )
        .prop_map(|(longitude, latitude, elevation, time)| {
            let elevation = elevation.filter(|units| *units != i32::MIN);
            LinePosition::from_units(longitude, latitude, elevation, time).unwrap()
        })
}

pub(super) fn any_line() -> impl Strategy<Value = Line> {
    let segment = proptest::collection::vec(position(), 2..40);
    proptest::collection::vec(segment, 0..6).prop_map(line)
}

#[test]
fn a_single_position_is_no_segment() {
    let mut builder = LineBuilder::default();
    builder.push(at(1.0, 1.0)).unwrap();
    assert_eq!(builder.end_segment(), 1);
    assert_eq!(builder.end_segment(), 0);
    builder.push(at(2.0, 2.0)).unwrap();
    builder.push(at(3.0, 3.0)).unwrap();
    let line = builder.finish();
    assert_eq!(
        line.segments().collect::<Vec<_>>(),
        [[at(2.0, 2.0), at(3.0, 3.0)]]
    );
}

#[test]
fn a_line_has_at_most_a_hundred_thousand_positions_and_twenty_thousand_kilometres() {
    let mut builder = LineBuilder::default();
    for _ in 0..MAX_POSITIONS {
        builder.push(at(1.0, 1.0)).unwrap();
    }
    assert_eq!(builder.push(at(1.0, 1.0)), Err(LineTooLarge::Positions));
    let quarter = line([vec![at(0.0, 0.0), at(90.0, 0.0)]]);
    assert_eq!(quarter.check_length(), Ok(()));
    let half = line([vec![at(0.0, 0.0), at(90.0, 0.0), at(180.0, 0.0)]]);
    assert_eq!(half.check_length(), Err(LineTooLarge::Length));
    assert_eq!(
        LineTooLarge::Length.to_string(),
        "a line may be at most 20000 km long"
    );
}

#[test]
fn numbers_are_kept_to_their_units() {
    let time = DateTime::parse_from_rfc3339("2026-05-04T06:07:08.123456Z")
        .unwrap()
        .to_utc();
    let position = Position::new(-179.123_456_749, 89.999_999_951, Some(-12.349)).unwrap();
    let kept = LinePosition::new(position, Some(time));
    assert_eq!((kept.longitude(), kept.latitude()), (-179.123_456_7, 90.0));
    assert_eq!(kept.elevation(), Some(-12.3));
    assert_eq!(kept.time().unwrap().to_rfc3339(), "2026-05-04T06:07:08.123+00:00");
}

proptest! {
    #[test]
    fn the_days_of_a_line_make_it_up_again(line in any_line()) {
        let mut parts = split_by_day(&line);
        for part in &parts {
            let mut days = part.pieces.iter().flat_map(|piece| &piece.positions).filter_map(|position| position.time());
            prop_assert!(days.all(|time| Some(time.date_naive()) == part.day));
        }
        parts.reverse();
        prop_assert_eq!(join_days(parts), Ok(line));
    }
}

#[test]
fn a_missing_day_is_told_from_a_shorter_track() {
    let day = |day: i64| DateTime::from_timestamp(day * 86_400, 0).unwrap();
    let over_midnight = vec![
        at(0.0, 0.0).with_time(day(1)),
        at(0.1, 0.0),
        at(0.2, 0.0).with_time(day(2)),
        at(0.3, 0.0).with_time(day(1)),
    ];
    let parts = split_by_day(&line([over_midnight]));
    assert_eq!(
        parts.iter().map(|part| part.pieces.len()).collect::<Vec<_>>(),
        [2, 1]
    );
    assert_eq!(parts[0].pieces[0].positions.len(), 2);
    assert_eq!(join_days(parts[..1].to_vec()), Err(InconsistentParts));
    assert_eq!(join_days([parts.clone(), parts].concat()), Err(InconsistentParts));
}
