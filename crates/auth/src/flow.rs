//! The endpoints: routing, and what all of them share.
//!
//! Source: @auth/core 0.41.3 `index.js`, `lib/index.js`, `lib/init.js`.

mod callback;
#[cfg(feature = "oauth")]
mod check;
#[cfg(feature = "oauth")]
mod login;
#[cfg(feature = "oauth")]
mod oauth;
mod page;
mod providers;
mod session;
mod sign_in;
mod sign_out;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};

use crate::context::Context;
use crate::cookie::{Cookies, SessionCookies};
use crate::csrf::CsrfToken;
use crate::error::{Error, ErrorPage};
use crate::model::{Session, UserId};
use crate::provider::Provider;
use crate::redirect::{confine, is_http_url, with_query};
use crate::request::{Action, AuthRequest};
use crate::response::{Answer, error_redirect, json};
use crate::token::SessionToken;

/// The state of a request, for each endpoint.
struct Flow<'a> {
    context: &'a Context,
    request: &'a AuthRequest,
    provider: Option<&'a Provider>,
    /// The cookies of the request.
    #[cfg(feature = "oauth")]
    cookies: Cookies,
    session: SessionCookies,
    csrf: CsrfToken,
    callback_url: String,
    set_cookies: Vec<HeaderValue>,
    /// The only cookies that an error response sets.
    cookies_of_error: Vec<HeaderValue>,
}

