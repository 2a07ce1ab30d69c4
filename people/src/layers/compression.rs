//! Compresses responses where that leaks nothing.
//!
//! The compressed size of a response depends on its content. An attacker who can make a browser request pages with words
//! of their choice, and can see how long the responses are, learns the rest of the content letter by letter: the forms'
//! token or a person's address (BREACH). Padding would only slow that down. So a response is not compressed if another
//! site caused the request: browsers say so in `sec-fetch-site`, also after redirects, and no page can forge that. Nor is
//! a response to a request with cookies but without that header. Without cookies there is nothing to learn.

use axum::extract::Request;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

/// Responses below this size, in bytes, hardly shrink.
const SMALLEST: u64 = 512;

/// The content types that shrink. Event streams are not among them, because compression would delay events.
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

/// Compresses responses while they are sent, except those that are already compressed, such as assets.
pub(crate) fn compression() -> CompressionLayer<impl Predicate> {
    // Higher levels take much longer and save little.
    CompressionLayer::new()
        .quality(CompressionLevel::Precise(4))
        .compress_when(SizeAbove::new(SMALLEST).and(gets_smaller))
}

fn gets_smaller(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    COMPRESSED.iter().any(|compressed| kind.eq_ignore_ascii_case(compressed))
}

/// Removes `Accept-Encoding` from requests whose compressed response could leak something.
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
    fn responses_that_another_site_caused_are_not_compressed() {
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
    fn event_streams_and_images_are_not_compressed() {
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
