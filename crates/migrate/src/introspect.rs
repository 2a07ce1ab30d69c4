//! A live database → [`Catalog`].
//!
//! One statement for each kind of object, sent together on one connection: as many as there are kinds, whatever the
//! number of tables. [`rows`] asks, [`assemble`] makes the catalog of the answers and needs no connection.
//!
//! What is seen as what follows Prisma 6.19 (`sql-schema-describer`): indexes of some rows or on expressions are not
//! indexes, a domain is the type below it, partitions belong to their table, and what an extension brought along is
//! not the user's.

mod assemble;
mod default;
mod rows;
mod types;

use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::Client;

use crate::align::align;
use crate::catalog::Catalog;
use crate::error::Error;
use crate::session::{Missing, Session};

/// Which schemas of a database are looked at, and how their objects are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    schemas: Vec<String>,
    is_qualified: bool,
}

impl Scope {
    /// One schema, that of the search path: names in the catalog say nothing of it, as those of a schema file whose
    /// datasource has no `schemas`.
    pub fn one(schema: &str) -> Self {
        Self { schemas: vec![schema.to_owned()], is_qualified: false }
    }

    /// These schemas: each name in the catalog says in which it lies.
    pub fn several(schemas: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { schemas: schemas.into_iter().map(Into::into).collect(), is_qualified: true }
    }

    /// What a schema file with these `schemas` in its datasource is about, on this connection.
    pub fn of(schemas: &[String], url: &ConnectionUrl) -> Self {
        if schemas.is_empty() { Self::one(url.schema()) } else { Self::several(schemas) }
    }

    /// The schemas that are looked at.
    pub fn schemas(&self) -> &[String] {
        &self.schemas
    }
}

/// Reads the database of a connection URL. `schemas` are those of the datasource; without any it is the URL's.
///
/// # Errors
///
/// [`Error::Connect`], [`Error::Database`], and [`Error::CrossSchemaReference`] for a foreign key that leaves the schemas.
pub async fn introspect(url: &ConnectionUrl, schemas: &[String]) -> Result<Catalog, Error> {
    let (session, _) = Session::open(url, Missing::Keep).await?;
    let catalog = introspect_with(&session.client, &Scope::of(schemas, url)).await;
    session.close().await;
    catalog
}

/// Reads the database of an open connection.
///
/// # Errors
///
/// [`Error::Database`] and [`Error::CrossSchemaReference`].
pub async fn introspect_with(client: &Client, scope: &Scope) -> Result<Catalog, Error> {
    let rows = Box::pin(rows::fetch(client, scope.schemas()))
        .await
        .map_err(|source| Error::Database { doing: "cannot read the tables of the database", source })?;
    assemble::catalog(rows, scope)
}

/// What a database holds in the `schemas` of a datasource, or in the URL's without any; in the words of `next`, where that
/// is given. A missing database is created; gives whether it was.
///
/// # Errors
///
/// [`Error::Connect`], [`Error::Database`], [`Error::CreateDatabase`].
pub async fn current(
    url: &ConnectionUrl,
    schemas: &[String],
    next: Option<&Catalog>,
) -> Result<(Catalog, bool), Error> {
    let (session, is_created) = Session::open(url, Missing::Create).await?;
    let catalog = read(&session.client, &Scope::of(schemas, url), next).await;
    session.close().await;
    Ok((catalog?, is_created))
}

/// As [`current`], but a missing database is an error, and nothing is changed.
///
/// # Errors
///
/// [`Error::Connect`] and [`Error::Database`].
pub async fn live(url: &ConnectionUrl, schemas: &[String], next: Option<&Catalog>) -> Result<Catalog, Error> {
    let (session, _) = Session::open(url, Missing::Keep).await?;
    let catalog = read(&session.client, &Scope::of(schemas, url), next).await;
    session.close().await;
    catalog
}

/// What a database holds, in the words of `next` where that is given.
pub(crate) async fn read(client: &Client, scope: &Scope, next: Option<&Catalog>) -> Result<Catalog, Error> {
    let mut catalog = introspect_with(client, scope).await?;
    if let Some(next) = next {
        align(client, &mut catalog, next).await?;
    }
    Ok(catalog)
}
