use axum::http::HeaderName;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_FRAME_OPTIONS};
use bytes::Bytes;
use minijinja::HtmlEscape;

/// A page, with a place for the project's name.
pub(super) struct Page {
    template: &'static str,
    content_security_policy: &'static str,
}

/// Both renderers of the document write style attributes; ReDoc searches in a worker that it makes itself.
const OF_A_RENDERER: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const OF_A_TOKEN_PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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

/// Where the link of a verification mail leads.
pub(super) const VERIFY: Page = Page {
    template: include_str!("../../../assets/pages/verify.html"),
    content_security_policy: OF_A_TOKEN_PAGE,
};

/// Where the link of a reset mail leads.
pub(super) const RESET_PASSWORD: Page = Page {
    template: include_str!("../../../assets/pages/reset-password.html"),
    content_security_policy: OF_A_TOKEN_PAGE,
};

/// The address of a page may hold a token: it is not passed on.
type Headers = [(HeaderName, &'static str); 4];

impl Page {
    pub(super) fn rendered(&self, project_name: &str) -> (Headers, Bytes) {
        let project = HtmlEscape(project_name).to_string();
        let headers = [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CONTENT_SECURITY_POLICY, self.content_security_policy),
            (REFERRER_POLICY, "no-referrer"),
            (X_FRAME_OPTIONS, "DENY"),
        ];
        (headers, self.template.replace("{project}", &project).into())
    }
}
