//! The profile of the signed-in user, from the id token or the userinfo endpoint.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use url::Url;

use super::client::OAuthClient;
use super::discovery::{Endpoints, ok};
use super::id_token::{self, Expected};
use super::profile::{Profile, ProfileSource, UserInfo};
use super::token::TokenSet;
use crate::error::OAuthError;

const USERINFO: &str = "userinfo endpoint";
const EMAILS: &str = "list of addresses";

/// Returns the profile of the user to whom the tokens belong.
pub(crate) async fn profile(
    client: &OAuthClient,
    ProfileSource { fields, user_info }: &ProfileSource,
    endpoints: &Arc<Endpoints>,
    tokens: &TokenSet,
    nonce: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Profile, OAuthError> {
    let access_token = tokens.access_token.expose();
    if client.is_oidc() {
        let (Some(id_token), Some(nonce)) = (&tokens.id_token, nonce) else {
            return Err(OAuthError::malformed("token answer", "there is no id token"));
        };
        let expected = Expected { client_id: &client.id, nonce, now };
        let claims = id_token::claims(client, endpoints, id_token.expose(), expected).await?;
        let profile = fields.read(&claims)?;
        // Many providers send the address in the userinfo only.
        let asks = *user_info == UserInfo::Always || profile.email.is_none();
        match &endpoints.userinfo {
            Some(url) if asks => {
                let info = get(client, url, access_token).await?;
                if info.get("sub").is_none_or(|sub| Some(sub) != claims.get("sub")) {
                    return Err(OAuthError::malformed(
                        "userinfo",
                        "it is about another user than the id token",
                    ));
                }
                let info = fields.read(&info)?;
                if *user_info != UserInfo::Always {
                    return Ok(info.or(profile));
                }
                // The userinfo takes precedence, but the token still says whether an address is verified, and the domain.
                Ok(info.or(Profile { name: None, image: None, ..profile }))
            }
            _ => Ok(profile),
        }
    } else {
        let Some(url) = &endpoints.userinfo else {
            return Err(OAuthError::malformed("metadata", "there is no userinfo endpoint"));
        };
        let mut profile = fields.read(&get(client, url, access_token).await?)?;
        if let UserInfo::WithEmails(emails) = user_info
            && let Some(email) =
                verified_email(client, emails, access_token, profile.email.as_deref()).await?
        {
            profile.email = Some(email);
            profile.email_verified = Some(true);
        }
        Ok(profile)
    }
}

async fn get(client: &OAuthClient, url: &Url, token: &str) -> Result<Map<String, Value>, OAuthError> {
    let body = ok(USERINFO, client.http.get(USERINFO, url, Some(token)).await?)?;
    serde_json::from_slice(&body).map_err(|_| OAuthError::malformed("userinfo", "it is not a JSON object"))
}

/// Returns a verified address in lower case: the public one, else the primary one, else any. A refused request is not an
/// error, because the scope may not cover it.
async fn verified_email(
    client: &OAuthClient,
    url: &Url,
    token: &str,
    public: Option<&str>,
) -> Result<Option<String>, OAuthError> {
    let Ok(body) = ok(EMAILS, client.http.get(EMAILS, url, Some(token)).await?) else { return Ok(None) };
    let list: Vec<Map<String, Value>> = serde_json::from_slice(&body)
        .map_err(|_| OAuthError::malformed(EMAILS, "it is not a list of objects"))?;
    let is = |entry: &Map<String, Value>, flag: &str| entry.get(flag) == Some(&Value::Bool(true));
    let verified: Vec<(String, bool)> = list
        .iter()
        .filter(|entry: &&Map<_, _>| is(entry, "verified"))
        .filter_map(|entry| Some((entry.get("email")?.as_str()?.to_lowercase(), is(entry, "primary"))))
        .collect();
    let chosen = verified
        .iter()
        .find(|(email, _)| Some(email.as_str()) == public)
        .or_else(|| verified.iter().find(|(_, is_primary)| *is_primary))
        .or(verified.first());
    Ok(chosen.map(|(email, _)| email.clone()))
}
