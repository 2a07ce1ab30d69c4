//! The token endpoint: exchanging a code, and renewing an access token.
//!
//! Source: RFC 6749, 4.1.3, 4.1.4 and 2.3.1; RFC 7636, 4.5; oauth4webapi 3.8 `processAuthorizationCodeResponse`, on
//! which @auth/core 0.41.3 relies.

use ::http::{Method, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded::{self, byte_serialize};

use super::client::{ClientAuthentication, OAuthClient};
use super::discovery::Endpoints;
use super::http::request;
use crate::error::{OAuthError, known_code};
use crate::secret::Secret;

const ENDPOINT: &str = "token endpoint";
const ANSWER: &str = "token answer";

/// The tokens that a provider issues. `Debug` hides them.
#[derive(Clone, Debug)]
pub(crate) struct TokenSet {
    pub(crate) access_token: Secret,
    pub(crate) token_type: String,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) id_token: Option<Secret>,
    /// When the access token expires, in seconds since 1970.
    pub(crate) expires_at: Option<i64>,
    pub(crate) scope: Option<String>,
    pub(crate) session_state: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    access_token: String,
    token_type: String,
    refresh_token: Option<String>,
    id_token: Option<String>,
    expires_in: Option<Value>,
    scope: Option<String>,
    session_state: Option<String>,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: String,
}

/// Exchanges a code for tokens.
pub(crate) async fn exchange(
    client: &OAuthClient,
    endpoints: &Endpoints,
    code: &str,
    verifier: &str,
    redirect_uri: &str,
    now: DateTime<Utc>,
) -> Result<TokenSet, OAuthError> {
    let grant = [
        ("redirect_uri", redirect_uri),
        ("code", code),
        ("code_verifier", verifier),
        ("grant_type", "authorization_code"),
    ];
    let (status, body) = client.http.send(ENDPOINT, form(client, endpoints, &grant)?).await?;
    read(status, &body, now)
}

/// Renews an access token.
///
/// Source: RFC 6749, 6.
pub(crate) async fn refresh(
    client: &OAuthClient,
    refresh_token: &Secret,
    now: DateTime<Utc>,
) -> Result<TokenSet, OAuthError> {
    let endpoints = client.endpoints(now).await?;
    let grant = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())];
    let (status, body) = client.http.send(ENDPOINT, form(client, &endpoints, &grant)?).await?;
    read(status, &body, now)
}

fn form(
    client: &OAuthClient,
    endpoints: &Endpoints,
    grant: &[(&str, &str)],
) -> Result<Request<Bytes>, OAuthError> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(grant);
    let mut request = request(ENDPOINT, &endpoints.token)?.method(Method::POST);
    match client.authentication {
        ClientAuthentication::Basic => {
            let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encode(&client.id), encode(client.secret.expose()));
            request = request.header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair)));
        }
        ClientAuthentication::Post => {
            form.append_pair("client_id", &client.id);
            form.append_pair("client_secret", client.secret.expose());
        }
    }
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded;charset=UTF-8");
    let request = request.body(Bytes::from(form.finish()));
    request.map_err(|_| OAuthError::malformed(ENDPOINT, "its URL is invalid"))
}

