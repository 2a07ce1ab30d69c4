//! A live database → [`Catalog`].
//!
//! One query for each kind of object, all sent together on one connection, whatever the number of tables. [`rows`] runs the
//! queries; [`assemble`] builds the catalog without a connection.
//!
//! As in Prisma 6.19 (`sql-schema-describer`), partial indexes and indexes on expressions are left out, a domain counts as its
//! base type, partitions belong to their table, and objects of extensions are left out.

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

/// The schemas to read, and whether names are qualified with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    schemas: Vec<String>,
    is_qualified: bool,
}

impl Scope {
    /// Returns the scope of one schema, the search path. Names in the catalog are unqualified, like those of a schema file whose
    /// datasource has no `schemas`.
    pub fn one(schema: &str) -> Self {
        Self { schemas: vec![schema.to_owned()], is_qualified: false }
    }

    /// Returns the scope of several schemas. Names in the catalog are qualified.
    pub fn several(schemas: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { schemas: schemas.into_iter().map(Into::into).collect(), is_qualified: true }
    }

    /// Returns the scope of a schema file with these `schemas` in its datasource; without any, the schema of the URL.
    pub fn of(schemas: &[String], url: &ConnectionUrl) -> Self {
        if schemas.is_empty() { Self::one(url.schema()) } else { Self::several(schemas) }
    }

    /// Returns the schemas.
    pub fn schemas(&self) -> &[String] {
        &self.schemas
    }
}

/// Reads the database of a connection URL. `schemas` are those of the datasource; without any, the schema of the URL.
///
/// # Errors
///
/// [`Error::Connect`], [`Error::Database`], and [`Error::CrossSchemaReference`] for a foreign key to another schema.
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

/// Reads a database as [`live`] does, but creates it if it does not exist. Also returns whether it was created.
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

/// Reads a database as [`introspect`] does, and aligns the catalog with `next`. Changes nothing.
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

/// Reads a database, and aligns the catalog with `next`.
pub(crate) async fn read(client: &Client, scope: &Scope, next: Option<&Catalog>) -> Result<Catalog, Error> {
    let mut catalog = introspect_with(client, scope).await?;
    if let Some(next) = next {
        align(client, &mut catalog, next).await?;
    }
    Ok(catalog)
}
