use chrono::NaiveDate;
use kairos_domain::geo::Position;
use kairos_domain::line::{Line, LineBuilder, LinePosition};
use kairos_domain::marker::{MarkerDetails, MarkerKind};
use kairos_domain::schedule::Schedule;
use kairos_domain::text::{Name, Prose};
use kairos_formats::assign::{Assignment, TakeAs, assign};
use kairos_formats::export::{Day, Export, Format, write};
use proptest::prelude::*;

use super::*;

/// A journey as it is exported.
#[derive(Debug, Clone)]
pub(super) struct Journey {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) markers: Vec<MarkerDetails>,
    pub(super) schedule: Option<Schedule>,
    pub(super) route: Option<Line>,
    pub(super) track: Option<Line>,
}

pub(super) fn export(journey: &Journey, format: Format) -> Vec<u8> {
    let mut bytes = Vec::new();
    let export = Export {
        name: &journey.name,
        description: &journey.description,
        schedule: journey.schedule.as_ref(),
        markers: journey.markers.iter().cloned(),
        days: [Day {
            date: NaiveDate::from_ymd_opt(2026, 6, 2).unwrap(),
            position: Position::new(1.0, 2.0, None).unwrap(),
        }],
        route: journey.route.as_ref(),
        track: journey.track.as_ref(),
    };
    write(format, export, &mut bytes).unwrap();
    bytes
}

fn import(bytes: &[u8]) -> Assignment {
    assign(try_read(bytes).unwrap(), TakeAs::Auto, None, now()).unwrap()
}

fn text(max: usize) -> impl Strategy<Value = String> {
    // Everything but the characters that XML 1.0 doesn't have.
    let character = any::<char>().prop_filter(
        "XML 1.0",
        |character| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..),
    );
    prop::collection::vec(
        prop_oneof![
            character,
            prop::sample::select(vec!['&', '<', ']', '"', ' ', '\r', '\n', 'x'])
        ],
        0..max,
    )
    .prop_map(|characters| characters.into_iter().collect())
}

fn date() -> impl Strategy<Value = NaiveDate> {
    (1..3_000_000_i32).prop_map(|day| NaiveDate::from_num_days_from_ce_opt(day).unwrap())
}

fn marker() -> impl Strategy<Value = MarkerDetails> {
    let kind = prop::sample::select(vec![MarkerKind::Past, MarkerKind::Plan]);
    let place = (-180.0..180.0, -90.0..=90.0, prop::option::of(-1e5..1e5));
    let dates = (prop::option::of(date()), prop::option::of(date()));
    (text(20), text(60), kind, place, dates).prop_map(|(name, notes, kind, place, dates)| MarkerDetails {
        name: Name::parse(&name).unwrap_or_else(|_| Name::parse("Ulm").unwrap()),
        notes: Prose::parse(&notes).unwrap(),
        kind,
        position: Position::new(place.0, place.1, place.2).unwrap(),
        timestamp: dates.0,
        estimated_time: dates.1,
    })
}

fn line(with_times: bool) -> impl Strategy<Value = Line> {
    let time = prop::option::of(631_152_000_000_i64..1_780_000_000_000)
        .prop_map(move |time| time.filter(|_| with_times));
    let elevation = prop::option::of(-100_000..100_000);
    let position = (
        -1_800_000_000..1_800_000_000,
        -900_000_000..=900_000_000,
        elevation,
        time,
    )
        .prop_map(|(longitude, latitude, elevation, time)| {
            LinePosition::from_units(longitude, latitude, elevation, time).unwrap()
        });
    let near = (
        prop::collection::vec((0..9_999_999, 0..9_999_999), 2..20),
        position,
    );
    prop::collection::vec(near, 1..4).prop_map(|segments| {
        let mut builder = LineBuilder::default();
        for (steps, at) in segments {
            for (east, north) in steps {
                let longitude = (at.longitude_units() / 2).saturating_add(east);
                let latitude = (at.latitude_units() / 2).saturating_add(north);
                let position =
                    LinePosition::from_units(longitude, latitude, at.elevation_units(), at.time_millis());
                builder.push(position.unwrap()).unwrap();
            }
            builder.end_segment();
        }
        builder.finish()
    })
}

