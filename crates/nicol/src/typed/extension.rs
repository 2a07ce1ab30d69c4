//! Extensions of a client: what happens to each of its queries before and after it runs.

mod query;
mod rewrite;

use std::fmt;
use std::sync::Arc;

pub use self::query::{Operation, Query};
use super::client::Client;
use crate::error::{Error, Kind};
use crate::query::Find;
use crate::run::{self, Extend, Request, RowChange, Running, Watched, WrittenRow};
use crate::types::Json;
use crate::value::Value;
use crate::wire::{Executor, Outcome};

/// What a client does with each of its queries. [`Client::extend`] adds it to a client; see the [module](crate::extension).
///
/// A closure that takes `&mut Query` is an extension, too.
pub trait Extension: Send + Sync + 'static {
    /// Changes the query before it runs, or [refuses](Query::refuse) it. This does nothing by default.
    fn query(&self, query: &mut Query) {
        let _ = query;
    }

    /// Runs the query. The default is `next.run(query)`. Streams are not run here.
    fn around(&self, query: Query, next: Next<'_>) -> impl Future<Output = Result<Answer, Error>> + Send {
        next.run(query)
    }

    /// Is called with the rows of [watched](Query::watch) models that a query has written, in the transaction that wrote them. If it fails, that
    /// is rolled back. The client has no extensions.
    fn wrote(&self, tx: Client, rows: &[Written]) -> impl Future<Output = Result<(), Error>> + Send {
        let _ = (tx, rows);
        async { Ok(()) }
    }
}

impl<F: Fn(&mut Query) + Send + Sync + 'static> Extension for F {
    fn query(&self, query: &mut Query) {
        self(query);
    }
}

/// An [`Extension`] whose type is not known.
trait Erased: Send + Sync {
    fn query(&self, query: &mut Query);
    fn around<'a>(&'a self, query: Query, next: Next<'a>) -> Running<'a>;
    fn wrote<'a>(
        &'a self,
        tx: Client,
        rows: &'a [Written],
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;
}

impl<E: Extension> Erased for E {
    fn query(&self, query: &mut Query) {
        Extension::query(self, query);
    }

    fn around<'a>(&'a self, query: Query, next: Next<'a>) -> Running<'a> {
        Box::pin(async move { Ok(Extension::around(self, query, next).await?.0) })
    }

    fn wrote<'a>(
        &'a self,
        tx: Client,
        rows: &'a [Written],
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>> {
        Box::pin(Extension::wrote(self, tx, rows))
    }
}

/// The extensions of a client, the first one first.
#[derive(Clone, Default)]
struct Chain(Vec<Arc<dyn Erased>>);

/// How an executor carries a chain. Further extensions are added to a copy.
struct Carried(Chain);

impl Extend for Carried {
    fn run(&self, executor: Executor, request: Request) -> Running<'_> {
        Box::pin(async move {
            let next = Next { extensions: &self.0.0, at: 0, executor: &executor };
            Ok(next.run(Query::new(request)).await?.0)
        })
    }

    fn stream(&self, find: Find) -> Result<Find, Error> {
        let mut query = Query::new(Request::Find { find, required: false });
        for (at, extension) in self.0.0.iter().enumerate() {
            query.pass(at, &**extension)?;
        }
        query.into_find()
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

impl Query {
    fn pass(&mut self, at: usize, extension: &dyn Erased) -> Result<(), Error> {
        self.at = at;
        extension.query(self);
        self.refused.take().map_or(Ok(()), |message| Err(Kind::Unsupported { message }.into()))
    }
}

/// The rest of the way of a query: the extensions after this one, and then the database.
#[derive(Clone, Copy)]
pub struct Next<'a> {
    extensions: &'a [Arc<dyn Erased>],
    at: usize,
    executor: &'a Executor,
}

impl fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Next")
    }
}

