//! What a handler needs of a request, parsed: its signature says it, and wrong values get no further.
//!
//! Unlike axum's own, these extractors find *all* faults of a request, in the documented form. An [`Input`] names its
//! fields once and reads each with a reader of [`read`]; [`Fields`] collects what the readers object to.

mod body;
mod current_rider;
mod fault;
mod fields;
mod given;
mod idempotency_key;
mod inputs;
mod path;
pub(crate) mod read;

#[cfg(test)]
mod tests;

pub(crate) use current_rider::CurrentRider;
pub(crate) use fault::{Fault, Objection};
pub(crate) use fields::{Fields, Input};
pub(crate) use idempotency_key::{IdempotencyKeyParams, Keyed};
pub(crate) use inputs::{Form, Json, OptionalJson, Query, QueryOrBody, QueryOrJson, json_response};
pub(crate) use path::Path;
