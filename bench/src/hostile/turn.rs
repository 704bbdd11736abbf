//! The building blocks of requests.

use fastrand::Rng;
use hyper::body::Bytes;
use hyper::http::request::Builder;
use hyper::{Method, Request};

use crate::load::Tokens;
use crate::world::World;

pub(super) type Made = anyhow::Result<Request<Bytes>>;

/// The maximum length of a request body.
pub(super) const BODY_BYTES: usize = 1 << 20;

/// The maximum length of a request head, minus some room for its other lines.
pub(super) const HEAD_BYTES: usize = 62 * 1024;

/// One step of a connection: the context from which the next request or bytes are made.
#[derive(Clone)]
pub(super) struct Turn<'a> {
    pub(super) tokens: &'a Tokens,
    /// The rider who sends the request.
    pub(super) rider: u32,
    /// The number of the step on this connection.
    pub(super) number: u64,
}

impl<'a> Turn<'a> {
    pub(super) fn new(tokens: &'a Tokens, rider: u32, number: u64) -> Self {
        Self {
            tokens,
            rider,
            number,
        }
    }

    /// Returns the same turn for another rider.
    pub(super) fn of(&self, rider: u32) -> Self {
        Self {
            rider,
            ..self.clone()
        }
    }

    pub(super) fn builder(&self, method: Method, path: &str) -> Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", "kairos")
            .header("authorization", self.tokens.bearer(World::rider(self.rider)))
    }

    pub(super) fn get(&self, path: &str) -> Made {
        Ok(self.builder(Method::GET, path).body(Bytes::new())?)
    }

    pub(super) fn post_json(&self, path: &str, body: impl Into<Bytes>) -> Made {
        Ok(self.builder(Method::POST, path).body(body.into())?)
    }

    /// Returns a number that no other turn has.
    pub(super) fn unique(&self) -> u64 {
        u64::from(self.rider) << 40 | self.number
    }

    pub(super) fn chance(&self) -> Rng {
        Rng::with_seed(self.unique())
    }
}

/// Returns a request that posts a form without a token.
pub(super) fn form(path: &str, body: impl Into<Bytes>) -> Made {
    let builder = Request::post(path).header("host", "kairos");
    let builder = builder.header("content-type", "application/x-www-form-urlencoded");
    Ok(builder.body(body.into())?)
}

pub(super) fn json(path: &str, body: String) -> Made {
    Ok(Request::post(path).header("host", "kairos").body(body.into())?)
}

pub(super) fn with(request: Made, name: &'static str, value: &str) -> Made {
    let mut request = request?;
    request.headers_mut().insert(name, value.parse()?);
    Ok(request)
}

pub(super) fn own_journey(journey: u32) -> String {
    format!("/api/v1/journeys/{}", World::journey_id(journey))
}

pub(super) fn markers(journey: u32) -> String {
    format!("{}/markers", own_journey(journey))
}
