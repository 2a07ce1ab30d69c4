//! What is left of traces where they are not built in.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use nicol::QueryEvent;

use crate::config::TraceSettings;

/// Sends nothing.
#[derive(Clone, Debug, Default)]
pub struct Traces(());

impl Traces {
    /// Does not begin: the settings have a warning of that.
    ///
    /// # Errors
    /// None.
    pub fn start(_: Option<&TraceSettings>) -> anyhow::Result<Self> {
        Ok(Self::default())
    }

    /// Nothing to note.
    pub fn statement(&self, _: &QueryEvent<'_>) {}

    /// Nothing to send.
    #[allow(clippy::unused_async, reason = "with traces it takes a while")]
    pub async fn stop(&self) {}
}

/// The layer, without a span.
pub(crate) async fn traces(State(_): State<Traces>, request: Request, next: Next) -> Response {
    next.run(request).await
}

/// The future as it is.
pub(crate) fn carried<F>(future: F) -> F {
    future
}
