//! The conversion of a waypoint to a marker.

use chrono::{DateTime, Utc};
use kairos_domain::marker::{MarkerDetails, MarkerKind};
use kairos_domain::text::Name;

use super::TakeAs;
use super::names::{cut_name, prose};
use crate::collector::TimeBounds;
use crate::{MarkerDates, Skipped, Waypoint};

/// The name of a marker whose waypoint has none.
const DEFAULT_NAME: &str = "Waypoint";

pub(super) fn marker(
    waypoint: &Waypoint,
    take_as: TakeAs,
    bounds: TimeBounds,
    now: DateTime<Utc>,
    skipped: &mut Skipped,
) -> MarkerDetails {
    let is_past = waypoint.time.is_some_and(|time| time <= now);
    let by_time = if is_past {
        MarkerKind::Past
    } else {
        MarkerKind::Plan
    };
    let kind = match take_as {
        TakeAs::Auto => waypoint.kind.unwrap_or(by_time),
        TakeAs::Plan => MarkerKind::Plan,
        TakeAs::Past => MarkerKind::Past,
    };
    let own = waypoint.dates.filter(|_| waypoint.kind == Some(kind));
    let dates = own.unwrap_or_else(|| {
        let time = waypoint.time.filter(|time| {
            let fault = bounds
                .fault(time.timestamp_millis())
                .filter(|_| kind == MarkerKind::Past);
            if let Some(reason) = fault {
                skipped.add(&waypoint.place, format!("{reason}, and was left away"));
            }
            fault.is_none()
        });
        let day = time.map(|time| time.date_naive());
        match kind {
            MarkerKind::Past => MarkerDates {
                timestamp: day,
                estimated_time: None,
            },
            MarkerKind::Plan => MarkerDates {
                timestamp: None,
                estimated_time: day,
            },
        }
    });
    MarkerDetails {
        name: waypoint
            .name
            .as_deref()
            .and_then(cut_name)
            .unwrap_or_else(|| Name::stored(DEFAULT_NAME.into())),
        notes: prose(&waypoint.notes),
        kind,
        position: waypoint.position,
        timestamp: dates.timestamp,
        estimated_time: dates.estimated_time,
    }
}
