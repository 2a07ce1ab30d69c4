//! Providers from environment variables, with the names of Auth.js.
//!
//! Source: @auth/core 0.41.3 `lib/utils/env.js`, and the files of the providers for their ids and names.

use std::collections::BTreeSet;

use super::{OAuthProvider, OAuthUrls, parse_url};
use crate::email::EmailAddress;
use crate::error::ProviderError;
use crate::oauth::{ClientAuthentication, ProfileFields};
use crate::provider::Provider;
use crate::secret::Secret;

/// The providers in the environment.
///
/// | variables | provider |
/// |---|---|
/// | `AUTH_GOOGLE_ID`, `AUTH_GOOGLE_SECRET`; `AUTH_GOOGLE_HOSTED_DOMAINS` | Google |
/// | `AUTH_GITHUB_ID`, `AUTH_GITHUB_SECRET`; `AUTH_GITHUB_ENTERPRISE_URL` | GitHub |
/// | `AUTH_X_ID`, `AUTH_X_SECRET`, `AUTH_X_ISSUER`, where `X` is one of `AUTH0`, `AUTHENTIK`, `COGNITO`, `KEYCLOAK`, `OKTA`, `PING_ID`, `ZITADEL` | that one, as in Auth.js |
/// | `AUTH_OIDC_ID`, `AUTH_OIDC_SECRET`, `AUTH_OIDC_ISSUER`, `AUTH_OIDC_NAME` | any OpenID Connect provider |
/// | `AUTH_OAUTH_ID`, `AUTH_OAUTH_SECRET`, `AUTH_OAUTH_AUTHORIZATION_URL`, `AUTH_OAUTH_TOKEN_URL`, `AUTH_OAUTH_USERINFO_URL`, `AUTH_OAUTH_NAME`; `AUTH_OAUTH_ISSUER`; `AUTH_OAUTH_PROFILE_ID`, `_NAME`, `_EMAIL`, `_EMAIL_VERIFIED`, `_IMAGE` | any OAuth 2 provider |
///
/// All of them take `…_SCOPE`, `…_CLIENT_AUTHENTICATION` (`basic` or `post`), and `…_ASSUME_EMAIL_VERIFIED` and
/// `…_ALLOW_DANGEROUS_EMAIL_ACCOUNT_LINKING` (`true` or `false`).
#[derive(Clone, Copy, Debug)]
pub struct Providers;

/// The providers of Auth.js that differ only in the issuer: variable prefix, id, name.
const BY_ISSUER: [(&str, &str, &str); 7] = [
    ("AUTH0", "auth0", "Auth0"),
    ("AUTHENTIK", "authentik", "Authentik"),
    ("COGNITO", "cognito", "Cognito"),
    ("KEYCLOAK", "keycloak", "Keycloak"),
    ("OKTA", "okta", "Okta"),
    ("PING_ID", "ping-id", "Ping Identity"),
    ("ZITADEL", "zitadel", "ZITADEL"),
];

impl Providers {
    /// The variables that contain secrets, for applications that also read them from files.
    pub const SECRETS: [&str; 11] = [
        "AUTH_AUTH0_SECRET",
        "AUTH_AUTHENTIK_SECRET",
        "AUTH_COGNITO_SECRET",
        "AUTH_GITHUB_SECRET",
        "AUTH_GOOGLE_SECRET",
        "AUTH_KEYCLOAK_SECRET",
        "AUTH_OAUTH_SECRET",
        "AUTH_OIDC_SECRET",
        "AUTH_OKTA_SECRET",
        "AUTH_PING_ID_SECRET",
        "AUTH_ZITADEL_SECRET",
    ];

    /// Reads the providers from variables, looked up with `var`. An empty variable counts as unset.
    ///
    /// # Errors
    /// [`ProviderError`] if a provider's settings are incomplete or invalid.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Vec<Provider>, ProviderError> {
        let look = |name: &str| var(name).filter(|value| !value.is_empty());
        let vars = |prefix| Vars { prefix, look: &look };
        let mut providers = Vec::new();

