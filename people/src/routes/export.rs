//! Downloads: exports of a search, and the card of one person.

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use chrono::Utc;
use futures_util::StreamExt as _;
use serde::Deserialize;

use crate::actions;
use crate::app::AppState;
use crate::error::AppError;
use crate::export::{Format, file};
use crate::extract::SignedIn;
use crate::lag::MayLag;
use crate::routes::attachment;
use crate::search::{Position, Search, Sort};
use crate::vcard::{self, Version};

/// Which file. An unknown format is refused, since nobody wants another file than the one asked for.
#[derive(Deserialize)]
pub(crate) struct ExportQuery {
    #[serde(default)]
    format: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    version: String,
}

/// Which version of the format a card has.
#[derive(Deserialize)]
pub(crate) struct CardQuery {
    #[serde(default)]
    version: String,
}

/// `GET /people/export`
pub(crate) async fn export(
    user: SignedIn,
    MayLag { db, .. }: MayLag,
    Query(query): Query<ExportQuery>,
) -> Result<Response, AppError> {
    let format = match Format::parse(&query.format).ok_or(AppError::BadRequest)? {
        Format::Vcard(_) if !query.version.is_empty() => {
            Format::Vcard(Version::parse(&query.version).ok_or(AppError::BadRequest)?)
        }
        format => format,
    };
    let sort = Sort::parse(&query.sort).unwrap_or_default();
    let search = Search::new(&query.q, sort, Position::Start);
    let mut people = Box::pin(actions::stream_people(&db, &user.proof, &search).peekable());
    // A database that does not answer is a page that says so; later there is nothing left but to break off.
    if people.as_mut().peek().await.is_some_and(Result::is_err)
        && let Some(Err(error)) = people.next().await
    {
        return Err(error.into());
    }
    let parts = file(format, people).inspect(|part| {
        if let Err(error) = part {
            tracing::error!(code = error.code(), sqlstate = error.sqlstate(), "an export was broken off");
        }
    });
    let name = format!("people-{}.{}", Utc::now().format("%Y-%m-%d"), format.extension());
    Ok(attachment(format.content_type(), &name, Body::from_stream(parts)))
}

/// `GET /people/{id}/vcard`
pub(crate) async fn card(
    user: SignedIn,
    State(state): State<AppState>,
    lag: MayLag,
    Path(id): Path<String>,
    Query(query): Query<CardQuery>,
) -> Result<Response, AppError> {
    let version = Version::parse(&query.version).ok_or(AppError::BadRequest)?;
    let person = lag.person(&state, &user.proof, &id).await?.ok_or(AppError::NotFound)?;
    let mut card = String::new();
    vcard::write(&person, version, &mut card);
    // The name may hold what no header can: the file is called by letters alone.
    let plain: String = person.name.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    let name = format!("{}.vcf", if plain.is_empty() { "person" } else { &plain });
    Ok(attachment(version.content_type(), &name, Body::from(card)))
}