impl Next<'_> {
    /// Runs the query. It can be called again, with a copy of the query, to repeat it.
    ///
    /// # Errors
    /// An extension refuses the query, or those of the query.
    pub async fn run(self, mut query: Query) -> Result<Answer, Error> {
        let Some(extension) = self.extensions.get(self.at) else { return self.execute(query).await };
        query.pass(self.at, &**extension)?;
        extension.around(query, Next { at: self.at + 1, ..self }).await.map(Answer)
    }

    /// Whether the query runs in a transaction of the application. After an error, PostgreSQL accepts no further statements in it.
    pub fn is_in_transaction(&self) -> bool {
        self.executor.transaction().is_some()
    }

    async fn execute(self, query: Query) -> Result<Answer, Error> {
        let Query { request, watches, .. } = query;
        if watches.is_empty() || request.is_read() {
            return Box::pin(request.run(self.executor)).await.map(Answer);
        }
        let mut watched = Watched::default();
        for (_, model) in &watches {
            watched.add(model);
        }
        let body = async move |tx: Client| {
            let (outcome, rows) = request.run_watched(&tx.executor(), watched).await?;
            for (at, extension) in self.extensions.iter().enumerate() {
                let is_seen = |row: &&WrittenRow| {
                    watches.iter().any(|(by, model)| *by == at && std::ptr::eq(*model, row.model))
                };
                let seen: Vec<Written> = rows.iter().filter(is_seen).cloned().map(Written).collect();
                if !seen.is_empty() {
                    extension.wrote(tx.clone(), &seen).await?;
                }
            }
            Ok(Answer(outcome))
        };
        let client = Client::from_executor(self.executor.clone());
        Box::pin(client.transaction().run(body)).await
    }
}

/// What the database has answered. The query that was awaited makes its result of it.
#[derive(Debug)]
pub struct Answer(Outcome);

impl Answer {
    /// Returns the number of rows that were read or, if it is greater, written.
    pub fn rows(&self) -> u64 {
        self.0.affected()
    }
}

/// A row that a query has written; see [`Extension::wrote`].
#[derive(Debug, Clone)]
pub struct Written(WrittenRow);

/// What a query did to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Change {
    Created,
    Updated,
    Deleted,
}

impl Written {
    /// Returns the name of the model in the schema file.
    pub fn model(&self) -> &'static str {
        self.0.model.name
    }

    /// Returns what happened to the row.
    pub fn change(&self) -> Change {
        match self.0.change {
            RowChange::Created => Change::Created,
            RowChange::Updated => Change::Updated,
            RowChange::Deleted => Change::Deleted,
        }
    }

    /// Returns the key of the row: an object with its fields, such as `{"id": 7}`.
    pub fn key(&self) -> Json {
        let WrittenRow { model, key, .. } = &self.0;
        let fields = model.key.iter().map(|column| model.columns[usize::from(*column)].field.to_owned());
        Json::Object(fields.zip(key.iter().map(json)).collect())
    }
}

fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::BigInt(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::Decimal(value) => value.normalized().to_plain_string().into(),
        Value::Text(value) => value.clone().into(),
        Value::Bytes(value) => value.clone().into(),
        Value::DateTime(value) => value.to_rfc3339().into(),
        Value::Date(value) => value.to_string().into(),
        Value::Time(value) => value.to_string().into(),
        Value::Uuid(value) => value.to_string().into(),
        Value::Json(value) => value.clone(),
        Value::List(values) => values.iter().map(json).collect(),
    }
}

impl Client {
    /// Returns a client on the same pool, or in the same transaction, whose queries also pass this extension, after those that the client has
    /// already. See the [module](crate::extension).
    #[must_use]
    pub fn extend(&self, extension: impl Extension) -> Self {
        let executor = self.executor();
        let carried = run::extensions(&executor).and_then(|extensions| extensions.as_any().downcast_ref());
        let mut chain = carried.map(|Carried(chain)| chain.clone()).unwrap_or_default();
        chain.0.push(Arc::new(extension));
        Self::from_executor(run::extended(&executor, Arc::new(Carried(chain))))
    }

    /// Returns a client on the same pool, or in the same transaction, without extensions.
    #[must_use]
    pub fn without_extensions(&self) -> Self {
        Self::from_executor(self.executor().plain())
    }
}
