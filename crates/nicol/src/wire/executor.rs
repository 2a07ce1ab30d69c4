//! Runs statements on a connection of the pool, or on that of a transaction.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join;
use nicol_pg::{ConnectionUrl, Connector};
use tracing::{Instrument as _, Span};

use super::context::{self, Begin, Context, Settings};
use super::failure;
use super::listener::{self, Notifications};
use super::metrics::{ActiveQueries, Metrics};
use super::outcome::Outcome;
use super::pipeline;
use super::pool::{Lease, Pool};
use super::replicas::{Replica, Replicas};
use super::statement::Statement;
use super::telemetry::{self, QueryEvent, Telemetry};
use super::transaction::{Held, Isolation, Open, TransactionOptions};
use crate::error::{Error, Kind};

/// The longest name in PostgreSQL, in bytes.
const MAX_NAME: usize = 63;

/// Runs the statements of a client or a transaction. Cloning is cheap.
#[derive(Clone)]
pub struct Executor {
    shared: Arc<Shared>,
    transaction: Option<Arc<Open>>,
}

/// Where reads go that may lag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// To a replica, until a request has written.
    Usual,
    Primary,
    /// To a replica, whatever was written.
    Replica,
}

/// What all executors of a client share.
#[derive(Clone)]
struct Shared {
    pool: Arc<Pool>,
    /// Connects to the primary without a pooler.
    direct: Option<Connector>,
    replicas: Option<Arc<Replicas>>,
    reads: Reads,
    /// Whether the request has written, if the client is that of one.
    wrote: Option<Arc<AtomicBool>>,
    telemetry: Telemetry,
    /// The PostgreSQL schema in place of that of the connection URL.
    schema: Option<String>,
    /// The options of transactions.
    options: TransactionOptions,
    /// What is set in each transaction.
    context: Context,
    /// Why the client runs no queries.
    refused: Option<&'static str>,
    /// What the client does with each query before it becomes statements. Only `run` knows what it is.
    extensions: Option<Extensions>,
}

/// What a client does with its queries.
pub(crate) type Extensions = Arc<dyn Any + Send + Sync>;

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.transaction.is_some() { "Executor(transaction)" } else { "Executor(pool)" })
    }
}

impl Executor {
    /// Returns an executor for a primary and its replicas, of which none may lag by more than `max_lag`. `direct` is the primary without a
    /// pooler.
    pub(crate) fn new(
        url: &ConnectionUrl,
        direct: Option<&ConnectionUrl>,
        replicas: &[ConnectionUrl],
        max_lag: Option<Duration>,
    ) -> Result<Self, Error> {
        let counts = Arc::default();
        let pool = Pool::new(url, Arc::clone(&counts))?;
        let direct = direct.map(Connector::new).transpose().map_err(failure::of_connecting)?;
        let replicas = match replicas {
            [] => None,
            urls => Some(Arc::new(Replicas::new(urls, max_lag, &pool, &counts)?)),
        };
        let shared = Shared {
            pool,
            direct,
            replicas,
            reads: Reads::Usual,
            wrote: None,
            telemetry: Telemetry::new(counts),
            schema: None,
            options: TransactionOptions::default(),
            context: Context::default(),
            refused: None,
            extensions: None,
        };
        Ok(Self { shared: Arc::new(shared), transaction: None })
    }

    /// Connects to the primary and the replicas. A replica that fails is left out.
    pub(crate) async fn open(&self) -> Result<(), Error> {
        if let Some(replicas) = &self.shared.replicas {
            let (primary, ()) = join(self.lease(None), replicas.open()).await;
            return primary.map(drop);
        }
        self.lease(None).await.map(drop)
    }

    pub(crate) fn close(&self) {
        self.shared.pool.close();
        if let Some(replicas) = &self.shared.replicas {
            replicas.close();
        }
    }

    /// Returns an executor on the same pools whose reads go there.
    pub(crate) fn reading_from(&self, reads: Reads) -> Self {
        if self.shared.replicas.is_none() || self.shared.reads == reads {
            return self.clone();
        }
        self.with(|shared| shared.reads = reads)
    }

