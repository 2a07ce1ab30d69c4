//! The client that every generated client wraps.

use std::time::Duration;

use super::batch::{Batch, works};
use super::raw::{FromRow, IntoSql, RawQuery, RawStatement};
use super::sql::Sql;
use crate::error::Error;
use crate::run::Work;
use crate::value::Value;
use crate::wire::{
    Executor, Metrics, Notifications, Outcome, PoolStatus, QueryEvent, Reads, TransactionOptions,
};

/// A generated client. It has the same type on the pool and within a transaction.
pub trait Handle: Sized + Send + Sync + 'static {
    /// Wraps a client.
    fn from_client(client: Client) -> Self;
}

/// What all generated clients can do, whatever their models. Cloning is cheap; the clones share a pool.
#[derive(Debug, Clone)]
pub struct Client {
    executor: Executor,
}

impl Handle for Client {
    fn from_client(client: Client) -> Self {
        client
    }
}

impl Client {
    pub(crate) fn from_executor(executor: Executor) -> Self {
        Self { executor }
    }

    /// Returns the executor of the client.
    #[doc(hidden)]
    pub fn executor(&self) -> Executor {
        self.executor.clone()
    }

    /// Returns a client of the database at this URL. It connects when the first query runs.
    ///
    /// # Errors
    /// The URL is invalid (P1013), or a certificate that it names cannot be read (P1011).
    pub fn lazy(url: &str) -> Result<Self, Error> {
        Self::builder().url(url).lazy()
    }

