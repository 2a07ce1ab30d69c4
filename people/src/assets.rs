//! The stylesheet and the icon, carried in the binary.
//!
//! Their names hold a hash of their contents, so a browser may keep them for ever and never has an old one.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A file that is served as it is.
#[derive(Debug)]
pub struct Asset {
    /// The path under which it is served, with the hash in it.
    pub path: String,
    content_type: &'static str,
    contents: &'static str,
}

/// The one stylesheet.
pub static STYLESHEET: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("css", "text/css; charset=utf-8", include_str!("../assets/people.css")));

/// The icon, which is the logo too.
pub static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("svg", "image/svg+xml", include_str!("../assets/people.svg")));

impl Asset {
    fn new(extension: &str, content_type: &'static str, contents: &'static str) -> Self {
        Self { path: format!("/assets/people-{:016x}.{extension}", fnv1a(contents)), content_type, contents }
    }
}

/// `GET /assets/{name}`
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    let found = [&*STYLESHEET, &*ICON].into_iter().find(|asset| asset.path.ends_with(&format!("/{name}")));
    match found {
        Some(asset) => (
            [
                (header::CONTENT_TYPE, asset.content_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            asset.contents,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A name for contents, not a defence: two versions of one file must differ, no more.
fn fnv1a(contents: &str) -> u64 {
    contents
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
