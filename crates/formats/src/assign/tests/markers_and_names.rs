use chrono::NaiveDate;
use kairos_domain::geo::Position;
use kairos_domain::marker::MarkerKind;

use super::*;
use crate::{MarkerDates, Waypoint};

fn waypoint(kind: Option<MarkerKind>, time: Option<&str>) -> Waypoint {
    Waypoint {
        place: "line 3, wpt".into(),
        name: Some("Ulm".into()),
        notes: String::new(),
        position: Position::new(10.0, 48.4, None).unwrap(),
        time: time.map(at),
        kind,
        dates: None,
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    Some(text.parse().unwrap())
}

#[test]
fn waypoints_become_markers_with_the_day_of_their_kind() {
    let markers = |take_as, waypoints| {
        assign(
            File {
                waypoints,
                ..File::default()
            },
            take_as,
            None,
            now(),
        )
        .unwrap()
        .markers
    };
    let dates = |marker: &MarkerDetails| (marker.kind, marker.timestamp, marker.estimated_time);
    for (take_as, kind, time, expected) in [
        (
            TakeAs::Auto,
            None,
            Some(PAST_TIME),
            (MarkerKind::Past, day("2026-05-01"), None),
        ),
        (
            TakeAs::Auto,
            None,
            Some(FUTURE_TIME),
            (MarkerKind::Plan, None, day("2026-06-02")),
        ),
        (TakeAs::Auto, None, None, (MarkerKind::Plan, None, None)),
        (
            TakeAs::Auto,
            Some(MarkerKind::Plan),
            Some(PAST_TIME),
            (MarkerKind::Plan, None, day("2026-05-01")),
        ),
        (
            TakeAs::Plan,
            None,
            Some(PAST_TIME),
            (MarkerKind::Plan, None, day("2026-05-01")),
        ),
        (
            TakeAs::Past,
            None,
            Some(FUTURE_TIME),
            (MarkerKind::Past, day("2026-06-02"), None),
        ),
        (
            TakeAs::Past,
            None,
            Some("2043-01-01T00:00:00Z"),
            (MarkerKind::Past, None, None),
        ),
        (
            TakeAs::Plan,
            None,
            Some("2043-01-01T00:00:00Z"),
            (MarkerKind::Plan, None, day("2043-01-01")),
        ),
        (
            TakeAs::Auto,
            None,
            Some("1970-01-01T00:00:00Z"),
            (MarkerKind::Past, None, None),
        ),
    ] {
        let made = markers(take_as, vec![waypoint(kind, time)]);
        assert_eq!(dates(&made[0]), expected, "{take_as:?} {kind:?} {time:?}");
    }
}

#[test]
fn a_marker_of_our_own_keeps_both_dates() {
    let both = MarkerDates {
        timestamp: day("1850-01-01"),
        estimated_time: day("2030-01-01"),
    };
    let own = Waypoint {
        dates: Some(both),
        ..waypoint(Some(MarkerKind::Past), Some(FUTURE_TIME))
    };
    let file = File {
        waypoints: vec![own],
        ..File::default()
    };
    let kept = &assign(file.clone(), TakeAs::Auto, None, now()).unwrap().markers[0];
    assert_eq!(
        (kept.timestamp, kept.estimated_time),
        (both.timestamp, both.estimated_time)
    );
    // Where the caller wants the other kind, only the time is left.
    let planned = &assign(file, TakeAs::Plan, None, now()).unwrap().markers[0];
    assert_eq!(
        (planned.timestamp, planned.estimated_time),
        (None, day("2026-06-02"))
    );
}

#[test]
fn names_come_from_the_file_or_its_name() {
    let named = |name: Option<&str>, lines: &[Option<&str>], file_name: Option<&str>| {
        let lines = lines
            .iter()
            .map(|name| FileLine {
                name: name.map(str::to_owned),
                ..line("a", &["", ""])
            })
            .collect();
        let file = File {
            name: name.map(str::to_owned),
            lines,
            ..File::default()
        };
        assign(file, TakeAs::Auto, file_name, now())
            .unwrap()
            .name
            .as_str()
            .to_owned()
    };
    assert_eq!(named(Some("Danube"), &[Some("Day 1")], Some("x.gpx")), "Danube");
    assert_eq!(named(None, &[Some("Day 1"), None], Some("x.gpx")), "Day 1");
    assert_eq!(named(None, &[Some("Day 1"), Some("Day 2")], Some("x.gpx")), "x");
    assert_eq!(named(None, &[], Some(r"C:\rides\my.ride.gpx")), "my.ride");
    assert_eq!(named(None, &[], Some("/tmp/.gpx")), ".gpx");
    assert_eq!(named(None, &[], Some(" ")), "Imported journey");
    assert_eq!(named(None, &[], None), "Imported journey");
    assert_eq!(named(None, &[], Some(&"é".repeat(300))).chars().count(), 200);
}

#[test]
fn a_marker_without_a_visible_name_is_a_waypoint() {
    let file = File {
        waypoints: vec![Waypoint {
            name: None,
            ..waypoint(None, None)
        }],
        ..File::default()
    };
    let assignment = assign(file, TakeAs::Auto, None, now()).unwrap();
    assert_eq!(assignment.markers[0].name.as_str(), "Waypoint");
}
