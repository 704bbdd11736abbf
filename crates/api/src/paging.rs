//! Lists that may be read in pages: `limit` and `after` in the query, `Link: <…>; rel="next"` in the answer.

use std::fmt::Display;
use std::str::FromStr;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kairos_domain::id::MalformedId;
use kairos_domain::store::Page;
use serde::Serialize;
use utoipa::IntoParams;

use crate::extract::{Fields, Input, Json, parsers};

/// Which part of a list is asked for.
#[derive(Debug)]
pub(crate) struct PageQuery<I> {
    limit: Option<u32>,
    after: Option<I>,
}

/// The same for the document, which does not know kinds of id apart.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `PageQuery` reads")]
pub(crate) struct PageParams {
    /// The most items to give. Without it, everything comes at once.
    #[param(required = false, nullable = false, minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// The `_id` that was seen last: the page begins after it.
    #[param(required = false, nullable = false)]
    after: Option<String>,
}

impl<I: FromStr<Err = MalformedId>> Input for PageQuery<I> {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let limit = fields.optional("limit", parsers::integer(1..=1000));
        let after = fields.optional("after", parsers::id);
        Some(Self {
            limit: limit?,
            after: after?,
        })
    }
}

/// A page of a list, and where the next one is.
pub(crate) struct Listed<T> {
    items: Vec<T>,
    next: Option<String>,
}

impl<I: Copy + Display> PageQuery<I> {
    /// The page with one item more than was asked for, which tells whether there is another page.
    pub(crate) fn page_and_one(&self) -> Page<I> {
        Page {
            limit: self.limit.map(|limit| limit + 1),
            after: self.after,
        }
    }

    /// Cuts the item too many off, and links to the next page if there was one.
    pub(crate) fn list<D, T: From<D>>(&self, mut items: Vec<D>, id: impl Fn(&D) -> I) -> Listed<T> {
        let mut next = None;
        if let Some(limit) = self.limit {
            let there_is_more = items.len() > limit as usize;
            items.truncate(limit as usize);
            next = items.last().filter(|_| there_is_more).map(|last| {
                let after = id(last);
                // Relative to what was asked for: a proxy may strip a prefix.
                format!("<?limit={limit}&after={after}>; rel=\"next\"")
            });
        }
        Listed {
            items: items.into_iter().map(T::from).collect(),
            next,
        }
    }
}

impl<T: Serialize> IntoResponse for Listed<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.items).into_response();
        if let Some(link) = self.next.and_then(|link| HeaderValue::try_from(link).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}
