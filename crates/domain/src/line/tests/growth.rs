//! The growth of tracks.

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use crate::geo::Position;
use crate::line::{Growth, Line, LineBuilder, LinePosition, RejectedPosition, add_positions};

const HOUR: i64 = 3_600_000;

fn position(millis: i64) -> LinePosition {
    let time = DateTime::from_timestamp_millis(1_780_000_000_000 + millis).unwrap();
    let place = Position::new((millis % 1_000) as f64 / 1e4, 47.0, None).unwrap();
    LinePosition::new(place, Some(time))
}

fn line(segments: &[&[i64]]) -> Line {
    let mut builder = LineBuilder::default();
    for segment in segments {
        for hour in *segment {
            builder.push(position(hour * HOUR)).unwrap();
        }
        builder.end_segment();
    }
    builder.finish()
}

fn grown(line: &Line, hours: &[i64]) -> Line {
    let positions: Vec<_> = hours.iter().map(|hour| position(hour * HOUR)).collect();
    add_positions(line, &positions).unwrap().0
}

/// The hours of the segments.
fn hours(line: &Line) -> Vec<Vec<i64>> {
    let hour = |position: &LinePosition| (position.time_millis().unwrap() - 1_780_000_000_000) / HOUR;
    line.segments()
        .map(|segment| segment.iter().map(hour).collect())
        .collect()
}

#[test]
fn a_position_goes_into_the_enclosing_or_the_nearest_segment() {
    let track = line(&[&[0, 4, 9], &[20, 30]]);
    for (new, expected) in [
        (5, vec![vec![0, 4, 5, 9], vec![20, 30]]),
        (-3, vec![vec![-3, 0, 4, 9], vec![20, 30]]),
        (14, vec![vec![0, 4, 9, 14], vec![20, 30]]),
        (15, vec![vec![0, 4, 9], vec![15, 20, 30]]),
        (42, vec![vec![0, 4, 9], vec![20, 30, 42]]),
    ] {
        assert_eq!(hours(&grown(&track, &[new])), expected);
    }
}

#[test]
fn a_position_more_than_twelve_hours_away_begins_a_segment_once_there_are_two() {
    let track = line(&[&[0, 4], &[60, 61]]);
    let lone = grown(&track, &[30]);
    assert_eq!(hours(&lone), [vec![0, 4], vec![30, 30], vec![60, 61]]);
    assert_eq!(hours(&lone.clone().without_lone_positions()), [[0, 4], [60, 61]]);
    let both = grown(&lone, &[29]);
    assert_eq!(hours(&both), [[0, 4], [29, 30], [60, 61]]);
    assert_eq!(both.clone().without_lone_positions(), both);
    assert_eq!(
        hours(&grown(&track, &[30, 100, 29])),
        [vec![0, 4], vec![29, 30], vec![60, 61], vec![100, 100]]
    );
    // The first position of a track.
    let first = grown(&Line::default(), &[7]);
    assert!(first.clone().without_lone_positions().is_empty());
    assert_eq!(hours(&grown(&first, &[9])), [[7, 9]]);
}

#[test]
fn a_time_that_is_there_changes_nothing() {
    let track = line(&[&[0, 4]]);
    let positions = [position(4 * HOUR), position(HOUR), position(HOUR)];
    let (grown, growth) = add_positions(&track, &positions).unwrap();
    assert_eq!(
        growth,
        Growth {
            added: 1,
            unchanged: 2
        }
    );
    assert_eq!(hours(&grown), [[0, 1, 4]]);
}

#[test]
fn positions_without_a_time_or_with_an_implausible_one_are_rejected() {
    let now = DateTime::<Utc>::from_timestamp(1_780_000_000, 0).unwrap();
    let at = |text: &str| position(0).with_time(text.parse().unwrap());
    let tomorrow = now.date_naive().succ_opt().unwrap();
    for (position, expected) in [
        (position(0), None),
        (position(0).without_time(), Some(RejectedPosition::NoTime)),
        (at("1989-12-31T23:59:59.999Z"), Some(RejectedPosition::BeforeGps)),
        (at("1990-01-01T00:00:00Z"), None),
        (at(&format!("{tomorrow}T23:59:59.999Z")), None),
        (
            at(&format!("{}T00:00:00Z", tomorrow.succ_opt().unwrap())),
            Some(RejectedPosition::AfterTomorrow),
        ),
        (
            LinePosition::new(Position::new(0.0, 0.0, None).unwrap(), position(0).time()),
            Some(RejectedPosition::NullIsland),
        ),
    ] {
        assert_eq!(RejectedPosition::check(position, now), expected, "{position:?}");
    }
}

proptest! {
    #[test]
    fn a_track_grows_to_the_sorted_segments_of_its_times(
        batches in prop::collection::vec(prop::collection::vec(0_i64..400, 0..20), 0..6),
    ) {
        let mut track = Line::default();
        let mut known = std::collections::BTreeSet::new();
        for batch in &batches {
            let positions: Vec<_> = batch.iter().map(|hour| position(hour * HOUR)).collect();
            let (grown, growth) = add_positions(&track, &positions).unwrap();
            let before = known.len();
            known.extend(batch);
            prop_assert_eq!(growth.added, known.len() - before);
            prop_assert_eq!(growth.added + growth.unchanged, batch.len());
            let (again, growth) = add_positions(&grown, &positions).unwrap();
            prop_assert_eq!(&again, &grown);
            prop_assert_eq!(growth, Growth { added: 0, unchanged: batch.len() });
            track = grown;
        }
        let mut all: Vec<_> = hours(&track).concat();
        prop_assert!(all.is_sorted());
        all.dedup();
        prop_assert_eq!(all, Vec::from_iter(known));
        for segment in hours(&track) {
            prop_assert!(segment.windows(2).all(|pair| pair[1] - pair[0] <= 12), "{segment:?}");
        }
    }
}
