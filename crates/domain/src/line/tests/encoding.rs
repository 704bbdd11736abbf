use proptest::prelude::*;

use super::super::encoding::{CorruptLine, decode, decode_pieces, encode, encode_pieces};
use super::*;

/// A route as a planner writes it: 20 000 km, a position every 200 m, a bend at each, hills.
fn long_route() -> Line {
    let mut seed = 1_u32;
    let mut random = move |range: f64| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(seed >> 8) / f64::from(1 << 24) * range
    };
    let (mut longitude, mut latitude, mut elevation, mut heading) = (0.0_f64, 0.0_f64, 100.0_f64, 0.0_f64);
    let positions = (0..MAX_POSITIONS).map(|_| {
        heading += random(1.0) - 0.5;
        elevation = (elevation + random(24.0) - 12.0).clamp(0.0, 3000.0);
        longitude += heading.cos() * 0.0025;
        latitude = (latitude + heading.sin() * 0.0018).clamp(-60.0, 60.0);
        let wrapped = (longitude + 180.0).rem_euclid(360.0) - 180.0;
        LinePosition::new(Position::new(wrapped, latitude, Some(elevation)).unwrap(), None)
    });
    line([positions.collect()])
}

#[test]
fn a_route_of_a_hundred_thousand_positions_takes_less_than_seven_hundred_kilobytes() {
    let route = long_route();
    let bytes = encode(&route);
    assert!(bytes.len() < 700_000, "{} bytes", bytes.len());
    assert_eq!(decode(&bytes), Ok(route));
}

#[test]
fn a_recording_every_second_pays_almost_nothing_for_its_times() {
    let seconds = (0..10_000).map(|second| {
        let time = DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap();
        at(0.0, 0.0).with_time(time)
    });
    let timed = line([seconds.collect()]);
    let untimed = timed.clone().without_times();
    assert!(encode(&timed).len() < encode(&untimed).len() + 10_000 / 2);
}

#[test]
fn bytes_that_are_no_line_are_refused_by_their_fault() {
    let bytes = encode(&line([vec![at(1.0, 2.0), at(3.0, 4.0)]]));
    assert_eq!(decode(&[]), Err(CorruptLine::Truncated));
    assert_eq!(decode(&[2]), Err(CorruptLine::Version));
    assert_eq!(decode(&bytes[..bytes.len() - 1]), Err(CorruptLine::Truncated));
    assert_eq!(
        decode(&[bytes.as_slice(), &[0]].concat()),
        Err(CorruptLine::TrailingBytes)
    );
    assert_eq!(decode(&[1, 3, 0]), Err(CorruptLine::Number));
    assert_eq!(decode(&[1, 0, 1, 0, 0, 0]), Err(CorruptLine::Segments));
    // More positions than a line may have.
    assert_eq!(
        decode(&[1, 0, 1, 0, 0, 0xa1, 0x8d, 6]),
        Err(CorruptLine::Segments)
    );
}

#[test]
fn a_part_of_a_day_is_no_whole_line() {
    let part = |segments: &[u32], count| DayPart {
        day: None,
        pieces: segments
            .iter()
            .map(|segment| Piece {
                segment: *segment,
                number: 0,
                positions: vec![at(0.0, 0.0); count],
            })
            .collect(),
    };
    assert!(decode(&encode_pieces(&part(&[0, 1], 2))).is_ok());
    assert_eq!(
        decode(&encode_pieces(&part(&[0, 2], 2))),
        Err(CorruptLine::Segments)
    );
    assert_eq!(decode(&encode_pieces(&part(&[0], 1))), Err(CorruptLine::Segments));
}

proptest! {
    #[test]
    fn a_line_and_its_days_come_back_from_their_bytes(line in any_line()) {
        prop_assert_eq!(decode(&encode(&line)), Ok(line.clone()));
        for part in split_by_day(&line) {
            prop_assert_eq!(decode_pieces(&encode_pieces(&part)), Ok(part.pieces));
        }
    }

    #[test]
    fn hostile_bytes_are_refused_or_read_but_never_panic(
        line in any_line(),
        noise in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        tail in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut bytes = encode(&line);
        for (index, byte) in noise {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        bytes.extend(&tail);
        decode(&bytes).ok();
        decode(&tail).ok();
        decode(&[&[1], tail.as_slice()].concat()).ok();
    }
}
