//! Answers requests.

use nicol::__private::{Executor, Outcome, run};
use nicol::Client;
use nicol_schema::Schema as Source;
use serde::de::Error as _;

use crate::error::Error;
use crate::json::Json;
use crate::plan::{Plan, Query};
use crate::request;
use crate::schema::Schema;
use crate::{answer, failure};

/// A schema and a database: answers requests in Prisma's JSON protocol.
#[derive(Debug)]
pub struct Engine {
    schema: Schema,
    client: Client,
}

impl Engine {
    /// Returns an engine for a schema and the database at this URL. It connects when the first query runs.
    ///
    /// The metadata of the schema is kept for as long as the program runs.
    ///
    /// # Errors
    /// The URL is invalid (P1013), or a certificate that it names cannot be read (P1011).
    pub fn new(schema: Source, url: &str) -> Result<Self, Error> {
        let client = Client::lazy(url).map_err(|error| failure::of_query(&error))?;
        Ok(Self { schema: Schema::new(schema), client })
    }

    /// Answers one request, `{"modelName", "action", "query"}`, and returns the answer as JSON: `{"data": {"findMany": […]}}`.
    ///
    /// # Errors
    /// The request does not fit the schema, or its query fails.
    pub async fn answer(&self, request: &str) -> Result<String, Error> {
        let request: Json = serde_json::from_str(request).map_err(|error| malformed(&error))?;
        self.answer_on(&self.client.executor(), &request).await
    }

    /// Answers one request on the pool, or within a transaction.
    pub(crate) async fn answer_on(&self, executor: &Executor, request: &Json) -> Result<String, Error> {
        let text = |key| {
            let text = request.get(key).and_then(Json::as_str);
            text.ok_or_else(|| malformed(&serde_json::Error::missing_field(key)))
        };
        let (model, action) = (text("modelName")?, text("action")?);
        let query = request.get("query").unwrap_or(&Json::Null);
        let plan = request::plan(&self.schema, model, action, query)?;
        let mut out = Vec::with_capacity(256);
        out.extend_from_slice(b"{\"data\":{");
        serde_json::to_writer(&mut out, action).map_err(|error| malformed(&error))?;
        out.push(b':');
        self.run(executor, plan, &mut out).await?;
        out.extend_from_slice(b"}}");
        String::from_utf8(out).map_err(|_| Error::new("P2023", "a text of the database is not UTF-8"))
    }

    async fn run(&self, executor: &Executor, plan: Plan, out: &mut Vec<u8>) -> Result<(), Error> {
        let Plan { query, shape } = plan;
        let outcome = match query {
            Query::Find { find, required } => match run::find(executor, &find).await {
                Ok(outcome) if required && outcome.rows().len() == 0 => return Err(not_found()),
                result => result,
            },
            Query::Aggregate(aggregate) => run::aggregate(executor, &aggregate).await,
            Query::GroupBy(group_by) => run::group_by(executor, &group_by).await,
            Query::Write(write) => run::write(executor, write).await,
        };
        let outcome: Outcome = outcome.map_err(|error| failure::of_query(&error))?;
        answer::write(out, &self.schema, &shape, &outcome).map_err(|error| failure::of_query(&error.into()))
    }
}

fn not_found() -> Error {
    Error::new("P2025", "there is no such row").with("operation", "a query")
}

fn malformed(error: &serde_json::Error) -> Error {
    Error::new("P2009", format!("the request is not in Prisma's JSON protocol: {error}"))
}
