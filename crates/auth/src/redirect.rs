//! Redirect targets, confined to this site.
//!
//! Source: @auth/core 0.41.3 `lib/init.js`, `lib/utils/assert.js`.

use http::HeaderValue;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::{Url, form_urlencoded};

use crate::config::AuthUrl;
use crate::error::Error;

/// Whether a callback URL is a path or an http URL.
pub(crate) fn is_http_url(target: &str, site: &AuthUrl) -> bool {
    let url = if target.starts_with('/') { site.as_url().join(target) } else { Url::parse(target) };
    url.is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// Confines a callback URL to the site. A path is appended to the site's origin, so that even `//elsewhere` stays here; a
/// URL of the site is kept; any other URL becomes the front page.
///
/// # Errors
/// [`Error::InvalidCallbackUrl`] if the text is neither a path nor a URL.
pub(crate) fn confine(target: &str, site: &AuthUrl) -> Result<String, Error> {
    if target.starts_with('/') {
        return Ok(format!("{}{target}", site.origin()));
    }
    let url = Url::parse(target).map_err(|_| Error::InvalidCallbackUrl)?;
    let stays = url.origin().ascii_serialization() == site.origin();
    Ok(if stays { target } else { site.origin() }.to_owned())
}

/// Returns a `Location` header. Control characters and non-ASCII characters are percent-encoded.
pub(crate) fn location(target: &str) -> HeaderValue {
    const UNSAFE: &AsciiSet = CONTROLS;
    let encoded = utf8_percent_encode(target, UNSAFE).to_string();
    HeaderValue::try_from(encoded).expect("control characters and non-ASCII bytes are encoded")
}

/// Appends query parameters to a URL, with or without a query.
pub(crate) fn with_query(page: &str, parameters: &[(&str, &str)]) -> String {
    let separator = match page.contains('?') {
        _ if parameters.is_empty() => "",
        true => "&",
        false => "?",
    };
    format!("{page}{separator}{}", query(parameters))
}

/// Encodes query parameters as browsers do.
pub(crate) fn query(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callback_urls_are_confined_to_the_site() {
        let site = AuthUrl::parse("https://people.example.com").unwrap();
        let here = "https://people.example.com";
        let cases = [
            ("/people", Some("https://people.example.com/people")),
            ("//evil.example", Some("https://people.example.com//evil.example")),
            ("/\\evil.example", Some("https://people.example.com/\\evil.example")),
            ("/\t/evil.example", Some("https://people.example.com/\t/evil.example")),
            ("https://people.example.com/a?b#c", Some("https://people.example.com/a?b#c")),
            ("https://people.example.com:443/a", Some("https://people.example.com:443/a")),
            ("https://evil.example/people.example.com", Some(here)),
            ("https://people.example.com@evil.example", Some(here)),
            ("https://people.example.com.evil.example", Some(here)),
            ("https://people.example.com:8443", Some(here)),
            ("http://people.example.com", Some(here)),
            ("javascript:alert(1)", Some(here)),
            ("data:text/html,x", Some(here)),
            ("\\\\evil.example", None),
            ("people", None),
            ("", None),
        ];
        for (target, expected) in cases {
            assert_eq!(confine(target, &site).ok().as_deref(), expected, "{target}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_callback_url_stays_on_the_site(target in "[a-z:/\\\\@.?# \\t\\r\\n%0-9]{0,30}|https?:[/\\\\]{0,3}\\PC{0,20}") {
            let site = AuthUrl::parse("https://people.example.com").unwrap();
            if let Ok(target) = confine(&target, &site) {
                let seen = location(&target);
                let followed = site.as_url().join(seen.to_str().unwrap()).unwrap();
                proptest::prop_assert_eq!(followed.origin().ascii_serialization(), site.origin());
            }
        }
    }

    #[test]
    fn a_line_break_does_not_end_the_header() {
        assert_eq!(location("http://localhost/a\r\nset-cookie: x"), "http://localhost/a%0D%0Aset-cookie: x");
        assert_eq!(location("http://localhost/ä"), "http://localhost/%C3%A4");
    }
}
