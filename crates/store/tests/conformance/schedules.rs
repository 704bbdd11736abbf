use chrono::NaiveDate;
use kairos_domain::schedule::Schedule;
use kairos_domain::store::WriteError;

use crate::fixtures::lines::{schedule, schedule_change};
use crate::fixtures::{World, day};

pub(crate) async fn a_schedule_is_written_changed_and_removed(world: &World) {
    let rider = world.rider().await;
    let (journey, other) = (world.journey(&rider).await, world.journey(&rider).await);
    let bare = Schedule::new(day(-700_000), 1_000, Vec::new(), Vec::new());
    let full = Schedule::new(
        NaiveDate::from_ymd_opt(9999, 12, 31).unwrap(),
        500_000,
        (0..366).map(day).collect(),
        (1..=6).collect(),
    );
    let mut before = None;
    for after in [
        Some(bare.unwrap()),
        Some(full.unwrap()),
        Some(schedule(20_000)),
        None,
    ] {
        let stale = schedule_change(&journey, Some(schedule(1_234)), after.clone());
        let refused = world.change(&journey, &stale).await;
        assert!(matches!(refused, Err(WriteError::Changed)), "{refused:?}");
        assert_eq!(world.schedule(&journey).await, before);
        let change = schedule_change(&journey, before, after.clone());
        world.change(&journey, &change).await.unwrap();
        assert_eq!(world.schedule(&journey).await, after);
        assert_eq!(world.schedule(&other).await, None);
        before = after;
    }
}
