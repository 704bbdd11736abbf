//! The pictures of `docs/ITINERARY.md`, drawn from itineraries that the domain computes.

use std::fmt::Write as _;
use std::path::Path;

use super::world::{Kilometres, World, on_route};
use crate::geo::{Distance, EARTH_RADIUS_METRES, Position};
use crate::itinerary::{DaySource, ItineraryDay, RouteIndex};

const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/itinerary");

const WIDTH: f64 = 720.0;
const MARGIN: f64 = 50.0;

/// `KAIROS_BLESS=1 cargo test -p kairos-domain --lib pictures` draws them anew.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whether to write the pictures is asked of the environment"
)]
fn the_pictures_of_the_documentation_show_what_is_computed() {
    for (name, world) in pictures() {
        let path = Path::new(DIRECTORY).join(name);
        let picture = draw(&world);
        if std::env::var_os("KAIROS_BLESS").is_some() {
            std::fs::create_dir_all(DIRECTORY).unwrap();
            std::fs::write(&path, &picture).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            picture == committed,
            "{name} is stale: KAIROS_BLESS=1 cargo test -p kairos-domain --lib pictures"
        );
    }
}

fn pictures() -> [(&'static str, World); 4] {
    let valley = [(0.0, 0.0), (60.0, 20.0), (120.0, 10.0), (60.0, 20.0), (0.0, 0.0)];
    let road = [(0.0, 0.0), (100.0, 0.0), (200.0, 20.0), (300.0, 0.0)];
    [
        ("schedule.svg", on_route(&[&road]).scheduled(0, 80, &[], &[])),
        (
            "out-and-back.svg",
            on_route(&[&valley])
                .past(0, (0.0, 0.0))
                .past(1, (60.0, 20.0))
                .plan(3, (60.0, 20.0))
                .scheduled(0, 80, &[], &[]),
        ),
        (
            "detour.svg",
            on_route(&[&road])
                .past(0, (0.0, 0.0))
                .past(2, (120.0, 60.0))
                .plan(4, (200.0, 20.0))
                .scheduled(0, 60, &[], &[]),
        ),
        ("rest-days.svg", on_route(&[&road]).scheduled(0, 65, &[2], &[7])),
    ]
}

/// A map from kilometres to the picture.
struct Frame {
    west: f64,
    north: f64,
    scale: f64,
    height: f64,
}

impl Frame {
    fn around(places: &[Kilometres]) -> Self {
        let least = |of: fn(&Kilometres) -> f64| places.iter().map(of).fold(f64::INFINITY, f64::min);
        let most = |of: fn(&Kilometres) -> f64| places.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        let (west, north) = (least(|place| place.0), most(|place| place.1));
        let scale = (WIDTH - 2.0 * MARGIN) / (most(|place| place.0) - west);
        let height = (north - least(|place| place.1)) * scale + 2.0 * MARGIN;
        Self {
            west,
            north,
            scale,
            height,
        }
    }

    fn point(&self, (east, north): Kilometres) -> (f64, f64) {
        let x = MARGIN + (east - self.west) * self.scale;
        let y = MARGIN + (self.north - north) * self.scale;
        (x, y)
    }
}

fn kilometres(position: Position) -> Kilometres {
    let along = |degrees: f64| degrees.to_radians() * EARTH_RADIUS_METRES / 1000.0;
    (along(position.longitude()), along(position.latitude()))
}

fn draw(world: &World) -> String {
    let days = world.days();
    let road: Vec<_> = world
        .line
        .positions()
        .iter()
        .map(|position| kilometres(position.position()))
        .collect();
    let places: Vec<_> = days
        .iter()
        .map(|day| kilometres(day.position))
        .chain(road.iter().copied())
        .collect();
    let frame = Frame::around(&places);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {:.0}\" font-family=\"sans-serif\" font-size=\"13\" text-anchor=\"middle\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        frame.height
    );
    writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#b8c4d0\" stroke-width=\"6\" stroke-linejoin=\"round\"/>",
        points(&frame, road)
    )
    .unwrap();
    for pair in days
        .windows(2)
        .filter(|pair| pair.iter().any(|day| day.place.is_none()))
    {
        let way = pair.iter().map(|day| kilometres(day.position));
        writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"#667\" stroke-dasharray=\"3 4\"/>",
            points(&frame, way)
        )
        .unwrap();
    }
    let route = RouteIndex::new(&world.line);
    // Consecutive days at one place share a dot.
    for days in days.chunk_by(|a, b| a.place.is_some() && a.place == b.place) {
        draw_days(&mut svg, &frame, &route, days);
    }
    svg + "</svg>\n"
}

fn points(frame: &Frame, places: impl IntoIterator<Item = Kilometres>) -> String {
    let point = |place| {
        let (x, y) = frame.point(place);
        format!("{x:.1},{y:.1}")
    };
    places.into_iter().map(point).collect::<Vec<_>>().join(" ")
}

/// Draws days at one place: a square for a marker, a circle on the route, a small circle between fixed days.
///
/// The dates are on the right of the way, so that those of the way back don't cover those of the way out.
fn draw_days(svg: &mut String, frame: &Frame, route: &RouteIndex, days: &[ItineraryDay]) {
    let day = days[0];
    let (x, y) = frame.point(kilometres(day.position));
    match day.source {
        DaySource::PastMarker | DaySource::Track | DaySource::PlanMarker => {
            let fill = if day.source == DaySource::PlanMarker { "#fff" } else { "#06c" };
            let (left, top) = (x - 7.0, y - 7.0);
            writeln!(
                svg,
                "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"14\" height=\"14\" fill=\"{fill}\" stroke=\"#06c\" stroke-width=\"2\"/>"
            )
        }
        DaySource::Route => writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"6\" fill=\"#e60\"/>"),
        DaySource::Between => writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"#667\"/>"),
    }
    .unwrap();
    let (right, down) = day
        .place
        .map_or((0.0, -1.0), |place| to_the_right(frame, route, place));
    let dates: Vec<_> = days
        .iter()
        .map(|day| day.date.format("%-d").to_string())
        .collect();
    writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\">{} June</text>",
        x + right * 22.0,
        y + down * 22.0 + 4.0,
        dates.join(", ")
    )
    .unwrap();
}

/// Returns the direction to the right of the way at a place, in the picture.
fn to_the_right(frame: &Frame, route: &RouteIndex, place: Distance) -> (f64, f64) {
    let at = |metres: f64| {
        let place = Distance::from_metres(metres.clamp(0.0, route.length().metres()));
        frame.point(kilometres(route.position_at(place).unwrap()))
    };
    let (from, to) = (at(place.metres() - 1000.0), at(place.metres()));
    let (from, to) = if from == to {
        (to, at(place.metres() + 1000.0))
    } else {
        (from, to)
    };
    let (x, y) = (to.0 - from.0, to.1 - from.1);
    (-y / x.hypot(y), x / x.hypot(y))
}