    /// Connects to the database at this URL.
    ///
    /// # Errors
    /// Those of [`lazy`](Self::lazy), or the connection fails.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::builder().url(url).connect().await
    }

    /// Takes a connection of the pool, or opens one, and puts it back.
    #[doc(hidden)]
    pub async fn open(&self) -> Result<(), Error> {
        self.executor.open().await
    }

    /// Connects to the database whose URL is in an environment variable, usually `DATABASE_URL`, with a direct URL and replicas if
    /// [their variables](crate::ClientBuilder::env) are set.
    ///
    /// # Errors
    /// The variable is not set (P1012), or those of [`connect`](Self::connect).
    pub async fn from_env(variable: &str) -> Result<Self, Error> {
        Self::builder().env(variable).connect().await
    }

    /// Returns a client on the same pools whose reads go to the primary, too: for what must not lag. Without
    /// [replicas](crate::ClientBuilder::replica), it is the same.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, Session, session};
    /// // prisma.$primary().session.findUnique({ where: { token } })
    /// async fn session(db: &Client, token: &str) -> Result<Option<Session>, nicol::Error> {
    ///     db.primary().session().find_unique(session::by_token(token)).await
    /// }
    /// # fn main() {}
    /// ```
    #[must_use]
    pub fn primary(&self) -> Self {
        Self { executor: self.executor.reading_from(Reads::Primary) }
    }

    /// Returns a client on the same pools whose reads go to a replica, even after [`primary`](Self::primary) or a write of the
    /// [request](Self::for_request). So does the SQL of [`query_raw`](Self::query_raw), [`query_as`](Self::query_as) and files, as if it were marked as
    /// [`read_only`](crate::builder::RawQuery::read_only). Writes and transactions still go to the primary, and within a transaction,
    /// nothing changes.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::Client;
    /// // prisma.$replica().$queryRaw`select sum(visits) from users`
    /// async fn visits(db: &Client) -> Result<Vec<i64>, nicol::Error> {
    ///     db.replica().query_raw(nicol::sql!("select coalesce(sum(visits), 0) from {db.user()}")).await
    /// }
    /// # fn main() {}
    /// ```
    #[must_use]
    pub fn replica(&self) -> Self {
        Self { executor: self.executor.reading_from(Reads::Replica) }
    }

    /// Returns a client on the same pools for one request, which reads its own writes: from its first write or transaction on, also if that fails,
    /// all its reads go to the primary. So do those of its clones and of clients made from it. Without
    /// [replicas](crate::ClientBuilder::replica), it is the same.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, user};
    /// async fn visit(db: &Client, id: &str) -> Result<Vec<User>, nicol::Error> {
    ///     let db = db.for_request();
    ///     db.user().update(user::by_id(id)).visits(nicol::increment(1)).await?;
    ///     db.user().find_many().await // from the primary
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// The alternative would be to wait until a replica has replayed the position (LSN) of the write. That takes a further statement with each
    /// write and each read, and functions that not every managed service has; this takes a flag, and works behind every pooler. It ends with
    /// the request: for the next one of the same user, another instance has to know of the write, for example from a cookie.
    #[must_use]
    pub fn for_request(&self) -> Self {
        Self { executor: self.executor.for_request() }
    }

    /// Returns a client on the same pool that also calls `observer` after each statement, and after `BEGIN`, `COMMIT` and the like. The event shows
    /// no values, unless [`reveal_params`](QueryEvent::reveal_params) is called.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::Client;
    /// // prisma.$on('query', (e) => …)
    /// fn logged(db: &Client) -> Client {
    ///     db.on_query(|event| {
    ///         let call = (event.model, event.operation); // (Some("User"), "find_many")
    ///         println!("{call:?}: {} rows in {:?} by {}", event.rows, event.duration, event.sql);
    ///     })
    /// }
    /// # fn main() {}
    /// ```
    #[must_use]
    pub fn on_query(&self, observer: impl Fn(&QueryEvent<'_>) + Send + Sync + 'static) -> Self {
        Self { executor: self.executor.observed(observer) }
    }

    /// Returns a client on the same pool that also calls `observer` after each statement that took at least as long as `threshold`.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::Client;
    /// # use std::time::Duration;
    /// fn watched(db: &Client) -> Client {
    ///     db.on_slow_query(Duration::from_millis(500), |event| eprintln!("{:?}: {}", event.duration, event.sql))
    /// }
    /// # fn main() {}
    /// ```
    #[must_use]
    pub fn on_slow_query(
        &self,
        threshold: Duration,
        observer: impl Fn(&QueryEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.on_query(move |event| {
            if event.duration >= threshold {
                observer(event);
            }
        })
    }

    /// Returns the numbers of queries, statements and connections since the pool was made. All clients on the pool share them.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::Client;
    /// // await prisma.$metrics.json(), and prisma.$metrics.prometheus()
    /// fn scrape(db: &Client) -> String {
    ///     let metrics = db.metrics();
    ///     println!("{} queries in {:?}", metrics.queries, metrics.query_duration.sum);
    ///     metrics.to_prometheus()
    /// }
    /// # fn main() {}
    /// ```
    pub fn metrics(&self) -> Metrics {
        self.executor.metrics()
    }

    /// Returns a client on the same pool whose transactions have these options, unless a [`Transaction`](crate::Transaction) sets its own. They
    /// also apply to [batches](Self::batch) and to writes that take several statements, except for the timeout.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::Client;
    /// use std::time::Duration;
    /// use nicol::{Isolation, TransactionOptions};
    ///
    /// // new PrismaClient({ transactionOptions: { maxWait: 2000, timeout: 5000, isolationLevel: 'Serializable' } })
    /// async fn connect() -> Result<Client, nicol::Error> {
    ///     let options = TransactionOptions::default()
    ///         .max_wait(Duration::from_secs(2))
    ///         .timeout(Duration::from_secs(5))
    ///         .isolation(Isolation::Serializable);
    ///     Ok(Client::from_env().await?.transaction_options(options))
    /// }
    /// # fn main() {}
    /// ```
    #[must_use]
    pub fn transaction_options(&self, options: TransactionOptions) -> Self {
        Self { executor: self.executor.with_options(options) }
    }

    /// Returns a client on the same pool that uses the tables of another PostgreSQL schema, also within a transaction. Models with `@@schema`
    /// keep theirs.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::Client;
    /// async fn users_of(db: &Client, tenant: u32) -> Result<i64, nicol::Error> {
    ///     db.with_schema(format!("tenant_{tenant}")).user().count().await
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// A query fails (P2009) if the name is empty or longer than 63 bytes. SQL of your own names its tables itself: see
    /// [`schema`](Self::schema).
    #[must_use]
    pub fn with_schema(&self, schema: impl Into<String>) -> Self {
        Self { executor: self.executor.with_schema(schema.into()) }
    }

    /// Returns a client on the same pool whose queries run with this setting: each query in a transaction that begins with
    /// `set_config(name, value, true)`, in one round trip where it takes one without. A [`transaction`](Self::transaction) sets it at its beginning.
    /// Several settings are several calls.
    ///
    /// The setting ends with the transaction, so the next user of the connection does not see it, also behind a transaction pooler.
    ///
    /// With row-level security, a policy can read it:
    ///
    /// ```sql
    /// ALTER TABLE "User" ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own ON "User" USING (email = nullif(current_setting('app.email', true), ''));
    /// ```
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User};
    /// async fn own(db: &Client, email: &str) -> Result<Vec<User>, nicol::Error> {
    ///     let db = db.with_context("app.email", email).with_context("statement_timeout", "5s");
    ///     db.user().find_many().await
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// Two traits of PostgreSQL matter for policies. Once a connection has had a setting of your own, it is empty rather than null where it is
    /// not set: hence `nullif`. And policies do not apply to superusers, to roles with `BYPASSRLS` or, without `FORCE ROW LEVEL SECURITY`, to the
    /// owner of the table: the role of the application must be another one.
    ///
    /// A query fails (P2009) if the name cannot be that of a setting, or if this client is that of an open transaction.
    #[must_use]
    pub fn with_context(&self, name: &str, value: impl std::fmt::Display) -> Self {
        Self { executor: self.executor.with_context(name, value.to_string()) }
    }

    /// Returns the state of the pool of the primary. [`metrics`](Self::metrics) has those of replicas, too.
    pub fn pool_status(&self) -> PoolStatus {
        self.executor.pool().status()
    }

    /// Runs queries in one transaction and returns their results. Once the statements are prepared, this takes one round trip, or two if a query
    /// requires a row, as `update` and `delete` do. If one of them takes several statements, or passes extensions, they run
    /// one after the other.
    ///
    /// # Errors
    /// Returns the first error of a query. The transaction is rolled back, except if a row cannot be read (P2023): this is found after the
    /// commit, and the error says so.
    pub async fn batch<B: Batch>(&self, queries: B) -> Result<B::Output, Error> {
        let (parts, finish) = queries.into_steps()?;
        match Work::all_statements(works(parts, &self.executor)?) {
            Ok(groups) => {
                let outcomes = self.executor.batch(&groups).await?;
                finish(outcomes.into_iter().map(Outcome::merged).collect())
            }
            Err(works) => Box::pin(self.in_transaction(works, finish)).await,
        }
    }

    /// Reads rows with SQL that [`sql!`](macro@crate::sql) makes.
    ///
    /// A row is a struct with `#[derive(nicol::FromRow)]`, a tuple in the order of the columns, or a single value.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, user};
    /// # use nicol::Error;
    /// use nicol::sql;
    ///
    /// #[derive(nicol::FromRow)]
    /// struct Month {
    ///     month: nicol::types::DateTime,
    ///     users: i64,
    /// }
    ///
    /// async fn months(db: &Client, but_not: &str) -> Result<Vec<Month>, Error> {
    ///     db.query_raw(sql!(
    ///         "select date_trunc('month', {user::created_at}) as month, count(*) as users
    ///          from {db.user()} where name <> {but_not} group by 1"
    ///     ))
    ///     .await
    /// }
    ///
    /// async fn visits(db: &Client, ids: &[String]) -> Result<i64, Error> {
    ///     let sum = db.query_raw::<i64>(sql!("select coalesce(sum(visits), 0) from {db.user()} where id = any({ids})")).await?;
    ///     Ok(sum[0])
    /// }
    /// # fn main() {}
    /// ```
    pub fn query_raw<T: FromRow>(&self, sql: Sql) -> RawQuery<T> {
        let (text, params) = sql.into_parts(self.schema());
        RawQuery::new(self.executor(), text, params)
    }

    /// Runs a statement that [`sql!`](macro@crate::sql) makes, and returns the number of affected rows.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, user};
    /// # use nicol::Error;
    /// use nicol::sql;
    ///
    /// async fn forget(db: &Client, email: &str) -> Result<u64, Error> {
    ///     db.execute_raw(sql!("update {db.user()} set visits = 0 where {user::email} = {email}")).await
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    /// The database refuses the statement, or a parameter does not fit.
    pub fn execute_raw(&self, sql: Sql) -> RawStatement {
        let (text, params) = sql.into_parts(self.schema());
        RawStatement::new(self.executor(), text, params)
    }

    /// Reads rows with SQL whose parameters are numbered: `$1` is the first of [`params!`](crate::params). Rows are those of
    /// [`query_raw`](Self::query_raw).
    ///
    /// ```
    /// # async fn count(db: nicol::Client) -> Result<(), nicol::Error> {
    /// let people = db.query_as::<(String, i64)>(
    ///     "select name, count(*) from people where name <> $1 group by 1",
    ///     nicol::params!["Bob"],
    /// );
    /// for (name, people) in people.await? {
    ///     println!("{people} are called {name}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn query_as<T: FromRow>(&self, sql: impl IntoSql, params: Vec<Value>) -> RawQuery<T> {
        RawQuery::new(self.executor(), sql.into_sql().into_owned(), params)
    }

    /// Runs a statement whose parameters are numbered, and returns the number of affected rows.
    ///
    /// # Errors
    /// The database refuses the statement, or a parameter does not fit.
    pub fn execute(&self, sql: impl IntoSql, params: Vec<Value>) -> RawStatement {
        RawStatement::new(self.executor(), sql.into_sql().into_owned(), params)
    }

    /// Listens on channels for notifications (`LISTEN`), on a connection of its own, which is not counted in the pool.
    ///
    /// From when this returns, each notification that is sent to one of the channels is received. If the connection is lost, it is made again, with
    /// pauses of up to 30 s, and [`Notification::Missed`](crate::Notification::Missed) says that some may have been missed.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::Client;
    /// # fn forget(_: Option<&str>) {}
    /// use nicol::Notification;
    ///
    /// async fn follow(db: &Client) -> Result<(), nicol::Error> {
    ///     let mut changes = db.listen(["user_changed"]).await?;
    ///     while let Some(change) = changes.next().await {
    ///         match change {
    ///             Notification::Received { payload, .. } => forget(Some(&payload)),
    ///             _ => forget(None), // some were missed, so any user may have changed
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// A transaction pooler delivers no notifications. If `DATABASE_URL` leads through one, set `DATABASE_URL_UNPOOLED` to the URL of the server
    /// itself, which [`from_env`](Self::from_env) reads, or pass it to [`direct_url`](crate::ClientBuilder::direct_url).
    ///
    /// # Errors
    /// The connection fails, a channel has no name or a longer one than 63 bytes, or the database is behind a transaction pooler (P2009).
    pub async fn listen<C: Into<String>>(
        &self,
        channels: impl IntoIterator<Item = C>,
    ) -> Result<Notifications, Error> {
        let channels: Vec<String> = channels.into_iter().map(Into::into).collect();
        self.executor.listen(&channels).await
    }

    /// Sends a notification to those that listen on the channel (`NOTIFY`). Within a transaction, it is sent when that commits.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, user};
    /// async fn visit(db: &Client, id: &str) -> Result<(), nicol::Error> {
    ///     db.transaction()
    ///         .run(async |tx| {
    ///             tx.user().update(user::by_id(id)).visits(nicol::increment(1)).await?;
    ///             tx.notify("user_changed", id).await
    ///         })
    ///         .await
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    /// The database refuses it: the channel has no name or a longer one than 63 bytes, or the payload has 8,000 bytes or more.
    pub async fn notify(&self, channel: &str, payload: &str) -> Result<(), Error> {
        let params = [channel, payload].map(|text| Value::Text(text.to_owned()));
        self.execute("SELECT pg_notify($1, $2)", params.into()).await.map(drop)
    }

    /// Returns the PostgreSQL schema of the client: that in the URL (default: `public`), or that of [`with_schema`](Self::with_schema). The client
    /// does not set `search_path`, so qualify the tables in your SQL
    /// with it.
    pub fn schema(&self) -> &str {
        self.executor.schema()
    }

    /// Closes the pool: idle connections now, the others when their queries end. New queries fail (P1017).
    pub fn close(&self) {
        self.executor.close();
    }
}
