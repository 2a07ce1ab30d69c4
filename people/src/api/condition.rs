//! `ETag`, `If-Match` and `If-None-Match` of a person: a client that changes a person names the version it has seen.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::problem::{ApiError, Kind};
use crate::actions::Expected;
use crate::entity_tag::{self, Tags};
use crate::version::Version;

/// Returns the version as a strong entity tag.
pub(crate) fn etag(version: &Version) -> HeaderValue {
    entity_tag::strong(version.as_str())
}

/// Returns what `If-Match` asks for. A weak tag, or one that is no version, matches nothing.
///
/// # Errors
/// The header is missing or malformed.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Expected, ApiError> {
    match tags(headers, &header::IF_MATCH)? {
        None => Err(ApiError::of(Kind::VersionMissing)),
        Some(Tags::Any) => Ok(Expected::Any),
        Some(Tags::List(tags)) => {
            let strong = tags.into_iter().filter(|tag| !tag.is_weak);
            Ok(Expected::OneOf(strong.filter_map(|tag| tag.text.parse().ok()).collect()))
        }
    }
}

/// Whether `If-None-Match` lets the person be sent: the client does not have this version yet.
///
/// # Errors
/// The header is malformed.
pub(crate) fn none_match(headers: &HeaderMap, version: &Version) -> Result<bool, ApiError> {
    let tags = tags(headers, &header::IF_NONE_MATCH)?;
    Ok(!tags.is_some_and(|tags| tags.match_weakly(version.as_str())))
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Tags>, ApiError> {
    Tags::read(headers, name).map_err(|_| {
        let example = "\"0123456789abcdef0123456789abcdef\"";
        ApiError::because(
            Kind::Malformed,
            format!("The header {name} must be * or a list of entity tags, such as {example}."),
        )
    })
}
