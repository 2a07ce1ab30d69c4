//! What an OpenTelemetry collector receives about requests and statements, and what it does not.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::routing::post;
use nicol_server::Peer;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode as Code;
use people::config::Operation;
use people::live::Limits;
use people::traces::{FLUSH_TIMEOUT, Sampler, Settings};
use prost::Message as _;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::running::{Project, Running};
use crate::test_app::{Response, TestApp, Visitor};

/// A collector and everything it received.
#[derive(Clone)]
struct Collector {
    address: SocketAddr,
    received: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

impl Collector {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let collector = Self { address: listener.local_addr().unwrap(), received: Arc::default() };
        let take = async |State(collector): State<Self>, headers: HeaderMap, body: Bytes| {
            collector.received.lock().unwrap().push((headers, body));
        };
        let router = Router::new().route("/v1/traces", post(take)).with_state(collector.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        collector
    }

    fn settings(&self) -> Settings {
        Settings::new(format!("http://{}/v1/traces", self.address).parse().unwrap(), "people")
    }

    async fn app(&self) -> TestApp {
        TestApp::operated(Operation { traces: Some(self.settings()), ..Operation::default() }).await
    }

    fn requests(&self) -> Vec<ExportTraceServiceRequest> {
        let received = self.received.lock().unwrap();
        received.iter().map(|(_, body)| ExportTraceServiceRequest::decode(body.clone()).unwrap()).collect()
    }

    fn spans(&self) -> Vec<Span> {
        let resources = self.requests().into_iter().flat_map(|request| request.resource_spans);
        resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect()
    }

    /// The only span of this name.
    #[track_caller]
    fn span(&self, name: &str) -> Span {
        let spans = self.spans();
        let named: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
        let [span] = named[..] else {
            let names: Vec<_> = spans.iter().map(|span| &span.name).collect();
            panic!("{} of `{name}` in {names:?}", named.len())
        };
        span.clone()
    }

    fn within(&self, parent: &Span) -> Vec<Span> {
        let is_within =
            |span: &Span| span.parent_span_id == parent.span_id && span.trace_id == parent.trace_id;
        self.spans().into_iter().filter(is_within).collect()
    }
}

fn attribute(attributes: &[KeyValue], key: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == key);
    match found.and_then(|attribute| attribute.value.as_ref()?.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        None => String::new(),
        other => panic!("{other:?}"),
    }
}