pub(crate) async fn handle(context: &Context, request: &Request<Bytes>) -> Response<Bytes> {
    let headers = request.headers();
    let Some(request) = AuthRequest::read(request, context.config().url.base_path()) else {
        return json(StatusCode::BAD_REQUEST, r#""Bad request.""#);
    };
    if let Some(response) = refuse_callback_url(context, &request, headers) {
        return response;
    }
    let mut flow = match Flow::new(context, &request, headers) {
        Ok(flow) => flow,
        Err(error) => return error_response(context, &request, headers, &error),
    };
    match flow.answer().await {
        Ok(answer) => answer.into_response(headers, flow.set_cookies),
        Err(error) => {
            let mut response = error_response(context, &request, headers, &error);
            for cookie in flow.cookies_of_error {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
    }
}

impl<'a> Flow<'a> {
    fn new(context: &'a Context, request: &'a AuthRequest, headers: &HeaderMap) -> Result<Self, Error> {
        let config = context.config();
        let provider = match &request.provider_id {
            None => None,
            Some(id) => {
                let provider = config.providers.iter().find(|provider| provider.id() == id);
                Some(provider.ok_or(Error::UnknownProvider)?)
            }
        };
        let cookies = Cookies::read(headers);
        let names = context.cookie_names();
        let csrf = context.csrf(&cookies);

        let asked = request.body.value("callbackUrl").or(request.query.value("callbackUrl"));
        let kept = cookies.value(names.callback_url);
        let callback_url = match (asked.filter(|url| !url.is_empty()), kept) {
            (Some(asked), _) => confine(asked, &config.url)?,
            // An invalid cookie is replaced; Auth.js fails until the browser deletes it.
            (None, Some(kept)) => {
                confine(kept, &config.url).unwrap_or_else(|_| config.url.origin().to_owned())
            }
            (None, None) => config.url.origin().to_owned(),
        };

        let mut set_cookies: Vec<_> = csrf.set_cookie().cloned().into_iter().collect();
        if kept != Some(&callback_url) {
            set_cookies.push(names.set(names.callback_url, &callback_url));
        }
        let session = cookies.session(names);
        Ok(Self {
            context,
            request,
            provider,
            #[cfg(feature = "oauth")]
            cookies,
            session,
            csrf,
            callback_url,
            set_cookies,
            cookies_of_error: Vec::new(),
        })
    }

    async fn answer(&mut self) -> Result<Answer, Error> {
        match (self.request.is_post, self.request.action) {
            (false, Action::Csrf) => Ok(session::csrf(self)),
            (false, Action::Providers) => Ok(providers::list(self)),
            (false, Action::Session) => Ok(session::read(self).await),
            (false, Action::SignIn) => page::sign_in(self),
            (false, Action::SignOut) => Ok(page::sign_out(self)),
            (false, Action::VerifyRequest) => Ok(page::verify_request(self)),
            (false, Action::Error) => Ok(page::error(self)),
            (is_post, Action::Callback) => self.callback(is_post).await,
            (true, action) => {
                self.check_csrf(action)?;
                match action {
                    Action::Session => Ok(session::read(self).await),
                    Action::SignIn => self.sign_in().await,
                    Action::SignOut => Ok(sign_out::sign_out(self).await),
                    Action::Callback => Err(Error::UnknownProvider),
                    Action::Csrf | Action::Error | Action::Providers | Action::VerifyRequest => {
                        Err(Error::UnknownAction)
                    }
                }
            }
        }
    }

    async fn sign_in(&mut self) -> Result<Answer, Error> {
        match self.provider {
            None => Ok(Answer::Redirect(self.context.config().url.action("signin"))),
            Some(Provider::Email(provider)) => sign_in::request_link(self, provider).await,
            #[cfg(feature = "oauth")]
            Some(Provider::OAuth(provider)) => oauth::start(self, provider).await,
        }
    }

    /// Handles a magic link, its form, or a provider's callback. A callback has no CSRF token, because it comes from another
    /// site; its `state` ties it to the browser.
    async fn callback(&mut self, is_post: bool) -> Result<Answer, Error> {
        match self.provider {
            None => Err(Error::UnknownProvider),
            Some(Provider::Email(provider)) if is_post => {
                self.check_csrf(Action::Callback)?;
                callback::use_link(self, provider).await
            }
            Some(Provider::Email(provider)) => callback::show(self, provider),
            #[cfg(feature = "oauth")]
            Some(Provider::OAuth(provider)) => oauth::finish(self, provider).await,
        }
    }

    /// Checks that the form was served by this site. For a magic link's form, this also ties the link to the browser that
    /// opened it, because that page set the cookie.
    fn check_csrf(&self, action: Action) -> Result<(), Error> {
        let has_form =
            matches!(action, Action::Session | Action::SignIn | Action::SignOut | Action::Callback);
        let submitted = self.request.body.value("csrfToken").unwrap_or_default();
        if has_form && !self.csrf.matches(submitted) { Err(Error::MissingCsrf) } else { Ok(()) }
    }
}

/// Creates a session, sets its cookie, and redirects to the callback URL; new users see the new-user page first.
async fn start_session(flow: &mut Flow<'_>, user_id: UserId, is_new: bool) -> Result<Answer, Error> {
    let config = flow.context.config();
    let session = Session {
        token: SessionToken::random(&*config.random),
        user_id,
        expires: flow.context.now() + config.session.max_age,
    };
    let names = flow.context.cookie_names();
    let cookie = names.set_until(names.session, session.token.expose(), session.expires);
    flow.context.adapter().create_session(session).await.map_err(Error::adapter("create a session"))?;
    flow.set_cookies.extend(flow.session.clear_parts(names));
    flow.set_cookies.push(cookie);

    Ok(Answer::Redirect(match &config.page_urls.new_user {
        Some(page) if is_new => with_query(page, &[("callbackUrl", &flow.callback_url)]),
        _ => flow.callback_url.clone(),
    }))
}

/// Refuses an invalid callback URL in the query with status 400; Auth.js answers 500, which blames the server.
fn refuse_callback_url(
    context: &Context,
    request: &AuthRequest,
    headers: &HeaderMap,
) -> Option<Response<Bytes>> {
    let target = request.query.filled("callbackUrl")?;
    if is_http_url(target, &context.config().url) {
        return None;
    }
    tracing::warn!(error = %Error::InvalidCallbackUrl, "a request was refused");
    if request.is_post || !request.action.is_page() {
        let body = serde_json::json!({ "message": Error::InvalidCallbackUrl.to_string() }).to_string();
        return Some(json(StatusCode::BAD_REQUEST, body));
    }
    Some(match &context.config().page_urls.error {
        Some(page) => {
            let page = format!("{}{page}", context.config().url.origin());
            error_redirect(&with_query(&page, &[("error", "Configuration")]), headers)
        }
        None => {
            let mut response = page::error_page(context, None).into_response(headers, Vec::new());
            *response.status_mut() = StatusCode::BAD_REQUEST;
            response
        }
    })
}

/// Redirects to the error page, and logs the details.
fn error_response(
    context: &Context,
    request: &AuthRequest,
    headers: &HeaderMap,
    error: &Error,
) -> Response<Bytes> {
    log(error, request.action);
    if request.is_post && request.action == Action::Session {
        return json(StatusCode::BAD_REQUEST, "null");
    }
    let urls = &context.config().page_urls;
    let (page, own) = match error.page() {
        ErrorPage::SignIn => (&urls.sign_in, "signin"),
        ErrorPage::Error => (&urls.error, "error"),
    };
    let page = match page {
        Some(page) => format!("{}{page}", context.config().url.origin()),
        None => context.config().url.action(own),
    };
    error_redirect(&with_query(&page, &[("error", error.code())]), headers)
}

fn log(error: &Error, action: Action) {
    if let Error::Adapter { operation, source } = error {
        tracing::error!(?action, operation, error = %source, "the adapter failed");
        return;
    }
    #[cfg(feature = "oauth")]
    if let Error::OAuth(source) = error {
        tracing::warn!(?action, error = %source, "a sign-in at a provider failed");
        return;
    }
    tracing::info!(?action, %error, "a request was refused");
}
