use chrono::NaiveDate;
use kairos_domain::journeys::ScheduleWithEnd;
use serde::Serialize;
use utoipa::ToSchema;

/// When and how fast the route of a journey is to be ridden.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "start_date": "2027-06-01",
    "meters_per_day": 80_000,
    "rest_dates": ["2027-06-10"],
    "rest_weekdays": [7],
    "end_date": "2027-06-05",
}))]
pub(crate) struct Schedule {
    /// Day (UTC) that the rider ends at the start of the route.
    start_date: NaiveDate,
    /// Length of a riding day, in metres.
    meters_per_day: u32,
    /// Days on which the rider stays, earliest first.
    rest_dates: Vec<NaiveDate>,
    /// Weekdays on which the rider stays, 1 (Monday) to 7, in order.
    rest_weekdays: Vec<u8>,
    /// Day on which a rider who follows the schedule alone reaches the end of the route.
    end_date: NaiveDate,
}

impl From<ScheduleWithEnd> for Schedule {
    fn from(ScheduleWithEnd { schedule, end_date }: ScheduleWithEnd) -> Self {
        Self {
            start_date: schedule.start_date(),
            meters_per_day: schedule.metres_per_day(),
            rest_dates: schedule.rest_dates().to_vec(),
            rest_weekdays: schedule.rest_weekdays().to_vec(),
            end_date,
        }
    }
}
