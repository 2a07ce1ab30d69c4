//! The files of the page, embedded in the binary.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

const PAGE: &str = include_str!("../assets/index.html");

const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const ICON: &str = "image/svg+xml";

const FILES: [(&str, &str, &str); 12] = [
    ("studio.css", STYLE, include_str!("../assets/studio.css")),
    ("studio.svg", ICON, include_str!("../assets/studio.svg")),
    ("studio.js", SCRIPT, include_str!("../assets/studio.js")),
    ("api.js", SCRIPT, include_str!("../assets/api.js")),
    ("dom.js", SCRIPT, include_str!("../assets/dom.js")),
    ("grid.js", SCRIPT, include_str!("../assets/grid.js")),
    ("filters.js", SCRIPT, include_str!("../assets/filters.js")),
    ("place.js", SCRIPT, include_str!("../assets/place.js")),
    ("value.js", SCRIPT, include_str!("../assets/value.js")),
    ("row.js", SCRIPT, include_str!("../assets/row.js")),
    ("changes.js", SCRIPT, include_str!("../assets/changes.js")),
    ("editor.js", SCRIPT, include_str!("../assets/editor.js")),
];

/// `GET /`
pub(crate) async fn page() -> Html<&'static str> {
    Html(PAGE)
}

/// `GET /assets/{name}`
pub(crate) async fn file(Path(name): Path<String>) -> Response {
    let found = FILES.iter().find(|(other, ..)| *other == name);
    let Some((_, content_type, contents)) = found else { return StatusCode::NOT_FOUND.into_response() };
    // Another version of nicol may be started on the same port.
    ([(header::CONTENT_TYPE, *content_type), (header::CACHE_CONTROL, "no-cache")], *contents).into_response()
}
