//! Answers requests.

use nicol::__private::{Executor, Held, Outcome, run};
use nicol::{Client, QueryEvent};
use nicol_schema::Schema as Source;
use serde::de::Error as _;

use crate::batch;
use crate::error::Error;
use crate::json::Json;
use crate::plan::{Plan, Query};
use crate::raw::Raw;
use crate::request;
use crate::schema::Schema;
use crate::transaction::{End, TransactionOptions, Transactions, isolation};
use crate::{answer, failure};

/// A schema and a database: answers requests in Prisma's JSON protocol.
#[derive(Debug)]
pub struct Engine {
    schema: Schema,
    client: Client,
    transactions: Transactions,
}

/// The answer to a request.
#[derive(Debug)]
pub enum Answer {
    /// The answer to a single request as JSON: `{"data":{"findMany":[…]}}`.
    Single(String),
    /// The answers to a batch, in the form of single answers, or the error of a request. Nothing is answered after the first error, unless
    /// the batch was one query of several rows of which some are missing.
    Batch(Vec<Result<String, Error>>),
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
        Ok(Self { schema: Schema::new(schema), client, transactions: Transactions::default() })
    }

    /// Calls `observer` after each statement.
    #[must_use]
    pub fn on_query(self, observer: impl Fn(&QueryEvent<'_>) + Send + Sync + 'static) -> Self {
        Self { client: self.client.on_query(observer), ..self }
    }

    /// Opens a connection.
    ///
    /// # Errors
    /// The connection fails.
    pub async fn connect(&self) -> Result<(), Error> {
        self.client.open().await.map_err(|error| failure::of_query(&error))
    }

    /// Answers a request, `{"modelName", "action", "query"}`, or a batch of them, `{"batch": […], "transaction"?: {"isolationLevel"?}}`.
    ///
    /// `transaction` is the id of an interactive transaction to run in. Without one, a batch runs in a transaction of its own, which its first
    /// error rolls back.
    ///
    /// # Errors
    /// The request does not fit the schema, its query fails, or the transaction is not open (P2028).
    pub async fn answer(&self, request: &str, transaction: Option<&str>) -> Result<Answer, Error> {
        let request: Json = serde_json::from_str(request).map_err(|error| malformed(&error))?;
        self.answer_json(&request, transaction).await
    }

    /// Returns PostgreSQL's plan for a request that reads rows, as the JSON of `EXPLAIN`, without running it.
    ///
    /// # Errors
    /// The request does not fit the schema, reads no rows, or the database refuses its query.
    pub async fn explain(&self, request: &str) -> Result<String, Error> {
        let request: Json = serde_json::from_str(request).map_err(|error| malformed(&error))?;
        match &self.prepare(&request)?.work {
            Work::Plan(plan) if let Query::Find { find, .. } = &plan.query => {
                run::explain(&self.client.executor(), find).await.map_err(|error| failure::of_query(&error))
            }
            _ => Err(Error::new("P2009", "only requests that read rows have a plan")),
        }
    }

    /// Starts an interactive transaction and returns its id. It is rolled back when its time is over.
    ///
    /// # Errors
    /// An option is invalid (P2023, P2028), no connection becomes free in time (P2028), or the connection fails.
    pub async fn start(&self, options: &TransactionOptions) -> Result<String, Error> {
        self.transactions.start(&self.client.executor(), options).await
    }

    /// Commits an interactive transaction. If one of its statements has failed, PostgreSQL rolls back instead, and this is no error.
    ///
    /// # Errors
    /// The transaction is not open (P2028), or the database refuses to commit.
    pub async fn commit(&self, transaction: &str) -> Result<(), Error> {
        self.transactions.end(transaction, End::Committed).await
    }

    /// Rolls an interactive transaction back.
    ///
    /// # Errors
    /// The transaction is not open (P2028), or the connection is lost.
    pub async fn roll_back(&self, transaction: &str) -> Result<(), Error> {
        self.transactions.end(transaction, End::RolledBack).await
    }

    /// Rolls back all open transactions and closes the connections. Later requests fail (P1017).
    pub async fn close(&self) {
        self.transactions.end_all().await;
        self.client.close();
    }

    pub(crate) async fn answer_json(
        &self,
        request: &Json,
        transaction: Option<&str>,
    ) -> Result<Answer, Error> {
        if let Some(Json::List(requests)) = request.get("batch") {
            let options = request.get("transaction");
            return self.batch(requests, options, transaction).await.map(Answer::Batch);
        }
        let job = self.prepare(request)?;
        let executor = self.executor(transaction, "query")?;
        let answer = self.run(&executor, job).await;
        self.told(answer, transaction, "query").await.map(Answer::Single)
    }

    async fn batch(
        &self,
        requests: &[Json],
        options: Option<&Json>,
        transaction: Option<&str>,
    ) -> Result<Vec<Result<String, Error>>, Error> {
        const OPERATION: &str = "batch query";
        let level = options.and_then(|options| options.get("isolationLevel")).and_then(Json::as_str);
        let level = level.map(isolation).transpose()?;
        let jobs = requests.iter().map(|request| self.prepare(request));
        let jobs: Vec<Job> = jobs.collect::<Result<_, _>>()?;
        if batch::is_compactable(requests)
            && let Some(compacted) = compacted(&jobs)
        {
            let executor = self.executor(transaction, OPERATION)?;
            let answers = self.run_compacted(&executor, &compacted, &jobs[0].action).await;
            return self.told(answers, transaction, OPERATION).await;
        }
        if transaction.is_some() && !jobs.is_empty() {
            let executor = match self.executor(transaction, OPERATION) {
                Ok(executor) => executor,
                // The first request fails.
                Err(error) => return Ok(vec![Err(error)]),
            };
            let mut answers = self.run_all(&executor, jobs).await;
            if let Some(last) = answers.pop() {
                answers.push(self.told(last, transaction, OPERATION).await);
            }
            return Ok(answers);
        }
        let held: Result<(Executor, Held), nicol::Error> = self.client.executor().hold(level).await;
        let (executor, held) = held.map_err(|error| failure::of_query(&error))?;
        let answers = self.run_all(&executor, jobs).await;
        let ended =
            if answers.iter().all(Result::is_ok) { held.commit().await } else { held.roll_back().await };
        match ended {
            // A batch that failed has its error already.
            Err(error) if answers.iter().all(Result::is_ok) => Err(failure::of_query(&error)),
            _ => Ok(answers),
        }
    }

    /// Runs jobs up to the first that fails.
    async fn run_all(&self, executor: &Executor, jobs: Vec<Job>) -> Vec<Result<String, Error>> {
        let mut answers = Vec::with_capacity(jobs.len());
        for job in jobs {
            let answer = self.run(executor, job).await;
            let has_failed = answer.is_err();
            answers.push(answer);
            if has_failed {
                break;
            }
        }
        answers
    }

    async fn run_compacted(
        &self,
        executor: &Executor,
        compacted: &batch::Compacted,
        action: &str,
    ) -> Result<Vec<Result<String, Error>>, Error> {
        let outcome =
            run::find(executor, &compacted.find).await.map_err(|error| failure::of_query(&error))?;
        let rows = compacted.rows(&self.schema, &outcome);
        let rows = rows.map_err(|error| failure::of_query(&error.into()))?;
        let answers = rows.into_iter().map(|row| match row {
            None if compacted.required => Err(not_found("a query")),
            row => {
                let mut out = Vec::new();
                begin(&mut out, action);
                out.extend_from_slice(row.as_deref().unwrap_or(b"null"));
                finished(out)
            }
        });
        Ok(answers.collect())
    }

    /// Returns the executor of the pool, or of an open transaction.
    fn executor(&self, transaction: Option<&str>, operation: &str) -> Result<Executor, Error> {
        match transaction {
            None => Ok(self.client.executor()),
            Some(id) => self.transactions.executor(id, operation),
        }
    }

    /// If the transaction ended while the request was running, replaces the error by one that says how.
    async fn told<T>(
        &self,
        result: Result<T, Error>,
        transaction: Option<&str>,
        operation: &str,
    ) -> Result<T, Error> {
        match (result, transaction) {
            (Err(error), Some(id)) if error.code() == Some("P2028") => {
                Err(self.transactions.ended(id, operation).await)
            }
            (result, _) => result,
        }
    }

    /// Checks a single request against the schema.
    fn prepare(&self, request: &Json) -> Result<Job, Error> {
        let text = |key| {
            let text = request.get(key).and_then(Json::as_str);
            text.ok_or_else(|| malformed(&serde_json::Error::missing_field(key)))
        };
        let action = text("action")?;
        let query = request.get("query").unwrap_or(&Json::Null);
        let work = match Raw::of_request(action, query)? {
            Some(raw) => Work::Raw(raw),
            None => Work::Plan(Box::new(request::plan(&self.schema, text("modelName")?, action, query)?)),
        };
        Ok(Job { action: action.to_owned(), work })
    }

    /// Runs a request and returns its answer.
    async fn run(&self, executor: &Executor, job: Job) -> Result<String, Error> {
        let mut out = Vec::with_capacity(256);
        begin(&mut out, &job.action);
        match job.work {
            Work::Raw(raw) => raw.run(executor, &mut out).await?,
            Work::Plan(plan) => self.run_plan(executor, *plan, &mut out).await?,
        }
        finished(out)
    }

    async fn run_plan(&self, executor: &Executor, plan: Plan, out: &mut Vec<u8>) -> Result<(), Error> {
        let Plan { query, shape } = plan;
        let outcome: Result<Outcome, _> = match query {
            Query::Find { find, required } => match run::find(executor, &find).await {
                Ok(outcome) if required && outcome.rows().len() == 0 => return Err(not_found("a query")),
                result => result,
            },
            Query::Aggregate(aggregate) => run::aggregate(executor, &aggregate).await,
            Query::GroupBy(group_by) => run::group_by(executor, &group_by).await,
            Query::Write(write) => {
                let operation = failure::operation(&write);
                let outcome = run::write(executor, write).await;
                Ok(outcome.map_err(|error| failure::of_write(&self.schema, operation, &error))?)
            }
        };
        let outcome = outcome.map_err(|error| failure::of_query(&error))?;
        answer::write(out, &self.schema, &shape, &outcome).map_err(|error| failure::of_query(&error.into()))
    }
}