    pub(crate) fn reads(&self) -> Reads {
        self.shared.reads
    }

    /// Returns an executor on the same pools for one request: once it has written, its reads go to the primary.
    pub(crate) fn for_request(&self) -> Self {
        if self.shared.replicas.is_none() {
            return self.clone();
        }
        self.with(|shared| shared.wrote = Some(Arc::default()))
    }

    /// Notes that the request writes.
    pub(crate) fn note_write(&self) {
        if let Some(wrote) = &self.shared.wrote {
            wrote.store(true, Ordering::Relaxed);
        }
    }

    /// Returns the replicas that may run the statement. Notes if it may write.
    pub(super) fn replicas_for(&self, statement: &Statement) -> Option<&Replicas> {
        let shared = &*self.shared;
        let replicas = shared.replicas.as_deref()?;
        if !statement.read_only {
            self.note_write();
        }
        let has_written = || shared.wrote.as_ref().is_some_and(|wrote| wrote.load(Ordering::Relaxed));
        let allowed = match shared.reads {
            Reads::Usual => !has_written(),
            Reads::Primary => false,
            Reads::Replica => true,
        };
        // A standby refuses serializable transactions.
        let serializable =
            shared.context.statement().is_some() && shared.options.isolation == Some(Isolation::Serializable);
        (allowed && statement.may_lag && self.transaction.is_none() && !serializable).then_some(replicas)
    }

    fn with(&self, change: impl FnOnce(&mut Shared)) -> Self {
        let mut shared = Shared::clone(&self.shared);
        change(&mut shared);
        Self { shared: Arc::new(shared), transaction: self.transaction.clone() }
    }

    /// Returns an executor on the same pool with a further observer.
    pub(crate) fn observed(&self, observer: impl Fn(&QueryEvent<'_>) + Send + Sync + 'static) -> Self {
        self.with(|shared| shared.telemetry.observe(Arc::new(observer)))
    }

    /// Returns the numbers of queries, statements and connections.
    pub(crate) fn metrics(&self) -> Metrics {
        let shared = &*self.shared;
        let mut pools = vec![shared.pool.status()];
        pools.extend(shared.replicas.iter().flat_map(|replicas| replicas.statuses()));
        let replicas = shared.replicas.as_ref().map(|replicas| replicas.metrics());
        shared.telemetry.counts.read(&pools, replicas.unwrap_or_default())
    }

    /// Counts a query until the guard is dropped.
    pub(crate) fn begin_query(&self) -> ActiveQueries<'_> {
        ActiveQueries::begin(&self.shared.telemetry.counts, 1)
    }

