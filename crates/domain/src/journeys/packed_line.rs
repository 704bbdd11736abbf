use std::fmt;
use std::sync::Arc;

use crate::Kairos;
use crate::cpu_work::CpuWork;
use crate::id::JourneyId;
use crate::line::encoding::{CorruptLine, decode, encode};
use crate::line::{Line, LineParts, simplify};
use crate::store::StoreError;

/// A line that is written piece by piece while its client reads.
///
/// Meanwhile, it is held encoded, in a third of its size or less. Each piece decodes it off the async threads.
#[derive(Clone)]
pub struct PackedLine {
    bytes: Arc<[u8]>,
    journey_id: JourneyId,
    work: CpuWork,
}

impl PackedLine {
    /// Calls `read` with the line, on a blocking thread.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`] if the work waits too long for its turn.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Line) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let bytes = Arc::clone(&self.bytes);
        let result = self.work.run(move || decode(&bytes).map(|line| read(&line)));
        result.await?.map_err(|error| corrupt(self.journey_id, &error))
    }
}

impl fmt::Debug for PackedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PackedLine").field(&self.bytes.len()).finish()
    }
}

impl Kairos {
    /// Simplifies a stored line to a tolerance in metres, and leaves out its lone positions.
    ///
    /// Returns `None` if nothing is left.
    pub(super) async fn packed(
        &self,
        journey_id: JourneyId,
        parts: LineParts,
        tolerance_metres: f64,
    ) -> Result<Option<PackedLine>, StoreError> {
        let packed = self.line_work.run(move || {
            let line = parts.decode()?.without_lone_positions();
            let line = simplify(&line, tolerance_metres);
            Ok((!line.is_empty()).then(|| encode(&line).into()))
        });
        let packed = packed.await?;
        let packed = packed.map_err(|error: CorruptLine| corrupt(journey_id, &error))?;
        Ok(packed.map(|bytes| self.packed_line(journey_id, bytes)))
    }

    /// Returns a simplified line without the segments of its lone positions, if anything is left.
    pub(super) async fn packed_simplified(
        &self,
        journey_id: JourneyId,
        line: Line,
    ) -> Result<Option<PackedLine>, StoreError> {
        let packed = self.line_work.run(move || {
            // A lone position has become a segment without a time.
            let line = line.without_still_segments();
            (!line.is_empty()).then(|| encode(&line).into())
        });
        Ok(packed.await?.map(|bytes| self.packed_line(journey_id, bytes)))
    }

    fn packed_line(&self, journey_id: JourneyId, bytes: Arc<[u8]>) -> PackedLine {
        PackedLine {
            bytes,
            journey_id,
            work: self.line_work.clone(),
        }
    }
}

pub(super) fn corrupt(journey_id: JourneyId, problem: &impl ToString) -> StoreError {
    StoreError::Corrupt {
        what: "line of journey",
        id: journey_id.to_string(),
        problem: problem.to_string(),
    }
}
