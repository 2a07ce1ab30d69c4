//! `ETag`, `If-Match` and `If-None-Match`: who changes a person says which version they have seen.
//!
//! Source: RFC 9110, 8.8.3 and 13.1.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::problem::{ApiError, Kind};
use crate::actions::Expected;
use crate::version::Version;

/// The version as a strong entity tag.
pub(crate) fn etag(version: &Version) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).expect("a version has hexadecimal digits only")
}

/// What `If-Match` asks for. A weak tag, or one that is no version, matches nothing.
///
/// # Errors
/// The header is missing or cannot be read.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Expected, ApiError> {
    let tags = match tags(headers, &header::IF_MATCH)? {
        None => return Err(ApiError::of(Kind::VersionMissing)),
        Some(Tags::Any) => return Ok(Expected::Any),
        Some(Tags::List(tags)) => tags,
    };
    let strong = tags.into_iter().filter(|tag| !tag.is_weak);
    Ok(Expected::OneOf(strong.filter_map(|tag| tag.text.parse().ok()).collect()))
}

/// Whether the client has this version already; weak tags are as good as strong ones here.
///
/// # Errors
/// The header cannot be read.
pub(crate) fn none_match(headers: &HeaderMap, version: &Version) -> Result<bool, ApiError> {
    Ok(match tags(headers, &header::IF_NONE_MATCH)? {
        None => true,
        Some(Tags::Any) => false,
        Some(Tags::List(tags)) => tags.iter().all(|tag| tag.text != version.as_str()),
    })
}

enum Tags {
    Any,
    List(Vec<Tag>),
}

#[derive(Debug, PartialEq, Eq)]
struct Tag {
    is_weak: bool,
    text: String,
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Tags>, ApiError> {
    let unreadable = || {
        let example = "\"0123456789abcdef0123456789abcdef\"";
        ApiError::because(
            Kind::Malformed,
            format!("the header {name} has to be * or a list of entity tags, as in {example}"),
        )
    };
    let mut list = Vec::new();
    let mut values = headers.get_all(name).iter().peekable();
    if values.peek().is_none() {
        return Ok(None);
    }
    for value in values {
        let text = value.to_str().map_err(|_| unreadable())?.trim();
        if text == "*" && headers.get_all(name).iter().count() == 1 {
            return Ok(Some(Tags::Any));
        }
        read_list(text, &mut list).ok_or_else(unreadable)?;
    }
    if list.is_empty() { Err(unreadable()) } else { Ok(Some(Tags::List(list))) }
}

/// Commas may stand within a tag, so that the list cannot be split at them.
fn read_list(text: &str, list: &mut Vec<Tag>) -> Option<()> {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return Some(());
        }
        let strong = rest.strip_prefix("W/");
        let (tag, after) = strong.unwrap_or(rest).strip_prefix('"')?.split_once('"')?;
        if !tag.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        list.push(Tag { is_weak: strong.is_some(), text: tag.to_owned() });
        rest = after.trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_tags_are_read() {
        for (text, found) in [
            ("\"a\"", Some("s:a")),
            ("W/\"a\", \"b,c\"", Some("w:a s:b,c")),
            (" , \"\" ,", Some("s:")),
            ("\"a\" \"b\"", None),
            ("a", None),
            ("\"a", None),
            ("w/\"a\"", None),
            ("*", None),
            ("\"a b\"", None),
        ] {
            let mut list = Vec::new();
            let read = read_list(text, &mut list);
            let all: Vec<_> = list
                .iter()
                .map(|tag| format!("{}:{}", if tag.is_weak { "w" } else { "s" }, tag.text))
                .collect();
            assert_eq!(read.map(|()| all.join(" ")).as_deref(), found, "{text}");
        }
    }
}
