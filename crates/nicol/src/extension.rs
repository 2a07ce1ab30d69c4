//! Extensions of a client, for which Prisma Client has `$extends` and `$use`.
//!
//! [`Client::extend`](crate::Client::extend) returns a client on the same pool whose queries pass an [`Extension`]. This is cheap. Extensions
//! stack, the first one first, and they hold in transactions, savepoints and batches, too. A client without the extension stays as it is, and
//! [`without_extensions`](crate::Client::without_extensions) returns one.
//!
//! | Prisma Client | nicol |
//! |---|---|
//! | `query: { … }` that changes `args` | [`Extension::query`], or a closure |
//! | `query: { … }` around `query(args)` | [`Extension::around`] |
//! | `model: { user: { … } }` | a trait of your own for `Table<User>` |
//! | `client: { … }` | a trait of your own for the generated `Client` |
//! | `result: { user: { … } }` | a method: `impl db::User { … }` |
//!
//! # Changing queries
//!
//! An extension sees each query as data, before it becomes SQL. The methods of [`Query`] name a model and apply wherever the query reads, looks
//! for or writes rows of this model, at any depth.
//!
//! Rows that are deleted only in name:
//!
//! ```
//! # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/extensions/db/nicol.rs")); }
//! use chrono::Utc;
//! use db::{Client, Post, post};
//! use nicol::extension::Query;
//!
//! // prisma.$extends({ query: { post: {
//! //   async findMany({ args, query }) { … }, async delete({ args }) { … }, … every other operation, and nothing for nested ones
//! // } } })
//! fn soft_delete(db: &Client) -> Client {
//!     db.extend(|query: &mut Query| {
//!         query.filter(post::deleted_at.is_null());
//!         query.delete_as::<Post>(|post| post.deleted_at(Utc::now()));
//!     })
//! }
//! # fn main() {}
//! ```
//!
//! Now `db.post().delete(…)` and nested deletions of posts set `deletedAt`, and no query finds such a post, counts it, or loads it with a user.
//!
//! A tenant: rows of other tenants do not exist, new rows belong to the tenant, and no write moves a row to another.
//!
//! ```
//! # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/extensions/db/nicol.rs")); }
//! # use db::Client;
//! # use nicol::extension::Query;
//! // For each request.
//! fn of_tenant(db: &Client, tenant: i32) -> Client {
//!     db.extend(move |query: &mut Query| {
//!         query.scope_all("tenantId", tenant); // all models with this field; `scope(post::tenant_id, tenant)` for one
//!     })
//! }
//! # fn main() {}
//! ```
//!
//! A field that is stored encrypted. The same text needs the same form every time if filters are to find it. Rows have the field as it is
//! stored, so read it with a method:
//!
//! ```
//! # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/extensions/db/nicol.rs")); }
//! # use db::{Client, User, user};
//! # use nicol::extension::Query;
//! # mod cipher {
//! #     pub fn encrypt(text: &str) -> String { text.chars().rev().collect() }
//! #     pub fn decrypt(text: &str) -> String { text.chars().rev().collect() }
//! # }
//! fn encrypted(db: &Client) -> Client {
//!     db.extend(|query: &mut Query| {
//!         query.encode(user::name, cipher::encrypt);
//!     })
//! }
//!
//! impl User {
//!     fn plain_name(&self) -> Option<String> {
//!         self.name.as_deref().map(cipher::decrypt)
//!     }
//! }
//! # fn main() {}
//! ```
//!
//! # Around queries
//!
//! ```
//! # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/extensions/db/nicol.rs")); }
//! use std::time::Instant;
//! use nicol::Error;
//! use nicol::extension::{Answer, Extension, Next, Query};
//!
//! struct Timing;
//!
//! // prisma.$extends({ query: { $allModels: { async $allOperations({ model, operation, args, query }) { … } } } })
//! impl Extension for Timing {
//!     async fn around(&self, query: Query, next: Next<'_>) -> Result<Answer, Error> {
//!         let (model, operation, started) = (query.model(), query.operation(), Instant::now());
//!         // A read can be repeated, but not in a transaction, which has failed then.
//!         let again = (operation.is_read() && !next.is_in_transaction()).then(|| query.clone());
//!         let mut answer = next.run(query).await;
//!         if let (Err(error), Some(query)) = (&answer, again)
//!             && error.is_unavailable()
//!         {
//!             answer = next.run(query).await;
//!         }
//!         println!("{model}.{operation} took {:?}", started.elapsed());
//!         answer
//!     }
//! }
//!
//! # fn timed(db: &db::Client) -> db::Client {
//! db.extend(Timing)
//! # }
//! # fn main() {}
//! ```
//!
//! An answer belongs to its query and cannot be kept for another. Cache rows where they are used: in a method of your own for `Table<User>`.
//!
//! # After writes
//!
//! [`Extension::wrote`] gets the key of every row of the [watched](Query::watch) models that a query has written, in the transaction that wrote
//! it: also those of nested writes and of `update_many`, and those that an upsert creates. Here each leaves a row in a table of audits:
//!
//! ```
//! # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/extensions/db/nicol.rs")); }
//! use db::{Client, Post, User, audit};
//! use nicol::extension::{Extension, Query, Written};
//! use nicol::{Error, Handle as _};
//!
//! struct Audit {
//!     who: String,
//! }
//!
//! impl Extension for Audit {
//!     fn query(&self, query: &mut Query) {
//!         query.watch::<User>().watch::<Post>();
//!     }
//!
//!     async fn wrote(&self, tx: nicol::Client, rows: &[Written]) -> Result<(), Error> {
//!         let audits = rows.iter().map(|row| audit::New {
//!             who: self.who.clone(),
//!             model: row.model().to_owned(),
//!             change: format!("{:?}", row.change()), // `Created`, `Updated`, `Deleted`
//!             key: row.key(),                        // `{"id": 7}`
//!         });
//!         Client::from_client(tx).audit().create_many(audits).await?;
//!         Ok(())
//!     }
//! }
//!
//! # fn audited(db: &Client, who: String) -> Client {
//! db.extend(Audit { who })
//! # }
//! # fn main() {}
//! ```
//!
//! # Methods of tables, clients and rows
//!
//! These need no extension. A trait of your own adds methods to a table or to the client; the rows are structs of your crate.
//!
//! ```
//! # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/extensions/db/nicol.rs")); }
//! use db::{Client, User, user};
//! use nicol::{Error, Table};
//!
//! // prisma.$extends({ model: { user: { async byDomain(domain: string) { … } } } })
//! trait Users {
//!     async fn by_domain(&self, domain: &str) -> Result<Vec<User>, Error>;
//! }
//!
//! impl Users for Table<User> {
//!     async fn by_domain(&self, domain: &str) -> Result<Vec<User>, Error> {
//!         self.find_many().filter(user::email.ends_with(format!("@{domain}"))).await
//!     }
//! }
//!
//! // prisma.$extends({ client: { async totals() { … } } })
//! trait Totals {
//!     async fn totals(&self) -> Result<(i64, i64), Error>;
//! }
//!
//! impl Totals for Client {
//!     async fn totals(&self) -> Result<(i64, i64), Error> {
//!         self.batch((self.user().count(), self.post().count())).await
//!     }
//! }
//!
//! // prisma.$extends({ result: { user: { displayName: { needs: { name: true, email: true }, compute(user) { … } } } } })
//! impl User {
//!     fn display_name(&self) -> &str {
//!         self.name.as_deref().unwrap_or(&self.email)
//!     }
//! }
//! # fn main() {}
//! ```
//!
//! # What passes no extension
//!
//! - SQL of your own: `query_raw`, `execute_raw`, and conditions made with `Filter::sql`.
//! - What the database does by itself: `onDelete` and `onUpdate` actions, triggers, defaults. With `relationMode = "prisma"` the client sees to
//!   these actions; they change rows that a filter hides, and [`Extension::wrote`] is told of them.
//! - Foreign keys that are given as values, such as `author_id(7)`: that the row exists for the query is not checked. Connect it, or make the
//!   tenant a part of the foreign key.
//! - The row that gives up its place when another takes it in a one-to-one relation, and rows in implicit join tables.
//!
//! # What is refused
//!
//! A query to which a restriction cannot apply fails with P2009 rather than run without it:
//!
//! - [`or_current`](crate::builder::WriteQuery::or_current), [`update_each`](crate::Table::update_each) and
//!   [`upsert_many`](crate::Table::upsert_many) of a restricted model. `upsert_many` is possible if the field of the scope is part of the key.
//!   The same calls of a watched model are refused, too.
//! - An order by a field of a related row of a restricted model. Orders by the number of related rows are restricted.
//! - Comparisons of an encoded field other than those for equality.
//! - A write that sets the field of a scope to another value, or a foreign key that contains it, unless the other end has the same scope.
//!
//! Some queries answer otherwise than without the restriction:
//!
//! - A required relation to a row that a filter hides cannot be loaded (P2023).
//! - `set` fails if a row to connect does not exist for the query, or if the foreign key is required.
//! - A unique key is unique for hidden rows as well, so an upsert of such a row fails with P2002.

pub use crate::typed::extension::{Answer, Change, Extension, Next, Operation, Query, Written};
