//! What the page asks for: JSON over POST, so that no value is part of a URL.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::change::{self, ChangeRequest, Report};
use crate::database::Database;
use crate::failure::Failure;
use crate::read::{self, Count, CountRequest, Page, PageRequest, RelatedRequest, Row, RowRequest};
use crate::schema::Models;

/// What the handlers share.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) models: Models,
    pub(crate) database: Database,
    /// The name of the database, and where it is.
    pub(crate) title: String,
    /// Why the studio is read-only, or what to be careful about.
    pub(crate) notice: Option<String>,
}

type Shared = State<Arc<App>>;

/// The schema and the database.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Description<'a> {
    title: &'a str,
    notice: Option<&'a str>,
    read_only: bool,
    models: &'a Models,
}

/// `POST /api/schema`
pub(crate) async fn schema(State(app): Shared) -> axum::response::Response {
    use axum::response::IntoResponse as _;
    let description = Description {
        title: &app.title,
        notice: app.notice.as_deref(),
        read_only: app.database.is_read_only(),
        models: &app.models,
    };
    Json(description).into_response()
}

/// `POST /api/estimates`
pub(crate) async fn estimates(State(app): Shared) -> Result<Json<BTreeMap<String, u64>>, Failure> {
    Ok(Json(read::estimates(&app.database, &app.models).await?))
}

/// `POST /api/rows`
pub(crate) async fn rows(
    State(app): Shared,
    Json(request): Json<PageRequest>,
) -> Result<Json<Page>, Failure> {
    Ok(Json(read::page(&app.database, &app.models, request).await?))
}

/// `POST /api/count`
pub(crate) async fn count(
    State(app): Shared,
    Json(request): Json<CountRequest>,
) -> Result<Json<Count>, Failure> {
    Ok(Json(read::count(&app.database, &app.models, request).await?))
}

/// `POST /api/row`
pub(crate) async fn row(
    State(app): Shared,
    Json(request): Json<RowRequest>,
) -> Result<Json<Option<Row>>, Failure> {
    Ok(Json(read::row(&app.database, &app.models, &request).await?))
}

/// `POST /api/related`
pub(crate) async fn related(
    State(app): Shared,
    Json(request): Json<RelatedRequest>,
) -> Result<Json<Vec<BTreeMap<String, u64>>>, Failure> {
    Ok(Json(read::related(&app.database, &app.models, &request).await?))
}

/// `POST /api/changes`
pub(crate) async fn changes(
    State(app): Shared,
    Json(request): Json<ChangeRequest>,
) -> Result<Json<Report>, Failure> {
    Ok(Json(change::run(&app.database, &app.models, &request).await?))
}
