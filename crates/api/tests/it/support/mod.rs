//! The service in one process, and the people who use it.

mod actor;
mod answer;
mod app;
mod browser;
mod chromium;
mod contract;
mod mailbox;
mod time;

pub(crate) use actor::Actor;
pub(crate) use answer::Answer;
pub(crate) use app::{App, PASSWORD, SECRET};
pub(crate) use browser::Browser;
