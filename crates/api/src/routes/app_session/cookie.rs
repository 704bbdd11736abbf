use axum::http::HeaderMap;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::response::AppendHeaders;
use chrono::TimeDelta;

/// The header that sets the cookie.
pub(super) type SetCookie = AppendHeaders<[(axum::http::HeaderName, String); 1]>;

/// The cookie of the session.
///
/// It has no `Path`, because the server does not know the prefix that a proxy strips: a browser keeps it for
/// the folder of the URL that has set it. So a browser may hold two, one of `/app/session` and one of
/// `/app/session/refresh`, and sends the one of the longer path first, which is the newer one. The web app
/// calls `/app/session/`, so that it has only one.
#[derive(Debug, Clone, Copy)]
pub(super) struct SessionCookie {
    is_https: bool,
}

impl SessionCookie {
    pub(super) const fn new(is_https: bool) -> Self {
        Self { is_https }
    }

    const fn name(self) -> &'static str {
        match self.is_https {
            true => "__Secure-kairos_session",
            false => "kairos_session",
        }
    }

    /// Returns the header that keeps a refresh token in the browser.
    pub(super) fn set(self, token: &str, lifetime: TimeDelta) -> SetCookie {
        let name = self.name();
        let seconds = lifetime.num_seconds();
        let secure = if self.is_https { "; Secure" } else { "" };
        let cookie = format!("{name}={token}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
        AppendHeaders([(SET_COOKIE, cookie)])
    }

    /// Returns the header that deletes the cookie.
    pub(super) fn delete(self) -> SetCookie {
        self.set("", TimeDelta::zero())
    }

    /// Returns the refresh tokens of a request, in the order in which the browser sends them.
    pub(super) fn tokens(self, headers: &HeaderMap) -> Vec<&str> {
        let cookies = headers.get_all(COOKIE).into_iter();
        let texts = cookies.filter_map(|value| value.to_str().ok());
        texts
            .flat_map(|text| text.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, token)| *name == self.name() && !token.is_empty())
            .map(|(_, token)| token)
            .collect()
    }
}
