use axum::body::Body;
use axum::http::{Request, Uri};

/// The two paths that the routes and generated clients spell with a trailing slash.
const WITH_SLASH: [&str; 2] = ["/api/v1", "/api/v1/journeys"];

/// Request extension: the path had a trailing slash that the routes do not have.
///
/// Relative URLs in the answer then start one folder lower.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SlashCut;

/// Adds or removes a trailing slash, so that the path matches its route.
///
/// Both spellings work without a redirect, which would lose the body of a POST.
pub(super) fn canonical(mut request: Request<Body>) -> Request<Body> {
    let path = request.uri().path();
    let bare = path.strip_suffix('/').unwrap_or(path);
    let slash = if bare.is_empty() || WITH_SLASH.contains(&bare) {
        "/"
    } else {
        ""
    };
    if path.len() != bare.len() + slash.len() {
        let query = request
            .uri()
            .query()
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        let spelt = format!("{bare}{slash}{query}");
        let mut parts = request.uri().clone().into_parts();
        // A valid path stays valid with one slash more or less.
        parts.path_and_query = spelt.parse().ok();
        let is_cut = spelt.len() < path.len() + query.len();
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
        if is_cut {
            request.extensions_mut().insert(SlashCut);
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slash_more_or_less_makes_no_difference() {
        for (written, expected) in [
            ("/", "/"),
            ("/api/v1", "/api/v1/"),
            ("/api/v1/", "/api/v1/"),
            ("/api/v1/journeys?x=/", "/api/v1/journeys/?x=/"),
            ("/api/v1/users/me/", "/api/v1/users/me"),
            ("/api/v1/users/me/?a=b", "/api/v1/users/me?a=b"),
            ("/api/v1/users/me//", "/api/v1/users/me/"),
            ("/docs/", "/docs"),
        ] {
            let request = Request::get(written).body(Body::empty()).unwrap();
            assert_eq!(canonical(request).uri(), expected);
        }
    }
}
