//! The problems that an operation can answer with, in groups.
//!
//! Each group documents a module of this folder: [`access`](super::access),
//! [`body`](super::body) or [`condition`](super::condition).

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use super::problem::{Kind, MEDIA_TYPE};

/// For all operations.
pub(crate) struct ForAll;
/// For operations that write.
pub(crate) struct ForWrites;
/// For operations with a body.
pub(crate) struct ForBodies;
/// For operations on one person.
pub(crate) struct ForOnePerson;
/// For operations that need `If-Match`.
pub(crate) struct ForConditions;

impl IntoResponses for ForAll {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refer_to(&[400, 401, 421, 429, 500, 503])
    }
}

impl IntoResponses for ForWrites {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refer_to(&[403, 408, 413])
    }
}

impl IntoResponses for ForBodies {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refer_to(&[409, 415, 422])
    }
}

impl IntoResponses for ForOnePerson {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refer_to(&[404])
    }
}

impl IntoResponses for ForConditions {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refer_to(&[412, 428])
    }
}

fn refer_to(statuses: &[u16]) -> BTreeMap<String, RefOr<Response>> {
    let refer = |status: &u16| (status.to_string(), Ref::from_response_name(component(*status)).into());
    statuses.iter().map(refer).collect()
}

fn component(status: u16) -> String {
    format!("Problem{status}")
}

/// The answers that the groups refer to, one for each status that any problem has.
pub(crate) fn components() -> impl Iterator<Item = (String, RefOr<Response>)> {
    let mut kinds: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
    for kind in Kind::ALL {
        kinds.entry(kind.status()).or_default().push(kind);
    }
    kinds.into_iter().map(|(status, kinds)| (component(status), response(status, &kinds).into()))
}

fn response(status: u16, kinds: &[Kind]) -> Response {
    let text = |kind: &Kind| format!("{}: {}", kind.title(), kind.meaning());
    let description = kinds.iter().map(text).collect::<Vec<_>>().join(" Or: ");
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let header = |kind, description: &str| {
        let schema = ObjectBuilder::new().schema_type(kind);
        HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build()
    };
    let response = ResponseBuilder::new().description(description).content(MEDIA_TYPE, content);
    match status {
        401 => response.header("WWW-Authenticate", header(Type::String, "The missing cookie.")),
        405 => response.header("Allow", header(Type::String, "The methods that this address supports.")),
        429 | 503 => response.header("Retry-After", header(Type::Integer, "The number of seconds to wait.")),
        _ => response,
    }
    .build()
}
