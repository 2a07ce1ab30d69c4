//! From the query as data to SQL text and parameters.

use crate::error::{Error, Kind};
use crate::meta::ModelMeta;
use crate::query::{Aggregate, Changes, Condition, Create, Find};
use crate::value::Value;

/// An SQL statement with its parameters.
#[derive(Debug, Clone)]
pub struct Statement {
    pub(crate) text: String,
    pub(crate) params: Vec<Value>,
}

/// What names of tables without a schema mean.
#[derive(Debug, Clone)]
pub struct Naming {
    /// The PostgreSQL schema that the connection URL names.
    pub schema: std::sync::Arc<str>,
}

fn empty() -> Error {
    Kind::Connect { code: "P1001" }.into()
}

pub(crate) fn find(_: &Naming, _: &Find) -> Result<Statement, Error> {
    Err(empty())
}

pub(crate) fn create(_: &Naming, _: Create, _: &Find) -> Result<Vec<Statement>, Error> {
    Err(empty())
}

pub(crate) fn create_many(
    _: &Naming,
    _: &'static ModelMeta,
    _: Vec<Create>,
    _: bool,
) -> Result<Vec<Statement>, Error> {
    Err(empty())
}

pub(crate) fn update(_: &Naming, _: Condition, _: Changes, _: &Find) -> Result<Statement, Error> {
    Err(empty())
}

pub(crate) fn update_many(_: &Naming, _: Condition, _: Changes) -> Result<Statement, Error> {
    Err(empty())
}

pub(crate) fn delete(_: &Naming, _: &Condition, _: &Find) -> Result<Statement, Error> {
    Err(empty())
}

pub(crate) fn delete_many(_: &Naming, _: &'static ModelMeta, _: &Condition) -> Result<Statement, Error> {
    Err(empty())
}

pub(crate) fn aggregate(_: &Naming, _: &Aggregate) -> Result<Statement, Error> {
    Err(empty())
}
