//! Extractors, which parse the parts of a request that a handler names in its signature.
//!
//! Invalid values never reach a handler. Unlike axum's extractors, these report *all* faults of a request, in
//! the documented form. An [`Input`] names its fields once and reads each with one of the [`parsers`].
//! [`Fields`] collects the objections of the parsers.

mod allowed_page;
mod amendment;
mod body;
mod current_client;
mod current_rider;
mod extractors;
mod fields;
mod file_body;
mod idempotency_key;
mod parsed_size;
pub(crate) mod parsers;
mod path;
mod raw_value;
mod stored_texts;
mod validation_error;

#[cfg(test)]
mod tests;

pub(crate) use allowed_page::{AllowedPage, AllowedPages, OwnPage};
pub(crate) use amendment::Amendment;
pub(crate) use current_client::CurrentClient;
pub(crate) use current_rider::{CurrentRider, TokenAnd};
pub(crate) use extractors::{Form, Json, OptionalJson, Query, QueryOrBody, QueryOrJson, json_response};
pub(crate) use fields::{Fields, Input};
pub(crate) use file_body::{FileBody, FileForm, MAX_FILE_BYTES, RawFile, Taking, file_without_line};
pub(crate) use idempotency_key::{IdempotencyKeyParams, Keyed, KeyedAmendment, KeyedDocument};
pub(crate) use path::{Path, malformed_id};
pub(crate) use raw_value::RawValue;
pub(crate) use stored_texts::StoredTexts;
pub(crate) use validation_error::{Objection, Part, ValidationError};