/// A request that has been checked.
#[derive(Debug)]
struct Job {
    action: String,
    work: Work,
}

#[derive(Debug)]
enum Work {
    Plan(Box<Plan>),
    Raw(Raw),
}

fn compacted(jobs: &[Job]) -> Option<batch::Compacted> {
    let plans = jobs.iter().map(|job| match &job.work {
        Work::Plan(plan) => Some(&**plan),
        Work::Raw(_) => None,
    });
    batch::compact(&plans.collect::<Option<Vec<_>>>()?)
}

/// Writes what comes before the result: `{"data":{"findMany":`.
fn begin(out: &mut Vec<u8>, action: &str) {
    out.extend_from_slice(b"{\"data\":{");
    out.extend_from_slice(serde_json::Value::from(action).to_string().as_bytes());
    out.push(b':');
}

fn finished(mut out: Vec<u8>) -> Result<String, Error> {
    out.extend_from_slice(b"}}");
    String::from_utf8(out).map_err(|_| Error::new("P2023", "a text of the database is not UTF-8"))
}

fn not_found(operation: &str) -> Error {
    Error::new("P2025", "there is no such row").with("operation", operation)
}

fn malformed(error: &serde_json::Error) -> Error {
    Error::new("P2009", format!("the request is not in Prisma's JSON protocol: {error}"))
}
