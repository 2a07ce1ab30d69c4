//! Spans of requests and statements.
//!
//! Source: OpenTelemetry semantic conventions 1.37, "HTTP server" and "Database client spans". Left out on purpose:
//! `url.path`, `url.query`, `client.address` and `user_agent.original`.

use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use nicol_server::ClientAddress;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{
    FutureExt as _, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};

use crate::Settings;
use crate::collector::Collector;

/// The time for sending the last spans in [`Traces::stop`].
pub const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// Sends spans to a collector in the background; does nothing by default. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct Traces(Option<Started>);

#[derive(Clone, Debug)]
struct Started {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Traces {
    /// Starts sending, if there are settings. Must be called within a tokio runtime, which is the one that sends.
    ///
    /// # Errors
    /// The exporter cannot be built from the settings, or the system has no trusted certificate authorities.
    pub fn start(settings: Option<&Settings>, service_version: &str) -> anyhow::Result<Self> {
        let Some(settings) = settings else { return Ok(Self::default()) };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new(&settings.endpoint)?)
            .with_endpoint(settings.endpoint.as_str())
            .with_protocol(Protocol::HttpBinary)
            .with_headers(settings.headers.iter().cloned().collect())
            .build()
            .context(
                "traces cannot be sent\nhelp: check the variables that start with `OTEL_EXPORTER_OTLP_`",
            )?;
        let resource = Resource::builder()
            .with_service_name(settings.service.clone())
            .with_attribute(KeyValue::new("service.version", service_version.to_owned()))
            .build();
        let share = match settings.sampler.ratio {
            ratio if ratio >= 1.0 => Sampler::AlwaysOn,
            ratio if ratio <= 0.0 => Sampler::AlwaysOff,
            ratio => Sampler::TraceIdRatioBased(ratio),
        };
        let sampler =
            if settings.sampler.follows_parent { Sampler::ParentBased(Box::new(share)) } else { share };
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .with_sampler(sampler)
            .build();
        let tracer = provider.tracer("nicol-telemetry");
        Ok(Self(Some(Started { provider, tracer })))
    }

    /// Adds the span of a statement that has just ended to the current request. Statements outside a request, such as
    /// those of background tasks, have no span.
    pub fn statement(&self, sql: &str, duration: Duration, has_failed: bool) {
        let Some(Started { tracer, .. }) = &self.0 else { return };
        let request = Context::current();
        if !request.span().span_context().is_sampled() {
            return;
        }
        let end = SystemTime::now();
        let operation = operation(sql);
        let mut attributes = vec![
            KeyValue::new("db.system.name", "postgresql"),
            KeyValue::new("db.query.text", sql.trim().to_owned()),
        ];
        attributes.extend(operation.map(|operation| KeyValue::new("db.operation.name", operation)));
        if has_failed {
            attributes.push(KeyValue::new("error.type", OTHER));
        }
        let span = tracer
            .span_builder(operation.unwrap_or("postgresql"))
            .with_kind(SpanKind::Client)
            .with_start_time(end.checked_sub(duration).unwrap_or(end))
            .with_attributes(attributes)
            .start_with_context(tracer, &request);
        let context = Context::new().with_span(span);
        if has_failed {
            context.span().set_status(Status::error("the statement failed"));
        }
        context.span().end_with_timestamp(end);
    }

    /// Sends the remaining spans, for at most [`FLUSH_TIMEOUT`], and stops.
    pub async fn stop(&self) {
        let Some(Started { provider, .. }) = self.0.clone() else { return };
        // It blocks until the exporter's thread has ended.
        let stopped =
            tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(FLUSH_TIMEOUT)).await;
        if !matches!(stopped, Ok(Ok(()))) {
            tracing::warn!("the last traces could not be sent");
        }
    }
}

/// Makes a span of each request: middleware for [`axum::middleware::from_fn_with_state`].
///
/// The span continues the trace in the `traceparent` header if [`ClientAddress`] is among the request's extensions and
/// says that a trusted proxy forwarded it.
pub async fn trace(State(traces): State<Traces>, request: Request, next: Next) -> Response {
    let Some(Started { tracer, .. }) = traces.0 else { return next.run(request).await };
    let by_proxy = request.extensions().get::<ClientAddress>().is_some_and(|address| address.by_proxy);
    let parent = if by_proxy {
        let headers = HeaderExtractor(request.headers());
        TraceContextPropagator::new().extract_with_context(&Context::new(), &headers)
    } else {
        Context::new()
    };
    let method = known_method(request.method());
    let route = request.extensions().get::<MatchedPath>().map(|route| route.as_str().to_owned());
    // A proxy terminates TLS.
    let mut attributes =
        vec![KeyValue::new("http.request.method", method), KeyValue::new("url.scheme", "http")];
    attributes
        .extend(version(request.version()).map(|version| KeyValue::new("network.protocol.version", version)));
    attributes.extend(route.as_ref().map(|route| KeyValue::new("http.route", route.clone())));
    let verb = if method == OTHER { "HTTP" } else { method };
    let name = route.map_or_else(|| verb.to_owned(), |route| format!("{verb} {route}"));
    let span = tracer
        .span_builder(name)
        .with_kind(SpanKind::Server)
        .with_attributes(attributes)
        .start_with_context(&tracer, &parent);
    let context = Context::new().with_span(span);

    let response = next.run(request).with_context(context.clone()).await;
    let span = context.span();
    let status = response.status();
    span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
    if let Some(id) = response.headers().get("x-request-id").and_then(|id| id.to_str().ok()) {
        span.set_attribute(KeyValue::new("http.response.header.x-request-id", id.to_owned()));
    }
    if status.is_server_error() {
        span.set_attribute(KeyValue::new("error.type", status.as_str().to_owned()));
        span.set_status(Status::error(""));
    }
    span.end();
    // A live stream lasts for hours: what it queries later does not belong to the request.
    let content_type = response.headers().get(header::CONTENT_TYPE);
    if content_type.is_some_and(|kind| kind == "text/event-stream") {
        return response;
    }
    response.map(|body| Body::new(InRequest { body, context: context.clone() }))
}

/// Returns a future whose statements belong to the current request even if it runs in a task of its own.
pub fn in_request<F: Future>(future: F) -> impl Future<Output = F::Output> {
    future.with_current_context()
}

/// A body whose statements belong to its request, such as an export that queries while it is sent.
struct InRequest {
    body: Body,
    context: Context,
}

impl HttpBody for InRequest {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        let _attached = self.context.clone().attach();
        Pin::new(&mut self.body).poll_frame(task)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

/// The conventions' name for a method or error that is not well known.
const OTHER: &str = "_OTHER";

/// The name of a method. Clients can make up others, each of which would be a new value.
fn known_method(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"];
    known.into_iter().find(|name| *name == method.as_str()).unwrap_or(OTHER)
}

fn version(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_10 => Some("1.0"),
        Version::HTTP_11 => Some("1.1"),
        Version::HTTP_2 => Some("2"),
        _ => None,
    }
}

fn operation(sql: &str) -> Option<&'static str> {
    let word = sql.split_ascii_whitespace().next().unwrap_or_default();
    let known = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];
    known.into_iter().find(|known| word.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_methods_and_statements_share_a_name() {
        assert_eq!(known_method(&Method::PATCH), "PATCH");
        assert_eq!(known_method(&Method::from_bytes(b"BREW").unwrap()), "_OTHER");
        assert_eq!(operation("\n with x as (select 1) select * from x"), Some("WITH"));
        assert_eq!(operation("select 1"), Some("SELECT"));
        assert_eq!(operation("listen x"), None);
    }
}
