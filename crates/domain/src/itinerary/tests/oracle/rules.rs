use std::cmp::Reverse;

use chrono::{NaiveDate, TimeDelta};

use super::{Candidate, Oracle, millimetres};
use crate::geo::{Distance, EARTH_RADIUS_METRES, GreatCircleSegment, Position, along_great_circle};
use crate::itinerary::{DaySource, ItineraryDay};
use crate::marker::MarkerKind;
use crate::schedule::Schedule;

impl Oracle<'_> {
    /// Returns the number of choices of candidates, possible or not.
    pub(crate) fn choices(&self) -> usize {
        let fixed = self.fixed_days();
        fixed
            .iter()
            .map(|day| self.candidates(day.position).len() + 1)
            .product()
    }

    fn is_rest(&self, date: NaiveDate) -> bool {
        self.world
            .schedule
            .as_ref()
            .is_some_and(|schedule| schedule.is_rest(date))
    }

    /// Returns the place of the schedule by itself on a day.
    fn scheduled(&self, schedule: &Schedule, date: NaiveDate) -> u64 {
        let days = schedule
            .start_date()
            .iter_days()
            .skip(1)
            .take_while(|day| *day <= date);
        let riding_days = days.filter(|day| !schedule.is_rest(*day)).count() as u64;
        (riding_days * u64::from(schedule.metres_per_day()) * 1000).min(self.length())
    }

    fn fixed_days(&self) -> Vec<ItineraryDay> {
        let world = self.world;
        let past = world
            .markers
            .iter()
            .filter(|marker| marker.kind == MarkerKind::Past);
        let past = past
            .map(|marker| marker.date)
            .chain(world.track.iter().map(|day| day.date));
        let last_past = past.max();
        let mut dates: Vec<_> = world.markers.iter().map(|marker| marker.date).collect();
        dates.extend(world.track.iter().map(|day| day.date));
        dates.sort();
        dates.dedup();
        let mut fixed = Vec::new();
        for date in dates {
            let marker = |kind: MarkerKind| {
                let of_day = world
                    .markers
                    .iter()
                    .filter(|marker| marker.date == date && marker.kind == kind);
                of_day
                    .max_by_key(|marker| (marker.created_at, marker.id))
                    .map(|marker| marker.position)
            };
            let track = world
                .track
                .iter()
                .find(|day| day.date == date)
                .map(|day| day.position);
            let plan = marker(MarkerKind::Plan).filter(|_| last_past.is_none_or(|last| date >= last));
            let found = [
                (marker(MarkerKind::Past), DaySource::PastMarker),
                (track, DaySource::Track),
                (plan, DaySource::PlanMarker),
            ];
            fixed.extend(found.into_iter().find_map(|(position, source)| {
                Some(ItineraryDay {
                    date,
                    position: position?,
                    source,
                    place: None,
                })
            }));
        }
        fixed
    }

    /// The fixed days with their places, by rules 1 to 3.
    fn placed_days(&self) -> Vec<ItineraryDay> {
        let mut days: Vec<(ItineraryDay, Vec<Candidate>)> = self
            .fixed_days()
            .into_iter()
            .map(|day| (day, self.candidates(day.position)))
            .collect();
        let mut start_index = None;
        if let Some(schedule) = &self.world.schedule {
            let start = schedule.start_date();
            let prevents = |(day, candidates): &(ItineraryDay, Vec<Candidate>)| {
                day.date == start
                    || (day.date > start && day.source != DaySource::PlanMarker)
                    || (day.date < start && !candidates.is_empty())
            };
            if !self.edges.is_empty() && !days.iter().any(prevents) {
                let index = days.iter().filter(|(day, _)| day.date < start).count();
                let day = ItineraryDay {
                    date: start,
                    position: self.position_at(0),
                    source: DaySource::Route,
                    place: None,
                };
                days.insert(index, (day, vec![(0, Distance::default())]));
                start_index = Some(index);
            }
        }
        let mut choices = Vec::new();
        all_choices(&days, &mut Vec::new(), &mut choices);
        choices.retain(|choice| start_index.is_none_or(|index| choice[index].is_some()));
        let best = choices.into_iter().min_by_key(|choice| self.judge(&days, choice));
        days.iter()
            .zip(best.unwrap_or_default())
            .filter(|((day, candidates), chosen)| {
                chosen.is_some() || day.source != DaySource::PlanMarker || candidates.is_empty()
            })
            .map(|((day, _), chosen)| ItineraryDay {
                place: chosen.map(|(place, _)| Distance::from_millimetres(place)),
                ..*day
            })
            .collect()
    }

    /// The objective of rule 2: the least is the best.
    fn judge(
        &self,
        days: &[(ItineraryDay, Vec<Candidate>)],
        choice: &[Option<Candidate>],
    ) -> impl Ord + use<> {
        let chosen = || {
            days.iter()
                .zip(choice)
                .filter_map(|((day, _), chosen)| Some((day, (*chosen)?)))
        };
        let squares = chosen().map(|(_, (_, distance))| {
            let rounded = (distance.metres() / 100.0).round() as u64;
            rounded * rounded
        });
        let deviations = chosen().map(|(day, (place, _))| match &self.world.schedule {
            Some(schedule) if day.source != DaySource::Route => {
                place.abs_diff(self.scheduled(schedule, day.date))
            }
            _ => 0,
        });
        let places: Vec<_> = choice
            .iter()
            .map(|chosen| chosen.map_or(u64::MAX, |(place, _)| place))
            .collect();
        (
            Reverse(chosen().count()),
            squares.sum::<u64>(),
            deviations.sum::<u64>(),
            places,
        )
    }

    /// All days of the itinerary.
    pub(crate) fn days(&self) -> Vec<ItineraryDay> {
        let fixed = self.placed_days();
        let (Some(first), Some(last)) = (fixed.first(), fixed.last()) else {
            return Vec::new();
        };
        let dates = first.date.iter_days().take_while(|date| *date <= last.date);
        let mut days: Vec<_> = dates.filter_map(|date| self.day_between(&fixed, date)).collect();
        days.extend(self.days_after(&fixed));
        days
    }

    fn day_between(&self, fixed: &[ItineraryDay], date: NaiveDate) -> Option<ItineraryDay> {
        let a = fixed.iter().rfind(|day| day.date <= date)?;
        let b = fixed.iter().find(|day| day.date >= date)?;
        if a.date == b.date {
            return Some(*a);
        }
        let gap = (b.date - a.date).num_days();
        if let (Some(from), Some(to)) = (a.place, b.place) {
            let riding = |until: NaiveDate| {
                let days = (1..=gap).map(|number| a.date + TimeDelta::days(number));
                days.filter(|day| *day <= until && (*day == b.date || !self.is_rest(*day)))
                    .count()
            };
            let way = (to.millimetres() - from.millimetres()) as f64;
            let ridden = (way * riding(date) as f64 / riding(b.date) as f64).round() as u64;
            let place = from.millimetres() + ridden;
            return (gap <= 30 || self.world.schedule.is_some()).then(|| self.route_day(date, place));
        }
        let fraction = (date - a.date).num_days() as f64 / gap as f64;
        (gap <= 30).then(|| ItineraryDay {
            date,
            position: along_great_circle(a.position, b.position, fraction),
            source: DaySource::Between,
            place: None,
        })
    }

    fn route_day(&self, date: NaiveDate, place: u64) -> ItineraryDay {
        ItineraryDay {
            date,
            position: self.position_at(place),
            source: DaySource::Route,
            place: Some(Distance::from_millimetres(place)),
        }
    }

    fn days_after(&self, fixed: &[ItineraryDay]) -> Vec<ItineraryDay> {
        let mut days = Vec::new();
        let (Some(last), Some(schedule)) = (fixed.last(), &self.world.schedule) else {
            return days;
        };
        if self.edges.is_empty() {
            return days;
        }
        let given = fixed.iter().filter_map(|day| day.place).next_back();
        let from = given.map_or(0, Distance::millimetres);
        let Some(mut place) = last
            .place
            .map(Distance::millimetres)
            .or_else(|| self.rejoin(from, last.position))
        else {
            return days;
        };
        for date in last.date.iter_days().skip(1).take(1000) {
            if place >= self.length() {
                break;
            }
            if !schedule.is_rest(date) {
                place = (place + u64::from(schedule.metres_per_day()) * 1000).min(self.length());
            }
            days.push(self.route_day(date, place));
        }
        days
    }

    /// The nearest place of the part of the route at or after a place.
    fn rejoin(&self, from: u64, position: Position) -> Option<u64> {
        let point = position.unit_vector();
        let mut nearest: Vec<(Distance, u64)> = Vec::new();
        for edge in self
            .edges
            .iter()
            .filter(|edge| millimetres(edge.radians[1]) >= from)
        {
            let is_whole = millimetres(edge.radians[0]) >= from;
            let begin = if is_whole {
                edge.ends[0]
            } else {
                self.position_at(from).unit_vector()
            };
            let radians = if is_whole {
                edge.radians[0]
            } else {
                from as f64 / 1000.0 / EARTH_RADIUS_METRES
            };
            let segment = GreatCircleSegment::new(begin, edge.ends[1]);
            let place =
                millimetres(radians + segment.angle_to_nearest(point)).min(millimetres(edge.radians[1]));
            nearest.push((Distance::of_chord_squared(segment.chord_squared_to(point)), place));
        }
        let (distance, place) = nearest.into_iter().min()?;
        (distance.metres() <= 25_000.0).then_some(place)
    }
}

/// Adds all choices of one candidate or none for each day that neither go back nor are too fast.
fn all_choices(
    days: &[(ItineraryDay, Vec<Candidate>)],
    chosen: &mut Vec<Option<Candidate>>,
    choices: &mut Vec<Vec<Option<Candidate>>>,
) {
    let Some((day, candidates)) = days.get(chosen.len()) else {
        choices.push(chosen.clone());
        return;
    };
    let before = days
        .iter()
        .zip(&*chosen)
        .filter_map(|((day, _), chosen)| Some((day.date, (*chosen)?.0)))
        .next_back();
    for candidate in candidates.iter().copied().map(Some).chain([None]) {
        let is_allowed = match (before, candidate) {
            (Some((date, from)), Some((to, _))) => {
                let most = (day.date - date).num_days() as u64 * 400_000_000;
                to >= from && to - from <= most
            }
            _ => true,
        };
        if is_allowed {
            chosen.push(candidate);
            all_choices(days, chosen, choices);
            chosen.pop();
        }
    }
}
