//! The list of people.

use axum::Json;
use axum::extract::RawQuery;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use url::form_urlencoded;
use utoipa::{IntoParams, ToSchema};

use super::access::ApiUser;
use super::person::PersonJson;
use super::problem::{ApiError, Kind};
use super::responses::ForAll;
use crate::actions;
use crate::error::AppError;
use crate::lag::MayLag;
use crate::search::{Cursor, PAGE_SIZE, Position, Search, Sort, Total};

const LIMIT_MAX: u32 = 100;
const QUERY_MAX: usize = 200;

/// What to list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is read by the macro that makes the document")]
struct ListParams {
    /// The search words. Every word must match the beginning of a word of the name, the e-mail address or the phone
    /// number. Empty matches everyone.
    #[param(max_length = 200, example = "ann", nullable = false)]
    q: Option<String>,
    /// The order: `name`, or `newest` first.
    #[param(inline, nullable = false)]
    sort: Option<SortParam>,
    /// The position after which the page starts, from `next`. Cannot be combined with `before`.
    #[param(min_length = 1, max_length = 2000, pattern = "^[A-Za-z0-9_-]+$", nullable = false)]
    after: Option<String>,
    /// The position before which the page ends, from `previous`.
    #[param(min_length = 1, max_length = 2000, pattern = "^[A-Za-z0-9_-]+$", nullable = false)]
    before: Option<String>,
    /// The maximum number of people on the page.
    #[param(minimum = 1, maximum = 100, default = 20, nullable = false)]
    limit: Option<u32>,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase", default = "name")]
#[expect(dead_code, reason = "it is read by the macro that makes the document")]
enum SortParam {
    Name,
    Newest,
}

/// A page of people.
#[derive(Serialize, ToSchema)]
#[schema(as = PeoplePage)]
struct PageJson {
    /// The people of this page, in order.
    #[schema(max_items = 100)]
    people: Vec<PersonJson>,
    /// The number of people on all pages.
    total: TotalJson,
    /// The URL of the next page, also in the header `Link`; null on the last page.
    #[schema(format = "uri-reference")]
    next: Option<String>,
    /// The URL of the previous page, also in the header `Link`; null on the first page.
    #[schema(format = "uri-reference")]
    previous: Option<String>,
}

/// A number of people.
#[derive(Serialize, ToSchema)]
#[schema(as = Total)]
struct TotalJson {
    /// The number.
    #[schema(minimum = 0)]
    count: u64,
    /// Whether the count is exact. Otherwise there are more people than that: counting them would take longer than finding
    /// the page.
    exact: bool,
}

/// List people
///
/// Each page starts where the previous one ends, so that nobody is skipped or listed twice while people are added or
/// deleted. Use the URLs in `next` and `previous` unchanged.
#[utoipa::path(
    get, path = "/api/people", operation_id = "listPeople", tag = "People",
    params(ListParams),
    responses(
        (status = 200, description = "A page of people.", body = PageJson,
            headers(("Link" = String, description = "Links to the next and the previous page, as `next` and `prev` (RFC 8288)."))),
        ForAll,
    ),
)]
pub(crate) async fn list(
    ApiUser(user): ApiUser,
    MayLag { db, .. }: MayLag,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let asked = Asked::read(query.as_deref().unwrap_or_default())?;
    let found =
        actions::search_people_page(&db, &user, &asked.search, asked.limit).await.map_err(AppError::from)?;
    let (count, exact) = match found.total {
        Total::Exact(count) => (count, true),
        Total::MoreThan(count) => (count, false),
    };
    let page = PageJson {
        people: found.people.into_iter().map(|person| PersonJson::of(person).0).collect(),
        total: TotalJson { count, exact },
        next: found.next.map(|cursor| asked.url("after", &cursor)),
        previous: found.previous.map(|cursor| asked.url("before", &cursor)),
    };
    let links = [(&page.next, "next"), (&page.previous, "prev")];
    let links =
        links.into_iter().filter_map(|(url, rel)| Some(format!("<{}>; rel=\"{rel}\"", url.as_ref()?)));
    let links = links.collect::<Vec<_>>().join(", ");
    let mut response = Json(page).into_response();
    if let (false, Ok(links)) = (links.is_empty(), HeaderValue::try_from(links)) {
        response.headers_mut().insert(header::LINK, links);
    }
    Ok(response)
}

/// The parameters as they were understood.
struct Asked {
    search: Search,
    limit: u32,
    /// Whether the limit was given, so that the URLs of other pages include it.
    has_limit: bool,
}

impl Asked {
    /// Reads a query strictly: unknown, repeated and malformed parameters are errors.
    fn read(query: &str) -> Result<Self, ApiError> {
        let refuse = |text: &'static str| ApiError::because(Kind::Malformed, text);
        if !is_well_encoded(query) {
            return Err(refuse("The query is not percent-encoded UTF-8."));
        }
        let (mut q, mut sort, mut after, mut before, mut limit) = (None, None, None, None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let parameter = match &*name {
                "q" => &mut q,
                "sort" => &mut sort,
                "after" => &mut after,
                "before" => &mut before,
                "limit" => &mut limit,
                _ => {
                    return Err(refuse(
                        "Unknown parameter; the parameters are q, sort, after, before and limit.",
                    ));
                }
            };
            if parameter.replace(value).is_some() {
                return Err(refuse("A parameter occurs twice."));
            }
        }
        let q = q.unwrap_or_default();
        if q.chars().count() > QUERY_MAX {
            return Err(refuse("q must be at most 200 characters long."));
        }
        let sort = match sort {
            None => Sort::default(),
            Some(text) => Sort::parse(&text).ok_or_else(|| refuse("sort must be name or newest."))?,
        };
        let cursor = |text: &str| {
            Cursor::parse(text).ok_or_else(|| refuse("after and before must come from next or previous."))
        };
        let position = match (after, before) {
            (None, None) => Position::Start,
            (Some(after), None) => Position::After(cursor(&after)?),
            (None, Some(before)) => Position::Before(cursor(&before)?),
            (Some(_), Some(_)) => return Err(refuse("after and before cannot be combined.")),
        };
        let search = Search::new(&q, sort, position.clone());
        if *search.position() != position {
            return Err(refuse("after or before comes from a list in another order."));
        }
        let has_limit = limit.is_some();
        let limit = limit.map_or(Some(PAGE_SIZE), |text| {
            let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|limit| is_plain && (1..=LIMIT_MAX).contains(limit))
        });
        let limit = limit.ok_or_else(|| refuse("limit must be a number from 1 to 100."))?;
        Ok(Self { search, limit, has_limit })
    }

    /// The address of another page of the same list.
    fn url(&self, name: &str, cursor: &Cursor) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.search.query().is_empty() {
            query.append_pair("q", self.search.query());
        }
        if self.search.sort() != Sort::default() {
            query.append_pair("sort", self.search.sort().as_str());
        }
        if self.has_limit {
            query.append_pair("limit", &self.limit.to_string());
        }
        query.append_pair(name, &cursor.to_string());
        format!("/api/people?{}", query.finish())
    }
}

/// Whether every `%` starts an escape and the bytes are UTF-8. A lenient parser would search for something else.
fn is_well_encoded(query: &str) -> bool {
    let escapes = query.split('%').skip(1);
    let is_escape =
        |rest: &str| rest.as_bytes().get(..2).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
    escapes.into_iter().all(is_escape) && percent_encoding::percent_decode_str(query).decode_utf8().is_ok()
}
