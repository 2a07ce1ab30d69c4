//! A site on a memory adapter, with a clock to turn and a mailbox to look into; and browsers that keep cookies.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, Request, Response, StatusCode, header};
use nicol_auth::adapter::memory::{MemoryAdapter, MemoryError, Tables};
use nicol_auth::{
    Account, AccountKey, Adapter, AllowList, Auth, AuthSecret, AuthUrl, Authenticated, Clock, Config,
    EmailProvider, HashedToken, MagicLinkMail, Mailer, NewUser, Random, Secret, Session, SessionToken, User,
    UserId, UserUpdate, VerificationToken,
};

pub(crate) const SECRET: &str = "a secret that is used for tests only";

#[derive(Clone)]
pub(crate) struct TestClock(pub(crate) Arc<Mutex<DateTime<Utc>>>);

impl TestClock {
    pub(crate) fn at(instant: &str) -> Self {
        Self(Arc::new(Mutex::new(instant.parse().unwrap())))
    }

    pub(crate) fn set(&self, instant: DateTime<Utc>) {
        *self.0.lock().unwrap() = instant;
    }

    pub(crate) fn advance(&self, time: TimeDelta) {
        *self.0.lock().unwrap() += time;
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// Gives the same bytes each time, as the recording of the reference does.
pub(crate) struct SameBytes;

impl Random for SameBytes {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0xab);
    }
}

#[derive(Clone, Default)]
pub(crate) struct Mailbox(pub(crate) Arc<Mutex<Vec<MagicLinkMail>>>);

impl Mailer for Mailbox {
    type Error = Infallible;

    async fn send(&self, mail: MagicLinkMail) -> Result<(), Infallible> {
        self.0.lock().unwrap().push(mail);
        Ok(())
    }
}

