//! Spans of requests and statements.
//!
//! Source: OpenTelemetry semantic conventions 1.37, "HTTP server" and "Database client spans". Left out of them on
//! purpose: `url.path`, `url.query`, `client.address` and `user_agent.original`.

use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::SystemTime;

use anyhow::Context as _;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use nicol::QueryEvent;
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

use super::FLUSH_TIME;
use super::collector::Collector;
use crate::config::TraceSettings;

/// Sends spans to a collector, in the background. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct Traces(Option<Started>);

#[derive(Clone, Debug)]
struct Started {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Traces {
    /// Begins, if somewhere is configured to send them to. It has to be called within the runtime that will send.
    ///
    /// # Errors
    /// The exporter cannot be made of these settings.
    pub fn start(settings: Option<&TraceSettings>) -> anyhow::Result<Self> {
        let Some(settings) = settings else { return Ok(Self::default()) };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new(&settings.endpoint)?)
            .with_endpoint(settings.endpoint.as_str())
            .with_protocol(Protocol::HttpBinary)
            .with_headers(settings.headers.iter().cloned().collect())
            .build()
            .context(
                "traces cannot be sent\nhelp: look at the variables that begin with `OTEL_EXPORTER_OTLP_`",
            )?;
        let resource = Resource::builder()
            .with_service_name(settings.service.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
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
        let tracer = provider.tracer("people");
        Ok(Self(Some(Started { provider, tracer })))
    }

    /// Notes a statement that has run, within the request that it was run for. Those that belong to no request, such
    /// as the removal of what has ended, are not noted.
    pub fn statement(&self, event: &QueryEvent<'_>) {
        let Some(Started { tracer, .. }) = &self.0 else { return };
        let request = Context::current();
        if !request.span().span_context().is_sampled() {
            return;
        }
        let end = SystemTime::now();
        let operation = operation(event.sql);
        let mut attributes = vec![
            KeyValue::new("db.system.name", "postgresql"),
            KeyValue::new("db.query.text", event.sql.trim().to_owned()),
        ];
        attributes.extend(operation.map(|operation| KeyValue::new("db.operation.name", operation)));
        if event.failed {
            attributes.push(KeyValue::new("error.type", OTHER));
        }
        let span = tracer
            .span_builder(operation.unwrap_or("postgresql"))
            .with_kind(SpanKind::Client)
            .with_start_time(end.checked_sub(event.duration).unwrap_or(end))
            .with_attributes(attributes)
            .start_with_context(tracer, &request);
        let context = Context::new().with_span(span);
        if event.failed {
            context.span().set_status(Status::error("the statement failed"));
        }
        context.span().end_with_timestamp(end);
    }

    /// Sends what is left, for [`FLUSH_TIME`] at the longest. Nothing is noted from then on.
    pub async fn stop(&self) {
        let Some(Started { provider, .. }) = self.0.clone() else { return };
        // It waits for the thread that sends.
        let stopped = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(FLUSH_TIME)).await;
        if !matches!(stopped, Ok(Ok(()))) {
            tracing::warn!("the last traces could not be sent");
        }
    }
}

/// Notes a request, and makes its span the one that its statements belong to. Where it began is believed of a trusted
/// proxy alone: whoever else could choose which traces are kept, and write into those of others.
pub(crate) async fn traces(State(traces): State<Traces>, request: Request, next: Next) -> Response {
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
    // TLS ends in front of People.
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
    // What a live stream asks hours later is no work of this request any more.
    let content_type = response.headers().get(header::CONTENT_TYPE);
    if content_type.is_some_and(|kind| kind == "text/event-stream") {
        return response;
    }
    response.map(|body| Body::new(Carried { body, context: context.clone() }))
}

/// A future of a task of its own, whose statements belong to the request that starts it.
pub(crate) fn carried<F: Future>(future: F) -> impl Future<Output = F::Output> {
    future.with_current_context()
}

/// A body whose statements belong to its request: an export asks while it is sent.
struct Carried {
    body: Body,
    context: Context,
}

impl HttpBody for Carried {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let _attached = self.context.clone().attach();
        Pin::new(&mut self.body).poll_frame(task)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What the conventions call a method, or an error, that has no name.
const OTHER: &str = "_OTHER";

/// Anybody may make up methods.
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
    fn what_anybody_can_make_up_gets_no_name_of_its_own() {
        assert_eq!(known_method(&Method::PATCH), "PATCH");
        assert_eq!(known_method(&Method::from_bytes(b"BREW").unwrap()), "_OTHER");
        assert_eq!(operation("\n with x as (select 1) select * from x"), Some("WITH"));
        assert_eq!(operation("select 1"), Some("SELECT"));
        assert_eq!(operation("listen x"), None);
    }
}
