//! Sign-in and sessions, compatible with Auth.js.
//!
//! A person types an e-mail address, gets a link, opens it, presses a button, and has a session: a row in the
//! database and its token in a cookie. Rows, cookies, endpoints and redirects are those of Auth.js 5 with database
//! sessions (@auth/core 0.41.3, next-auth 5.0.0-beta.32), so that a Next.js application and this one can share one
//! database, one secret and the same signed-in browsers.
//!
//! ```text
//! browser ─► routes (axum, or any other through `Auth::handle`) ─► flow ─► Adapter ─► database
//!                                                                   └────► Mailer  ─► mailbox
//! ```
//!
//! ```
//! use nicol_auth::{AllowList, Auth, AuthSecret, AuthUrl, Config, EmailProvider, MemoryAdapter};
//! # use nicol_auth::{MagicLinkMail, Mailer};
//! # struct Postman;
//! # impl Mailer for Postman {
//! #     type Error = std::convert::Infallible;
//! #     async fn send(&self, _: MagicLinkMail) -> Result<(), Self::Error> { Ok(()) }
//! # }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let url = AuthUrl::parse("https://people.example.com")?;
//! let secret = AuthSecret::new("the output of `openssl rand -base64 33`")?;
//! let allow = AllowList::from_vars(|name| (name == "AUTH_ALLOWED_DOMAINS").then(|| "example.com".into()))?;
//! let config = Config::new(url, secret, allow).provider(EmailProvider::new(Postman));
//! let auth = Auth::new(config, MemoryAdapter::default());
//! assert_eq!(auth.base_path(), "/api/auth");
//! # Ok(())
//! # }
//! ```
//!
//! - The application says who may sign in ([`AllowList`]), where rows are kept ([`Adapter`], which [`adapter!`] writes
//!   for a generated client) and how mails leave ([`Mailer`]; an SMTP server with feature `smtp`).
//! - A function that takes [`Authenticated`] cannot be called for a stranger: only a session that was found makes one.
//! - A form of the application carries the [`CsrfToken`] of its browser, and is checked against it.
//! - What may go into an access log is [`loggable`]: the query of a magic link holds its token.
//!
//! # What differs from Auth.js
//!
//! - Opening a magic link shows a page; the button on it uses the link up. Mail scanners open links, too. The button
//!   works only in the browser that opened the page.
//! - Asking for a link has the same answer, after the same time, whether or not the address may sign in; `signIn`
//!   callbacks of Auth.js answer `AccessDenied` here. Who may sign in is asked again whenever a session is read.
//! - An address gets three links at once, and then one a minute.
//! - A text that is no address, or a link without its token, is the person's mistake (`EmailSignin`,
//!   `Verification`), not the server's (`Configuration`).
//! - At a provider, `state` and PKCE are always checked, and the nonce where there is an id token; Auth.js checks what
//!   `checks` names, by default PKCE alone. A sign-in that fails uses these up. Signatures of id tokens are checked, which
//!   Auth.js leaves to TLS, and a token that names another client as its party is refused.
//! - An address counts only once it is verified. A provider says so with `email_verified: true` (or `"true"`, as some
//!   write it); without the claim the address is not verified, unless [`OAuthProvider::assume_email_verified`] says
//!   otherwise. It then neither makes a user nor finds one, and nor does an address that is not in its normal form. GitHub
//!   is asked which addresses it has verified. If an id token has no address, the userinfo is asked.
//! - That an address was verified is recorded in `emailVerified`, where Auth.js leaves the column empty after a sign-in
//!   at a provider. When the owner of an address verifies it for the first time, accounts whose provider did not vouch
//!   for it and all earlier sessions end: they may be those of somebody else.
//! - A browser that posts a sign-in form gets a page that goes on to the provider by itself; Chromium would stop a
//!   redirect by the form's own `form-action`. Scripts get the redirect, or the JSON, of Auth.js.
//! - A session that has ended links no account. Signing in again replaces an account's tokens.
//! - Signing out twice is no error. An unreadable callback-URL cookie is replaced, where Auth.js refuses the browser.
//!
//! # What it does not do
//!
//! It has no passwords, no token sessions (JWT) and no passkeys. It neither reads the environment
//! nor prints: settings are passed in, and events go to `tracing`, without tokens or addresses.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `oauth` | [`provider::OAuthProvider`]: Google, GitHub, and whoever speaks OpenID Connect or OAuth 2 |
//! | `axum` | module `axum`: routes, extractors, a layer |
//! | `smtp` | `mail::SmtpMailer`, configured by `EMAIL_SERVER` and `EMAIL_FROM` |
//! | `adapter-suite` | module `adapter_suite`: the tests that every adapter has to pass |

//!
//! # Layers
//!
//! A module imports modules of the lines below its own only:
//!
//! ```text
//! axum adapter_suite                                    for the application
//! auth                                                  the public face
//! flow                                                  the endpoints
//! account
//! session                                               what a signed-in user has
//! context                                               everything below, for one site
//! response
//! redirect request                                      HTTP
//! config csrf
//! adapter cookie provider token_cipher                  database, browser, providers
//! allow_list jwe mail model oauth
//! token
//! email secret
//! clock error page random                               import nothing
//! ```

mod account;
pub mod adapter;
#[cfg(any(test, feature = "adapter-suite"))]
pub mod adapter_suite;
mod allow_list;
mod auth;
#[cfg(feature = "axum")]
pub mod axum;
mod clock;
mod config;
mod context;
mod cookie;
mod csrf;
mod email;
mod error;
mod flow;
#[cfg(feature = "oauth")]
mod jwe;
pub mod mail;
mod model;
#[cfg(feature = "oauth")]
mod oauth;
pub mod page;
pub mod provider;
mod random;
mod redirect;
mod request;
mod response;
mod secret;
mod session;
mod token;
mod token_cipher;

pub use account::access_token::RenewedTokens;
pub use account::{LinkedAccount, Unlinked};
pub use adapter::Adapter;
pub use adapter::memory::MemoryAdapter;
pub use allow_list::AllowList;
pub use auth::Auth;
pub use clock::{Clock, SystemClock};
pub use config::{AuthUrl, Config, SessionLifetime};
pub use cookie::Cookies;
pub use csrf::CsrfToken;
pub use email::EmailAddress;
#[cfg(feature = "oauth")]
pub use error::OAuthError;
pub use error::{AccessTokenError, AllowListError, ConfigError, Error, InvalidEmail, Undecipherable};
pub use mail::{MagicLinkMail, Mailer};
pub use model::{Account, AccountKey, NewUser, Session, User, UserId, UserUpdate, VerificationToken};
pub use page::{PageUrls, Pages};
pub use provider::{EmailProvider, Provider};
#[cfg(feature = "oauth")]
pub use provider::{OAuthProvider, Providers};
pub use random::{Random, SystemRandom};
pub use request::loggable;
pub use secret::{AuthSecret, Secret};
pub use session::{Authenticated, SessionHandle, SessionInfo, SessionRead};
pub use token::{HashedToken, SessionToken};
pub use token_cipher::EncryptionKeys;

/// A point in time.
pub type DateTime = chrono::DateTime<chrono::Utc>;
