//! The API over HTTP, in process, as its users see it. The modules mirror those of `routes/`.

mod auth;
mod bad_input;
mod conventions;
mod discovery;
mod document;
mod health;
mod journeys;
mod limits;
mod markers;
mod pages;
mod support;
mod users;
