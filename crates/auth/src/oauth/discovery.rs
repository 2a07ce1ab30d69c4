//! A provider's endpoints and keys, fetched once and cached.
//!
//! Source: OpenID Connect Discovery 1.0, 4; RFC 8414, 3 for the metadata that OAuth 2 adds; OpenID Connect Core 1.0,
//! 10.1.1 for key rotation.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ::http::StatusCode;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use super::http::{Http, is_safe};
use super::jwk::KeySet;
use crate::error::OAuthError;

/// How long a document is cached.
const LIFETIME: TimeDelta = TimeDelta::hours(1);

/// How long a cached document is used while the provider is unreachable.
const STALE_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// How long to wait after a failure before trying again, because each attempt may block until it times out.
const PAUSE: TimeDelta = TimeDelta::seconds(5);

/// How long to wait before fetching keys again for an unknown key id, so that tokens with unknown ids cannot cause many
/// requests.
const KEYS_PAUSE: TimeDelta = TimeDelta::seconds(30);

/// The endpoints of a provider.
#[derive(Clone, Debug)]
pub(crate) struct Endpoints {
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    pub(crate) userinfo: Option<Url>,
    /// The issuer, compared as text.
    pub(crate) issuer: Option<String>,
    /// Whether callbacks have to name the issuer.
    pub(crate) answers_name_issuer: bool,
    /// Where the keys are and which algorithms are used; `None` without OpenID Connect.
    pub(super) signing: Option<Signing>,
}

#[derive(Clone, Debug)]
pub(super) struct Signing {
    keys: Url,
    pub(super) algorithms: Vec<String>,
}

impl Endpoints {
    /// Creates endpoints from the application's settings.
    pub(crate) fn fixed(authorization: Url, token: Url, userinfo: Url, issuer: Option<String>) -> Self {
        let userinfo = Some(userinfo);
        Self { authorization, token, userinfo, issuer, answers_name_issuer: false, signing: None }
    }
}

/// The document at `/.well-known/openid-configuration`.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    userinfo_endpoint: Option<Url>,
    jwks_uri: Url,
    #[serde(default)]
    id_token_signing_alg_values_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// The cached documents of one provider. Concurrent callers wait for one request.
#[derive(Default)]
pub(crate) struct Discovery {
    endpoints: Mutex<Kept<Endpoints>>,
    keys: Mutex<Kept<KeySet>>,
}

struct Kept<T> {
    value: Option<(DateTime<Utc>, Arc<T>)>,
    failed: Option<DateTime<Utc>>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { value: None, failed: None }
    }
}

impl<T> Kept<T> {
    /// Returns the cached value if it is younger than `age`.
    fn younger(&self, age: TimeDelta, now: DateTime<Utc>) -> Option<Arc<T>> {
        self.value.as_ref().filter(|(since, _)| now - *since < age).map(|(_, value)| Arc::clone(value))
    }

    /// Whether the last attempt failed recently.
    fn paused(&self, now: DateTime<Utc>) -> bool {
        self.failed.is_some_and(|failed| now - failed < PAUSE)
    }

    /// Caches a result. After a failure, returns the previous value if it is not too old.
    fn keep(
        &mut self,
        answer: Result<T, OAuthError>,
        now: DateTime<Utc>,
        took: Duration,
    ) -> Result<Arc<T>, OAuthError> {
        match answer {
            Ok(value) => {
                let value = Arc::new(value);
                *self = Self { value: Some((now, Arc::clone(&value))), failed: None };
                Ok(value)
            }
            Err(error) => {
                // Callers that waited for this result must not retry one after the other.
                self.failed = Some(now + took);
                let stale = self.younger(STALE_LIFETIME, now).ok_or(()).inspect(
                    |_| tracing::warn!(%error, "a provider is unreachable; its cached documents are used"),
                );
                stale.map_err(|()| error)
            }
        }
    }
}

