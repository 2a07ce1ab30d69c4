//! Open pages hear of changes, whoever makes them.

use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use axum::body::{Body, BodyDataStream};
use axum::http::{Method, StatusCode, header};
use futures_util::StreamExt as _;
use people::config::Operation;
use people::live::Limits;
use tokio::time::{sleep, timeout};

use crate::running::{Project, Running};
use crate::test_app::{self, TestApp, Visitor};

const PATH: &str = "/people/events";
const PATIENCE: Duration = Duration::from_secs(20);

/// How long nothing must come for nothing to be on its way.
const QUIET: Duration = Duration::from_millis(700);

/// What a browser hears on an open page.
struct Page {
    body: BodyDataStream,
    text: String,
    events: VecDeque<String>,
}

impl Page {
    /// Opens the stream and waits until all is known that was before.
    async fn open(visitor: &Visitor) -> Self {
        let mut page = Self::begin(visitor).await;
        assert_eq!(page.event().await.as_deref(), Some("ready"));
        assert_eq!(page.event().await.as_deref(), Some("change"), "what was before the stream is not known");
        page
    }

    async fn begin(visitor: &Visitor) -> Self {
        Self::begin_at(visitor, PATH).await
    }

    async fn begin_at(visitor: &Visitor, path: &str) -> Self {
        let request = visitor.request(Method::GET, path).header(header::ACCEPT_ENCODING, "gzip, br");
        let response = visitor.begin(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK);
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/event-stream");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("x-accel-buffering"), "no");
        assert!(!response.headers().contains_key("content-encoding"), "a compressor would keep events back");
        assert!(!response.headers().contains_key("set-cookie"));
        Self { body: response.into_body().into_data_stream(), text: String::new(), events: VecDeque::new() }
    }

    /// The name of the next event; `None` at the end of the stream.
    async fn event(&mut self) -> Option<String> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            let chunk = timeout(PATIENCE, self.body.next()).await.expect("something is heard")?;
            let chunk = String::from_utf8(chunk.unwrap().to_vec()).unwrap();
            self.text += &chunk;
            for block in chunk.split_terminator("\n\n") {
                let name = block.lines().find_map(|line| line.strip_prefix("event: "));
                if let Some(name) = name {
                    assert!(block.ends_with("data: {}"), "{block}");
                    self.events.push_back(name.to_owned());
                }
            }
        }
    }

    /// Waits for a change.
    async fn change(&mut self) {
        assert_eq!(self.event().await.as_deref(), Some("change"));
    }

    /// How many changes come before there is silence.
    async fn changes(&mut self) -> usize {
        let mut count = 0;
        while let Ok(event) = timeout(QUIET, self.event()).await {
            assert_eq!(event.as_deref(), Some("change"));
            count += 1;
        }
        count
    }
}

/// Runs SQL as psql would, knowing nothing of People.
async fn psql(app: &TestApp, sql: &str) {
    app.database.connect().await.batch_execute(sql).await.unwrap();
}

/// How many connections listen in the database of the test.
async fn listeners(app: &TestApp) -> i64 {
    let sql = "select count(*) from pg_stat_activity where datname = current_database() \
               and application_name = 'people live'";
    app.database.connect().await.query_one(sql, &[]).await.unwrap().get(0)
}

async fn wait_for_listeners(app: &TestApp, count: i64) {
    let began = Instant::now();
    while listeners(app).await != count {
        assert!(began.elapsed() < PATIENCE, "there are never {count}");
        sleep(Duration::from_millis(50)).await;
    }
}

const INSERT: &str = "insert into people (id, name, email, phone_number, updated_at) \
                      values ('x', 'Xenia', 'x@example.com', '123', now())";

/// With trigger and without it, and whoever writes what.
async fn check_every_change_arrives(app: &TestApp) {
    let mut user = app.user("me@example.com").await;
    let mut page = Page::open(&user).await;
    let mut second = Page::open(&user).await;
    for sql in [
        INSERT,
        "update people set name = 'Yvonne'",
        "delete from people",
        "begin; insert into people select 'y', 'Y', 'y@example.com', '1', now(), now(); commit",
        "truncate people",
    ] {
        page.changes().await;
        second.changes().await;
        psql(app, sql).await;
        page.change().await;
        second.change().await;
    }
    page.changes().await;
    let added = [("name", "Ann Lee"), ("email", "ann@example.com"), ("phone_number", "12345")];
    assert_eq!(user.submit("/people/new", &added).await.status, StatusCode::SEE_OTHER);
    page.change().await;
}

