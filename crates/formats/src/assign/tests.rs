use kairos_domain::geo::Position;
use kairos_domain::line::LinePosition;

use super::*;

mod markers_and_names;

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn now() -> DateTime<Utc> {
    at("2026-06-01T12:00:00Z")
}

/// A line with a position for each time; an empty time is none.
fn line(place: &str, times: &[&str]) -> FileLine {
    let mut builder = LineBuilder::default();
    for (time, step) in times.iter().zip(1..) {
        let position = Position::new(f64::from(step) * 0.01, 1.0, None).unwrap();
        builder
            .push(LinePosition::new(position, (!time.is_empty()).then(|| at(time))))
            .unwrap();
    }
    FileLine {
        place: place.into(),
        line: builder.finish(),
        ..FileLine::default()
    }
}

fn auto(lines: Vec<FileLine>) -> Assignment {
    assign(
        File {
            lines,
            ..File::default()
        },
        TakeAs::Auto,
        None,
        now(),
    )
    .unwrap()
}

const PAST_TIME: &str = "2026-05-01T10:00:00Z";
const FUTURE_TIME: &str = "2026-06-02T10:00:00Z";

#[test]
fn a_line_whose_times_are_mostly_past_is_the_track_and_any_other_the_route() {
    for (times, is_track) in [
        ([PAST_TIME, PAST_TIME, ""], true),
        ([PAST_TIME, "", ""], false),
        ([PAST_TIME, PAST_TIME, FUTURE_TIME], true),
        ([PAST_TIME, FUTURE_TIME, FUTURE_TIME], false),
        (["", "", ""], false),
    ] {
        let assignment = auto(vec![line("a", &times)]);
        assert_eq!(assignment.track.is_some(), is_track, "{times:?}");
        assert_eq!(assignment.route.is_some(), !is_track, "{times:?}");
        let taken = assignment.route.or(assignment.track).unwrap();
        let other = if is_track { "as=plan" } else { "as=past" };
        assert!(taken.why.unwrap().contains(other));
    }
}

#[test]
fn our_own_type_counts_more_than_the_times() {
    let planned = FileLine {
        kind: Some(LineKind::Route),
        ..line("a", &[PAST_TIME, PAST_TIME])
    };
    let ridden = FileLine {
        kind: Some(LineKind::Track),
        ..line("b", &["", ""])
    };
    let assignment = auto(vec![planned, ridden]);
    let route = assignment.route.unwrap();
    assert!(
        route
            .line
            .positions()
            .iter()
            .all(|position| position.time_millis().is_none())
    );
    assert_eq!(
        (route.why, assignment.track.unwrap().why),
        (Some(OWN_PLAN), Some(OWN_PAST))
    );
}

#[test]
fn tracks_of_a_gpx_that_go_the_same_way_are_one_and_of_the_others_the_longest_is_taken() {
    let gpx = |place| FileLine {
        origin: LineOrigin::GpxTrack,
        ..line(place, &["", ""])
    };
    let assignment = auto(vec![
        gpx("line 1, trk"),
        line("line 5, rte", &["", "", ""]),
        gpx("line 9, trk"),
    ]);
    assert_eq!(assignment.route.unwrap().line.segment_count(), 2);
    assert_eq!(assignment.skipped.count, 1);
    assert_eq!(assignment.skipped.entries[0].place, "line 5, rte");
    // Of two equal ones the first.
    let assignment = auto(vec![
        line("features[0]", &["", ""]),
        line("features[1]", &["", ""]),
    ]);
    assert_eq!(assignment.skipped.entries[0].place, "features[1]");
}

#[test]
fn the_caller_may_take_all_lines_as_one() {
    let lines = vec![line("a", &[PAST_TIME, PAST_TIME]), line("b", &["", ""])];
    let file = File {
        lines,
        ..File::default()
    };
    let plan = assign(file.clone(), TakeAs::Plan, None, now()).unwrap();
    let route = plan.route.unwrap();
    assert_eq!(
        (route.line.segment_count(), route.why, plan.track),
        (2, None, None)
    );
    let past = assign(file, TakeAs::Past, None, now()).unwrap();
    let track = past.track.unwrap();
    let timed = track
        .line
        .positions()
        .iter()
        .filter(|position| position.time_millis().is_some());
    assert_eq!(
        (track.line.segment_count(), timed.count(), past.route),
        (2, 2, None)
    );
}

#[test]
fn a_track_has_no_position_of_the_far_past_or_after_tomorrow() {
    let end_of_tomorrow = "2026-06-02T23:59:59.999Z";
    let times = [
        "1989-12-31T23:59:59Z",
        "1990-01-01T00:00:00Z",
        end_of_tomorrow,
        "2026-06-03T00:00:00Z",
    ];
    let file = File {
        lines: vec![line("a", &times)],
        ..File::default()
    };
    let assignment = assign(file.clone(), TakeAs::Past, None, now()).unwrap();
    let track = assignment.track.unwrap().line;
    let kept: Vec<_> = track
        .positions()
        .iter()
        .filter_map(|position| position.time())
        .collect();
    assert_eq!(kept, [at(times[1]), at(times[2])]);
    // A route has no times, so none can be wrong.
    let route = assign(file, TakeAs::Plan, None, now()).unwrap().route.unwrap();
    assert_eq!(route.line.positions().len(), 4);
}

#[test]
fn a_line_that_is_too_long_is_refused_and_one_that_is_not_taken_is_not() {
    let mut builder = LineBuilder::default();
    for longitude in [0.0, 90.0, 179.0, -100.0] {
        builder
            .push(LinePosition::new(
                Position::new(longitude, 0.0, None).unwrap(),
                None,
            ))
            .unwrap();
    }
    let long = FileLine {
        line: builder.finish(),
        ..line("a", &[])
    };
    let file = File {
        lines: vec![long.clone()],
        ..File::default()
    };
    assert_eq!(assign(file, TakeAs::Auto, None, now()), Err(LineTooLarge::Length));
    let more_positions = line("b", &[""; 5]);
    assert_eq!(auto(vec![long, more_positions]).skipped.count, 1);
}
