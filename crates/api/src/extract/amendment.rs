use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts as _, RawPathParams, Request};
use axum::http::request::Parts;
use bytes::Bytes;
use chrono::NaiveDate;
use kairos_domain::Kairos;
use serde_json::Value;

use super::body::{self, Accepts};
use super::extractors::required;
use super::fields::{Fields, Input};
use super::raw_value::{Entries, RawValue};
use super::stored_texts::StoredTexts;
use super::validation_error::Part;
use crate::error::{ApiError, ApiResult};

/// A JSON body that changes a stored resource. Texts that equal the stored ones are not checked again.
#[derive(Debug)]
pub(crate) struct Amendment<T> {
    /// The body, checked by the rules for new resources; `None` if the body is absent.
    as_new: ApiResult<Option<T>>,
    entries: Option<Entries>,
    path: Option<RawPathParams>,
    today: NaiveDate,
}

impl<T: Input> FromRequest<Arc<Kairos>> for Amendment<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, kairos: &Arc<Kairos>) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let bytes = body::collect(body).await?;
        Self::of(&mut parts, bytes, kairos).await
    }
}

impl<T: Input> Amendment<T> {
    /// Reads a received body.
    pub(super) async fn of(parts: &mut Parts, bytes: Bytes, kairos: &Arc<Kairos>) -> Result<Self, ApiError> {
        let path = RawPathParams::from_request_parts(parts, kairos).await.ok();
        let entries = body::read(&parts.headers, bytes, Accepts::Json).await?;
        let today = kairos.today();
        let as_new = entries.as_ref().map(|entries| {
            let fields = Fields::new(vec![(Part::Body, entries)], Part::Body, path.as_ref());
            fields.on(today).finish()
        });
        Ok(Self {
            as_new: as_new.transpose(),
            entries,
            path,
            today,
        })
    }

    /// Returns the ids that the items of a list name.
    pub(crate) fn ids_in<I: FromStr>(&self, list: &str) -> Vec<I> {
        let Some(RawValue::Json(Value::Array(items))) =
            self.entries.as_ref().and_then(|entries| entries.get(list))
        else {
            return Vec::new();
        };
        let ids = items
            .iter()
            .filter_map(|item| item.get("_id")?.as_str()?.parse().ok());
        ids.collect()
    }

    /// Returns the input of a body that must be present.
    ///
    /// `stored` reads the texts of the resource, if the rider owns it. It is awaited only if the body breaks
    /// a rule for new resources.
    pub(crate) async fn judged(
        self,
        stored: impl Future<Output = ApiResult<Option<StoredTexts>>>,
    ) -> ApiResult<T> {
        required(self.judged_if_any(stored).await?)
    }

    /// Returns the input like [`Self::judged`], or `None` if the body is absent.
    pub(crate) async fn judged_if_any(
        self,
        stored: impl Future<Output = ApiResult<Option<StoredTexts>>>,
    ) -> ApiResult<Option<T>> {
        let (Err(_), Some(entries)) = (&self.as_new, &self.entries) else {
            return self.as_new;
        };
        match stored.await? {
            Some(stored) => {
                let fields = Fields::new(vec![(Part::Body, entries)], Part::Body, self.path.as_ref());
                fields.on(self.today).of_stored(&stored).finish().map(Some)
            }
            None => self.as_new,
        }
    }
}