        let google = vars("GOOGLE");
        if let Some((id, secret)) = google.client(&["HOSTED_DOMAINS"])? {
            let mut provider = OAuthProvider::google(id, secret);
            if let Some(domains) = google.get("HOSTED_DOMAINS") {
                let domains = read_domains(&domains);
                let invalid = || ProviderError::InvalidDomains { name: google.name("HOSTED_DOMAINS") };
                provider = provider.hosted_domains(domains.ok_or_else(invalid)?);
            }
            providers.push(google.common(provider)?);
        }
        let github = vars("GITHUB");
        if let Some((id, secret)) = github.client(&["ENTERPRISE_URL"])? {
            let provider = match github.get("ENTERPRISE_URL") {
                Some(url) => OAuthProvider::github_enterprise(&url, id, secret)
                    .map_err(|_| github.invalid_url("ENTERPRISE_URL"))?,
                None => OAuthProvider::github(id, secret),
            };
            providers.push(github.common(provider)?);
        }
        for (prefix, id, name) in BY_ISSUER {
            providers.extend(oidc(&vars(prefix), id, name)?);
        }
        providers.extend(oidc(&vars("OIDC"), "oidc", "OpenID Connect")?);
        providers.extend(oauth(&vars("OAUTH"))?);

        let mut ids = BTreeSet::new();
        if let Some(twice) = providers.iter().find(|provider| !ids.insert(provider.id.clone())) {
            return Err(ProviderError::InvalidId { id: twice.id.clone() });
        }
        Ok(providers.into_iter().map(Provider::from).collect())
    }
}

/// Parses a list of domains; `None` if it is empty or has an invalid entry, because a typing mistake must not let users in.
fn read_domains(text: &str) -> Option<Vec<String>> {
    let entries = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty());
    let read = |entry: &str| {
        let address = EmailAddress::parse(&format!("x@{entry}")).ok()?;
        (!entry.contains('*')).then(|| address.domain().to_owned())
    };
    let domains: Option<Vec<_>> = entries.map(read).collect();
    domains.filter(|domains| !domains.is_empty())
}

fn oidc(vars: &Vars<'_>, id: &str, name: &str) -> Result<Option<OAuthProvider>, ProviderError> {
    let Some((client_id, secret)) = vars.client(&["ISSUER"])? else { return Ok(None) };
    let issuer = vars.required("ISSUER")?;
    let provider = OAuthProvider::oidc(id, &issuer, client_id, secret);
    let provider = provider.map_err(|_| vars.invalid_url("ISSUER"))?.name(name);
    vars.common(provider).map(Some)
}

fn oauth(vars: &Vars<'_>) -> Result<Option<OAuthProvider>, ProviderError> {
    let Some((id, secret)) = vars.client(&["AUTHORIZATION_URL", "TOKEN_URL", "USERINFO_URL"])? else {
        return Ok(None);
    };
    let url = |name| {
        let text = vars.required(name)?;
        parse_url(&vars.name(name), &text).map(|_| text)
    };
    let urls = OAuthUrls {
        authorization: url("AUTHORIZATION_URL")?,
        token: url("TOKEN_URL")?,
        userinfo: url("USERINFO_URL")?,
    };
    let mut fields = ProfileFields::default();
    if vars.get("PROFILE_EMAIL").is_some_and(|member| member != "email") {
        // `email_verified` is about `email`, not about another member.
        fields.email_verified.clear();
    }
    for (name, field) in [
        ("PROFILE_ID", &mut fields.id),
        ("PROFILE_NAME", &mut fields.name),
        ("PROFILE_EMAIL", &mut fields.email),
        ("PROFILE_EMAIL_VERIFIED", &mut fields.email_verified),
        ("PROFILE_IMAGE", &mut fields.image),
    ] {
        if let Some(given) = vars.get(name) {
            *field = vec![given];
        }
    }
    // The default scope of Auth.js.
    let provider = OAuthProvider::oauth2("oauth", &urls, "openid profile email", id, secret)?;
    let mut provider = provider.name("OAuth").profile_fields(fields);
    if let Some(issuer) = vars.get("ISSUER") {
        provider = provider.issuer(issuer);
    }
    vars.common(provider).map(Some)
}

/// The variables of one provider.
struct Vars<'a> {
    prefix: &'static str,
    look: &'a dyn Fn(&str) -> Option<String>,
}

