//! The application on a database of its own, and visitors who use it as browsers do.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use nicol_auth::{
    AllowList, AuthSecret, AuthUrl, Authenticated, EmailProvider, EncryptionKeys, MagicLinkMail, Mailer,
    Provider,
};
use nicol_pg::ConnectionUrl;
use people::app::{AppState, Parts};
use people::config::Operation;
use people::db::{Client, Person, person};
use people::live::{Limits, Live};
use people::traces::Traces;
use testkit::TestDatabase;
use tower::ServiceExt as _;

pub(crate) const ORIGIN: &str = "http://localhost:3000";

/// A database of its own with the tables of People.
pub(crate) async fn database() -> TestDatabase {
    TestDatabase::from_template("people", async |url| {
        nicol_migrate::deploy(url, &people::database::migrations(), |_| {}).await.unwrap();
    })
    .await
}

/// The application, its database and the mail it sent.
#[derive(Clone)]
pub(crate) struct TestApp {
    pub(crate) db: Client,
    pub(crate) auth: nicol_auth::Auth,
    router: Router,
    statements: Arc<AtomicUsize>,
    mailbox: Mailbox,
    pub(crate) live: Live,
    #[cfg_attr(not(feature = "otel"), allow(dead_code, reason = "there is nothing to be sent"))]
    pub(crate) traces: Traces,
    pub(crate) database: Arc<TestDatabase>,
}

impl TestApp {
    /// An empty directory to which everybody is let in.
    pub(crate) async fn start() -> Self {
        Self::with("*", |url| url).await
    }

    /// The same for some addresses only, and with another form of the database's URL.
    pub(crate) async fn with(allowed: &str, url: impl Fn(String) -> String) -> Self {
        Self::build(allowed, url, Operation::default(), Limits::default()).await
    }

    /// The same run in another way.
    pub(crate) async fn operated(operation: Operation) -> Self {
        Self::build("*", |url| url, operation, Limits::default()).await
    }

    /// The same with other limits for open pages.
    pub(crate) async fn live(limits: Limits, url: impl Fn(String) -> String) -> Self {
        Self::build("*", url, Operation::default(), limits).await
    }

    /// All of it.
    pub(crate) async fn build(
        allowed: &str,
        url: impl Fn(String) -> String,
        operation: Operation,
        limits: Limits,
    ) -> Self {
        Self::assemble(allowed, url, operation, limits, Vec::new()).await
    }

    /// The same at which one can sign in elsewhere, too.
    pub(crate) async fn offering(providers: Vec<Provider>) -> Self {
        Self::assemble("*", |url| url, Operation::default(), Limits::default(), providers).await
    }

    async fn assemble(
        allowed: &str,
        url: impl Fn(String) -> String,
        operation: Operation,
        limits: Limits,
        elsewhere: Vec<Provider>,
    ) -> Self {
        let database = database().await;
        // Behind a pooler, as it should be deployed there.
        let direct = url(database.unpooled_url_text());
        let db = Client::lazy(&url(database.url_text())).unwrap();
        Self::on(allowed, database, &db, &direct, operation, limits, elsewhere)
    }

    /// On the database of a client. Its direct URL is for live updates.
    pub(crate) fn on(
        allowed: &str,
        database: TestDatabase,
        db: &Client,
        direct: &str,
        operation: Operation,
        limits: Limits,
        elsewhere: Vec<Provider>,
    ) -> Self {
        let statements = Arc::new(AtomicUsize::new(0));
        let count = statements.clone();
        let traces = Traces::start(operation.traces.as_ref(), "0.0.0").unwrap();
        let noted = traces.clone();
        let db = db.on_query(move |event| {
            if event.is_transaction() {
                return;
            }
            count.fetch_add(1, Ordering::Relaxed);
            noted.statement(event.sql, event.duration, event.failed);
        });
        let mailbox = Mailbox::default();
        let live = Live::new(db.primary(), &ConnectionUrl::parse(direct).unwrap(), limits);
        let mut state = AppState::new(Parts {
            db: db.clone(),
            live: live.clone(),
            url: AuthUrl::parse(ORIGIN).unwrap(),
            secret: AuthSecret::new("a secret for tests, long enough for anybody").unwrap(),
            allow: AllowList::from_vars(|name| (name == "AUTH_ALLOWED_EMAILS").then(|| allowed.to_owned()))
                .unwrap(),
            encryption: EncryptionKeys::default(),
            providers: elsewhere.into_iter().chain([EmailProvider::new(mailbox.clone()).into()]).collect(),
            mailbox: Some(mailbox.shown.clone()),
            development: true,
            operation,
        });
        state.traces = traces.clone();
        let auth = state.auth.clone();
        Self {
            db,
            auth,
            router: people::router::router(state),
            statements,
            mailbox,
            live,
            traces,
            database: Arc::new(database),
        }
    }

