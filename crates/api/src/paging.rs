//! Lists that may be read in pages: `limit` and `after` in the query, `Link: <…>; rel="next"` in the answer.

use std::fmt::Display;
use std::str::FromStr;

use axum::http::{HeaderValue, header};
use axum::response::Response;
use kairos_domain::id::MalformedId;
use kairos_domain::journeys::PagedList;
use kairos_domain::store::Listed;
use utoipa::IntoParams;

use crate::error::ApiResult;
use crate::extract::{Fields, Input, parsers};
use crate::schemas::ListItem;
use crate::streaming;

/// The requested part of a list.
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
    /// Largest number of items in the answer. Without it, the answer has all items.
    #[param(required = false, nullable = false, minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `_id` of the last item of the page before. The answer begins after it.
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

impl<I: Copy> PageQuery<I> {
    pub(crate) const fn after(&self) -> Option<I> {
        self.after
    }

    pub(crate) const fn limit(&self) -> Option<u32> {
        self.limit
    }

    /// Answers with the requested part of a list, and a link to the next part.
    pub(crate) async fn answer<D: Listed, T: From<D> + ListItem + 'static>(
        &self,
        list: PagedList<D>,
        id: impl Fn(D::Place) -> I,
    ) -> ApiResult<Response>
    where
        I: Display,
    {
        let next = list.next_part().zip(self.limit).map(|(last, limit)| {
            let after = id(last);
            // The URL is relative to the request, because a proxy may strip a prefix.
            format!("<?limit={limit}&after={after}>; rel=\"next\"")
        });
        let mut response = streaming::answer(streaming::list::<D, T>(list, vec![b'['], "]")).await?;
        if let Some(link) = next.and_then(|link| HeaderValue::try_from(link).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        Ok(response)
    }
}