impl Discovery {
    /// Returns the endpoints of an issuer.
    pub(crate) async fn endpoints(
        &self,
        http: &Http,
        issuer: &Url,
        now: DateTime<Utc>,
    ) -> Result<Arc<Endpoints>, OAuthError> {
        let mut kept = self.endpoints.lock().await;
        let usable = if kept.paused(now) { STALE_LIFETIME } else { LIFETIME };
        if let Some(endpoints) = kept.younger(usable, now) {
            return Ok(endpoints);
        }
        if kept.paused(now) {
            return Err(OAuthError::Unreachable {
                what: DOCUMENT,
                reason: "the last attempt failed moments ago".to_owned(),
            });
        }
        let began = Instant::now();
        let answer = discover(http, issuer).await;
        kept.keep(answer, now, began.elapsed())
    }

    /// Returns the keys. For an unknown key id, they are fetched again; `None` if it is too early for that.
    pub(super) async fn keys(
        &self,
        http: &Http,
        signing: &Signing,
        now: DateTime<Utc>,
        unknown_id: bool,
    ) -> Result<Option<Arc<KeySet>>, OAuthError> {
        let mut kept = self.keys.lock().await;
        let age = if unknown_id { KEYS_PAUSE } else { LIFETIME };
        if let Some(keys) = kept.younger(age, now) {
            return Ok((!unknown_id).then_some(keys));
        }
        if kept.paused(now) {
            return Err(OAuthError::Unreachable {
                what: KEYS,
                reason: "the last attempt failed moments ago".to_owned(),
            });
        }
        let began = Instant::now();
        let answer = fetch_keys(http, signing).await;
        kept.keep(answer, now, began.elapsed()).map(Some)
    }
}

const DOCUMENT: &str = "discovery document";
const KEYS: &str = "key set";

async fn discover(http: &Http, issuer: &Url) -> Result<Endpoints, OAuthError> {
    let mut url = issuer.clone();
    url.set_path(&format!("{}/.well-known/openid-configuration", issuer.path().trim_end_matches('/')));
    let body = ok(DOCUMENT, http.get(DOCUMENT, &url, None).await?)?;
    let document: Document = serde_json::from_slice(&body)
        .map_err(|_| OAuthError::malformed(DOCUMENT, "a member is missing or has the wrong type"))?;
    // Otherwise an issuer could impersonate another.
    if Url::parse(&document.issuer).ok().as_ref() != Some(issuer) {
        return Err(OAuthError::malformed(DOCUMENT, "it names another issuer"));
    }
    let urls = [
        ("authorization endpoint", Some(&document.authorization_endpoint)),
        ("token endpoint", Some(&document.token_endpoint)),
        ("userinfo endpoint", document.userinfo_endpoint.as_ref()),
        (KEYS, Some(&document.jwks_uri)),
    ];
    if let Some((what, _)) = urls.iter().find(|(_, url)| url.is_some_and(|url| !is_safe(url))) {
        return Err(OAuthError::Insecure { what });
    }
    Ok(Endpoints {
        authorization: document.authorization_endpoint,
        token: document.token_endpoint,
        userinfo: document.userinfo_endpoint,
        issuer: Some(document.issuer),
        answers_name_issuer: document.authorization_response_iss_parameter_supported,
        signing: Some(Signing {
            keys: document.jwks_uri,
            algorithms: document.id_token_signing_alg_values_supported,
        }),
    })
}

async fn fetch_keys(http: &Http, signing: &Signing) -> Result<KeySet, OAuthError> {
    let body = ok(KEYS, http.get(KEYS, &signing.keys, None).await?)?;
    KeySet::parse(&body).ok_or(OAuthError::malformed(KEYS, "it is not a set of keys"))
}

/// Returns the body of an answer with status 200.
pub(super) fn ok(what: &'static str, (status, body): (StatusCode, Bytes)) -> Result<Bytes, OAuthError> {
    match status {
        StatusCode::OK => Ok(body),
        other => Err(OAuthError::Refused { what, status: other.as_u16(), code: None }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_that_waited_for_a_failure_do_not_retry() {
        let mut kept = Kept::<()>::default();
        let asked = DateTime::UNIX_EPOCH;
        let slow = Duration::from_secs(10);
        let failed = OAuthError::Unreachable { what: KEYS, reason: String::new() };
        assert!(kept.keep(Err(failed), asked, slow).is_err());
        let paused = |seconds| kept.paused(asked + TimeDelta::seconds(seconds));
        assert!(paused(1) && paused(9) && paused(14), "these calls waited for the first");
        assert!(!paused(15), "a later call tries again");
    }
}
