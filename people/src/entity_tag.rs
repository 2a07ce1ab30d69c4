//! Entity tags, and the lists of them in `If-Match` and `If-None-Match`.
//!
//! The typed headers of the crate `headers` answer only whether a list has one given tag, and read a malformed list as
//! one that matches nothing. The API refuses such a list, and needs the tags themselves: it compares them in the
//! statement that makes the change.
//!
//! Source: RFC 9110, 8.8.3 and 13.1.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// What a header asks for.
pub(crate) enum Tags {
    /// `*`
    Any,
    /// One or more tags.
    List(Vec<Tag>),
}

/// An entity tag of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) is_weak: bool,
    /// What stands between the quotation marks.
    pub(crate) text: String,
}

/// The header is neither `*` nor a list of entity tags.
#[derive(Debug)]
pub(crate) struct Malformed;

/// Returns a strong entity tag of hexadecimal digits.
pub(crate) fn strong(digits: &str) -> HeaderValue {
    HeaderValue::try_from(format!("\"{digits}\"")).expect("digits are valid in a header")
}

impl Tags {
    /// Reads all lines of a header; `None` if there is none.
    ///
    /// # Errors
    /// The header is malformed.
    pub(crate) fn read(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, Malformed> {
        let values: Vec<&HeaderValue> = headers.get_all(name).iter().collect();
        let mut list = Vec::new();
        for value in &values {
            let text = value.to_str().map_err(|_| Malformed)?.trim();
            if text == "*" && values.len() == 1 {
                return Ok(Some(Self::Any));
            }
            read_list(text, &mut list).ok_or(Malformed)?;
        }
        match (values.is_empty(), list.is_empty()) {
            (true, _) => Ok(None),
            (false, true) => Err(Malformed),
            (false, false) => Ok(Some(Self::List(list))),
        }
    }

    /// Whether a tag is in the list by weak comparison, which ignores `W/`.
    pub(crate) fn match_weakly(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::List(tags) => tags.iter().any(|tag| tag.text == text),
        }
    }
}

/// A tag may contain commas, so that the list cannot be split at them.
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
