//! Decides what the lines and waypoints of a file become.

use chrono::{DateTime, Utc};
use kairos_domain::line::{Line, LineBuilder, LineKind, LineTooLarge};
use kairos_domain::marker::MarkerDetails;
use kairos_domain::schedule::Schedule;
use kairos_domain::text::{Name, Prose};

use crate::collector::{TOO_SHORT, TimeBounds};
use crate::{File, FileLine, LineOrigin, Skipped};

mod markers;
mod names;

use markers::marker;
use names::{name, prose};

/// The caller's choice between route and track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TakeAs {
    /// Each line is judged by itself.
    #[default]
    Auto,
    /// All lines are of the route, all waypoints are planned.
    Plan,
    /// All lines are of the track, all waypoints are past.
    Past,
}

/// The journey that a file becomes.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The name: the file's, else that of its only named line, else the file name, else `Imported journey`.
    pub name: Name,
    /// The description.
    pub description: Prose,
    /// The route.
    pub route: Option<TakenLine>,
    /// The track.
    pub track: Option<TakenLine>,
    /// The markers, in order of the file.
    pub markers: Vec<MarkerDetails>,
    /// The schedule of a file that this service wrote.
    pub schedule: Option<Schedule>,
    /// The parts that were left out.
    pub skipped: Skipped,
}

/// A line and why it was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct TakenLine {
    /// The line.
    pub line: Line,
    /// Why the line became what it is, in a sentence; `None` where the caller wanted it so.
    pub why: Option<&'static str>,
}

const OWN_PLAN: &str = "The file says that this line is planned; as=past takes it as the track.";
const OWN_PAST: &str = "The file says that this line was ridden; as=plan takes it as the route.";
const MOSTLY_PAST: &str =
    "Most of its positions have times, most of them past; as=plan takes it as the route.";
const NOT_PAST: &str = "Few of its positions have times that are past; as=past takes it as the track.";

/// Decides what becomes of a file.
///
/// # Errors
/// [`LineTooLarge`] if a line that is taken breaks its bounds.
pub fn assign(
    file: File,
    take_as: TakeAs,
    file_name: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Assignment, LineTooLarge> {
    let mut skipped = file.skipped;
    let name = name(file.name.as_deref(), &file.lines, file_name);
    let bounds = TimeBounds::new(now);
    let mut routes = Vec::new();
    let mut tracks = Vec::new();
    for line in file.lines {
        let (kind, why) = judge(&line, take_as, now);
        let candidates = if kind == LineKind::Route {
            &mut routes
        } else {
            &mut tracks
        };
        // All lines are one where the caller says so, all tracks of a GPX file always.
        let is_joined = take_as != TakeAs::Auto || line.origin == LineOrigin::GpxTrack;
        match candidates
            .iter_mut()
            .find(|candidate: &&mut Candidate| candidate.is_joined && is_joined)
        {
            Some(candidate) => candidate.lines.push(line),
            None => candidates.push(Candidate {
                lines: vec![line],
                is_joined,
                why,
            }),
        }
    }
    let route = taken(routes, "route", &mut skipped);
    let track = taken(tracks, "track", &mut skipped);
    Ok(Assignment {
        name,
        description: prose(file.description.as_deref().unwrap_or_default()),
        route: route.map(Candidate::route).transpose()?,
        track: track
            .map(|candidate| candidate.track(bounds, &mut skipped))
            .transpose()?
            .flatten(),
        markers: file
            .waypoints
            .iter()
            .map(|waypoint| marker(waypoint, take_as, bounds, now, &mut skipped))
            .collect(),
        schedule: file.schedule,
        skipped,
    })
}

/// Lines that become one.
struct Candidate {
    lines: Vec<FileLine>,
    is_joined: bool,
    why: Option<&'static str>,
}

impl Candidate {
    fn positions(&self) -> usize {
        self.lines.iter().map(|line| line.line.positions().len()).sum()
    }

    fn route(self) -> Result<TakenLine, LineTooLarge> {
        let line = join(self.lines.iter().map(|line| &line.line))?.without_times();
        line.check_length()?;
        Ok(TakenLine { line, why: self.why })
    }

    /// Joins the lines without the positions that a track leaves out; `None` if nothing is left.
    fn track(self, bounds: TimeBounds, skipped: &mut Skipped) -> Result<Option<TakenLine>, LineTooLarge> {
        let mut builder = LineBuilder::default();
        for line in self.lines {
            skipped.append(line.skipped_in_track);
            for segment in line.line.segments() {
                for position in segment {
                    if position
                        .time_millis()
                        .and_then(|millis| bounds.fault(millis))
                        .is_none()
                    {
                        builder.push(*position)?;
                    }
                }
                if builder.end_segment() > 0 {
                    skipped.add(&line.place, TOO_SHORT);
                }
            }
        }
        let line = builder.finish();
        line.check_length()?;
        Ok((!line.is_empty()).then_some(TakenLine { line, why: self.why }))
    }
}

fn join<'a>(lines: impl Iterator<Item = &'a Line>) -> Result<Line, LineTooLarge> {
    let mut builder = LineBuilder::default();
    for line in lines {
        builder.append(line)?;
    }
    Ok(builder.finish())
}

/// Judges a line by itself: by what the file says of it, else by its times.
fn judge(line: &FileLine, take_as: TakeAs, now: DateTime<Utc>) -> (LineKind, Option<&'static str>) {
    match (take_as, line.kind) {
        (TakeAs::Plan, _) => return (LineKind::Route, None),
        (TakeAs::Past, _) => return (LineKind::Track, None),
        (TakeAs::Auto, Some(LineKind::Route)) => return (LineKind::Route, Some(OWN_PLAN)),
        (TakeAs::Auto, Some(LineKind::Track)) => return (LineKind::Track, Some(OWN_PAST)),
        (TakeAs::Auto, None) => {}
    }
    let now = now.timestamp_millis();
    let positions = line.line.positions();
    let times = positions.iter().filter_map(|position| position.time_millis());
    let past = times.clone().filter(|millis| *millis <= now).count();
    let timed = times.count();
    if 2 * timed > positions.len() && 2 * past > timed {
        (LineKind::Track, Some(MOSTLY_PAST))
    } else {
        (LineKind::Route, Some(NOT_PAST))
    }
}

/// Takes the candidate with the most positions, of several the first, and lists the others.
fn taken(mut candidates: Vec<Candidate>, what: &str, skipped: &mut Skipped) -> Option<Candidate> {
    let most = candidates.iter().map(Candidate::positions).max()?;
    let index = candidates
        .iter()
        .position(|candidate| candidate.positions() == most)?;
    let taken = candidates.remove(index);
    for candidate in candidates {
        for line in candidate.lines {
            skipped.add(
                line.place,
                format!("another line has more positions and became the {what}"),
            );
        }
    }
    Some(taken)
}

#[cfg(test)]
mod tests;
