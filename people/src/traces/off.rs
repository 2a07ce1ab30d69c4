//! What stands in for traces without the feature `otel`.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use nicol_settings::{Environment, SettingsError};

/// Settings for traces that are not sent: there is a warning about them.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings(());

impl Settings {
    /// Notes whether an endpoint is set.
    ///
    /// # Errors
    /// None.
    pub fn read(env: &Environment, _: &str) -> Result<Option<Self>, SettingsError> {
        let endpoints = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
        Ok(endpoints.iter().any(|name| env.get(name).is_some()).then_some(Self(())))
    }
}

/// Sends nothing.
#[derive(Clone, Debug, Default)]
pub struct Traces(());

impl Traces {
    /// Does not start.
    ///
    /// # Errors
    /// None.
    pub fn start(_: Option<&Settings>, _: &str) -> anyhow::Result<Self> {
        Ok(Self::default())
    }

    /// Ignores a statement.
    pub fn statement(&self, _: &str, _: Duration, _: bool) {}

    /// Has nothing to send.
    #[allow(clippy::unused_async, reason = "with traces it waits")]
    pub async fn stop(&self) {}
}

/// Passes the request on.
pub(crate) async fn trace(State(_): State<Traces>, request: Request, next: Next) -> Response {
    next.run(request).await
}

/// Returns the future as it is.
pub(crate) fn in_request<F>(future: F) -> F {
    future
}
