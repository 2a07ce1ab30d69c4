//! Traces of requests and database statements, sent to an OpenTelemetry collector by OTLP over HTTP.
//!
//! ```
//! use axum::middleware::from_fn_with_state;
//! use axum::routing::get;
//! use axum::{Extension, Router};
//! use nicol_settings::Environment;
//! use nicol_telemetry::{Settings, Traces, trace};
//! use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let env = Environment::of([("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")]);
//! let settings = Settings::read(&env, "people")?;
//! let traces = Traces::start(settings.as_ref(), "1.0.0")?;
//! let count = async |Extension(traces): Extension<Traces>| {
//!     // The database client reports each statement that it has run.
//!     traces.statement("select count(*) from people", Duration::from_millis(2), false);
//! };
//! let app: Router = Router::new()
//!     .route("/people/count", get(count))
//!     .layer(Extension(traces.clone()))
//!     .layer(from_fn_with_state(traces.clone(), trace));
//! // Serve `app`, then send the last spans:
//! traces.stop().await;
//! # Ok(()) }
//! ```
//!
//! Each request is a span, and each of its statements a span within. Which attributes a span has is written down in this
//! crate, following the semantic conventions of OpenTelemetry; nothing is taken from the log. Paths, queries, addresses
//! and bound values are never among them, because they may hold personal data. A `traceparent` header counts only if a
//! trusted proxy forwarded the request, which the extension [`nicol_server::ClientAddress`] tells: anyone else could choose
//! which traces are kept and write into those of others.
//!
//! The collector's certificate is checked against the system's certificate authorities. Not supported: OTLP over gRPC,
//! HTTP proxies, metrics and logs.

mod collector;
mod settings;
mod traces;

pub use settings::{Sampler, Settings};
pub use traces::{FLUSH_TIMEOUT, Traces, in_request, trace};