impl Vars<'_> {
    fn name(&self, name: &str) -> String {
        format!("AUTH_{}_{name}", self.prefix)
    }

    fn get(&self, name: &str) -> Option<String> {
        (self.look)(&self.name(name))
    }

    /// Returns id and secret; `None` if neither they nor any of `others` is set.
    fn client(&self, others: &[&str]) -> Result<Option<(String, Secret)>, ProviderError> {
        let given = ["ID", "SECRET"].iter().chain(others).find(|name| self.get(name).is_some());
        let Some(given) = given else { return Ok(None) };
        let required = |name| {
            let incomplete =
                || ProviderError::Incomplete { given: self.name(given), missing: self.name(name) };
            self.get(name).ok_or_else(incomplete)
        };
        Ok(Some((required("ID")?, Secret::new(required("SECRET")?))))
    }

    /// Returns a variable that id and secret require.
    fn required(&self, name: &str) -> Result<String, ProviderError> {
        let incomplete = || ProviderError::Incomplete { given: self.name("ID"), missing: self.name(name) };
        self.get(name).ok_or_else(incomplete)
    }

    fn invalid_url(&self, name: &str) -> ProviderError {
        ProviderError::InvalidUrl { name: self.name(name) }
    }

    /// Applies the settings that all providers share.
    fn common(&self, mut provider: OAuthProvider) -> Result<OAuthProvider, ProviderError> {
        if let Some(name) = self.get("NAME") {
            provider = provider.name(name);
        }
        if let Some(scope) = self.get("SCOPE") {
            if provider.is_oidc() && !scope.split_whitespace().any(|part| part == "openid") {
                return Err(ProviderError::InvalidScope { name: self.name("SCOPE") });
            }
            provider = provider.scope(scope);
        }
        match self.get("CLIENT_AUTHENTICATION").as_deref() {
            None | Some("basic") => {}
            Some("post") => provider = provider.client_authentication(ClientAuthentication::Post),
            Some(_) => {
                return Err(ProviderError::InvalidClientAuthentication {
                    name: self.name("CLIENT_AUTHENTICATION"),
                });
            }
        }
        if self.flag("ASSUME_EMAIL_VERIFIED")? {
            provider = provider.assume_email_verified();
        }
        if self.flag("ALLOW_DANGEROUS_EMAIL_ACCOUNT_LINKING")? {
            provider = provider.allow_dangerous_email_account_linking();
        }
        Ok(provider)
    }

    fn flag(&self, name: &str) -> Result<bool, ProviderError> {
        match self.get(name).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(ProviderError::InvalidFlag { name: self.name(name) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(vars: &[(&str, &str)], expected: Result<&[&str], &str>) {
        let look =
            |name: &str| vars.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
        let found = Providers::from_vars(look);
        let found = found.map(|found| {
            let describe =
                |provider: &Provider| format!("{} {} {}", provider.id(), provider.kind(), provider.name());
            found.iter().map(describe).collect::<Vec<_>>()
        });
        let expected = expected.map(|list| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        let first_line = |error: ProviderError| error.to_string().lines().next().unwrap().to_owned();
        assert_eq!(found.map_err(first_line), expected.map_err(str::to_owned), "{vars:?}");
    }

    const GOOGLE: [(&str, &str); 2] = [("AUTH_GOOGLE_ID", "g"), ("AUTH_GOOGLE_SECRET", "s")];
    const OIDC: [(&str, &str); 2] = [("AUTH_OIDC_ID", "g"), ("AUTH_OIDC_SECRET", "s")];

    #[test]
    fn providers_are_those_that_have_settings() {
        check(&[], Ok(&[]));
        check(&GOOGLE, Ok(&["google oidc Google"]));
        check(&[("AUTH_GITHUB_ID", "g"), ("AUTH_GITHUB_SECRET", "s")], Ok(&["github oauth GitHub"]));
        check(&[("AUTH_GOOGLE_ID", ""), ("AUTH_GOOGLE_SECRET", "")], Ok(&[]));
        let mut several = GOOGLE.to_vec();
        several.extend(OIDC);
        several.extend([("AUTH_OIDC_ISSUER", "https://id.example.com"), ("AUTH_OIDC_NAME", "Example")]);
        several.extend([("AUTH_PING_ID_ID", "p"), ("AUTH_PING_ID_SECRET", "s")]);
        several.extend([("AUTH_PING_ID_ISSUER", "https://ping.example.com")]);
        check(&several, Ok(&["google oidc Google", "ping-id oidc Ping Identity", "oidc oidc Example"]));
        let oauth = [
            ("AUTH_OAUTH_ID", "o"),
            ("AUTH_OAUTH_SECRET", "s"),
            ("AUTH_OAUTH_NAME", "Ours"),
            ("AUTH_OAUTH_AUTHORIZATION_URL", "https://o.example/a"),
            ("AUTH_OAUTH_TOKEN_URL", "https://o.example/t"),
            ("AUTH_OAUTH_USERINFO_URL", "http://127.0.0.1:1/u"),
        ];
        check(&oauth, Ok(&["oauth oauth Ours"]));
    }

    #[test]
    fn each_provider_has_its_secret_among_the_secrets() {
        let prefixes = BY_ISSUER.iter().map(|(prefix, ..)| *prefix);
        let mut names: Vec<_> = prefixes
            .chain(["GITHUB", "GOOGLE", "OAUTH", "OIDC"])
            .map(|prefix| format!("AUTH_{prefix}_SECRET"))
            .collect();
        names.sort();
        assert_eq!(names, Providers::SECRETS);
    }

    #[test]
    fn incomplete_settings_are_an_error() {
        check(&GOOGLE[..1], Err("`AUTH_GOOGLE_ID` is set, but `AUTH_GOOGLE_SECRET` is not"));
        check(&GOOGLE[1..], Err("`AUTH_GOOGLE_SECRET` is set, but `AUTH_GOOGLE_ID` is not"));
        check(&OIDC, Err("`AUTH_OIDC_ID` is set, but `AUTH_OIDC_ISSUER` is not"));
        check(
            &[("AUTH_GOOGLE_HOSTED_DOMAINS", "example.com")],
            Err("`AUTH_GOOGLE_HOSTED_DOMAINS` is set, but `AUTH_GOOGLE_ID` is not"),
        );
        check(
            &[("AUTH_OIDC_ISSUER", "https://id.example.com")],
            Err("`AUTH_OIDC_ISSUER` is set, but `AUTH_OIDC_ID` is not"),
        );
    }

    #[test]
    fn invalid_settings_are_errors() {
        for issuer in
            ["id.example.com", "http://id.example.com", "https://u:p@id.example.com", "ftp://x", "https://"]
        {
            let vars = [OIDC[0], OIDC[1], ("AUTH_OIDC_ISSUER", issuer)];
            check(&vars, Err("`AUTH_OIDC_ISSUER` is not the URL of a provider"));
        }
        check(
            &[GOOGLE[0], GOOGLE[1], ("AUTH_GOOGLE_ASSUME_EMAIL_VERIFIED", "1")],
            Err("`AUTH_GOOGLE_ASSUME_EMAIL_VERIFIED` is neither `true` nor `false`"),
        );
        let flag = "AUTH_GOOGLE_ALLOW_DANGEROUS_EMAIL_ACCOUNT_LINKING";
        check(
            &[GOOGLE[0], GOOGLE[1], (flag, "yes")],
            Err("`AUTH_GOOGLE_ALLOW_DANGEROUS_EMAIL_ACCOUNT_LINKING` is neither `true` nor `false`"),
        );
        for domains in [",", " ", "*", "*.example.com", "a@example.com", "example.com, @@"] {
            let vars = [GOOGLE[0], GOOGLE[1], ("AUTH_GOOGLE_HOSTED_DOMAINS", domains)];
            check(&vars, Err("`AUTH_GOOGLE_HOSTED_DOMAINS` is not a list of domains"));
        }
        let vars = [GOOGLE[0], GOOGLE[1], ("AUTH_GOOGLE_HOSTED_DOMAINS", "example.com, Example.org")];
        check(&vars, Ok(&["google oidc Google"]));
        let scope = "AUTH_GOOGLE_SCOPE";
        check(
            &[GOOGLE[0], GOOGLE[1], (scope, "email")],
            Err("`AUTH_GOOGLE_SCOPE` does not include the scope `openid`"),
        );
        check(&[GOOGLE[0], GOOGLE[1], (scope, "email openid")], Ok(&["google oidc Google"]));
        check(
            &[GOOGLE[0], GOOGLE[1], ("AUTH_GOOGLE_CLIENT_AUTHENTICATION", "jwt")],
            Err("`AUTH_GOOGLE_CLIENT_AUTHENTICATION` is neither `basic` nor `post`"),
        );
    }
}