impl Mailbox {
    /// The path and query of the last link.
    pub(crate) fn last_link(&self) -> String {
        let mails = self.0.lock().unwrap();
        let url: http::Uri = mails.last().expect("a mail was sent").url.expose().parse().unwrap();
        url.path_and_query().unwrap().to_string()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// A memory adapter that can be out of reach, and counts the calls.
#[derive(Clone, Default)]
pub(crate) struct TestAdapter {
    memory: Arc<MemoryAdapter>,
    down: Arc<Mutex<bool>>,
    failing: Arc<Mutex<Option<&'static str>>>,
    calls: Arc<Mutex<Vec<&'static str>>>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum TestError {
    #[error("out of reach")]
    OutOfReach,
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

impl TestAdapter {
    pub(crate) fn tables(&self) -> std::sync::MutexGuard<'_, Tables> {
        self.memory.tables()
    }

    pub(crate) fn set_down(&self, down: bool) {
        *self.down.lock().unwrap() = down;
    }

    /// One method fails, and all others work.
    pub(crate) fn set_failing(&self, method: Option<&'static str>) {
        *self.failing.lock().unwrap() = method;
    }

    pub(crate) fn take_calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    fn reach(&self, method: &'static str) -> Result<&MemoryAdapter, TestError> {
        self.calls.lock().unwrap().push(method);
        let fails = *self.down.lock().unwrap() || *self.failing.lock().unwrap() == Some(method);
        if fails { Err(TestError::OutOfReach) } else { Ok(&self.memory) }
    }
}

macro_rules! delegate {
    ($($method:ident($($argument:ident: $ty:ty),*) -> $answer:ty;)*) => {
        impl Adapter for TestAdapter {
            type Error = TestError;
            $(async fn $method(&self, $($argument: $ty),*) -> Result<$answer, TestError> {
                // Others get a turn in between, as with a database.
                tokio::task::yield_now().await;
                Ok(self.reach(stringify!($method))?.$method($($argument),*).await?)
            })*
        }
    };
}

delegate! {
    create_user(user: NewUser) -> User;
    user(id: &UserId) -> Option<User>;
    user_by_email(email: &str) -> Option<User>;
    user_by_account(key: AccountKey<'_>) -> Option<User>;
    update_user(update: UserUpdate) -> Option<User>;
    delete_user(id: &UserId) -> bool;
    link_account(account: Account) -> ();
    unlink_account(key: AccountKey<'_>) -> bool;
    account(key: AccountKey<'_>) -> Option<Account>;
    accounts_of(user: &UserId) -> Vec<Account>;
    renew_account(account: Account, was: Option<&Secret>) -> bool;
    create_session(session: Session) -> ();
    session_and_user(token: &SessionToken) -> Option<(Session, User)>;
    update_session(token: &SessionToken, expires: DateTime<Utc>) -> bool;
    delete_session(token: &SessionToken) -> bool;
    create_verification_token(token: VerificationToken) -> ();
    use_verification_token(identifier: &str, token: &HashedToken) -> Option<VerificationToken>;
    sessions_of(user: &UserId) -> Vec<Session>;
    delete_sessions_of(user: &UserId, keep: Option<&SessionToken>) -> u64;
    delete_expired(before: DateTime<Utc>, most: u32) -> u64;
}

/// A site at which Ann and everybody of `example.org` may sign in.
pub(crate) struct Site {
    pub(crate) auth: Auth,
    pub(crate) adapter: TestAdapter,
    pub(crate) mailbox: Mailbox,
    pub(crate) clock: TestClock,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self::with(|config| config)
    }

    pub(crate) fn with(settings: impl FnOnce(Config) -> Config) -> Self {
        let (adapter, mailbox) = (TestAdapter::default(), Mailbox::default());
        let clock = TestClock::at("2026-11-23T12:00:00Z");
        let allow = AllowList::from_vars(|name| match name {
            "AUTH_ALLOWED_EMAILS" => Some("ann@example.com".to_owned()),
            _ => Some("example.org".to_owned()),
        });
        let config = Config::new(
            AuthUrl::parse("http://localhost:3000").unwrap(),
            AuthSecret::new(SECRET).unwrap(),
            allow.unwrap(),
        );
        let config = config.provider(EmailProvider::new(mailbox.clone())).clock(clock.clone());
        let auth = Auth::new(settings(config), adapter.clone());
        Self { auth, adapter, mailbox, clock }
    }

    /// Who is signed in in a browser.
    pub(crate) async fn who(&self, browser: &Browser<'_>) -> Option<Authenticated> {
        self.auth.session(&browser.headers()).await.unwrap().authenticated
    }

    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser { auth: &self.auth, cookies: BTreeMap::new(), accept: None }
    }

    /// A browser in which somebody has signed in.
    pub(crate) async fn signed_in(&self, email: &str) -> Browser<'_> {
        let mut browser = self.browser();
        let answer = browser.ask_for_link(email).await;
        assert_eq!(answer.status(), StatusCode::FOUND);
        self.auth.settle().await;
        let answer = browser.use_link(&self.mailbox.last_link()).await;
        assert_eq!(location(&answer), "http://localhost:3000", "sign-in leads to the front page");
        browser
    }
}

/// Keeps cookies as a browser does.
pub(crate) struct Browser<'a> {
    auth: &'a Auth,
    pub(crate) cookies: BTreeMap<String, String>,
    /// What it says it takes; a script says nothing.
    pub(crate) accept: Option<&'static str>,
}

impl Browser<'_> {
    /// What it sends along with each request.
    pub(crate) fn headers(&self) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, self.cookie_header().try_into().unwrap())])
    }

    fn cookie_header(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    pub(crate) async fn get(&mut self, path_and_query: &str) -> Response<Bytes> {
        self.send(Request::get(path_and_query), Bytes::new()).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Response<Bytes> {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(request, body.into()).await
    }

    /// Fills in the sign-in form.
    pub(crate) async fn ask_for_link(&mut self, email: &str) -> Response<Bytes> {
        let csrf = self.csrf_token().await;
        self.post("/api/auth/signin/email", &[("csrfToken", &csrf), ("email", email)]).await
    }

    /// Opens a link and presses the button.
    pub(crate) async fn use_link(&mut self, link: &str) -> Response<Bytes> {
        let page = self.get(link).await;
        assert_eq!(page.status(), StatusCode::OK, "the link shows a page");
        let fields = hidden_fields(&page);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post("/api/auth/callback/email", &fields).await
    }

    pub(crate) async fn csrf_token(&mut self) -> String {
        let body: serde_json::Value = json(&self.get("/api/auth/csrf").await);
        body["csrfToken"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn session(&mut self) -> serde_json::Value {
        json(&self.get("/api/auth/session").await)
    }

    async fn send(&mut self, request: http::request::Builder, body: Bytes) -> Response<Bytes> {
        let mut request = request.header(header::COOKIE, self.cookie_header());
        if let Some(accept) = self.accept {
            request = request.header(header::ACCEPT, accept);
        }
        let request = request.body(body).unwrap();
        let response = self.auth.handle(request).await;
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }
}

pub(crate) fn json(response: &Response<Bytes>) -> serde_json::Value {
    serde_json::from_slice(response.body()).unwrap()
}

pub(crate) fn location(response: &Response<Bytes>) -> &str {
    response.headers().get(header::LOCATION).map_or("", |location| location.to_str().unwrap())
}

pub(crate) fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

/// The hidden fields of a page's form.
pub(crate) fn hidden_fields(page: &Response<Bytes>) -> Vec<(String, String)> {
    let attribute = |input: &str, name: &str| {
        let value = input.split_once(&format!("{name}=\"")).unwrap().1.split('"').next().unwrap();
        value
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
    };
    let inputs = text(page).split("<input type=\"hidden\"").skip(1);
    inputs.map(|input| (attribute(input, "name"), attribute(input, "value"))).collect()
}
