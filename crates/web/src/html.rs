use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_FRAME_OPTIONS};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use minijinja::HtmlEscape;

use crate::assets;

/// A page template, with placeholders for project name, version, root and asset paths.
pub struct Page {
    template: &'static str,
    content_security_policy: &'static str,
}

/// The policy of the two viewers of the OpenAPI document.
///
/// Both viewers write style attributes. ReDoc searches in a worker that it creates from a blob.
const OF_A_RENDERER: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const OF_A_TOKEN_PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The start page, for browsers.
pub const START: Page = Page {
    template: include_str!("../pages/start.html"),
    content_security_policy: OF_A_TOKEN_PAGE,
};

/// Swagger UI.
pub const DOCS: Page = Page {
    template: include_str!("../pages/docs.html"),
    content_security_policy: OF_A_RENDERER,
};

/// ReDoc.
pub const REDOC: Page = Page {
    template: include_str!("../pages/redoc.html"),
    content_security_policy: OF_A_RENDERER,
};

/// The page that the link of a verification mail opens.
pub const VERIFY: Page = Page {
    template: include_str!("../pages/verify.html"),
    content_security_policy: OF_A_TOKEN_PAGE,
};

/// The page that the link of a reset mail opens.
pub const RESET_PASSWORD: Page = Page {
    template: include_str!("../pages/reset-password.html"),
    content_security_policy: OF_A_TOKEN_PAGE,
};

/// A page with all placeholders filled in.
pub struct RenderedPage {
    content_security_policy: &'static str,
    /// The page at a URL without a trailing slash.
    plain: Bytes,
    /// The page at a URL with a trailing slash, from which the root is one folder up.
    below_a_slash: Bytes,
}

impl Page {
    /// Fills in the placeholders.
    #[must_use]
    pub fn rendered(&self, project_name: &str) -> RenderedPage {
        let project = HtmlEscape(project_name).to_string();
        let page = |root: &str| {
            assets::with_paths(self.template, root)
                .replace("{root}", if root.is_empty() { "./" } else { root })
                .replace("{version}", env!("CARGO_PKG_VERSION"))
                // The project name comes last, so that braces in it are not replaced.
                .replace("{project}", &project)
        };
        RenderedPage {
            content_security_policy: self.content_security_policy,
            plain: page("").into(),
            below_a_slash: page("../").into(),
        }
    }
}

impl RenderedPage {
    /// Returns the page, for a URL with or without a trailing slash.
    #[must_use]
    pub fn answer(&self, has_trailing_slash: bool) -> Response {
        let headers = [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CONTENT_SECURITY_POLICY, self.content_security_policy),
            // The URL of a page may hold a token, so browsers must not send it as a referrer.
            (REFERRER_POLICY, "no-referrer"),
            (X_FRAME_OPTIONS, "DENY"),
        ];
        let page = if has_trailing_slash {
            &self.below_a_slash
        } else {
            &self.plain
        };
        (headers, page.clone()).into_response()
    }
}
