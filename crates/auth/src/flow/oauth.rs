//! Sign-in at a provider: the redirect and the callback.
//!
//! Source: @auth/core 0.41.3 `lib/actions/signin/authorization-url.js`, `lib/actions/callback/oauth/callback.js`;
//! RFC 6749, 4.1; RFC 9207 against mix-up attacks.

use url::Url;

use super::check::{self, Checks};
use super::{Flow, login};
use crate::error::{Error, OAuthError};
use crate::oauth::{Endpoints, exchange, profile};
use crate::page::LeavePage;
use crate::provider::OAuthProvider;
use crate::request::Fields;
use crate::response::Answer;
use crate::secret::same_text;

/// The parameters that the flow sets itself, and a script cannot override.
const OWN_PARAMETERS: [&str; 12] = [
    "callbackUrl",
    "client_id",
    "client_secret",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "state",
];

/// Redirects the browser to the provider.
pub(super) async fn start(flow: &mut Flow<'_>, provider: &OAuthProvider) -> Result<Answer, Error> {
    let endpoints = provider.client.endpoints(flow.context.now()).await.map_err(Error::OAuth)?;
    let started = check::start(flow, provider);
    let mut url = endpoints.authorization.clone();
    let mut parameters = Parameters::of(&url);
    // The order is that of Auth.js, whose URL already has a scope.
    if !provider.is_oidc() {
        parameters.set("scope", &provider.scope);
    }
    parameters.set("response_type", "code");
    parameters.set("client_id", &provider.client.id);
    parameters.set("redirect_uri", &redirect_uri(flow, provider));
    for (name, value) in &provider.parameters {
        parameters.set(name, value);
    }
    if provider.form_post {
        parameters.set("response_mode", "form_post");
    }
    if let [domain] = provider.hosted_domains.as_slice() {
        // This preselects an account; only the claim is checked.
        parameters.set("hd", domain);
    }
    for (name, value) in flow.request.query.iter() {
        if !OWN_PARAMETERS.contains(&name) {
            parameters.set(name, value);
        }
    }
    parameters.set("state", &started.state);
    parameters.set("code_challenge", &started.challenge);
    parameters.set("code_challenge_method", "S256");
    if let Some(nonce) = &started.nonce {
        parameters.set("nonce", nonce);
    }
    if !parameters.has("scope") {
        parameters.set("scope", &provider.scope);
    }
    parameters.write(&mut url);
    flow.set_cookies.extend(started.cookies);

    let config = flow.context.config();
    let target = String::from(url);
    let leave = LeavePage { host: config.url.host(), provider: &provider.name, target: &target };
    let html = config.pages.leave(&leave);
    Ok(Answer::Leave { html, policy: config.pages.content_security_policy(), target })
}

/// Handles the provider's callback.
pub(super) async fn finish(flow: &mut Flow<'_>, provider: &OAuthProvider) -> Result<Answer, Error> {
    let checks = Checks::take(flow, provider);
    let answer = if provider.form_post { &flow.request.body } else { &flow.request.query };
    // Before any request to the provider: did this browser start this sign-in?
    let state = answer.value("state").unwrap_or_default();
    if !same_text(state, checks.state()?) {
        return Err(Error::OAuth(OAuthError::Answer("the state is wrong")));
    }
    let now = flow.context.now();
    let endpoints = provider.client.endpoints(now).await.map_err(Error::OAuth)?;
    let code = code(answer, &endpoints)?;
    let verifier = checks.verifier()?;
    let nonce = if provider.is_oidc() { Some(checks.nonce()?) } else { None };

    let redirect_uri = redirect_uri(flow, provider);
    let tokens = exchange(&provider.client, &endpoints, code, verifier, &redirect_uri, now).await;
    let tokens = tokens.map_err(Error::OAuth)?;
    let profile = profile(&provider.client, &provider.profile, &endpoints, &tokens, nonce, now).await;
    let profile = profile.map_err(Error::OAuth)?;
    login::sign_in(flow, provider, profile, tokens).await
}

/// Returns the code of a valid callback from the right provider.
fn code<'a>(answer: &'a Fields, endpoints: &Endpoints) -> Result<&'a str, Error> {
    let refuse = |reason| Err(Error::OAuth(OAuthError::Answer(reason)));
    if answer.filled("response").is_some() {
        return refuse("the response is a JWT");
    }
    match answer.filled("iss") {
        Some(issuer) if Some(issuer) != endpoints.issuer.as_deref() => {
            return refuse("it comes from another issuer");
        }
        None if endpoints.answers_name_issuer => return refuse("it does not name the issuer"),
        _ => {}
    }
    if let Some(error) = answer.filled("error") {
        return Err(Error::oauth_callback(error));
    }
    if answer.value("id_token").or(answer.value("token")).is_some() {
        return refuse("it contains tokens");
    }
    let Some(code) = answer.filled("code") else { return refuse("it has no code") };
    Ok(code)
}

fn redirect_uri(flow: &Flow<'_>, provider: &OAuthProvider) -> String {
    flow.context.config().url.action(&format!("callback/{}", provider.id))
}

/// The parameters of a URL. As in `URLSearchParams`, setting a name that exists replaces its value in place.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(url: &Url) -> Self {
        Self(url.query_pairs().into_owned().collect())
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(other, _)| other == name)
    }

    fn set(&mut self, name: &str, value: &str) {
        match self.0.iter().position(|(other, _)| other == name) {
            Some(place) => value.clone_into(&mut self.0[place].1),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
    }

    fn write(&self, url: &mut Url) {
        url.query_pairs_mut().clear().extend_pairs(&self.0);
    }
}
