//! Cookies: names, flags, parsing and serialization.
//!
//! Source: @auth/core 0.41.3 `lib/utils/cookie.js`, `lib/vendored/cookie.js`; RFC 6265bis, 4.1.3 for the prefixes.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::token::SessionToken;

/// The characters that `encodeURIComponent` escapes.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// The names of the cookies, which depend on whether the site uses https.
#[derive(Clone, Debug)]
pub(crate) struct CookieNames {
    pub(crate) session: &'static str,
    pub(crate) callback_url: &'static str,
    pub(crate) csrf: &'static str,
    #[cfg(feature = "oauth")]
    pub(crate) pkce: &'static str,
    #[cfg(feature = "oauth")]
    pub(crate) state: &'static str,
    #[cfg(feature = "oauth")]
    pub(crate) nonce: &'static str,
    secure: bool,
}

impl CookieNames {
    /// With https, the prefixes bind cookies to https, and the CSRF token also to this host.
    pub(crate) fn new(secure: bool) -> Self {
        let (session, callback_url, csrf) = if secure {
            ("__Secure-authjs.session-token", "__Secure-authjs.callback-url", "__Host-authjs.csrf-token")
        } else {
            ("authjs.session-token", "authjs.callback-url", "authjs.csrf-token")
        };
        #[cfg(feature = "oauth")]
        let (pkce, state, nonce) = if secure {
            ("__Secure-authjs.pkce.code_verifier", "__Secure-authjs.state", "__Secure-authjs.nonce")
        } else {
            ("authjs.pkce.code_verifier", "authjs.state", "authjs.nonce")
        };
        Self {
            session,
            callback_url,
            csrf,
            #[cfg(feature = "oauth")]
            pkce,
            #[cfg(feature = "oauth")]
            state,
            #[cfg(feature = "oauth")]
            nonce,
            secure,
        }
    }

    /// Returns a `Set-Cookie` for the browser's session.
    pub(crate) fn set(&self, name: &str, value: &str) -> HeaderValue {
        self.write(name, value, "", "", Site::Lax)
    }

    /// Returns a `Set-Cookie` with an expiry.
    pub(crate) fn set_until(&self, name: &str, value: &str, expires: DateTime<Utc>) -> HeaderValue {
        self.write(name, value, "", &until(expires), Site::Lax)
    }

    /// Returns a `Set-Cookie` for one sign-in at a provider. If the provider `posted` its answer (`form_post`), the cookie has
    /// to be sent with requests from other sites.
    #[cfg(feature = "oauth")]
    pub(crate) fn set_check(
        &self,
        name: &str,
        value: &str,
        max_age: &str,
        expires: DateTime<Utc>,
        posted: bool,
    ) -> HeaderValue {
        self.write(name, value, max_age, &until(expires), if posted { Site::Any } else { Site::Lax })
    }

    /// Returns a `Set-Cookie` that deletes the cookie.
    pub(crate) fn clear(&self, name: &str) -> HeaderValue {
        self.write(name, "", "; Max-Age=0", "", Site::Lax)
    }

    /// All cookies are hidden from scripts. By default, other sites' requests carry them for plain links only.
    fn write(&self, name: &str, value: &str, max_age: &str, expires: &str, site: Site) -> HeaderValue {
        let value = utf8_percent_encode(value, COMPONENT);
        let flags = match (site, self.secure) {
            (Site::Lax, false) => "SameSite=Lax",
            (Site::Lax, true) => "Secure; SameSite=Lax",
            #[cfg(feature = "oauth")]
            (Site::Any, _) => "Secure; SameSite=None",
        };
        let cookie = format!("{name}={value}{max_age}; Path=/{expires}; HttpOnly; {flags}");
        HeaderValue::try_from(cookie).expect("names are plain and values are percent-encoded")
    }
}

/// Which requests carry a cookie.
#[derive(Clone, Copy)]
enum Site {
    /// Requests of this site, and plain links from others.
    Lax,
    /// All requests.
    #[cfg(feature = "oauth")]
    Any,
}

