//! Journeys for tests. Roads are given in kilometres east and north of a base.

use chrono::NaiveDate;

use crate::discovery::fixtures::{day, id, marker};
use crate::geo::{EARTH_RADIUS_METRES, Position};
use crate::id::MarkerId;
use crate::itinerary::{DatedMarker, DayPosition, DaySource, ItineraryDay, ItinerarySources, RouteIndex};
use crate::line::{Line, LineBuilder, LinePosition};
use crate::marker::MarkerKind;
use crate::schedule::Schedule;

pub(super) type Kilometres = (f64, f64);

#[derive(Debug, Clone, Default)]
pub(super) struct World {
    /// Degrees of the point from which kilometres are counted.
    pub(super) base: (f64, f64),
    pub(super) markers: Vec<DatedMarker>,
    pub(super) track: Vec<DayPosition>,
    pub(super) line: Line,
    pub(super) schedule: Option<Schedule>,
}

/// A journey on a route with these segments.
pub(super) fn on_route(segments: &[&[Kilometres]]) -> World {
    World::default().with_route(segments)
}

impl World {
    pub(super) fn at(&self, (east, north): Kilometres) -> Position {
        let degrees = |kilometres: f64| (kilometres * 1000.0 / EARTH_RADIUS_METRES).to_degrees();
        if self.base.1.abs() > 85.0 {
            // Around a pole, the directions are those of a map with the pole in its middle.
            let pole = self.base.1.signum();
            let from_pole = degrees(east.hypot(north));
            return Position::new(east.atan2(north).to_degrees(), pole * (90.0 - from_pole), None).unwrap();
        }
        let latitude = self.base.1 + degrees(north);
        let longitude = self.base.0 + degrees(east) / self.base.1.to_radians().cos();
        let longitude = (longitude + 180.0).rem_euclid(360.0) - 180.0;
        Position::new(longitude, latitude, None).unwrap()
    }

    pub(super) fn based_at(mut self, longitude: f64, latitude: f64) -> Self {
        self.base = (longitude, latitude);
        self
    }

    pub(super) fn with_route(mut self, segments: &[&[Kilometres]]) -> Self {
        let mut builder = LineBuilder::default();
        for segment in segments {
            for place in *segment {
                builder.push(LinePosition::new(self.at(*place), None)).unwrap();
            }
            builder.end_segment();
        }
        self.line = builder.finish();
        self
    }

    fn with_marker(mut self, kind: MarkerKind, number: i64, place: Kilometres) -> Self {
        let mut marker = DatedMarker::of(&marker(kind, Some(day(number)), self.at(place))).unwrap();
        marker.id = MarkerId(id(u8::try_from(self.markers.len()).unwrap()));
        self.markers.push(marker);
        self
    }

    pub(super) fn past(self, number: i64, place: Kilometres) -> Self {
        self.with_marker(MarkerKind::Past, number, place)
    }

    pub(super) fn plan(self, number: i64, place: Kilometres) -> Self {
        self.with_marker(MarkerKind::Plan, number, place)
    }

    pub(super) fn tracked(mut self, number: i64, place: Kilometres) -> Self {
        self.track.push(DayPosition {
            date: day(number),
            position: self.at(place),
        });
        self
    }

    /// Adds a schedule that starts on a day, with rest days and the weekdays of rest.
    pub(super) fn scheduled(
        mut self,
        start: i64,
        kilometres_per_day: u32,
        rests: &[i64],
        weekdays: &[u8],
    ) -> Self {
        let rests = rests.iter().copied().map(day).collect();
        let schedule = Schedule::new(day(start), kilometres_per_day * 1000, rests, weekdays.to_vec());
        self.schedule = Some(schedule.unwrap());
        self
    }

    pub(super) fn days(&self) -> Vec<ItineraryDay> {
        self.days_as_of(None)
    }

    pub(super) fn days_as_of(&self, today: Option<NaiveDate>) -> Vec<ItineraryDay> {
        let route = (!self.line.is_empty()).then(|| RouteIndex::new(&self.line));
        let sources = ItinerarySources {
            markers: &self.markers,
            track: &self.track,
            route: route.as_ref(),
            schedule: self.schedule.as_ref(),
            today,
        };
        sources.days()
    }

    /// Each day as its number, its source, and its place in kilometres: `3 route 80.0` or `4 between -`.
    pub(super) fn told(&self) -> Vec<String> {
        let told = |day_: ItineraryDay| {
            let number = (day_.date - day(0)).num_days();
            let place = day_
                .place
                .map_or("-".to_owned(), |place| format!("{:.1}", place.metres() / 1000.0));
            format!("{number} {} {place}", day_.source.as_str())
        };
        self.days().into_iter().map(told).collect()
    }

    /// The places in kilometres of the days that are fixed.
    pub(super) fn fixed_places(&self) -> Vec<Option<f64>> {
        let days = self.days().into_iter();
        let is_fixed = |day: &ItineraryDay| !matches!(day.source, DaySource::Route | DaySource::Between);
        days.filter(is_fixed)
            .map(|day| day.place.map(|place| (place.metres() / 100.0).round() / 10.0))
            .collect()
    }
}