fn schedule() -> impl Strategy<Value = Schedule> {
    (
        date(),
        1_000..=500_000_u32,
        prop::collection::vec(date(), 0..4),
        prop::collection::vec(1..8_u8, 0..4),
    )
        .prop_map(|(start_date, metres_per_day, rest_dates, rest_weekdays)| {
            Schedule::new(start_date, metres_per_day, rest_dates, rest_weekdays).unwrap()
        })
}

fn journey() -> impl Strategy<Value = Journey> {
    let lines = (prop::option::of(line(false)), prop::option::of(line(true)));
    (
        text(20),
        text(200),
        prop::collection::vec(marker(), 0..6),
        prop::option::of(schedule()),
        lines,
    )
        .prop_map(|(name, description, markers, schedule, (route, track))| Journey {
            name: Name::parse(&name).map_or_else(|_| "Danube".into(), Name::into_string),
            description,
            markers,
            schedule,
            route,
            track,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn export_and_import_again_gives_the_same_journey(journey in journey(), format in prop::sample::select(vec![Format::Gpx, Format::GeoJson])) {
        let bytes = export(&journey, format);
        let again = import(&bytes);
        prop_assert_eq!(again.name.as_str(), &journey.name);
        prop_assert_eq!(again.description.as_str(), &journey.description);
        prop_assert_eq!(again.markers, journey.markers);
        prop_assert_eq!(again.schedule, journey.schedule);
        prop_assert_eq!(again.route.map(|taken| taken.line), journey.route);
        prop_assert_eq!(again.track.map(|taken| taken.line), journey.track);
        prop_assert_eq!(again.skipped.count, 0);
    }
}

fn small() -> Journey {
    let mut builder = LineBuilder::default();
    for (longitude, time) in [
        (180.0, Some(1_777_593_600_000)),
        (-180.0, Some(1_777_593_600_250)),
        (1e-7, None),
    ] {
        let position = Position::new(longitude, 1e-7, Some(0.1)).unwrap();
        let time = time.and_then(DateTime::from_timestamp_millis);
        builder.push(LinePosition::new(position, time)).unwrap();
    }
    let line = builder.finish();
    Journey {
        name: "a <b> & \u{1}c".into(),
        description: "]]>".into(),
        markers: vec![MarkerDetails {
            name: Name::parse("Ulm").unwrap(),
            notes: Prose::default(),
            kind: MarkerKind::Plan,
            position: Position::new(180.0, 1e-9, Some(1e21)).unwrap(),
            timestamp: None,
            estimated_time: Some(NaiveDate::from_ymd_opt(7, 1, 1).unwrap()),
        }],
        schedule: None,
        route: Some(line.clone().without_times()),
        track: Some(line),
    }
}

#[test]
fn a_gpx_is_valid_in_what_programs_trip_over() {
    let text = String::from_utf8(export(&small(), Format::Gpx)).unwrap();
    assert!(!text.contains("lon=\"180\"") && text.contains("lon=\"-180\""));
    assert!(text.contains("0.0000001") && !text.contains("e-7") && !text.contains("e21"));
    assert!(text.contains("<name>a &lt;b&gt; &amp; c</name><desc>]]&gt;</desc>"));
    assert!(text.contains("<time>2026-05-01T00:00:00.250Z</time>"));
    assert!(text.contains("<time>0007-01-01T00:00:00Z</time>"));
    assert!(text.contains("<type>day</type>"));
}

#[test]
fn a_kml_opens_with_its_lines_and_markers() {
    let file = file(export(&small(), Format::Kml));
    assert_eq!(file.name.as_deref(), Some("a <b> & c"));
    assert_eq!(
        (file.lines.len(), file.waypoints.len(), file.skipped.count),
        (2, 2, 0)
    );
}
