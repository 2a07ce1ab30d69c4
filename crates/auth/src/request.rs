//! Requests: the action and the fields.
//!
//! Source: @auth/core 0.41.3 `lib/utils/web.js`.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request, header};
use url::form_urlencoded;

/// The action in a path below the base path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Callback,
    Csrf,
    Error,
    Providers,
    Session,
    SignIn,
    SignOut,
    VerifyRequest,
}

impl Action {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "callback" => Self::Callback,
            "csrf" => Self::Csrf,
            "error" => Self::Error,
            "providers" => Self::Providers,
            "session" => Self::Session,
            "signin" => Self::SignIn,
            "signout" => Self::SignOut,
            "verify-request" => Self::VerifyRequest,
            _ => return None,
        })
    }

    /// Whether a GET returns a page.
    pub(crate) fn is_page(self) -> bool {
        matches!(self, Self::SignIn | Self::SignOut | Self::Error | Self::VerifyRequest)
    }
}

/// A well-formed request.
#[derive(Debug)]
pub(crate) struct AuthRequest {
    pub(crate) action: Action,
    pub(crate) provider_id: Option<String>,
    pub(crate) is_post: bool,
    pub(crate) query: Fields,
    pub(crate) body: Fields,
}

impl AuthRequest {
    /// Parses a request; `None` if it is malformed.
    pub(crate) fn read(request: &Request<Bytes>, base_path: &str) -> Option<Self> {
        let is_post = match *request.method() {
            Method::GET => false,
            Method::POST => true,
            _ => return None,
        };
        let path = request.uri().path().strip_prefix(base_path)?.strip_prefix('/')?;
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let action = Action::parse(segments.next()?)?;
        let provider_id = segments.next().map(str::to_owned);
        let takes_provider = matches!(action, Action::SignIn | Action::Callback);
        if segments.next().is_some() || (provider_id.is_some() && !takes_provider) {
            return None;
        }
        let query = Fields::form(request.uri().query().unwrap_or_default().as_bytes());
        let body = if is_post { Fields::body(request)? } else { Fields::default() };
        Some(Self { action, provider_id, is_post, query, body })
    }
}

/// The fields of a query or a body. If a name occurs twice, the last value is used.
#[derive(Default)]
pub(crate) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Returns a field, which may be empty.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns a field unless it is empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.value(name).filter(|value| !value.is_empty())
    }

    /// Iterates over all fields, ordered by name.
    #[cfg(feature = "oauth")]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn form(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// Parses a form, or the strings of a JSON object; `None` for invalid JSON.
    fn body(request: &Request<Bytes>) -> Option<Self> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default();
        if request.body().is_empty() {
            Some(Self::default())
        } else if content_type.contains("application/json") {
            let json: serde_json::Value = serde_json::from_slice(request.body()).ok()?;
            let object = json.as_object().into_iter().flatten();
            let texts = object.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
            Some(Self(texts.collect()))
        } else if content_type.contains("application/x-www-form-urlencoded") {
            Some(Self::form(request.body()))
        } else {
            Some(Self::default())
        }
    }
}

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Returns the part of a URI that is safe to log: its path. The query of a magic link contains the token.
///
/// With `tower_http`, pass a `make_span_with` to `TraceLayer` that records this, because the default records the whole URI.
/// Configure proxies in front of the application accordingly.
pub fn loggable(uri: &http::Uri) -> &str {
    uri.path()
}
