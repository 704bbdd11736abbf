//! Finding others: whose journeys come near, and who will be there on the same days.

mod day_position;

pub use day_position::DayPosition;
