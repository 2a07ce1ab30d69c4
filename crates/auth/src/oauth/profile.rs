//! Profiles: from a provider's claims to a user's columns.
//!
//! Source: @auth/core 0.41.3 `lib/utils/providers.js` (the default), `providers/github.js`.

use serde_json::{Map, Value};
use url::Url;

use crate::error::OAuthError;

/// Where the profile of a user comes from.
#[derive(Clone, Debug)]
pub(crate) struct ProfileSource {
    pub(crate) fields: ProfileFields,
    pub(crate) user_info: UserInfo,
}

/// When the userinfo endpoint is requested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UserInfo {
    /// If the id token has no address; always without OpenID Connect.
    IfNeeded,
    /// Always: `idToken: false` in Auth.js.
    Always,
    /// Always, as well as this list of addresses, which says which of them are verified.
    WithEmails(Url),
}

/// Which members of a provider's profile are used. The first member in a list that is present is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileFields {
    /// The permanent id of the user at the provider: a string or a number.
    pub id: Vec<String>,
    /// The display name.
    pub name: Vec<String>,
    /// The e-mail address.
    pub email: Vec<String>,
    /// Whether the provider verified that address: `true`, or `"true"` as some providers send it. Any other value means no.
    /// Leave the list empty if the profile has no such member; `email_verified` of OpenID Connect is about the member
    /// `email` only.
    pub email_verified: Vec<String>,
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
            email_verified: list(&["email_verified"]),
            image: list(&["picture"]),
        }
    }
}

/// A user's profile at a provider.
#[derive(Clone)]
pub(crate) struct Profile {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    /// In lower case.
    pub(crate) email: Option<String>,
    /// Whether the provider verified the address; `None` if it does not say.
    pub(crate) email_verified: Option<bool>,
    pub(crate) image: Option<String>,
    /// The domain that hosts the account, at Google.
    pub(crate) hosted_domain: Option<String>,
}

impl Profile {
    /// Fills gaps from another answer of the same provider about the same user.
    ///
    /// An answer verifies only the address that it contains; `false` counts even without an address.
    pub(crate) fn or(self, other: Self) -> Self {
        let email = self.email.clone().or_else(|| other.email.clone());
        let says = |profile: &Self, word: bool| profile.email_verified == Some(word);
        let is_about_it = |profile: &Self| profile.email.is_some() && profile.email == email;
        let parts = [&self, &other];
        let email_verified =
            if parts.iter().any(|it| says(it, false) && (is_about_it(it) || it.email.is_none())) {
                Some(false)
            } else {
                parts.iter().any(|it| says(it, true) && is_about_it(it)).then_some(true)
            };
        Self {
            id: self.id,
            name: self.name.or(other.name),
            email,
            email_verified,
            image: self.image.or(other.image),
            hosted_domain: self.hosted_domain.or(other.hosted_domain),
        }
    }
}

/// Whether a claim is `true`, or `"true"` as Cognito and Apple send it. Everything else is false: guessing what `1` or
/// `"yes"` means could let in a user with another user's address.
fn is_true(value: &Value) -> bool {
    *value == Value::Bool(true) || value.as_str() == Some("true")
}

impl ProfileFields {
    pub(crate) fn read(&self, profile: &Map<String, Value>) -> Result<Profile, OAuthError> {
        let value = |names: &[String]| {
            names.iter().find_map(|name| profile.get(name).filter(|value| !value.is_null()))
        };
        // PostgreSQL cannot store a NUL in text.
        let text = |names: &[String]| value(names)?.as_str().map(|text| text.replace('\0', ""));
        let id = match value(&self.id) {
            Some(Value::String(id)) => Some(id.clone()),
            Some(Value::Number(id)) => Some(id.to_string()),
            _ => None,
        };
        let id = id.filter(|id| !id.is_empty() && !id.contains('\0'));
        Ok(Profile {
            id: id.ok_or_else(|| OAuthError::malformed("profile", "it has no id of the user"))?,
            name: text(&self.name),
            email: value(&self.email)
                .and_then(Value::as_str)
                .map(str::to_lowercase)
                .filter(|email| !email.is_empty()),
            email_verified: value(&self.email_verified).map(is_true),
            image: text(&self.image),
            hosted_domain: profile.get("hd").and_then(Value::as_str).map(str::to_lowercase),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(fields: &ProfileFields, profile: &Value) -> Profile {
        fields.read(profile.as_object().unwrap()).unwrap()
    }

    #[test]
    fn only_true_and_its_text_verify_an_address() {
        for (claim, expected) in [
            (json!(true), Some(true)),
            (json!("true"), Some(true)),
            (json!(null), None),
            (json!(false), Some(false)),
            (json!("false"), Some(false)),
            (json!(""), Some(false)),
            (json!("TRUE"), Some(false)),
            (json!("yes"), Some(false)),
            (json!(1), Some(false)),
            (json!("1"), Some(false)),
            (json!([true]), Some(false)),
            (json!({ "value": true }), Some(false)),
        ] {
            let profile = read(&ProfileFields::default(), &json!({ "sub": "s1", "email_verified": claim }));
            assert_eq!(profile.email_verified, expected, "{claim}");
        }
        let profile = read(&ProfileFields::default(), &json!({ "sub": "s1", "verified": true }));
        assert_eq!(profile.email_verified, None, "another member says nothing");
        let discord =
            ProfileFields { email_verified: vec!["verified".to_owned()], ..ProfileFields::default() };
        let profile = read(&discord, &json!({ "id": "1", "verified": true, "email_verified": false }));
        assert_eq!(profile.email_verified, Some(true));
        let silent = ProfileFields { email_verified: Vec::new(), ..ProfileFields::default() };
        let profile = read(&silent, &json!({ "id": "1", "email_verified": true }));
        assert_eq!(profile.email_verified, None);
    }

    #[test]
    fn an_answer_verifies_its_own_address_only() {
        let of = |claims: Value| read(&ProfileFields::default(), &claims);
        for (first, second, expected) in [
            (json!({ "email": "a@x" }), json!({ "email": "b@x", "email_verified": true }), ("a@x", None)),
            (
                json!({ "email": "a@x" }),
                json!({ "email": "A@x", "email_verified": true }),
                ("a@x", Some(true)),
            ),
            (json!({ "email": "a@x" }), json!({ "email_verified": true }), ("a@x", None)),
            (json!({ "email_verified": true }), json!({ "email": "a@x" }), ("a@x", None)),
            (
                json!({ "email_verified": true }),
                json!({ "email": "a@x", "email_verified": false }),
                ("a@x", Some(false)),
            ),
            (json!({}), json!({ "email": "a@x", "email_verified": true }), ("a@x", Some(true))),
            (json!({ "email": "a@x" }), json!({ "email_verified": false }), ("a@x", Some(false))),
            (
                json!({ "email_verified": false }),
                json!({ "email": "a@x", "email_verified": true }),
                ("a@x", Some(false)),
            ),
            (
                json!({ "email": "a@x", "email_verified": true }),
                json!({ "email": "b@x", "email_verified": false }),
                ("a@x", Some(true)),
            ),
            (
                json!({ "email": "a@x", "email_verified": false }),
                json!({ "email": "a@x", "email_verified": true }),
                ("a@x", Some(false)),
            ),
        ] {
            let with_id = |mut claims: Value| {
                claims["sub"] = "s1".into();
                claims
            };
            let profile = of(with_id(first.clone())).or(of(with_id(second.clone())));
            assert_eq!(
                (profile.email.as_deref(), profile.email_verified),
                (Some(expected.0), expected.1),
                "{first} {second}"
            );
        }
    }
}