/// Formats an instant as in RFC 9110, 5.6.7.
fn until(expires: DateTime<Utc>) -> String {
    expires.format("; Expires=%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The cookies of a request, for the application's own cookies too. `Debug` shows their names only.
#[derive(Default)]
pub struct Cookies(BTreeMap<String, String>);

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Cookies {
    /// Parses all `Cookie` headers of a request. If a name occurs twice, the first value is used. Values are
    /// percent-decoded; those that cannot be are left as they are.
    pub fn read(headers: &HeaderMap) -> Self {
        let mut cookies = BTreeMap::new();
        for header in headers.get_all(header::COOKIE) {
            let text = String::from_utf8_lossy(header.as_bytes());
            for (name, value) in text.split(';').filter_map(|pair| pair.split_once('=')) {
                let (name, value) = (name.trim_matches([' ', '\t']), value.trim_matches([' ', '\t']));
                let decoded = percent_decode_str(value).decode_utf8();
                let decoded = decoded.map_or_else(|_| value.to_owned(), std::borrow::Cow::into_owned);
                cookies.entry(name.to_owned()).or_insert(decoded);
            }
        }
        Self(cookies)
    }

    /// Returns the value of a cookie unless it is empty.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns the cookies that hold the session's token, in the order in which they are joined.
    ///
    /// Auth.js splits long values into cookies ending in `.0`, `.1` and so on.
    pub(crate) fn session(&self, names: &CookieNames) -> SessionCookies {
        let is_part =
            |(name, value): &(&String, &String)| name.starts_with(names.session) && !value.is_empty();
        let mut parts: Vec<_> = self.0.iter().filter(is_part).collect();
        parts.sort_by_key(|(name, _)| name.rsplit('.').next().and_then(|suffix| suffix.parse::<u32>().ok()));
        let value: String = parts.iter().map(|(_, value)| value.as_str()).collect();
        SessionCookies {
            names: parts.into_iter().map(|(name, _)| name.clone()).collect(),
            token: SessionToken::new(value),
        }
    }
}

/// The cookies of a request that hold the session's token.
#[derive(Debug)]
pub(crate) struct SessionCookies {
    names: Vec<String>,
    token: SessionToken,
}

impl SessionCookies {
    /// Whether the browser sent none.
    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Returns the token unless no row can have it. PostgreSQL rejects a NUL in text, which would look like an outage.
    pub(crate) fn token(&self) -> Option<&SessionToken> {
        let text = self.token.expose();
        (!text.is_empty() && !text.contains('\0')).then_some(&self.token)
    }

    /// Deletes all of them.
    pub(crate) fn clear(&self, names: &CookieNames) -> Vec<HeaderValue> {
        self.names.iter().filter_map(|name| clear_checked(names, name)).collect()
    }

    /// Deletes the parts of a split value when a whole one replaces it; otherwise they would be joined to it.
    pub(crate) fn clear_parts(&self, names: &CookieNames) -> Vec<HeaderValue> {
        let parts = self.names.iter().filter(|name| *name != names.session);
        parts.filter_map(|name| clear_checked(names, name)).collect()
    }
}

/// Names come from the request and may contain anything. A name that no server can have set is skipped.
fn clear_checked(names: &CookieNames, name: &str) -> Option<HeaderValue> {
    let is_token = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
    is_token.then(|| names.clear(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session_token(header: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static(header));
        let cookies = Cookies::read(&headers).session(&CookieNames::new(false));
        cookies.token().map(|token| token.expose().to_owned())
    }

    #[test]
    fn parts_of_a_session_cookie_are_joined_by_number() {
        let cases = [
            ("authjs.session-token=whole", Some("whole")),
            ("authjs.session-token.1=b; authjs.session-token.0=a", Some("ab")),
            ("authjs.session-token.10=c; authjs.session-token.2=b; authjs.session-token.0=a", Some("abc")),
            ("a=b; authjs.session-token=\t; c", None),
            ("other=1; authjs.session-token=first; authjs.session-token=second", Some("first")),
            ("authjs.session-token=a%2Fb", Some("a/b")),
            ("authjs.session-token=%ff", Some("%ff")),
            ("authjs.session-token=a%00b", None),
        ];
        for (header, expected) in cases {
            assert_eq!(session_token(header).as_deref(), expected, "{header}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_cookie_is_read_as_it_was_written(value in "\\PC{0,40}|[ -~]{0,40}") {
            let names = CookieNames::new(true);
            let cookie = names.set(names.callback_url, &value);
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(pair).unwrap())]);
            let cookies = Cookies::read(&headers);
            proptest::prop_assert_eq!(cookies.value(names.callback_url).unwrap_or_default(), value);
        }
    }

    #[test]
    fn a_hostile_cookie_name_does_not_reach_a_header() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_bytes(b"authjs.session-token\xff=x").unwrap());
        let names = CookieNames::new(false);
        assert!(Cookies::read(&headers).session(&names).clear(&names).is_empty());
    }
}
