//! The `OpenAPI` 3.1 document of the API, derived from the handlers and their types.

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

const ABOUT: &str = "The directory as JSON. Every request needs the session cookie that signing in sets. \
    Requests with a body need Content-Type: application/json. Changes that a browser sends for a page of another site are refused. \
    Each person has a version, its ETag: to change or delete the person, send it as If-Match, so that you do not \
    overwrite a change that you have not seen. Errors are application/problem+json (RFC 9457). \
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
    let cookie =
        ApiKeyValue::with_description(site.session_cookie(), "The session cookie, which signing in sets.");
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