    /// Returns what the names in spans are made of.
    fn names<'a>(&'a self, pool: &'a Pool) -> (&'a ConnectionUrl, &'a str) {
        (pool.url(), self.schema())
    }

    /// Returns the span of a statement on this pool.
    pub(super) fn query_span(&self, pool: &Pool, statement: &Statement) -> Span {
        telemetry::query_span(self.names(pool), statement)
    }

    /// Returns the span of a transaction.
    pub(crate) fn transaction_span(&self) -> Span {
        telemetry::transaction_span(self.names(self.pool()))
    }

    /// Returns an executor on the same pool whose transactions have these options.
    pub(crate) fn with_options(&self, options: TransactionOptions) -> Self {
        self.with(|shared| shared.options = options)
    }

    /// Returns an executor on the same pool with another PostgreSQL schema.
    pub(crate) fn with_schema(&self, schema: String) -> Self {
        // PostgreSQL would truncate a longer name, perhaps to that of another tenant.
        let is_name = (1..=MAX_NAME).contains(&schema.len()) && !schema.contains('\0');
        self.with(|shared| {
            if !is_name {
                shared.refused = Some("the name of a PostgreSQL schema has 1 to 63 bytes");
            }
            shared.schema = Some(schema);
        })
    }

    /// Returns an executor on the same pool with a setting for each of its transactions.
    pub(crate) fn with_context(&self, name: &str, value: String) -> Self {
        self.with(|shared| {
            if self.transaction.is_some() {
                shared.refused = Some(
                    "the context of an open transaction cannot change\nhelp: call `with_context` before `transaction`",
                );
            } else if !context::is_name(name) {
                shared.refused = Some(
                    "the name of a setting is invalid\nhelp: use letters, digits and `_`, with a dot after the name of \
                     the application: `app.user_id`",
                );
            } else {
                shared.context.set(name.to_owned(), value);
            }
        })
    }

    /// Returns what begins a transaction with these options.
    pub(crate) fn begin(&self, options: &TransactionOptions) -> Begin {
        Begin {
            command: options.begin(),
            context: self.shared.context.statement().cloned(),
            telemetry: self.shared.telemetry.clone(),
        }
    }

    /// Returns an executor on the same pool, or in the same transaction, whose queries pass these extensions.
    pub(crate) fn extended(&self, extensions: Extensions) -> Self {
        self.with(|shared| shared.extensions = Some(extensions))
    }

    /// Returns the executor without extensions, for the statements of queries that have passed them.
    pub(crate) fn plain(&self) -> Self {
        self.with(|shared| shared.extensions = None)
    }

    pub(crate) fn extensions(&self) -> Option<&Extensions> {
        self.shared.extensions.as_ref()
    }

    /// Refuses the statement of a query that has not passed the extensions. SQL of the application, which has no model, does not pass them.
    pub(super) fn check_passed(&self, statement: &Statement) -> Result<(), Error> {
        if self.shared.extensions.is_none() || statement.model.is_none() {
            return Ok(());
        }
        let message = "this kind of query does not pass the extensions of its client";
        Err(Kind::Unsupported { message }.into())
    }

    /// Takes a connection for a transaction that is held open. `BEGIN` is sent with the first statement.
    ///
    /// # Errors
    /// No connection became free in time, or it cannot be opened.
    pub async fn hold(&self, isolation: Option<Isolation>) -> Result<(Self, Held), Error> {
        let options = self.options().clone();
        let options = match isolation {
            Some(isolation) => options.isolation(isolation),
            None => options,
        };
        self.note_write();
        let held = Held::new(self.lease(options.max_wait).await?, self.begin(&options));
        Ok((self.within(Arc::clone(held.open())), held))
    }

    /// Returns the settings of each transaction.
    pub(crate) fn settings(&self) -> Option<&Settings> {
        self.shared.context.settings()
    }

    /// Returns the options of transactions.
    pub(crate) fn options(&self) -> &TransactionOptions {
        &self.shared.options
    }

    /// Takes a connection to the primary. `max_wait` is in place of `pool_timeout`.
    pub(crate) async fn lease(&self, max_wait: Option<Duration>) -> Result<Lease, Error> {
        self.lease_from(self.pool(), max_wait).await
    }

    /// Takes a connection of a pool.
    pub(super) async fn lease_from(
        &self,
        pool: &Arc<Pool>,
        max_wait: Option<Duration>,
    ) -> Result<Lease, Error> {
        self.check()?;
        let span = telemetry::wait_span();
        let lease = pool.lease(max_wait).instrument(span.clone()).await;
        telemetry::record(&span, lease.as_ref().map(|_| 0));
        lease
    }

    /// Fails if the client runs no queries.
    fn check(&self) -> Result<(), Error> {
        self.shared.refused.map_or(Ok(()), |message| Err(Kind::Unsupported { message }.into()))
    }

    pub(crate) fn within(&self, transaction: Arc<Open>) -> Self {
        Self { shared: Arc::clone(&self.shared), transaction: Some(transaction) }
    }

    /// Listens on channels, on a connection outside the pool.
    pub(crate) async fn listen(&self, channels: &[String]) -> Result<Notifications, Error> {
        let pool = &self.shared.pool;
        let connector = self.shared.direct.as_ref().unwrap_or_else(|| pool.connector());
        listener::listen(pool, connector, channels).await
    }

    /// Returns the PostgreSQL schema of the tables whose model does not name one.
    pub(crate) fn schema(&self) -> &str {
        self.shared.schema.as_deref().unwrap_or_else(|| self.shared.pool.url().schema())
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.shared.pool
    }

    pub(crate) fn transaction(&self) -> Option<&Arc<Open>> {
        self.transaction.as_ref()
    }

    /// Runs one statement by itself, or several in a transaction, and returns their combined outcome.
    pub(crate) async fn statements(&self, mut statements: Vec<Statement>) -> Result<Outcome, Error> {
        match statements.pop() {
            None => Ok(Outcome::default()),
            Some(statement) if statements.is_empty() => self.statement(&statement).await,
            Some(last) => {
                statements.push(last);
                // Boxed, because most queries are one statement.
                let outcomes = Box::pin(self.batch(&[statements])).await?;
                Ok(Outcome::merged(outcomes.into_iter().flatten()))
            }
        }
    }

    pub(crate) async fn statement(&self, statement: &Statement) -> Result<Outcome, Error> {
        self.check()?;
        self.check_passed(statement)?;
        let _active = self.begin_query();
        if let Some(replicas) = self.replicas_for(statement) {
            let mut round = replicas.round();
            while let Some(replica) = replicas.next(&mut round) {
                let outcome = self.statement_on(Some(replica), statement).await;
                if !replica.gives_way(&outcome, &mut round) {
                    return outcome;
                }
            }
        }
        self.statement_on(None, statement).await
    }

    /// Runs a statement on a replica, or on the primary.
    async fn statement_on(
        &self,
        replica: Option<&Arc<Replica>>,
        statement: &Statement,
    ) -> Result<Outcome, Error> {
        let span = self.query_span(self.pool_of(replica), statement);
        let outcome = self.observed_statement(replica, statement).instrument(span.clone()).await;
        telemetry::record(&span, outcome.as_ref().map(Outcome::affected));
        outcome
    }

    async fn observed_statement(
        &self,
        replica: Option<&Arc<Replica>>,
        statement: &Statement,
    ) -> Result<Outcome, Error> {
        let started = Instant::now();
        let outcome = match &self.transaction {
            Some(transaction) => transaction.statement(statement).await,
            None if self.shared.context.statement().is_some() => {
                // Boxed, because few clients have a context.
                return Box::pin(self.batch_on(replica, &[statement])).await.map(Outcome::merged);
            }
            None => self.statement_on_pool(self.pool_of(replica), statement).await,
        };
        let rows = outcome.as_ref().ok().map(Outcome::affected);
        self.shared.telemetry.statement(number(replica), statement, started, rows);
        outcome
    }

    async fn statement_on_pool(&self, pool: &Arc<Pool>, statement: &Statement) -> Result<Outcome, Error> {
        self.lease_from(pool, None).await?.run(statement).await
    }

    pub(super) fn pool_of<'a>(&'a self, replica: Option<&'a Arc<Replica>>) -> &'a Arc<Pool> {
        replica.map_or(&self.shared.pool, |replica| &replica.pool)
    }

    /// Tells of statements that were sent together.
    fn observe(
        &self,
        replica: Option<usize>,
        statements: &[&Statement],
        started: Instant,
        outcomes: &[Outcome],
    ) {
        for (index, statement) in statements.iter().enumerate() {
            let rows = outcomes.get(index).map(Outcome::affected);
            self.shared.telemetry.statement(replica, statement, started, rows);
        }
    }

    /// Runs groups of statements in one transaction, in one round trip if all of them are prepared.
    pub(crate) async fn batch(&self, groups: &[Vec<Statement>]) -> Result<Vec<Vec<Outcome>>, Error> {
        self.check()?;
        let _active = ActiveQueries::begin(&self.shared.telemetry.counts, groups.len());
        let all: Vec<&Statement> = groups.iter().flatten().collect();
        all.iter().try_for_each(|statement| self.check_passed(statement))?;
        // Boxed, because the future of a batch is part of the caller's.
        let outcomes = match &self.transaction {
            Some(_) => {
                let mut outcomes = Vec::with_capacity(all.len());
                Box::pin(self.observed_pipeline(&all, &mut outcomes)).await.map(|()| outcomes)
            }
            None => {
                if !all.iter().all(|statement| statement.read_only) {
                    self.note_write();
                }
                let span = telemetry::batch_span(self.names(self.pool()), &all);
                let outcomes = Box::pin(self.batch_on(None, &all)).instrument(span.clone()).await;
                telemetry::record(&span, outcomes.as_deref().map(rows_of));
                outcomes
            }
        };
        let mut outcomes = outcomes?.into_iter();
        Ok(groups.iter().map(|group| outcomes.by_ref().take(group.len()).collect()).collect())
    }

    /// Runs statements in the open transaction, in one round trip if all of them are prepared, and appends their outcomes, up to the first that
    /// fails.
    pub(crate) async fn pipeline(
        &self,
        statements: &[Statement],
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), Error> {
        self.observed_pipeline(&statements.iter().collect::<Vec<_>>(), outcomes).await
    }

    async fn observed_pipeline(
        &self,
        statements: &[&Statement],
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), Error> {
        let Some(transaction) = &self.transaction else { return Err(Kind::TransactionClosed.into()) };
        statements.iter().try_for_each(|statement| self.check_passed(statement))?;
        let started = Instant::now();
        let span = match statements {
            [statement] => self.query_span(self.pool(), statement),
            _ => telemetry::batch_span(self.names(self.pool()), statements),
        };
        let result = transaction.batch(statements, outcomes).instrument(span.clone()).await;
        telemetry::record(&span, result.as_ref().map(|()| rows_of(outcomes)));
        self.observe(None, statements, started, outcomes);
        result
    }

    /// Runs statements in a transaction of their own on a replica, or on the primary, and tells of them.
    async fn batch_on(
        &self,
        replica: Option<&Arc<Replica>>,
        statements: &[&Statement],
    ) -> Result<Vec<Outcome>, Error> {
        let started = Instant::now();
        let begin = self.begin(self.options());
        let outcomes = self.repeated_batch(self.pool_of(replica), &begin, statements).await;
        let (found, committed) = match &outcomes {
            Ok(outcomes) => (&**outcomes, pipeline::are_complete(statements, outcomes)),
            Err(_) => (&[][..], false),
        };
        let (telemetry, replica) = (&self.shared.telemetry, number(replica));
        telemetry.command(replica, &begin.command, started, false);
        if let Some(context) = &begin.context {
            telemetry.statement(replica, context, started, outcomes.is_ok().then_some(1));
        }
        self.observe(replica, statements, started, found);
        telemetry.command(replica, if committed { "COMMIT" } else { "ROLLBACK" }, started, false);
        outcomes
    }

    async fn repeated_batch(
        &self,
        pool: &Arc<Pool>,
        begin: &Begin,
        statements: &[&Statement],
    ) -> Result<Vec<Outcome>, Error> {
        let mut lease = self.lease_from(pool, self.options().max_wait).await?;
        loop {
            let outcomes = transaction_on_lease(&mut lease, begin, statements).await;
            let Err(failure) = outcomes else { return outcomes };
            if !Box::pin(lease.recover(&failure)).await? {
                return Err(failure);
            }
        }
    }
}

fn rows_of(outcomes: &[Outcome]) -> u64 {
    outcomes.iter().map(Outcome::affected).sum()
}

/// Returns the place of a replica in the builder.
pub(super) fn number(replica: Option<&Arc<Replica>>) -> Option<usize> {
    replica.map(|replica| replica.index)
}

async fn transaction_on_lease(
    lease: &mut Lease,
    begin: &Begin,
    statements: &[&Statement],
) -> Result<Vec<Outcome>, Error> {
    lease.busy();
    let outcomes = pipeline::transaction(lease.connection(), begin, statements).await;
    lease.done();
    outcomes
}