async fn ask(visitor: &mut Visitor, from: &str, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = visitor.request(Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    let peer: SocketAddr = format!("{from}:4711").parse().unwrap();
    request.extensions_mut().insert(Peer(peer));
    visitor.send(request).await
}

#[tokio::test]
async fn a_request_is_a_span_and_its_statements_are_spans_within() {
    let collector = Collector::start().await;
    let app = collector.app().await;
    let mut user = app.user("me@example.com").await;
    let response = ask(&mut user, "192.0.2.1", "/people?q=ann", &[]).await;
    assert_eq!(response.status, StatusCode::OK);
    let missing = ask(&mut user, "192.0.2.1", "/people/nobody-of-this-id", &[]).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    ask(&mut user, "192.0.2.1", "/no/such/page", &[]).await;
    app.traces.stop().await;

    let request = collector.span("GET /people");
    assert_eq!(request.kind(), SpanKind::Server);
    assert!(request.parent_span_id.is_empty());
    assert!(request.end_time_unix_nano > request.start_time_unix_nano);
    for (key, expected) in [
        ("http.request.method", "GET"),
        ("http.route", "/people"),
        ("http.response.status_code", "200"),
        ("http.response.header.x-request-id", response.header("x-request-id")),
        ("url.scheme", "http"),
    ] {
        assert_eq!(attribute(&request.attributes, key), expected, "{key}");
    }
    let statements = collector.within(&request);
    assert_eq!(statements.len(), 2, "the session's, and that of the list: {statements:?}");
    let mut names: Vec<&str> = statements.iter().map(|statement| &*statement.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["SELECT", "WITH"]);
    for statement in &statements {
        assert_eq!(statement.kind(), SpanKind::Client);
        assert_eq!(attribute(&statement.attributes, "db.system.name"), "postgresql");
        assert!(attribute(&statement.attributes, "db.query.text").contains("$1"));
        assert!(statement.start_time_unix_nano >= request.start_time_unix_nano);
        assert!(statement.end_time_unix_nano <= request.end_time_unix_nano);
    }
    let missing = collector.span("GET /people/{id}");
    assert_eq!(attribute(&missing.attributes, "http.response.status_code"), "404");
    assert_eq!(missing.status.unwrap_or_default().code(), Code::Unset, "the client's error");
    let unknown = collector.span("GET");
    assert_eq!(attribute(&unknown.attributes, "http.route"), "");
    let service = &collector.requests()[0].resource_spans[0];
    assert_eq!(attribute(&service.resource.as_ref().unwrap().attributes, "service.name"), "people");
}

#[tokio::test]
async fn no_span_contains_an_address_a_token_or_a_value() {
    let collector = Collector::start().await;
    let app = collector.app().await;
    let mut user = app.user("someone@example.com").await;
    let csrf = user.get("/people/new").await.csrf();
    let fields = [
        ("csrfToken", &*csrf),
        ("name", "Findme Hidden"),
        ("email", "findme@example.net"),
        ("phone_number", "+61 2 5550 1234"),
    ];
    assert_eq!(user.post("/people", &fields).await.status, StatusCode::SEE_OTHER);
    let list = ask(&mut user, "192.0.2.77", "/people?q=findme", &[("user-agent", "agent-of-test")]).await;
    assert!(list.body.contains("Findme Hidden"), "{}", list.body);
    ask(&mut user, "192.0.2.77", "/made-up-path", &[]).await;
    let cookies: Vec<String> = user.cookies.values().cloned().collect();
    let id = app.db.person().find_many().await.unwrap()[0].id.clone();
    ask(&mut user, "192.0.2.77", &format!("/people/{id}"), &[]).await;
    app.traces.stop().await;

    let received = collector.received.lock().unwrap().clone();
    assert!(collector.spans().len() > 20);
    let mut secrets: Vec<&str> =
        vec!["someone", "indme", "5550", "192.0.2", "agent-of-test", "made-up", "token=", &csrf, &id];
    secrets.extend(cookies.iter().map(|cookie| &**cookie));
    for (headers, body) in received {
        let body = String::from_utf8_lossy(&body);
        for secret in &secrets {
            assert!(!body.contains(secret), "`{secret}` is in a span");
        }
        assert!(!headers.contains_key("cookie"));
    }
}

#[tokio::test]
async fn a_trace_is_continued_for_a_trusted_proxy_alone() {
    let collector = Collector::start().await;
    let operation = Operation {
        traces: Some(collector.settings()),
        trusted_proxies: "10.0.0.1".parse().unwrap(),
        ..Operation::default()
    };
    let app = TestApp::operated(operation).await;
    let mut anon = app.anon();
    let trace = |flag| format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flag}");
    for (from, path, flag) in [
        ("10.0.0.1", "/healthz", "01"),
        ("192.0.2.1", "/readyz", "01"),
        ("10.0.0.1", "/people/new", "00"),
        ("192.0.2.1", "/people/import", "00"),
    ] {
        ask(&mut anon, from, path, &[("traceparent", &trace(flag))]).await;
    }
    ask(&mut anon, "10.0.0.1", "/people", &[("traceparent", "00-nonsense-01")]).await;
    app.traces.stop().await;

    let believed = collector.span("GET /healthz");
    assert_eq!(hex::encode(&believed.trace_id), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(hex::encode(&believed.parent_span_id), "b7ad6b7169203331");
    for name in ["GET /readyz", "GET /people/import", "GET /people"] {
        let own = collector.span(name);
        assert!(own.parent_span_id.is_empty(), "{name}");
        assert_ne!(own.trace_id, believed.trace_id, "{name}");
    }
    let names: Vec<_> = collector.spans().into_iter().map(|span| span.name).collect();
    assert!(
        !names.iter().any(|name| name == "GET /people/new"),
        "the proxy decided not to keep it: {names:?}"
    );
}

#[tokio::test]
async fn statements_while_a_body_is_sent_belong_to_its_request() {
    let collector = Collector::start().await;
    let app = collector.app().await;
    let mut user = app.user("me@example.com").await;
    let new = |n: usize| people::db::person::New {
        name: format!("Person {n}"),
        email: format!("person-{n}@example.com"),
        phone_number: "12345".to_owned(),
    };
    app.db.person().create_many((0..1500).map(new)).await.unwrap();
    let export = user.get("/people/export?format=csv").await;
    assert_eq!(export.body.lines().count(), 1501);
    app.traces.stop().await;
    let request = collector.span("GET /people/export");
    let statements = collector.within(&request);
    assert!(statements.len() >= 3, "the session's, and one for each thousand: {}", statements.len());
    let asked_later = statements.iter().any(|span| span.start_time_unix_nano >= request.end_time_unix_nano);
    assert!(asked_later, "the span ends where the answer begins");
}

#[tokio::test]
async fn database_failures_are_in_the_spans() {
    let collector = Collector::start().await;
    let operation = Operation { traces: Some(collector.settings()), ..Operation::default() };
    let nowhere = |_| "postgresql://nobody@127.0.0.1:1/nothing".to_owned();
    let app = TestApp::build("*", nowhere, operation, Limits::default()).await;
    assert_eq!(app.anon().get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    app.traces.stop().await;
    let request = collector.span("GET /readyz");
    assert_eq!(request.status.as_ref().unwrap().code(), Code::Error);
    assert_eq!(attribute(&request.attributes, "error.type"), "503");
    let statements = collector.within(&request);
    assert_eq!(statements[0].status.as_ref().unwrap().code(), Code::Error);
    assert_eq!(attribute(&statements[0].attributes, "error.type"), "_OTHER");
}

#[tokio::test]
async fn a_sampler_drops_traces() {
    let collector = Collector::start().await;
    let sampler = Sampler { follows_parent: true, ratio: 0.0 };
    let settings = Settings { sampler, ..collector.settings() };
    let app = TestApp::operated(Operation { traces: Some(settings), ..Operation::default() }).await;
    assert_eq!(app.anon().get("/readyz").await.status, StatusCode::OK);
    app.traces.stop().await;
    assert!(collector.spans().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_do_not_wait_for_a_collector() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for address in ["127.0.0.1:1".to_owned(), silent.local_addr().unwrap().to_string()] {
        let settings = Settings::new(format!("http://{address}/v1/traces").parse().unwrap(), "people");
        let app = TestApp::operated(Operation { traces: Some(settings), ..Operation::default() }).await;
        // More than fit into the queue. Were one of them to wait for the collector, it would wait for as long as this test.
        for _ in 0..3000 {
            assert_eq!(app.anon().get("/healthz").await.status, StatusCode::OK);
        }
        // The rest waits for the collector, but not for ever.
        timeout(FLUSH_TIMEOUT * 10, app.traces.stop()).await.expect("it stops");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_spans_are_sent_at_the_stop() {
    let collector = Collector::start().await;
    let (endpoint, project) = (format!("http://{}", collector.address), Project::new());
    let output = spawn_blocking(move || {
        let environment = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=hu%20sh"),
            ("OTEL_SERVICE_NAME", "people-of-test"),
            ("OTEL_BSP_SCHEDULE_DELAY", "600000"),
        ];
        let running = Running::start(project.path(), &environment);
        assert_eq!(running.status("/readyz", ""), 200);
        running.stop()
    });
    let output = output.await.unwrap();
    assert!(!output.contains("hu sh") && !output.contains("hu%20sh"), "{output}");
    let request = collector.span("GET /readyz");
    assert_eq!(collector.within(&request).len(), 1);
    let service = &collector.requests()[0].resource_spans[0];
    assert_eq!(attribute(&service.resource.as_ref().unwrap().attributes, "service.name"), "people-of-test");
    assert_eq!(collector.received.lock().unwrap()[0].0["x-key"], "hu sh");
}

/// Sends a trace to a collector with a certificate for `localhost`; returns the request's header if it arrived, and the
/// output of People.
async fn over_tls(host: &str, is_trusted: bool) -> (Option<String>, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://{host}:{}", listener.local_addr().unwrap().port());
    let heard = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = TlsAcceptor::from(Arc::new(config.clone())).accept(stream).await else {
                continue;
            };
            let mut head = [0; 4096];
            let count = stream.read(&mut head).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            return String::from_utf8_lossy(&head[..count]).into_owned();
        }
    });
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let authority = if is_trusted { made.cert.pem() } else { other.cert.pem() };
    let output = spawn_blocking(move || {
        let project = Project::new();
        let file = project.path().join("authority.pem");
        std::fs::write(&file, authority).unwrap();
        let environment =
            [("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint), ("SSL_CERT_FILE", file.to_str().unwrap())];
        let running = Running::start(project.path(), &environment);
        assert_eq!(running.status("/healthz", ""), 200);
        running.stop()
    });
    let output = output.await.unwrap();
    let heard = if heard.is_finished() { Some(heard.await.unwrap()) } else { None };
    (heard, output)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_of_a_collector_is_verified() {
    let (heard, output) = over_tls("localhost", true).await;
    assert!(heard.is_some_and(|head| head.starts_with("POST /v1/traces HTTP/1.1\r\n")), "{output}");
    for (host, is_trusted) in [("localhost", false), ("127.0.0.1", true)] {
        let (heard, output) = over_tls(host, is_trusted).await;
        assert_eq!(heard, None, "{output}");
        assert_eq!(output.matches("invalid peer certificate").count(), 1, "one warning: {output}");
    }
}
