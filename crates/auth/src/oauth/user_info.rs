//! Who has signed in, from the id token or the userinfo endpoint.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use url::Url;

use super::discovery::{Endpoints, ok};
use super::error::OAuthError;
use super::id_token::{self, Expected};
use super::token::TokenSet;
use crate::provider::{OAuthProvider, Profile, UserInfo};

const USERINFO: &str = "userinfo endpoint";
const EMAILS: &str = "list of addresses";

/// The person behind the tokens.
pub(crate) async fn profile(
    provider: &OAuthProvider,
    endpoints: &Arc<Endpoints>,
    tokens: &TokenSet,
    nonce: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Profile, OAuthError> {
    let access_token = tokens.access_token.expose();
    let claims = if provider.is_oidc() {
        let (Some(id_token), Some(nonce)) = (&tokens.id_token, nonce) else {
            return Err(OAuthError::malformed("token answer", "there is no id token"));
        };
        let expected = Expected { client_id: &provider.client_id, nonce, now };
        let (http, discovery) = (&provider.http, &provider.discovery);
        let claims = id_token::claims(http, discovery, endpoints, id_token.expose(), expected).await?;
        let profile = provider.fields.read(&claims)?;
        // Many providers put the address into the userinfo only.
        let asks = provider.user_info == UserInfo::Always || profile.email.is_none();
        match &endpoints.userinfo {
            Some(url) if asks => {
                let mut info = get(provider, url, access_token).await?;
                if info.get("sub").is_none_or(|sub| Some(sub) != claims.get("sub")) {
                    return Err(OAuthError::malformed(
                        "userinfo",
                        "it is about somebody else than the id token",
                    ));
                }
                // What only the signed token says stays said; if the userinfo is what counts, that is the domain alone.
                let also = |name: &str| provider.user_info != UserInfo::Always || name == "hd";
                for (name, claim) in claims.into_iter().filter(|(name, _)| also(name)) {
                    info.entry(name).or_insert(claim);
                }
                info
            }
            _ => claims,
        }
    } else {
        let Some(url) = &endpoints.userinfo else {
            return Err(OAuthError::malformed("metadata", "there is no userinfo endpoint"));
        };
        let mut info = get(provider, url, access_token).await?;
        if let UserInfo::WithEmails(emails) = &provider.user_info
            && info.get("email").and_then(Value::as_str).is_none_or(str::is_empty)
            && let Some(email) = primary_email(provider, emails, access_token).await?
        {
            info.insert("email".to_owned(), email.into());
        }
        info
    };
    provider.fields.read(&claims)
}

async fn get(provider: &OAuthProvider, url: &Url, token: &str) -> Result<Map<String, Value>, OAuthError> {
    let body = ok(USERINFO, provider.http.get(USERINFO, url, Some(token)).await?)?;
    serde_json::from_slice(&body).map_err(|_| OAuthError::malformed("userinfo", "it is no JSON object"))
}

/// The address that somebody has made the main one, else another; only proved ones count. That the provider does not
/// say is no error: the scope may not include it.
async fn primary_email(
    provider: &OAuthProvider,
    url: &Url,
    token: &str,
) -> Result<Option<String>, OAuthError> {
    let Ok(body) = ok(EMAILS, provider.http.get(EMAILS, url, Some(token)).await?) else { return Ok(None) };
    let list: Vec<Map<String, Value>> = serde_json::from_slice(&body)
        .map_err(|_| OAuthError::malformed(EMAILS, "it is no list of objects"))?;
    let is = |entry: &&Map<String, Value>, flag: &str| entry.get(flag) == Some(&Value::Bool(true));
    let verified = || list.iter().filter(|entry| is(entry, "verified"));
    let chosen = verified().find(|entry| is(entry, "primary")).or_else(|| verified().next());
    Ok(chosen.and_then(|entry| entry.get("email")?.as_str()).map(str::to_owned))
}
