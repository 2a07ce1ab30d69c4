//! Answers made smaller, where that gives nothing away.
//!
//! How small an answer becomes depends on what is in it. Who can have a browser ask for pages with words of their choice,
//! and can see how long the answers are, finds out what else is in them, letter by letter: the token of the forms, or
//! somebody's address (BREACH). Padding would only make that take longer. So nothing is compressed that another site
//! had the browser ask for: it says so in `sec-fetch-site`, through all redirects, which no page can forge. Who sends
//! cookies but not that header gets answers as they are. Without cookies there is nothing to find out.

use axum::extract::Request;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

/// Smaller answers would hardly get smaller, or not at all.
const SMALLEST: u64 = 512;

/// What gets smaller. Streams of events are not among them: they would be held back until there is enough of them.
const COMPRESSED: [&str; 9] = [
    "text/html",
    "text/css",
    "text/javascript",
    "text/csv",
    "text/vcard",
    "text/plain",
    "application/json",
    "application/problem+json",
    "image/svg+xml",
];

/// Compresses answers while they are sent. What is compressed already, as assets are, stays as it is.
pub(crate) fn compression() -> CompressionLayer<impl Predicate> {
    // Beyond this level it takes much longer and saves little.
    CompressionLayer::new()
        .quality(CompressionLevel::Precise(4))
        .compress_when(SizeAbove::new(SMALLEST).and(gets_smaller))
}

fn gets_smaller(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    COMPRESSED.iter().any(|compressed| kind.eq_ignore_ascii_case(compressed))
}

/// Takes the wish for compression away from requests for which it could give something away.
pub(crate) async fn compression_for_own_pages(mut request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/assets/") && !is_safe(request.headers()) {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    next.run(request).await
}

fn is_safe(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    match site {
        Some(site) => matches!(site, b"same-origin" | b"none"),
        None => !headers.contains_key(header::COOKIE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_else_asked_for_is_compressed() {
        for (site, cookie, expected) in [
            (Some("same-origin"), true, true),
            (Some("none"), true, true),
            (Some("cross-site"), true, false),
            (Some("cross-site"), false, false),
            (Some("same-site"), true, false),
            (Some("Same-Origin"), true, false),
            (None, true, false),
            (None, false, true),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(site) = site {
                headers.insert("sec-fetch-site", site.parse().unwrap());
            }
            if cookie {
                headers.insert(header::COOKIE, "a=b".parse().unwrap());
            }
            assert_eq!(is_safe(&headers), expected, "{site:?} {cookie}");
        }
    }

    #[test]
    fn events_and_pictures_stay_as_they_are() {
        for (kind, expected) in [
            ("text/html; charset=utf-8", true),
            ("Text/CSV;charset=utf-8", true),
            ("application/problem+json", true),
            ("text/event-stream", false),
            ("image/png", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
            assert_eq!(
                gets_smaller(StatusCode::OK, Version::HTTP_11, &headers, &Extensions::new()),
                expected,
                "{kind}"
            );
        }
    }
}
