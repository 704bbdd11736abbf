use super::known_markers::MarkerKey;
use super::{ChangeJourneyError, CreateJourneyError};
use crate::Kairos;
use crate::id::{JourneyId, ObjectId};
use crate::journey::{Journey, JourneyStatus, Visibility};
use crate::line::{EncodedLine, Line, LineKind, LineSummary};
use crate::marker::{Marker, MarkerDetails};
use crate::schedule::{Schedule, ScheduleTooLong};
use crate::store::{ContentsChange, LineChange, MarkerChange, OfJourney, ScheduleChange, StoreError};
use crate::text::{Name, Prose};
use crate::user::User;
use crate::writes::{IdempotencyKey, Retry, WriteRefused};

/// The contents of a file, as they become part of a journey.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImportedContents {
    /// The route.
    pub route: Option<Line>,
    /// The track.
    pub track: Option<Line>,
    /// The markers, in order.
    pub markers: Vec<MarkerDetails>,
    /// The schedule of the route.
    pub schedule: Option<Schedule>,
}

/// A journey that a file becomes.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportJourney {
    /// The name.
    pub name: Name,
    /// The description.
    pub description: Prose,
    /// The visibility; `None` is the operator's [default](crate::Settings::default_visibility).
    pub visibility: Option<Visibility>,
    /// The contents.
    pub contents: ImportedContents,
}

/// The result of an import.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The journey.
    pub journey: Journey,
    /// The figures of the route, if the file has one.
    pub route: Option<LineSummary>,
    /// The figures of the track, if the file has one.
    pub track: Option<LineSummary>,
    /// The number of markers that the import added.
    pub markers_created: usize,
    /// Whether an earlier request with the same key did the import.
    pub is_repetition: bool,
}

