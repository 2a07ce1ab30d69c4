//! A request, read: what is asked for, and with which fields.
//!
//! Source: @auth/core 0.41.3 `lib/utils/web.js`.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request, header};
use url::form_urlencoded;

/// What a path below the base path asks for.
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

    /// Whether the answer to a GET is a page for people.
    pub(crate) fn is_page(self) -> bool {
        matches!(self, Self::SignIn | Self::SignOut | Self::Error | Self::VerifyRequest)
    }
}

/// A request that has the form of one.
#[derive(Debug)]
pub(crate) struct AuthRequest {
    pub(crate) action: Action,
    pub(crate) provider_id: Option<String>,
    pub(crate) is_post: bool,
    pub(crate) query: Fields,
    pub(crate) body: Fields,
}

impl AuthRequest {
    /// Reads a request; `None` if it has not the form of one.
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

/// The fields of a query or a body. Of two with one name the last counts.
#[derive(Default)]
pub(crate) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// A field, were it empty.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A field that is not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.value(name).filter(|value| !value.is_empty())
    }

    /// All fields, in the order of their names.
    #[cfg(feature = "oauth")]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn form(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// A form, or the texts of a JSON object. `None` for JSON that cannot be read.
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

/// What may be written to an access log of a request's URI: its path. The query of a magic link holds the token.
///
/// With `tower_http`, give `TraceLayer` a `make_span_with` that records this, for its own default records the
/// whole URI. The same goes for a proxy in front.
pub fn loggable(uri: &http::Uri) -> &str {
    uri.path()
}
