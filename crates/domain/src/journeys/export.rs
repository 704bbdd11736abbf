use super::{PackedLine, PagedList, ViewJourneyError};
use crate::Kairos;
use crate::id::JourneyId;
use crate::journey::Journey;
use crate::line::LineKind;
use crate::marker::Marker;
use crate::schedule::Schedule;
use crate::store::OfJourney;
use crate::user::User;

/// A journey with all its parts. The markers are read while they are written.
pub struct ExportedJourney {
    /// The journey.
    pub journey: Journey,
    /// The markers, in riding order.
    pub markers: PagedList<Marker>,
    /// The schedule.
    pub schedule: Option<Schedule>,
    /// The route.
    pub route: Option<PackedLine>,
    /// The track.
    pub track: Option<PackedLine>,
}

impl Kairos {
    /// Opens all parts of a journey that the reader may see.
    ///
    /// # Errors
    /// [`ViewJourneyError`].
    pub async fn export_journey(
        &self,
        reader: &User,
        journey_id: JourneyId,
    ) -> Result<ExportedJourney, ViewJourneyError> {
        let journey = self.view_journey(reader, journey_id).await?;
        let route = self.whole_line(reader, journey_id, LineKind::Route).await?;
        let track = self.whole_line(reader, journey_id, LineKind::Track).await?;
        let schedule = match self.store.schedule(journey_id, reader.id).await? {
            OfJourney::NoJourney => return Err(ViewJourneyError::JourneyNotFound),
            OfJourney::Absent => None,
            OfJourney::Present(schedule) => Some(schedule),
        };
        let markers = self.markers_for(reader.id, journey_id, None, None).await?;
        Ok(ExportedJourney {
            journey,
            markers: markers.ok_or(ViewJourneyError::JourneyNotFound)?,
            schedule,
            route,
            track,
        })
    }

    async fn whole_line(
        &self,
        reader: &User,
        journey_id: JourneyId,
        kind: LineKind,
    ) -> Result<Option<PackedLine>, ViewJourneyError> {
        match self.store.line(journey_id, kind, reader.id).await? {
            OfJourney::NoJourney => Err(ViewJourneyError::JourneyNotFound),
            OfJourney::Absent => Ok(None),
            OfJourney::Present(parts) => Ok(self.packed(journey_id, parts, 0.0).await?),
        }
    }
}