    /// The answer to a request as it comes, its body not read yet.
    pub(crate) async fn answer(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Ends all connections to the database, as a restart does.
    pub(crate) async fn lose_connections(&self) {
        let others = "select pg_terminate_backend(pid) from pg_stat_activity \
                      where datname = current_database() and pid <> pg_backend_pid()";
        self.database.connect().await.execute(others, &[]).await.unwrap();
    }

    /// How many statements were run since the last call.
    pub(crate) fn statements(&self) -> usize {
        self.statements.swap(0, Ordering::Relaxed)
    }

    /// Somebody who is not signed in.
    pub(crate) fn anon(&self) -> Visitor {
        Visitor { app: self.clone(), cookies: BTreeMap::new() }
    }

    /// Somebody who is.
    pub(crate) async fn user(&self, email: &str) -> Visitor {
        let mut visitor = self.anon();
        let link = visitor.ask_for_link(email).await.expect("a link was sent");
        let response = visitor.follow_link(&link).await;
        assert_eq!(response.location(), ORIGIN, "{}", response.body);
        visitor
    }

    /// A person in the directory, put there directly.
    pub(crate) async fn person(&self, name: &str, email: &str, phone_number: &str) -> Person {
        let new = person::New { name: name.into(), email: email.into(), phone_number: phone_number.into() };
        self.db.person().create(new).await.unwrap()
    }

    /// The address of the mailbox, as the terminal shows it, as a path.
    pub(crate) fn mailbox(&self) -> String {
        self.mailbox.shown.url("")
    }

    /// The last link sent to an address, as a path.
    pub(crate) async fn link_for(&self, email: &str) -> Option<String> {
        self.auth.settle().await;
        self.mailbox.last_link(email)
    }
}

/// A browser: it keeps cookies and asks for pages.
#[derive(Clone)]
pub(crate) struct Visitor {
    app: TestApp,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Visitor {
    pub(crate) async fn get(&mut self, path: &str) -> Response {
        self.send(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    /// Posts fields as they are, without a token unless one is among them.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }

    /// Opens a page and sends its main form with these fields.
    pub(crate) async fn submit(&mut self, page: &str, fields: &[(&str, &str)]) -> Response {
        let page = self.get(page).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let (action, mut all) = page.form();
        all.retain(|(name, _)| !fields.iter().any(|(given, _)| given == name));
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let all: Vec<_> = all.iter().map(|(name, value)| (&**name, &**value)).collect();
        self.post(action.strip_prefix(ORIGIN).unwrap_or(&action), &all).await
    }

    /// Asks for a link at the sign-in page, and looks into the mailbox.
    pub(crate) async fn ask_for_link(&mut self, email: &str) -> Option<String> {
        let response = self.submit("/api/auth/signin", &[("email", email)]).await;
        assert!(response.location().contains("/api/auth/verify-request"), "{}", response.location());
        self.app.link_for(&email.to_lowercase()).await
    }

    /// Opens a link and presses the button on its page.
    pub(crate) async fn follow_link(&mut self, link: &str) -> Response {
        self.submit(link, &[]).await
    }

    /// The proof that this visitor is signed in.
    pub(crate) async fn proof(&self) -> Authenticated {
        let request = self.request(Method::GET, "/").body(()).unwrap();
        self.app.auth.session(request.headers()).await.unwrap().authenticated.unwrap()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:3000")
            .header(header::ACCEPT, "text/html")
            .header(header::COOKIE, cookies.join("; "))
    }

    /// Sends a request whose answer is not read here: it may have no end.
    pub(crate) async fn begin(&self, request: Request<Body>) -> axum::response::Response {
        self.app.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn send(&mut self, request: Request<Body>) -> Response {
        let response = self.begin(request).await;
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap_or_default();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        Response { status: parts.status, headers: parts.headers, body }
    }
}

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    /// The action and the hidden and typed fields of the page's last form: the first, in the bar, signs out.
    pub(crate) fn form(&self) -> (String, Vec<(String, String)>) {
        let form = &self.body[self.body.rfind("method=\"post\"").expect("the page has a form")..];
        let fields = form.split("<input").skip(1).filter_map(|input| {
            let tag = input.split('>').next()?;
            Some((attribute(tag, "name")?, attribute(tag, "value")?))
        });
        (attribute(form, "action").unwrap(), fields.collect())
    }

    /// Where the link with this relation leads: `next`, `prev`.
    pub(crate) fn link(&self, rel: &str) -> Option<String> {
        let before = &self.body[..self.body.find(&format!("rel=\"{rel}\""))?];
        attribute(&before[before.rfind("<a")?..], "href")
    }

    pub(crate) fn csrf(&self) -> String {
        let (_, fields) = self.form();
        fields.into_iter().find(|(name, _)| name == "csrfToken").unwrap().1
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let value = rest.split('"').next()?;
    Some(
        value
            .replace("&#38;", "&")
            .replace("&amp;", "&")
            .replace("&#34;", "\"")
            .replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#39;", "'"),
    )
}

/// Keeps mails instead of sending them.
#[derive(Clone, Default)]
struct Mailbox {
    mails: Arc<Mutex<Vec<MagicLinkMail>>>,
    shown: people::mailbox::Mailbox,
}

impl Mailbox {
    fn last_link(&self, email: &str) -> Option<String> {
        let mails = self.mails.lock().unwrap();
        let mail = mails.iter().rev().find(|mail| mail.to.as_str() == email)?;
        Some(mail.url.expose().strip_prefix(ORIGIN).unwrap().to_owned())
    }
}

impl Mailer for Mailbox {
    type Error = Infallible;

    async fn send(&self, mail: MagicLinkMail) -> Result<(), Infallible> {
        self.shown.keep(mail.clone());
        self.mails.lock().unwrap().push(mail);
        Ok(())
    }
}
