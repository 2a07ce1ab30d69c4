//! The server.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Router, middleware};
use nicol_engine::Error;
use nicol_schema::Schema;
use nicol_server::Limits;
use tokio::net::TcpListener;

use crate::access::{self, Access};
use crate::api::{self, App};
use crate::assets;
use crate::database::Database;
use crate::schema::Models;

/// The largest body of a request, in bytes (32 MiB).
const LARGEST_BODY: usize = 32 * 1024 * 1024;
/// The time for requests in flight after the signal to stop.
const GRACE: Duration = Duration::from_secs(5);

/// How to run a [`Studio`].
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether rows can only be read.
    pub is_read_only: bool,
    /// What the page calls the database, such as `shop on localhost`.
    pub title: String,
    /// A sentence that the page always shows, such as why it is read-only.
    pub notice: Option<String>,
}

/// A web server that shows the data of a schema to the browser with the token.
#[derive(Debug)]
pub struct Studio {
    app: Arc<App>,
    access: Arc<Access>,
    listener: TcpListener,
}

impl Studio {
    /// Returns a studio for a schema and the database at this URL. It connects when the page is opened.
    ///
    /// `listener` accepts the connections of the browser, and `host` is the name or address of this machine in its URL.
    ///
    /// # Errors
    /// The URL of the database is invalid, or the listener has no address.
    pub fn new(
        schema: Schema,
        url: &str,
        listener: TcpListener,
        host: &str,
        options: Options,
    ) -> std::io::Result<Self> {
        let access = Arc::new(Access::new(listener.local_addr()?, host));
        let Options { is_read_only, title, notice } = options;
        let models = Models::new(&schema);
        let database =
            Database::new(schema, url, is_read_only).map_err(|error: Error| std::io::Error::other(error))?;
        Ok(Self { app: Arc::new(App { models, database, title, notice }), access, listener })
    }

    /// Returns the URL for the browser, with the token. Whoever knows it can use the studio.
    pub fn url(&self) -> String {
        self.access.url()
    }

    /// Returns another URL for the browser, which works once and within a minute: command lines can be read by other users of the machine.
    pub fn url_once(&self) -> String {
        self.access.url_once()
    }

    /// Serves until `stop` completes, and gives requests in flight five seconds to finish.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let Self { app, access, listener } = self;
        let limits = Limits::for_this_process();
        // All connections are those of one user.
        let limits = Limits { max_per_address: limits.max_connections, ..limits };
        let router = router(Arc::clone(&app), access);
        let (stopped, is_stopped) = tokio::sync::oneshot::channel();
        let stop = async {
            stop.await;
            let _ = stopped.send(());
        };
        let grace = async {
            let _ = is_stopped.await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            () = nicol_server::serve(listener, router, limits, stop) => {}
            () = grace => {}
        }
        app.database.close().await;
    }
}

fn router(app: Arc<App>, access: Arc<Access>) -> Router {
    Router::new()
        .route("/", get(assets::page))
        .route("/assets/{name}", get(assets::file))
        .route("/api/schema", post(api::schema))
        .route("/api/estimates", post(api::estimates))
        .route("/api/rows", post(api::rows))
        .route("/api/count", post(api::count))
        .route("/api/row", post(api::row))
        .route("/api/related", post(api::related))
        .route("/api/changes", post(api::changes))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state(access, access::guard))
        .with_state(app)
}
