use chrono::NaiveDate;

use super::ViewJourneyError;
use super::packed_line::corrupt;
use crate::Kairos;
use crate::id::JourneyId;
use crate::itinerary::{DatedMarker, ItineraryDay, ItinerarySources, RouteIndex, day_ends};
use crate::line::encoding::CorruptLine;
use crate::line::{Line, LineKind, LineParts};
use crate::store::StoreError;
use crate::user::User;

/// The days of an itinerary to return. `None` is an open end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ItineraryQuery {
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The last day.
    pub to: Option<NaiveDate>,
}

impl ItineraryQuery {
    /// The most days that are returned at once.
    pub const MAX_DAYS: usize = 10_000;
}

/// Why an itinerary was not shown.
#[derive(Debug, thiserror::Error)]
pub enum ViewItineraryError {
    /// The journey cannot be seen.
    #[error(transparent)]
    Journey(#[from] ViewJourneyError),
    /// There are more than [`ItineraryQuery::MAX_DAYS`] such days.
    #[error("the itinerary has more than {max} such days", max = ItineraryQuery::MAX_DAYS)]
    TooManyDays,
}

impl From<StoreError> for ViewItineraryError {
    fn from(error: StoreError) -> Self {
        Self::Journey(error.into())
    }
}

impl Kairos {
    /// Computes days of the itinerary of a journey that the reader may see, earliest first.
    ///
    /// # Errors
    /// [`ViewItineraryError`].
    pub async fn view_itinerary(
        &self,
        reader: &User,
        journey_id: JourneyId,
        query: ItineraryQuery,
    ) -> Result<Vec<ItineraryDay>, ViewItineraryError> {
        let places = self.store.marker_places_of(journey_id, reader.id).await?;
        let places = places.ok_or(ViewJourneyError::JourneyNotFound)?;
        let route = self.parts_of(reader, journey_id, LineKind::Route).await?;
        let track = self.parts_of(reader, journey_id, LineKind::Track).await?;
        let schedule = self.store.schedule(journey_id, reader.id).await?.of_seen();
        let schedule = schedule.ok_or(ViewJourneyError::JourneyNotFound)?;
        let today = self.clock.today();
        let days = self.line_work.run(move || {
            let markers: Vec<_> = places.iter().filter_map(DatedMarker::of_place).collect();
            let route = route.map(decode).transpose()?;
            let route = route.filter(|route| !route.is_empty());
            let route = route.as_ref().map(RouteIndex::new);
            let track = track.map(decode).transpose()?.unwrap_or_default();
            let sources = ItinerarySources {
                markers: &markers,
                track: &day_ends(track.positions()),
                route: route.as_ref(),
                schedule: schedule.as_ref(),
                today: Some(today),
            };
            // One more day shows that there are too many.
            Ok(sources.days_within(query.from, query.to, ItineraryQuery::MAX_DAYS + 1))
        });
        let days = days.await?;
        let days = days.map_err(|error: CorruptLine| corrupt(journey_id, &error))?;
        if days.len() > ItineraryQuery::MAX_DAYS {
            return Err(ViewItineraryError::TooManyDays);
        }
        Ok(days)
    }

    async fn parts_of(
        &self,
        reader: &User,
        journey_id: JourneyId,
        kind: LineKind,
    ) -> Result<Option<LineParts>, ViewJourneyError> {
        let parts = self.store.line(journey_id, kind, reader.id).await?.of_seen();
        parts.ok_or(ViewJourneyError::JourneyNotFound)
    }
}

/// Decodes a line as riders see it.
#[expect(
    clippy::needless_pass_by_value,
    reason = "frees the parts once they are decoded"
)]
fn decode(parts: LineParts) -> Result<Line, CorruptLine> {
    parts.decode().map(Line::without_lone_positions)
}
