//! The state of the application, which every handler can reach.

use std::sync::Arc;

use axum::extract::FromRef;
use nicol_auth::{AllowList, Auth, AuthSecret, AuthUrl, Config, EncryptionKeys, Provider};
use nicol_server::{RateLimiter, TrustedProxies};

use crate::config::{Operation, RateLimits, RequestKind};
use crate::db::Client;
use crate::live::Live;
use crate::mailbox::Mailbox;
use crate::room::Room;
use crate::traces::Traces;
use crate::undo::Undo;
use crate::views::AuthPages;

/// The state of the application. Cloning is cheap.
#[derive(Clone, Debug, FromRef)]
pub struct AppState {
    /// The database; everything is read from the primary.
    pub db: Client,
    /// The database for reads that may lag; `None` without replicas.
    pub(crate) replicas: Option<Replicas>,
    /// Sign-in.
    pub auth: Auth,
    /// How the site is reached.
    pub site: Arc<Site>,
    /// Remembers deleted people for undo.
    pub undo: Arc<Undo>,
    /// Notifies open pages of changes.
    pub live: Live,
    /// Keeps unsent mails; in development only.
    pub mailbox: Option<Mailbox>,
    /// The proxies in front of People.
    pub trusted_proxies: Arc<TrustedProxies>,
    /// How many requests an address may make; `None` if they are not limited.
    pub(crate) rate_limits: Option<RateLimits>,
    /// Counts the requests of each address.
    pub(crate) limiter: Arc<RateLimiter<RequestKind>>,
    /// Limits the memory of concurrent imports.
    pub(crate) room: Arc<Room>,
    /// Sends traces to a collector, if one is configured.
    pub traces: Traces,
}

/// A client whose reads go to replicas. A type of its own, so that handlers get the other one by [`State`](axum::extract::State).
#[derive(Clone, Debug)]
pub(crate) struct Replicas(pub(crate) Client);

/// The public URL of the site.
#[derive(Clone, Debug)]
pub struct Site {
    /// Scheme, host and port, without a slash at the end.
    pub origin: String,
    /// Whether requests for other hosts are refused. In development no proxy checks the host, and a page of another site
    /// could point its name to this machine (DNS rebinding).
    pub checks_host: bool,
}

/// The parts of the application.
#[derive(Debug)]
pub struct Parts {
    /// The database, with its replicas.
    pub db: Client,
    /// Notifies open pages of changes.
    pub live: Live,
    /// The public URL.
    pub url: AuthUrl,
    /// Signs cookies.
    pub secret: AuthSecret,
    /// Who may sign in.
    pub allow: AllowList,
    /// Encrypts the tokens that providers give.
    pub encryption: EncryptionKeys,
    /// The sign-in providers, in the order of the sign-in page.
    pub providers: Vec<Provider>,
    /// Keeps unsent mails to show them; in development only.
    pub mailbox: Option<Mailbox>,
    /// Whether links are printed on the terminal and no proxy is in front.
    pub development: bool,
    /// Operational settings.
    pub operation: Operation,
}

impl AppState {
    /// Builds the state.
    pub fn new(parts: Parts) -> Self {
        let Parts { db, live, url, secret, allow, encryption, providers, mailbox, development, operation } =
            parts;
        let site = Site { origin: url.origin().to_owned(), checks_host: development };
        let undo = Undo::new(&secret, site.is_https());
        let config = Config::new(url, secret, allow).encryption(encryption).pages(AuthPages { development });
        let config = providers.into_iter().fold(config, Config::provider);
        let replicas = (!db.metrics().replicas.is_empty()).then(|| Replicas(db.clone()));
        let db = db.primary();
        let auth = Auth::new(config, db.clone());
        Self {
            db,
            replicas,
            auth,
            site: Arc::new(site),
            undo: Arc::new(undo),
            live,
            mailbox,
            trusted_proxies: Arc::new(operation.trusted_proxies),
            rate_limits: operation.rate_limits,
            limiter: Arc::default(),
            room: Arc::default(),
            traces: Traces::default(),
        }
    }
}

impl Site {
    /// Host and port.
    pub fn host(&self) -> &str {
        self.origin.split_once("://").map_or(&self.origin, |(_, host)| host)
    }

    /// The name of the cookie that holds the session.
    ///
    /// Source: @auth/core 0.41.3 `lib/utils/cookie.js`.
    pub fn session_cookie(&self) -> &'static str {
        if self.is_https() { "__Secure-authjs.session-token" } else { "authjs.session-token" }
    }

    /// Whether browsers connect over HTTPS.
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }
}
