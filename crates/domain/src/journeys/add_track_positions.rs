use super::packed_line::corrupt;
use super::{ChangeJourneyError, ChangeLineError};
use crate::Kairos;
use crate::id::JourneyId;
use crate::line::{EncodedLine, Growth, LineKind, LinePosition, LineTooLarge, add_positions};
use crate::store::{ContentsChange, LineChange, OfJourney};
use crate::user::User;
use crate::writes::IdempotencyKey;

impl Kairos {
    /// Adds positions with times to the track of a rider's own journey, as [`add_positions`] does.
    ///
    /// A repeated request with the same key changes nothing.
    ///
    /// # Errors
    /// [`ChangeLineError`].
    pub async fn add_track_positions(
        &self,
        rider: &User,
        journey_id: JourneyId,
        positions: &[LinePosition],
        key: Option<&IdempotencyKey>,
    ) -> Result<Growth, ChangeLineError> {
        self.own_journey(rider, journey_id).await?;
        let kind = LineKind::Track;
        let _turn = self.write_turns.turn(rider.id).await?;
        loop {
            if self.made_before(rider.id, key).await?.is_some() {
                return Ok(Growth {
                    added: 0,
                    unchanged: positions.len(),
                });
            }
            let parts = match self.store.line(journey_id, kind, rider.id).await? {
                OfJourney::NoJourney => return Err(ChangeJourneyError::JourneyNotFound.into()),
                OfJourney::Absent => None,
                OfJourney::Present(parts) => Some(parts),
            };
            let before = parts.as_ref().map(|parts| parts.version);
            let positions = positions.to_vec();
            let grown = self.line_work.run(move || {
                let line = parts.map(|parts| parts.decode()).transpose();
                let line = line.map(Option::unwrap_or_default);
                line.map(|line| {
                    let (line, growth) = add_positions(&line, &positions)?;
                    let encoded = (growth.added > 0).then(|| EncodedLine::of(&line, kind));
                    Ok::<_, LineTooLarge>((encoded, growth))
                })
            });
            let grown = grown.await?.map_err(|error| corrupt(journey_id, &error))?;
            let (encoded, growth) = grown?;
            let change = match encoded {
                None if key.is_none() => return Ok(growth),
                None => None,
                after => Some(LineChange { before, after }),
            };
            let contents = ContentsChange {
                track: change,
                ..ContentsChange::none(journey_id)
            };
            if self.change_own_contents(rider, &contents, key).await? {
                return Ok(growth);
            }
        }
    }
}
