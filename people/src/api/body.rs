//! Request bodies, read strictly: unknown parts are refused, never ignored.
//!
//! The shape is checked first (400: JSON, an object, its members and their types), then the values (422).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use mime::Mime;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;

use super::problem::{ApiError, FieldProblem, Kind};
use crate::error::AppError;
use crate::validate::PartialForm;

/// The maximum number of shape problems in a response.
const PROBLEMS_MAX: usize = 20;

/// A body in JSON.
pub(crate) struct JsonBody<T>(pub(crate) T);

/// A type that is built from the members of an object.
pub(crate) trait FromMembers: Sized {
    /// The media types that may hold it.
    const MEDIA_TYPES: &'static [&'static str];

    fn from_members(members: Members) -> Result<Self, ApiError>;
}

impl<T: FromMembers, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        check_media_type(request.headers(), T::MEDIA_TYPES)?;
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
                ApiError::from(AppError::TooLarge)
            } else {
                malformed("The body is incomplete.")
            }
        })?;
        let members: Members = serde_json::from_slice(&bytes).map_err(|error| malformed(reason(&error)))?;
        if let Some(name) = &members.duplicate {
            return Err(malformed(format!("The member `{}` occurs twice.", shown(name))));
        }
        T::from_members(members).map(Self)
    }
}

fn malformed(detail: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::because(Kind::Malformed, detail)
}

/// Returns where the text stops being JSON. serde's own message is not used, because it repeats input.
fn reason(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => "The body must be a single JSON object.".to_owned(),
        Category::Eof => "The JSON in the body is incomplete.".to_owned(),
        Category::Syntax | Category::Io => {
            format!("The body is not valid JSON: see line {}, column {}.", error.line(), error.column())
        }
    }
}

/// Source: RFC 8259, 8.1 and 11: JSON is UTF-8, and its media type has no parameter that matters.
fn check_media_type(headers: &HeaderMap, accepted: &[&str]) -> Result<(), ApiError> {
    let only = |name| {
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => value.to_str().map(Some).map_err(|_| ApiError::of(Kind::MediaType)),
            (Some(_), Some(_)) => Err(ApiError::of(Kind::MediaType)),
        }
    };
    let media_type = only(header::CONTENT_TYPE)?.unwrap_or_default().parse::<Mime>();
    let media_type = media_type.map_err(|_| ApiError::of(Kind::MediaType))?;
    let is_accepted = accepted.contains(&media_type.essence_str());
    let is_utf8 = media_type.params().all(|(name, value)| name != mime::CHARSET || value == mime::UTF_8);
    let is_plain =
        only(header::CONTENT_ENCODING)?.is_none_or(|coding| coding.eq_ignore_ascii_case("identity"));
    if is_accepted && is_utf8 && is_plain { Ok(()) } else { Err(ApiError::of(Kind::MediaType)) }
}

/// The members of an object, and a duplicate if there is one: serde's maps would keep the last.
pub(crate) struct Members {
    members: BTreeMap<String, Value>,
    duplicate: Option<String>,
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;

        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut found = Members { members: BTreeMap::new(), duplicate: None };
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    match found.members.entry(name) {
                        Entry::Occupied(entry) => found.duplicate = Some(entry.key().clone()),
                        Entry::Vacant(entry) => drop(entry.insert(value)),
                    }
                }
                Ok(found)
            }
        }

        deserializer.deserialize_map(ObjectVisitor)
    }
}

impl Members {
    /// Returns the details of a person that are present.
    ///
    /// # Errors
    /// A member is unknown or not a string.
    pub(crate) fn details(self) -> Result<PartialForm, ApiError> {
        let mut form = PartialForm::default();
        let mut problems = Vec::new();
        for (name, value) in self.members {
            let field = match &*name {
                "name" => &mut form.name,
                "email" => &mut form.email,
                "phoneNumber" => &mut form.phone_number,
                "phone_number" => {
                    problems.push(problem(&name, "Unknown field; use phoneNumber instead."));
                    continue;
                }
                _ => {
                    problems
                        .push(problem(&name, "Unknown field; the fields are name, email and phoneNumber."));
                    continue;
                }
            };
            match value {
                Value::String(text) => *field = Some(text),
                Value::Null => problems.push(problem(&name, "Must be a string, not null.")),
                _ => problems.push(problem(&name, "Must be a string.")),
            }
        }
        problems.truncate(PROBLEMS_MAX);
        if problems.is_empty() { Ok(form) } else { Err(ApiError::with_fields(Kind::Malformed, problems)) }
    }
}

fn problem(member: &str, detail: &str) -> FieldProblem {
    let pointer = format!("/{}", shown(member).replace('~', "~0").replace('/', "~1"));
    FieldProblem { pointer, detail: detail.to_owned() }
}

/// Returns the first 60 characters of a name, which can be anything.
fn shown(name: &str) -> String {
    name.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_compared_without_their_harmless_parts() {
        let check = |name: header::HeaderName, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
            headers.insert(name, value.parse().unwrap());
            check_media_type(&headers, &["application/json"]).is_ok()
        };
        for kind in
            ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""]
        {
            assert!(check(header::CONTENT_TYPE, kind), "{kind}");
        }
        for kind in
            ["", "text/json", "application/jsonp", "application/json; charset=latin1", "application/json; x"]
        {
            assert!(!check(header::CONTENT_TYPE, kind), "{kind}");
        }
        assert!(check(header::CONTENT_ENCODING, "identity") && !check(header::CONTENT_ENCODING, "gzip"));
        assert!(check_media_type(&HeaderMap::new(), &["application/json"]).is_err());
    }
}
