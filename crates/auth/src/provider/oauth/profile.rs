//! From what a provider tells about somebody to what is stored of him.
//!
//! Source: @auth/core 0.41.3 `lib/utils/providers.js` (the default), `providers/github.js`.

use serde_json::{Map, Value};

use crate::oauth::OAuthError;

/// The members of a profile in which a provider tells who somebody is. Of several the first that is there counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileFields {
    /// What identifies somebody at the provider for good: a text or a number.
    pub id: Vec<String>,
    /// A name to show.
    pub name: Vec<String>,
    /// The e-mail address.
    pub email: Vec<String>,
    /// The URL of a picture.
    pub image: Vec<String>,
}

impl Default for ProfileFields {
    /// The names of OpenID Connect.
    fn default() -> Self {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            id: list(&["sub", "id"]),
            name: list(&["name", "nickname", "preferred_username"]),
            email: list(&["email"]),
            image: list(&["picture"]),
        }
    }
}

/// Who somebody is at a provider.
#[derive(Clone)]
pub(crate) struct Profile {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    /// In lower case.
    pub(crate) email: Option<String>,
    /// Whether the provider says that the address was not proved to be his.
    pub(crate) email_unproved: bool,
    pub(crate) image: Option<String>,
    /// The domain that hosts the account, at Google.
    pub(crate) hosted_domain: Option<String>,
}

impl ProfileFields {
    pub(crate) fn read(&self, profile: &Map<String, Value>) -> Result<Profile, OAuthError> {
        let value = |names: &[String]| {
            names.iter().find_map(|name| profile.get(name).filter(|value| !value.is_null()))
        };
        // A NUL fits no column of PostgreSQL.
        let text = |names: &[String]| value(names)?.as_str().map(|text| text.replace('\0', ""));
        let id = match value(&self.id) {
            Some(Value::String(id)) => Some(id.clone()),
            Some(Value::Number(id)) => Some(id.to_string()),
            _ => None,
        };
        let id = id.filter(|id| !id.is_empty() && !id.contains('\0'));
        let said_no = |value: &Value| *value == Value::Bool(false) || value.as_str() == Some("false");
        Ok(Profile {
            id: id.ok_or_else(|| OAuthError::malformed("profile", "it does not say whose it is"))?,
            name: text(&self.name),
            email: value(&self.email)
                .and_then(Value::as_str)
                .map(str::to_lowercase)
                .filter(|email| !email.is_empty()),
            email_unproved: profile.get("email_verified").is_some_and(said_no),
            image: text(&self.image),
            hosted_domain: profile.get("hd").and_then(Value::as_str).map(str::to_lowercase),
        })
    }
}
