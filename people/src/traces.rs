//! Traces for an OpenTelemetry collector, with the feature `otel`; without it, stand-ins that do nothing.

#[cfg(feature = "otel")]
pub use nicol_telemetry::{FLUSH_TIMEOUT, Sampler, Settings, Traces};
#[cfg(feature = "otel")]
pub(crate) use nicol_telemetry::{in_request, trace};

#[cfg(not(feature = "otel"))]
mod off;

#[cfg(not(feature = "otel"))]
pub use off::{Settings, Traces};
#[cfg(not(feature = "otel"))]
pub(crate) use off::{in_request, trace};
