//! The description of the API in `OpenAPI` 3.1, made of the handlers and their types.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Components, InfoBuilder, OpenApi, OpenApiBuilder, Server};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::{FieldProblem, Problem};
use super::{list, people, responses};
use crate::app::{AppState, Site};

/// How the security scheme is called in the document.
const SCHEME: &str = "session";

const ABOUT: &str = "The directory, for programs. Signed in is who has the session cookie of the site. \
    Addresses below /api answer nobody else. \
    Requests that change something need Content-Type: application/json if they have a body, and no browser may send them \
    for another site. A person has a version, its ETag: whoever changes or deletes a person names it with If-Match, so \
    that nobody overwrites what they have not seen. Errors are application/problem+json (RFC 9457). \
    Unknown parameters and fields are refused with 400.";

/// The routes of the API with what is said about them.
fn documented(site: &Site) -> OpenApiRouter<AppState> {
    let info = InfoBuilder::new()
        .title("People")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .build();
    let mut components = Components::new();
    components.responses.extend(responses::components());
    for (name, schema) in [schema::<Problem>("Problem"), schema::<FieldProblem>("FieldProblem")] {
        components.schemas.insert(name, schema);
    }
    let cookie = ApiKeyValue::with_description(site.session_cookie(), "The cookie that signing in sets.");
    components.add_security_scheme(SCHEME, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    let document = OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new(&site.origin)]))
        .components(Some(components))
        .security(Some([SecurityRequirement::new(SCHEME, Vec::<String>::new())]))
        .tags(Some([TagBuilder::new()
            .name("People")
            .description(Some("The people in the directory."))
            .build()]))
        .build();
    OpenApiRouter::with_openapi(document).routes(routes!(list::list, people::add)).routes(routes!(
        people::get,
        people::replace,
        people::change,
        people::delete
    ))
}

fn schema<T: utoipa::PartialSchema>(
    name: &str,
) -> (String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>) {
    (name.to_owned(), T::schema())
}

/// The routes and their description.
pub(crate) fn routes(site: &Site) -> (axum::Router<AppState>, OpenApi) {
    documented(site).split_for_parts()
}
