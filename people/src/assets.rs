//! The stylesheet, the script and the icon, embedded in the binary.
//!
//! Their names contain a hash of their contents, so browsers can cache them forever.

use std::io::Write as _;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::entity_tag::{self, Tags};

/// A file that is served as it is.
#[derive(Debug)]
pub struct Asset {
    /// The path under which it is served, with the hash in it.
    pub path: String,
    content_type: &'static str,
    contents: &'static str,
    /// The same, compressed once and as well as can be.
    compressed: Vec<u8>,
    /// Of the contents, in hexadecimal digits.
    hash: String,
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
        Self {
            path: format!("/assets/people-{hash}.{extension}"),
            content_type,
            contents,
            compressed: gzip(contents),
            hash,
        }
    }

    /// Whether the browser has the current contents.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        // A proxy that changes the encoding marks the tag as weak.
        let tags = Tags::read(headers, &header::IF_NONE_MATCH).ok().flatten();
        tags.is_some_and(|tags| tags.match_weakly(&self.hash))
    }
}

/// `GET /assets/{name}`
pub(crate) async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let found = ALL.into_iter().find(|asset| asset.path.strip_prefix("/assets/") == Some(&*name));
    let Some(asset) = found else { return StatusCode::NOT_FOUND.into_response() };
    let for_ever = [
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (header::ETAG, entity_tag::strong(&asset.hash)),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    if asset.is_known(&headers) {
        return (StatusCode::NOT_MODIFIED, for_ever).into_response();
    }
    let content_type = [(header::CONTENT_TYPE, asset.content_type)];
    if takes_gzip(&headers) {
        let encoding = [(header::CONTENT_ENCODING, "gzip")];
        return (for_ever, content_type, encoding, asset.compressed.clone()).into_response();
    }
    (for_ever, content_type, asset.contents).into_response()
}

/// Whether the browser accepts gzip.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let encodings =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    encodings.split(',').map(str::trim).any(|encoding| {
        let (name, quality) = encoding.split_once(';').unwrap_or((encoding, ""));
        name.trim().eq_ignore_ascii_case("gzip") && !is_refused(quality)
    })
}

/// `q=0`, with as many zeros as RFC 9110 allows.
fn is_refused(quality: &str) -> bool {
    let quality = quality.trim().trim_start_matches(['q', 'Q']).trim_start_matches('=');
    quality.parse::<f32>().is_ok_and(|quality| quality <= 0.0)
}

fn gzip(contents: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let written = encoder.write_all(contents.as_bytes());
    written.and_then(|()| encoder.finish()).expect("writing to memory does not fail")
}

/// Hashes contents for their name. It only has to tell versions of a file apart.
fn fnv1a(contents: &str) -> u64 {
    contents
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_for_those_who_take_it() {
        for (encodings, expected) in [
            ("gzip, deflate, br, zstd", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000, br", false),
            ("br", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, encodings.parse().unwrap());
            assert_eq!(takes_gzip(&headers), expected, "{encodings}");
        }
    }
}
