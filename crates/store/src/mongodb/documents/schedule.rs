use bson::{Document, RawDocument, doc};
use chrono::NaiveDate;
use kairos_domain::id::JourneyId;
use kairos_domain::schedule::Schedule;
use kairos_domain::store::StoreError;
use serde::Deserialize;

use super::{corrupt, midnight, moment, oid, read};

#[derive(Deserialize)]
struct ScheduleDocument {
    start_date: bson::DateTime,
    meters_per_day: u32,
    rest_dates: Vec<bson::DateTime>,
    rest_weekdays: Vec<u8>,
}

/// Returns the document of a journey's schedule. Its fields are those of the API.
pub(in crate::mongodb) fn schedule_document(journey_id: JourneyId, schedule: &Schedule) -> Document {
    let weekdays = schedule.rest_weekdays().iter().map(|weekday| i32::from(*weekday));
    doc! {
        "_id": oid(journey_id.0),
        "start_date": midnight(schedule.start_date()),
        "meters_per_day": i64::from(schedule.metres_per_day()),
        "rest_dates": schedule.rest_dates().iter().map(|date| midnight(*date)).collect::<Vec<_>>(),
        "rest_weekdays": weekdays.collect::<Vec<_>>(),
    }
}

pub(in crate::mongodb) fn schedule(document: &RawDocument) -> Result<Schedule, StoreError> {
    let fields: ScheduleDocument = read("schedule", document)?;
    let day = |date| -> Result<NaiveDate, StoreError> {
        let instant =
            moment(date).ok_or_else(|| corrupt("schedule", document, "a date is outside the calendar"));
        Ok(instant?.date_naive())
    };
    let rest_dates = fields.rest_dates.into_iter().map(day).collect::<Result<_, _>>()?;
    Schedule::new(
        day(fields.start_date)?,
        fields.meters_per_day,
        rest_dates,
        fields.rest_weekdays,
    )
    .map_err(|problem| corrupt("schedule", document, problem))
}
