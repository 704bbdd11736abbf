use chrono::NaiveDate;

use super::ViewJourneyError;
use crate::Kairos;
use crate::geo::{Distance, distance};
use crate::id::JourneyId;
use crate::marker::{MarkerKind, MarkerPlace};
use crate::store::LinesOfJourney;
use crate::user::User;

/// The statistics of a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JourneyStats {
    /// The number of past markers.
    pub past_markers: usize,
    /// The number of planned markers.
    pub plan_markers: usize,
    /// The earliest day of any marker.
    pub first_date: Option<NaiveDate>,
    /// The latest day of any marker.
    pub last_date: Option<NaiveDate>,
    /// The days from the first to the last date, both included; 0 without dates.
    pub days: u32,
    /// The length of the line through the past markers, in riding order.
    ///
    /// If the journey has a track, the length of the track.
    pub past_length: Distance,
    /// The length of the line through the planned markers, in riding order.
    pub plan_length: Distance,
    /// The length of the route.
    pub route_length: Option<Distance>,
    /// The length of the track.
    pub track_length: Option<Distance>,
}

impl JourneyStats {
    /// Computes the statistics of a journey from its markers, given in riding order, and its lines.
    ///
    /// An existing database may hold past markers that are dated later than tomorrow. They count as undated.
    #[must_use]
    pub fn of(markers: &[MarkerPlace], lines: &LinesOfJourney, today: NaiveDate) -> Self {
        // In riding order, all past markers come before the planned ones.
        let (past, plan) =
            markers.split_at(markers.partition_point(|marker| marker.order.kind == MarkerKind::Past));
        let dates = || {
            let orders = markers.iter().map(|marker| marker.order);
            orders
                .filter(move |order| !order.is_past_in_future(today))
                .filter_map(|order| order.day)
        };
        let (first_date, last_date) = (dates().min(), dates().max());
        let nights = first_date
            .zip(last_date)
            .map(|(first, last)| (last - first).num_days());
        Self {
            past_markers: past.len(),
            plan_markers: plan.len(),
            first_date,
            last_date,
            days: nights
                .and_then(|nights| u32::try_from(nights + 1).ok())
                .unwrap_or(0),
            past_length: lines.track.map_or_else(|| length(past), |track| track.length),
            plan_length: length(plan),
            route_length: lines.route.map(|route| route.length),
            track_length: lines.track.map(|track| track.length),
        }
    }
}

/// Returns the sum of the distances from each marker to the next.
fn length(markers: &[MarkerPlace]) -> Distance {
    markers
        .iter()
        .zip(markers.iter().skip(1))
        .map(|(from, to)| distance(from.position, to.position))
        .sum()
}

impl Kairos {
    /// Returns the statistics of a journey that the reader may see.
    ///
    /// # Errors
    /// [`ViewJourneyError`].
    pub async fn journey_stats(
        &self,
        reader: &User,
        journey_id: JourneyId,
    ) -> Result<JourneyStats, ViewJourneyError> {
        let places = self.store.marker_places_of(journey_id, reader.id).await?;
        let places = places.ok_or(ViewJourneyError::JourneyNotFound)?;
        let lines = self.store.lines_of(journey_id, reader.id).await?;
        let lines = lines.ok_or(ViewJourneyError::JourneyNotFound)?;
        Ok(JourneyStats::of(&places, &lines, self.clock.today()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::fixtures::*;
    use crate::marker::Marker;

    const DEGREE: f64 = 111_318.845;

    fn of(markers: Vec<Marker>) -> JourneyStats {
        of_on(markers, day(30))
    }

    fn of_on(mut markers: Vec<Marker>, today: NaiveDate) -> JourneyStats {
        markers.sort_by_key(Marker::riding_order);
        let places = markers.iter().map(|marker| MarkerPlace {
            order: marker.riding_order(),
            position: marker.details.position,
        });
        JourneyStats::of(&places.collect::<Vec<_>>(), &LinesOfJourney::default(), today)
    }

    #[test]
    fn a_journey_without_markers_is_all_zeros() {
        assert_eq!(of(Vec::new()), JourneyStats::default());
    }

    #[test]
    fn both_ends_of_a_journey_are_days_of_it() {
        let stats = of(vec![past(3, 0.0, 0.0)]);
        assert_eq!(
            (stats.first_date, stats.last_date, stats.days),
            (Some(day(3)), Some(day(3)), 1)
        );
        // A plan from before the past counts as well: the figures are about the markers.
        let stats = of(vec![past(3, 0.0, 0.0), plan(1, 0.0, 0.0), plan(7, 0.0, 0.0)]);
        assert_eq!(
            (stats.first_date, stats.last_date, stats.days),
            (Some(day(1)), Some(day(7)), 7)
        );
    }

    #[test]
    fn a_past_marker_later_than_tomorrow_has_no_day() {
        let markers = vec![past(3, 0.0, 0.0), past(5, 0.0, 0.0)];
        for (today, last, days) in [(3, 3, 1), (4, 5, 3), (9, 5, 3)] {
            let stats = of_on(markers.clone(), day(today));
            assert_eq!((stats.last_date, stats.days), (Some(day(last)), days));
            assert_eq!(stats.past_markers, 2);
        }
    }

    #[test]
    fn a_date_that_does_not_count_for_its_kind_is_no_date() {
        let mut undated = marker(MarkerKind::Past, None, at(0.0, 0.0));
        undated.details.estimated_time = Some(day(1));
        let stats = of(vec![undated]);
        assert_eq!((stats.first_date, stats.last_date, stats.days), (None, None, 0));
        assert_eq!((stats.past_markers, stats.plan_markers), (1, 0));
    }

    #[test]
    fn the_track_is_the_length_of_the_past() {
        let figures = |metres| crate::store::LineFigures {
            version: crate::line::LineVersion::from_bytes([0; 16]),
            length: Distance::from_metres(metres),
        };
        let lines = LinesOfJourney {
            route: Some(figures(2_000.0)),
            track: Some(figures(1_000.0)),
        };
        let stats = JourneyStats::of(&[], &lines, day(30));
        assert_eq!(stats.past_length.metres(), 1_000.0);
        assert_eq!(stats.route_length.map(Distance::metres), Some(2_000.0));
        assert_eq!(stats.track_length.map(Distance::metres), Some(1_000.0));
    }

    #[test]
    fn the_past_and_the_plan_are_measured_apart_with_undated_markers_last() {
        let stats = of(vec![
            marker(MarkerKind::Plan, None, at(4.0, 1.0)),
            plan(5, 4.0, 0.0),
            marker(MarkerKind::Past, None, at(0.0, 2.0)),
            past(2, 2.0, 0.0),
            past(0, 0.0, 0.0),
        ]);
        assert_eq!((stats.past_markers, stats.plan_markers), (3, 2));
        let back = distance(at(2.0, 0.0), at(0.0, 2.0)).metres();
        assert!((stats.past_length.metres() - (2.0 * DEGREE + back)).abs() < 0.01);
        assert_eq!(stats.plan_length.metres(), DEGREE);
        assert_eq!(stats.days, 6);
    }
}
