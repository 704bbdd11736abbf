use axum::http::Extensions;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_FRAME_OPTIONS};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use minijinja::HtmlEscape;

use super::assets;
use crate::middleware::SlashCut;

/// A page template, with placeholders for project name, version, root and asset paths.
pub(super) struct Page {
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
pub(super) const START: Page = Page {
    template: include_str!("../../../assets/pages/start.html"),
    content_security_policy: OF_A_TOKEN_PAGE,
};

/// Swagger UI.
pub(super) const DOCS: Page = Page {
    template: include_str!("../../../assets/pages/docs.html"),
    content_security_policy: OF_A_RENDERER,
};

/// ReDoc.
pub(super) const REDOC: Page = Page {
    template: include_str!("../../../assets/pages/redoc.html"),
    content_security_policy: OF_A_RENDERER,
};

/// The page that the link of a verification mail opens.
pub(super) const VERIFY: Page = Page {
    template: include_str!("../../../assets/pages/verify.html"),
    content_security_policy: OF_A_TOKEN_PAGE,
};

/// The page that the link of a reset mail opens.
pub(super) const RESET_PASSWORD: Page = Page {
    template: include_str!("../../../assets/pages/reset-password.html"),
    content_security_policy: OF_A_TOKEN_PAGE,
};

/// A page with all placeholders filled in.
pub(super) struct RenderedPage {
    content_security_policy: &'static str,
    /// The page at a URL without a trailing slash.
    plain: Bytes,
    /// The page at a URL with a trailing slash, from which the root is one folder up.
    below_a_slash: Bytes,
}

impl Page {
    pub(super) fn rendered(&self, project_name: &str) -> RenderedPage {
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
    pub(super) fn answer(&self, extensions: &Extensions) -> Response {
        let headers = [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CONTENT_SECURITY_POLICY, self.content_security_policy),
            // The URL of a page may hold a token, so browsers must not send it as a referrer.
            (REFERRER_POLICY, "no-referrer"),
            (X_FRAME_OPTIONS, "DENY"),
        ];
        let page = match extensions.get::<SlashCut>() {
            Some(SlashCut) => &self.below_a_slash,
            None => &self.plain,
        };
        (headers, page.clone()).into_response()
    }
}