fn read(status: StatusCode, body: &[u8], now: DateTime<Utc>) -> Result<TokenSet, OAuthError> {
    let malformed = |reason| OAuthError::malformed(ANSWER, reason);
    // GitHub reports errors with status 200.
    let error = serde_json::from_slice::<ErrorBody>(body).ok();
    if status != StatusCode::OK || error.is_some() {
        let code = error.and_then(|body| known_code(&body.error));
        return Err(OAuthError::Refused { what: ENDPOINT, status: status.as_u16(), code });
    }
    let body: Body =
        serde_json::from_slice(body).map_err(|_| malformed("a member is missing or has the wrong type"))?;
    let token_type = body.token_type.to_lowercase();
    if token_type != "bearer" {
        return Err(malformed("the access token is not of type `bearer`"));
    }
    let texts = [Some(&body.access_token), body.refresh_token.as_ref(), body.id_token.as_ref()];
    if texts.iter().flatten().any(|text| text.is_empty() || text.contains('\0')) {
        return Err(malformed("a token is empty or contains NUL"));
    }
    let without_nul = |text: Option<String>| text.filter(|text| !text.contains('\0'));
    Ok(TokenSet {
        access_token: Secret::new(body.access_token),
        token_type,
        refresh_token: body.refresh_token.map(Secret::new),
        id_token: body.id_token.map(Secret::new),
        expires_at: match body.expires_in {
            None | Some(Value::Null) => None,
            Some(value) => {
                match seconds(&value).ok_or_else(|| malformed("`expires_in` is not a number of seconds"))? {
                    0 => None,
                    seconds => Some(now.timestamp().saturating_add(seconds)),
                }
            }
        },
        scope: without_nul(body.scope),
        session_state: without_nul(body.session_state),
    })
}

/// Parses a lifetime, which some providers send as a string.
fn seconds(value: &Value) -> Option<i64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    #[allow(clippy::cast_possible_truncation, reason = "the range is checked")]
    number.filter(|seconds| (0.0..1e12).contains(seconds)).map(|seconds| seconds as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, body: &str, expected: Result<Option<i64>, &str>) {
        let now = DateTime::from_timestamp(1_000, 0).unwrap();
        let read = read(StatusCode::from_u16(status).unwrap(), body.as_bytes(), now);
        let read = read.map(|tokens| tokens.expires_at).map_err(|error| error.to_string());
        assert_eq!(read.as_ref().map_err(String::as_str), expected.as_ref().map_err(|text| *text), "{body}");
    }

    #[test]
    fn an_answer_is_read_as_the_reference_reads_it() {
        check(200, r#"{"access_token":"a","token_type":"Bearer","expires_in":60}"#, Ok(Some(1_060)));
        check(200, r#"{"access_token":"a","token_type":"bearer","expires_in":"60"}"#, Ok(Some(1_060)));
        check(200, r#"{"access_token":"a","token_type":"bearer"}"#, Ok(None));
        check(200, r#"{"access_token":"a","token_type":"bearer","expires_in":0}"#, Ok(None));
        let lifetime = "the provider's token answer is malformed: `expires_in` is not a number of seconds";
        check(200, r#"{"access_token":"a","token_type":"bearer","expires_in":-1}"#, Err(lifetime));
        check(200, r#"{"access_token":"a","token_type":"bearer","expires_in":"soon"}"#, Err(lifetime));
        let kind = "the provider's token answer is malformed: the access token is not of type `bearer`";
        check(200, r#"{"access_token":"a","token_type":"mac"}"#, Err(kind));
        let missing = "the provider's token answer is malformed: a member is missing or has the wrong type";
        check(200, r#"{"token_type":"bearer"}"#, Err(missing));
        check(200, "<html>", Err(missing));
    }

    #[test]
    fn refusals_repeat_registered_codes_only() {
        check(
            400,
            r#"{"error":"invalid_grant"}"#,
            Err("the provider's token endpoint answered 400: invalid_grant"),
        );
        check(
            200,
            r#"{"error":"bad_verification_code"}"#,
            Err("the provider's token endpoint answered 200: bad_verification_code"),
        );
        check(400, r#"{"error":"<script>"}"#, Err("the provider's token endpoint answered 400"));
        check(302, "", Err("the provider's token endpoint answered 302"));
    }

    #[test]
    fn a_nul_reaches_no_column() {
        let empty = "the provider's token answer is malformed: a token is empty or contains NUL";
        check(200, r#"{"access_token":"a\u0000","token_type":"bearer"}"#, Err(empty));
        check(200, r#"{"access_token":"","token_type":"bearer"}"#, Err(empty));
        check(200, r#"{"access_token":"a","token_type":"bearer","scope":"\u0000"}"#, Ok(None));
    }
}
