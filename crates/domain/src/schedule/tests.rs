use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A schedule from Monday, 1 June 2026.
fn schedule(rest_dates: &[&str], rest_weekdays: &[u8]) -> Schedule {
    let rest_dates = rest_dates.iter().copied().map(date).collect();
    Schedule::new(date("2026-06-01"), 80_000, rest_dates, rest_weekdays.to_vec()).unwrap()
}

fn end_date(schedule: &Schedule, metres: f64) -> Result<NaiveDate, ScheduleTooLong> {
    schedule.end_date(Distance::from_metres(metres))
}

#[test]
fn a_schedule_is_refused_at_the_first_number_beyond_each_bound() {
    let day = date("2026-06-01");
    let new = |pace, dates, weekdays: &[u8]| {
        Schedule::new(day, pace, vec![day; dates], weekdays.to_vec()).map(|_| ())
    };
    assert_eq!(new(1_000, 366, &[1, 2, 3, 4, 5, 6]), Ok(()));
    assert_eq!(new(500_000, 0, &[7; 8]), Ok(()));
    assert_eq!(new(999, 0, &[]), Err(InvalidSchedule::MetresPerDay));
    assert_eq!(new(500_001, 0, &[]), Err(InvalidSchedule::MetresPerDay));
    assert_eq!(new(1_000, 367, &[]), Err(InvalidSchedule::RestDates));
    assert_eq!(new(1_000, 0, &[0]), Err(InvalidSchedule::Weekday));
    assert_eq!(new(1_000, 0, &[8]), Err(InvalidSchedule::Weekday));
    assert_eq!(
        new(1_000, 0, &[7, 6, 5, 4, 3, 2, 1]),
        Err(InvalidSchedule::OnlyRest)
    );
    assert_eq!(
        InvalidSchedule::MetresPerDay.to_string(),
        "a schedule may have 1000 to 500000 metres per day"
    );
}

#[test]
fn rest_days_are_in_order_and_each_once() {
    let schedule = schedule(&["2026-07-02", "2026-06-05", "2026-07-02"], &[7, 1, 7]);
    assert_eq!(schedule.rest_dates(), [date("2026-06-05"), date("2026-07-02")]);
    assert_eq!(schedule.rest_weekdays(), [1, 7]);
}

#[test]
fn a_rest_day_is_a_weekday_or_a_date() {
    let schedule = schedule(&["2026-06-03"], &[7]);
    let rests = (1..=14).filter(|day| schedule.is_rest(NaiveDate::from_ymd_opt(2026, 6, *day).unwrap()));
    assert_eq!(rests.collect::<Vec<_>>(), [3, 7, 14]);
}

#[test]
fn the_start_date_ends_at_the_start_and_each_riding_day_goes_on_from_there() {
    let daily = schedule(&[], &[]);
    assert_eq!(end_date(&daily, 0.0), Ok(date("2026-06-01")));
    assert_eq!(end_date(&daily, 0.001), Ok(date("2026-06-02")));
    assert_eq!(end_date(&daily, 160_000.0), Ok(date("2026-06-03")));
    assert_eq!(end_date(&daily, 160_000.001), Ok(date("2026-06-04")));
    let resting = schedule(&["2026-06-02"], &[7]);
    assert_eq!(end_date(&resting, 80_000.0), Ok(date("2026-06-03")));
    assert_eq!(end_date(&resting, 400_000.0), Ok(date("2026-06-08")));
}

#[test]
fn a_schedule_takes_at_most_a_thousand_days() {
    let daily = schedule(&[], &[]);
    assert_eq!(end_date(&daily, 80_000_000.0), Ok(date("2029-02-25")));
    assert_eq!(end_date(&daily, 80_000_000.001), Err(ScheduleTooLong::Days));
    let rarely = schedule(&[], &[1, 2, 3, 4, 5, 6]);
    assert_eq!(end_date(&rarely, 143.0 * 80_000.0), Ok(date("2029-02-25")));
    assert_eq!(end_date(&rarely, 144.0 * 80_000.0), Err(ScheduleTooLong::Days));
}

#[test]
fn a_schedule_ends_within_the_year_9999() {
    let late = Schedule::new(date("9999-12-30"), 1_000, Vec::new(), Vec::new()).unwrap();
    assert_eq!(end_date(&late, 1_000.0), Ok(date("9999-12-31")));
    assert_eq!(end_date(&late, 1_000.001), Err(ScheduleTooLong::Calendar));
}