fn quick() -> Limits {
    Limits {
        poll: Duration::from_millis(100),
        poll_unsure: Duration::from_millis(1500),
        linger: Duration::from_millis(200),
        ping: Duration::from_millis(300),
        pause: (Duration::from_millis(50), Duration::from_millis(200)),
        ..Limits::default()
    }
}

#[tokio::test]
async fn whatever_is_written_arrives_at_every_open_page() {
    // A poll would come too late.
    let (poll, poll_unsure) = (Duration::from_hours(1), Duration::from_hours(1));
    let app = TestApp::live(Limits { poll, poll_unsure, ..Limits::default() }, |url| url).await;
    check_every_change_arrives(&app).await;
}

/// Where the page at a path says that it hears of changes.
async fn events_url(user: &mut Visitor, path: &str) -> String {
    let page = user.get(path).await.body;
    let (_, rest) = page.split_once("data-events=\"").expect("the page says where it hears of changes");
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_page_hears_at_once_what_has_happened_since_it_was_made_and_nothing_else() {
    let app = TestApp::live(quick(), |url| url).await;
    let mut user = app.user("me@example.com").await;
    assert_eq!(events_url(&mut user, "/people").await, PATH, "nobody follows yet");
    let mut first = Page::open(&user).await;
    let url = events_url(&mut user, "/people").await;
    assert!(url.starts_with("/people/events?since="), "{url}");
    let mut page = Page::begin_at(&user, &url).await;
    assert_eq!(page.event().await.as_deref(), Some("ready"));
    assert_eq!(page.changes().await, 0, "it has all");

    psql(&app, INSERT).await;
    page.change().await;
    first.change().await;
    let mut late = Page::begin_at(&user, &url).await;
    assert_eq!(late.event().await.as_deref(), Some("ready"));
    late.change().await;
    // Another instance, or the same after a time in which nobody followed, cannot know.
    let url = events_url(&mut user, "/people").await;
    drop((first, page, late));
    wait_for_listeners(&app, 0).await;
    psql(&app, "delete from people").await;
    for path in [&*url, "/people/events?since=0123456789abcdef-1", "/people/events?since="] {
        let mut page = Page::begin_at(&user, path).await;
        assert_eq!(page.event().await.as_deref(), Some("ready"));
        page.change().await;
    }
}

#[tokio::test]
async fn what_is_rolled_back_is_no_change_and_neither_is_another_table() {
    let app = TestApp::start().await;
    let mut page = Page::open(&app.user("me@example.com").await).await;
    psql(&app, &format!("begin; {INSERT}; rollback")).await;
    psql(&app, "update users set name = 'Me'").await;
    assert_eq!(page.changes().await, 0);
}

#[tokio::test]
async fn without_the_trigger_polls_find_out_and_with_it_they_end() {
    let app = TestApp::live(quick(), |url| url).await;
    psql(&app, "drop trigger people_changed on people").await;
    check_every_change_arrives(&app).await;
    wait_for_listeners(&app, 0).await;

    // The migration comes late: somebody applies it while pages are open.
    let mut page = Page::open(&app.user("me@example.com").await).await;
    let trigger = "create trigger people_changed after insert or update or delete or truncate on people \
                   for each statement execute function people_changed()";
    psql(&app, trigger).await;
    wait_for_listeners(&app, 1).await;
    page.changes().await;
    psql(&app, INSERT).await;
    page.change().await;
    // And it goes again.
    psql(&app, "drop trigger people_changed on people").await;
    wait_for_listeners(&app, 0).await;
    page.changes().await;
    psql(&app, "delete from people").await;
    page.change().await;
}

#[tokio::test]
async fn behind_a_pooler_polls_find_out() {
    let app = TestApp::live(quick(), |url| {
        format!("{url}{}pgbouncer=true", if url.contains('?') { '&' } else { '?' })
    })
    .await;
    check_every_change_arrives(&app).await;
    assert_eq!(listeners(&app).await, 0, "nobody listens where nothing could be heard");
}

#[tokio::test]
async fn polls_are_made_only_while_a_page_is_open() {
    let app = TestApp::live(quick(), |url| url).await;
    psql(&app, "drop trigger people_changed on people").await;
    let page = Page::open(&app.user("me@example.com").await).await;
    app.statements();
    for _ in 0..3 {
        let polled = async {
            while app.statements() == 0 {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, polled).await.expect("it polls again and again");
    }
    drop(page);
    let silent = async {
        while app.statements() > 0 {
            sleep(QUIET).await;
        }
    };
    sleep(QUIET).await;
    timeout(PATIENCE, silent).await.expect("it stops polling");
}

#[tokio::test]
async fn many_changes_are_few_events() {
    let app = TestApp::start().await;
    let mut page = Page::open(&app.user("me@example.com").await).await;
    psql(
        &app,
        "insert into people (id, name, email, phone_number, updated_at) \
         select n, 'Person ' || n, n || '@example.com', '12345', now() from generate_series(1, 1000) n",
    )
    .await;
    assert_eq!(page.changes().await, 1, "one statement is one change");

    let connection = app.database.connect().await;
    let write = async {
        let began = Instant::now();
        for number in 0..200 {
            let sql = format!("update people set name = 'Number {number}' where id = '7'");
            connection.batch_execute(&sql).await.unwrap();
            sleep(Duration::from_millis(5)).await;
        }
        began.elapsed()
    };
    let (took, events) = tokio::join!(write, page.changes());
    let most = 2 + usize::try_from(took.as_millis() / 250).unwrap();
    assert!(
        (3..=most).contains(&events),
        "{events} events in {took:?}: the first, the last, and some between"
    );
}

#[tokio::test]
async fn the_database_is_listened_to_only_while_a_page_is_open() {
    let app = TestApp::live(quick(), |url| url).await;
    let user = app.user("me@example.com").await;
    assert_eq!(listeners(&app).await, 0);
    let page = Page::open(&user).await;
    let second = Page::open(&user).await;
    assert_eq!(listeners(&app).await, 1, "one connection for all pages");
    drop(page);
    sleep(Duration::from_millis(500)).await;
    assert_eq!(listeners(&app).await, 1);
    drop(second);
    wait_for_listeners(&app, 0).await;
    assert_eq!(app.live.streams(), 0);
    // From one page to the next it is kept.
    drop(Page::open(&user).await);
    let mut page = Page::open(&user).await;
    wait_for_listeners(&app, 1).await;
    psql(&app, INSERT).await;
    page.change().await;
}

#[tokio::test]
async fn a_lost_connection_comes_back_and_pages_fetch_everything_anew() {
    let app = TestApp::live(Limits { poll: Duration::from_mins(1), ..quick() }, |url| url).await;
    let mut page = Page::open(&app.user("me@example.com").await).await;
    for _ in 0..2 {
        psql(
            &app,
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() \
             and application_name = 'people live'",
        )
        .await;
        page.change().await;
        wait_for_listeners(&app, 1).await;
        page.changes().await;
        psql(
            &app,
            "delete from people; insert into people values ('x', 'X', 'x@example.com', '1', now(), now())",
        )
        .await;
        // Long before the next poll, so the new connection listens.
        page.change().await;
        page.changes().await;
    }
}

#[tokio::test]
async fn who_is_not_signed_in_hears_nothing() {
    let app = TestApp::start().await;
    let mut anon = app.anon();
    for accept in ["text/event-stream", "text/html", "*/*"] {
        for method in [Method::GET, Method::HEAD] {
            let mut request = anon.request(method, PATH).body(Body::empty()).unwrap();
            request.headers_mut().insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(anon.send(request).await.status, StatusCode::UNAUTHORIZED, "{accept}");
        }
    }
    let mut user = app.user("me@example.com").await;
    let head = user.request(Method::HEAD, PATH).body(Body::empty()).unwrap();
    let head = user.send(head).await;
    assert_eq!((head.status, head.header("content-type")), (StatusCode::OK, "text/event-stream"));
    assert_eq!(user.post(PATH, &[]).await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(app.live.streams(), 0);
}

/// The stream tells that the session has ended, and ends too.
async fn check_signed_out(limits: Limits, sql: &[&str]) {
    let app = TestApp::build("me@example.com", |url| url, Operation::default(), limits).await;
    let user = app.user("me@example.com").await;
    let mut page = Page::open(&user).await;
    for sql in sql {
        psql(&app, sql).await;
    }
    assert_eq!(page.event().await.as_deref(), Some("signed-out"));
    assert_eq!(page.event().await, None);
    drop(page);
    assert_eq!(app.live.streams(), 0);
    let request = user.request(Method::GET, PATH).body(Body::empty()).unwrap();
    assert_eq!(user.begin(request).await.status(), StatusCode::UNAUTHORIZED, "browsers give up then");
}

#[tokio::test]
async fn a_session_that_ends_ends_the_stream() {
    let often = Limits { check: Duration::from_millis(200), ..Limits::default() };
    for sql in [
        "delete from sessions",
        "update sessions set expires = now() - interval '1 minute'",
        "update users set email = 'not-on-the-list@example.com'",
    ] {
        check_signed_out(often, &[sql]).await;
    }
}

#[tokio::test]
async fn no_change_is_told_to_a_session_that_has_ended() {
    let at_events = Limits { checked_within: Duration::ZERO, ..Limits::default() };
    check_signed_out(at_events, &["delete from sessions", INSERT]).await;
}

#[tokio::test]
async fn looking_at_the_session_now_and_then_does_not_extend_it() {
    let limits = Limits { check: Duration::from_millis(100), ..Limits::default() };
    let app = TestApp::live(limits, |url| url).await;
    let user = app.user("me@example.com").await;
    psql(&app, "update sessions set expires = now() + interval '2 days'").await;
    let mut page = Page::open(&user).await;
    app.statements();
    assert_eq!(page.changes().await, 0);
    assert!(app.statements() > 0, "it was looked at");
    let sql = "select expires < now() + interval '3 days' from sessions";
    assert!(app.database.connect().await.query_one(sql, &[]).await.unwrap().get::<_, bool>(0));
}

#[tokio::test]
async fn events_cost_no_statement_of_their_own() {
    let app = TestApp::start().await;
    let mut page = Page::open(&app.user("me@example.com").await).await;
    let connection = app.database.connect().await;
    app.statements();
    for _ in 0..3 {
        connection.batch_execute("delete from people").await.unwrap();
        page.change().await;
    }
    assert_eq!(app.statements(), 0);
}

#[tokio::test]
async fn streams_are_limited() {
    let limits = Limits { streams_of_user: 2, streams: 3, ..Limits::default() };
    let app = TestApp::live(limits, |url| url).await;
    let (mut user, mut other) = (app.user("me@example.com").await, app.user("you@example.com").await);
    let (first, _second) = (Page::open(&user).await, Page::open(&user).await);
    let refused = user.get(PATH).await;
    assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "30"));
    assert!(refused.body.contains("Too many open pages"), "{}", refused.body);
    let third = Page::open(&other).await;
    assert_eq!(other.get(PATH).await.status, StatusCode::SERVICE_UNAVAILABLE);
    drop((first, third));
    Page::open(&user).await;
}

#[tokio::test]
async fn a_silent_stream_says_that_it_is_there() {
    let limits = Limits { heartbeat: Duration::from_millis(100), ..Limits::default() };
    let app = TestApp::live(limits, |url| url).await;
    let mut page = Page::open(&app.user("me@example.com").await).await;
    assert_eq!(page.changes().await, 0);
    assert!(page.text.starts_with("retry: 2000\n"));
    while page.text.matches(": all is well\n\n").count() < 3 {
        let chunk = timeout(PATIENCE, page.body.next()).await.expect("there are heartbeats").unwrap();
        page.text += std::str::from_utf8(&chunk.unwrap()).unwrap();
    }
}

#[tokio::test]
async fn streams_end_when_people_stops() {
    let app = TestApp::start().await;
    let user = app.user("me@example.com").await;
    let mut page = Page::open(&user).await;
    app.live.close();
    assert_eq!(page.event().await, None);
    wait_for_listeners(&app, 0).await;
    // One that comes just then ends at once, too.
    let mut late = Page::begin(&user).await;
    assert_eq!(late.event().await.as_deref(), Some("ready"));
    assert_eq!(late.event().await, None);
}

#[tokio::test]
async fn streams_outlive_a_database_that_is_away() {
    let app = TestApp::live(
        Limits { check: Duration::from_millis(100), checked_within: Duration::ZERO, ..quick() },
        |url| format!("{url}{}connection_limit=1&pool_timeout=1", if url.contains('?') { '&' } else { '?' }),
    )
    .await;
    let mut page = Page::open(&app.user("me@example.com").await).await;
    // The page is told once more when the process begins to listen.
    wait_for_listeners(&app, 1).await;
    page.changes().await;
    // Nobody may connect for a while, and who is connected is thrown out.
    let database = app.database.url().database().to_owned();
    let admin = app.database.url().with_database("postgres");
    let (admin, connection) = nicol_pg::connect(&admin).await.unwrap();
    tokio::spawn(connection);
    // One after the other: within one transaction somebody could come back before it ends.
    admin.batch_execute(&format!("alter database \"{database}\" allow_connections false")).await.unwrap();
    // The one that listens last: when it is lost, a poll is made, which must not find another one alive.
    for listens in [false, true] {
        let which = "from pg_stat_activity where datname = $1 and (application_name = 'people live') = $2";
        let began = Instant::now();
        while admin
            .execute(&format!("select pg_terminate_backend(pid) {which}"), &[&database, &listens])
            .await
            .unwrap()
            > 0
        {
            assert!(began.elapsed() < PATIENCE, "connections stay");
            sleep(Duration::from_millis(20)).await;
        }
    }
    assert_eq!(page.changes().await, 0, "nobody knows, so nothing is said and nobody signed out");
    admin.batch_execute(&format!("alter database \"{database}\" allow_connections true")).await.unwrap();
    page.change().await;
    wait_for_listeners(&app, 1).await;
    page.changes().await;
    psql(&app, INSERT).await;
    page.change().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_does_not_hold_up_the_end_of_the_process() {
    let database = test_app::database().await;
    let token = "0b5d6b1e-9a5c-4f0e-8d9f-6d1d4d3c2b1a";
    let sql = format!(
        "insert into users (id, email) values ('u', 'me@example.com'); \
         insert into sessions (id, session_token, user_id, expires) values ('s', '{token}', 'u', now() + interval '1 day')"
    );
    database.connect().await.batch_execute(&sql).await.unwrap();
    let (url, project) = (database.url_text(), Project::new());
    let mut running = Running::start(project.path(), &[("DATABASE_URL", &url)]);
    let mut stream = TcpStream::connect(("127.0.0.1", running.port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let (host, cookie) = (format!("localhost:{}", running.port), format!("authjs.session-token={token}"));
    write!(
        stream,
        "GET {PATH} HTTP/1.1\r\nhost: {host}\r\naccept: text/event-stream\r\ncookie: {cookie}\r\n\r\n"
    )
    .unwrap();
    let mut heard = String::new();
    while !heard.contains("event: change") {
        let mut part = [0; 1024];
        let count = stream.read(&mut part).unwrap();
        assert!(count > 0, "{heard}");
        heard += &String::from_utf8_lossy(&part[..count]);
    }
    running.wait_for("live updates: listening for notifications");
    running.wait_for("/people/events");

    running.signal("-TERM");
    stream.read_to_string(&mut heard).unwrap();
    assert!(heard.ends_with("0\r\n\r\n"), "the answer has an end: {heard}");
    running.wait();
    let output = running.output();
    assert!(output.contains("People has stopped.") && !output.contains("cut off"), "{output}");
}
