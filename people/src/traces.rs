//! Traces of requests and their statements, for a collector of OpenTelemetry.
//!
//! With the feature `otel`, and where an endpoint is configured, each request is a span and each of its statements one
//! within. Else nothing of this exists. What a span holds is written down here, attribute by attribute; nothing gets
//! into it from the log. Paths, queries, addresses and bound values are not among it: anything may be in those.

use std::time::Duration;

#[cfg(feature = "otel")]
mod collector;
#[cfg(not(feature = "otel"))]
mod off;
#[cfg(feature = "otel")]
mod on;

#[cfg(not(feature = "otel"))]
pub use off::Traces;
#[cfg(not(feature = "otel"))]
pub(crate) use off::{carried, traces};
#[cfg(feature = "otel")]
pub use on::Traces;
#[cfg(feature = "otel")]
pub(crate) use on::{carried, traces};

/// How long the last spans may take to be sent when People stops.
pub const FLUSH_TIME: Duration = Duration::from_secs(5);

/// Whether this People was built to send traces.
pub const ARE_BUILT_IN: bool = cfg!(feature = "otel");
