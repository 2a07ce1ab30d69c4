//! The stylesheet, the script and the icon, carried in the binary.
//!
//! Their names hold a hash of their contents, so a browser may keep them for ever and never has an old one.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A file that is served as it is.
#[derive(Debug)]
pub struct Asset {
    /// The path under which it is served, with the hash in it.
    pub path: String,
    content_type: &'static str,
    contents: &'static str,
    etag: HeaderValue,
}

/// The one stylesheet.
pub static STYLESHEET: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("css", "text/css; charset=utf-8", include_str!("../assets/people.css")));

/// The one script, an ES module.
pub static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("js", "text/javascript; charset=utf-8", include_str!("../assets/people.js")));

/// The icon, which is the logo too.
pub static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("svg", "image/svg+xml", include_str!("../assets/people.svg")));

/// All that is served.
static ALL: [&LazyLock<Asset>; 3] = [&STYLESHEET, &SCRIPT, &ICON];

impl Asset {
    fn new(extension: &str, content_type: &'static str, contents: &'static str) -> Self {
        let hash = format!("{:016x}", fnv1a(contents));
        let etag =
            HeaderValue::try_from(format!("\"{hash}\"")).expect("hexadecimal digits may be in a header");
        Self { path: format!("/assets/people-{hash}.{extension}"), content_type, contents, etag }
    }

    /// Whether the browser says that it has the contents.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        let known = headers.get(header::IF_NONE_MATCH).map_or(&[][..], HeaderValue::as_bytes);
        // Whoever stands in between marks the tag as weak if it changes the encoding.
        known
            .split(|byte| *byte == b',')
            .map(|tag| tag.trim_ascii())
            .any(|tag| tag.strip_prefix(b"W/").unwrap_or(tag) == self.etag.as_bytes())
    }
}

/// `GET /assets/{name}`
pub(crate) async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let found = ALL.into_iter().find(|asset| asset.path.strip_prefix("/assets/") == Some(&*name));
    let Some(asset) = found else { return StatusCode::NOT_FOUND.into_response() };
    let for_ever = [
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (header::ETAG, asset.etag.clone()),
    ];
    if asset.is_known(&headers) {
        return (StatusCode::NOT_MODIFIED, for_ever).into_response();
    }
    (for_ever, [(header::CONTENT_TYPE, asset.content_type)], asset.contents).into_response()
}

/// A name for contents, not a defence: two versions of one file must differ, no more.
fn fnv1a(contents: &str) -> u64 {
    contents
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