/// Why a file was not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The rider may not create the journey, or an earlier import of it was deleted.
    #[error(transparent)]
    Create(#[from] CreateJourneyError),
    /// The rider may not change the journey.
    #[error(transparent)]
    Journey(#[from] ChangeJourneyError),
    /// The journey already has this line.
    #[error("the journey has a {0:?} already")]
    LineExists(LineKind),
    /// The schedule of the journey would not reach the end of the new route in time.
    #[error(transparent)]
    ScheduleTooLong(#[from] ScheduleTooLong),
    /// The write was refused.
    #[error(transparent)]
    Write(#[from] WriteRefused),
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Write(error.into())
    }
}

/// A line with its figures, ready for the store.
type Encoded = Option<(EncodedLine, LineSummary)>;

impl Kairos {
    /// Creates a journey of the rider from a file.
    ///
    /// A repeated request with the same key returns the journey and its lines as they are now.
    ///
    /// # Errors
    /// [`ImportError`].
    pub async fn import_journey(
        &self,
        rider: &User,
        import: ImportJourney,
        key: Option<&IdempotencyKey>,
    ) -> Result<Imported, ImportError> {
        let now = self.clock.now();
        let journey = Journey {
            id: JourneyId(self.new_id(now)),
            user_id: rider.id,
            name: import.name,
            description: import.description,
            created_at: now,
            status: JourneyStatus::Inactive,
            visibility: import.visibility.unwrap_or(self.settings.default_visibility),
        };
        let contents = import.contents;
        let markers = self.new_markers(&journey, contents.markers.into_iter());
        let mut ids = vec![journey.id.0];
        ids.extend(markers.iter().map(|marker| marker.id.0));
        let (route, route_figures) = self
            .encoded_if_any(contents.route, LineKind::Route)
            .await?
            .unzip();
        let (track, track_figures) = self
            .encoded_if_any(contents.track, LineKind::Track)
            .await?
            .unzip();
        let new = |after: EncodedLine| LineChange {
            before: None,
            after: Some(after),
        };
        let imported = Imported {
            journey,
            route: route_figures,
            track: track_figures,
            markers_created: markers.len(),
            is_repetition: false,
        };
        let schedule = fitting(contents.schedule, route.as_ref());
        let contents = ContentsChange {
            journey_id: imported.journey.id,
            markers: markers.into_iter().map(MarkerChange::Insert).collect(),
            route: route.map(new),
            track: track.map(new),
            schedule: schedule.map(|schedule| ScheduleChange {
                before: None,
                after: Some(schedule),
            }),
        };
        let _turn = self.write_turns.turn(rider.id).await?;
        loop {
            if let Some(made) = self.made_before(rider.id, key).await? {
                let (id, markers) = made.split_first().ok_or(CreateJourneyError::JourneyNotFound)?;
                return self.imported_before(rider, JourneyId(*id), markers).await;
            }
            let write = self.keyed_write_of(rider.id, key, &ids);
            match self
                .store
                .insert_journey_with(&imported.journey, &contents, &write)
                .await
            {
                Ok(()) => return Ok(imported),
                Err(error) => match self.retry_after(error)? {
                    Retry::Again => {}
                    Retry::ParentGone => return Err(CreateJourneyError::UserNotFound.into()),
                },
            }
        }
    }

    /// Adds the contents of a file to a rider's own journey.
    ///
    /// A line that the journey already has is only replaced if `replace` is set. A marker is left out if the
    /// journey has one with the same name, kind, dates and coordinates. A repeated request with the same key
    /// returns the journey and its lines as they are now.
    ///
    /// # Errors
    /// [`ImportError`].
    pub async fn import_into_journey(
        &self,
        rider: &User,
        journey_id: JourneyId,
        contents: ImportedContents,
        replace: bool,
        key: Option<&IdempotencyKey>,
    ) -> Result<Imported, ImportError> {
        let journey = self.own_journey(rider, journey_id).await?;
        let route = self.encoded_if_any(contents.route, LineKind::Route).await?;
        let track = self.encoded_if_any(contents.track, LineKind::Track).await?;
        let schedule = fitting(contents.schedule, route.as_ref().map(|(route, _)| route));
        let candidates = self.new_markers(&journey, contents.markers.into_iter());
        let _turn = self.write_turns.turn(rider.id).await?;
        loop {
            if let Some(made) = self.made_before(rider.id, key).await? {
                return self.imported_before(rider, journey_id, &made).await;
            }
            let journey = self.own_journey(rider, journey_id).await?;
            let lines = self.store.lines_of(journey_id, rider.id).await?;
            let lines = lines.ok_or(ChangeJourneyError::JourneyNotFound)?;
            let change = |kind, encoded: &Encoded| {
                let Some((encoded, _)) = encoded else {
                    return Ok(None);
                };
                let before = lines.of(kind).map(|figures| figures.version);
                if before.is_some() && !replace {
                    return Err(ImportError::LineExists(kind));
                }
                let after = Some(encoded.clone());
                Ok((before != Some(encoded.version)).then_some(LineChange { before, after }))
            };
            let known = self.known_markers(rider, journey_id, &candidates).await?;
            let is_new = |marker: &&Marker| !known.contains(&MarkerKey::of(&marker.details));
            let markers = candidates.iter().filter(is_new).cloned();
            let contents = ContentsChange {
                journey_id,
                markers: markers.map(MarkerChange::Insert).collect(),
                route: change(LineKind::Route, &route)?,
                track: change(LineKind::Track, &track)?,
                schedule: self
                    .imported_schedule(rider, journey_id, &route, schedule.as_ref())
                    .await?,
            };
            let imported = Imported {
                journey,
                route: route.as_ref().map(|(_, figures)| *figures),
                track: track.as_ref().map(|(_, figures)| *figures),
                markers_created: contents.markers.len(),
                is_repetition: false,
            };
            let changes_nothing = contents == ContentsChange::none(journey_id);
            if changes_nothing && key.is_none() || self.change_own_contents(rider, &contents, key).await? {
                return Ok(imported);
            }
        }
    }

    /// Returns the change of the schedule that comes with a route. Without a schedule of its own, a route keeps
    /// that of the journey.
    async fn imported_schedule(
        &self,
        rider: &User,
        journey_id: JourneyId,
        route: &Encoded,
        schedule: Option<&Schedule>,
    ) -> Result<Option<ScheduleChange>, ImportError> {
        let Some((route, _)) = route else { return Ok(None) };
        let before = self
            .store
            .schedule(journey_id, rider.id)
            .await?
            .of_seen()
            .flatten();
        let after = schedule.or(before.as_ref()).cloned();
        if let Some(schedule) = &after {
            schedule.end_date(route.length)?;
        }
        // A schedule that has come meanwhile would not be judged.
        Ok(Some(ScheduleChange { before, after }))
    }

    /// Encodes a line; `None` if nothing of it is left.
    async fn encoded_if_any(&self, line: Option<Line>, kind: LineKind) -> Result<Encoded, StoreError> {
        let Some(line) = line else { return Ok(None) };
        let encoded = self.encoded(line, kind).await?;
        Ok(Some(encoded).filter(|(_, figures)| figures.segments > 0))
    }

    /// Returns the result of an earlier import as it is now.
    async fn imported_before(
        &self,
        rider: &User,
        id: JourneyId,
        markers: &[ObjectId],
    ) -> Result<Imported, ImportError> {
        let journey = self.own_journey(rider, id).await?;
        Ok(Imported {
            journey,
            route: self.figures_now(rider, id, LineKind::Route).await?,
            track: self.figures_now(rider, id, LineKind::Track).await?,
            markers_created: markers.len(),
            is_repetition: true,
        })
    }

    async fn figures_now(
        &self,
        rider: &User,
        id: JourneyId,
        kind: LineKind,
    ) -> Result<Option<LineSummary>, StoreError> {
        let OfJourney::Present(parts) = self.store.line(id, kind, rider.id).await? else {
            return Ok(None);
        };
        match self.packed(id, parts, 0.0).await? {
            Some(line) => line.read(LineSummary::of).await.map(Some),
            None => Ok(None),
        }
    }
}

/// Returns a schedule if there is a route whose end it reaches in time.
fn fitting(schedule: Option<Schedule>, route: Option<&EncodedLine>) -> Option<Schedule> {
    let length = route?.length;
    schedule.filter(|schedule| schedule.end_date(length).is_ok())
}
