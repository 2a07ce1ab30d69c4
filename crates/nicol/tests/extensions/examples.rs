//! The extensions of the guide.

use chrono::Utc;
use nicol::Handle as _;
use nicol::extension::{Answer, Extension, Next, Query, Written};
use nicol::{Error, Table};

use crate::db::{self, Client, Post, Tag, User, audit, post, tag, user};

/// Deleted posts and tags stay in their tables, and queries do not see them.
pub(crate) fn soft_delete(query: &mut Query) {
    let now = Utc::now();
    query.filter(post::deleted_at.is_null()).delete_as::<Post>(|post| post.deleted_at(now));
    query.filter(tag::deleted_at.is_null()).delete_as::<Tag>(|tag| tag.deleted_at(now));
}

/// Every query is restricted to a tenant.
pub(crate) fn tenant(id: i32) -> impl Extension {
    move |query: &mut Query| {
        query.scope_all("tenantId", id);
    }
}

/// Every write of users and posts leaves a row in the table of audits.
pub(crate) struct Auditor {
    pub(crate) who: String,
}

impl Extension for Auditor {
    fn query(&self, query: &mut Query) {
        query.watch::<User>().watch::<Post>();
    }

    async fn wrote(&self, tx: nicol::Client, rows: &[Written]) -> Result<(), Error> {
        let audits = rows.iter().map(|row| audit::New {
            who: self.who.clone(),
            model: row.model().to_owned(),
            change: format!("{:?}", row.change()),
            key: row.key(),
        });
        Client::from_client(tx).audit().create_many(audits).await?;
        Ok(())
    }
}

/// Logs each query with its duration, and repeats reads that find no connection.
pub(crate) struct Log<F>(pub(crate) F);

impl<F: Fn(String) + Send + Sync + 'static> Extension for Log<F> {
    async fn around(&self, query: Query, next: Next<'_>) -> Result<Answer, Error> {
        let name = format!("{}.{}", query.model(), query.operation());
        let is_repeatable = query.operation().is_read() && !next.is_in_transaction();
        let started = std::time::Instant::now();
        let mut answer = next.run(query.clone()).await;
        if is_repeatable && answer.as_ref().is_err_and(Error::is_unavailable) {
            answer = next.run(query).await;
        }
        let rows = answer.as_ref().map_or(0, Answer::rows);
        (self.0)(format!("{name} {rows} {}", started.elapsed().as_secs()));
        answer
    }
}

/// Methods of a table: Prisma's `model` component.
pub(crate) trait Users {
    async fn by_domain(&self, domain: &str) -> Result<Vec<User>, Error>;
}

impl Users for Table<User> {
    async fn by_domain(&self, domain: &str) -> Result<Vec<User>, Error> {
        self.find_many().filter(user::email.ends_with(format!("@{domain}"))).order_by(user::id.asc()).await
    }
}

/// Methods of the client: Prisma's `client` component.
pub(crate) trait Statistics {
    async fn totals(&self) -> Result<(i64, i64), Error>;
}

impl Statistics for Client {
    async fn totals(&self) -> Result<(i64, i64), Error> {
        self.batch((self.user().count(), self.post().count())).await
    }
}

/// Methods of a row, with or without relations: Prisma's `result` component.
impl db::User {
    pub(crate) fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.email)
    }
}

/// Names are stored encrypted: by a toy that turns the alphabet around, and marks the text.
pub(crate) fn encrypted(query: &mut Query) {
    query.encode(user::name, |name| format!("~{}", turned(name)));
}

impl db::User {
    pub(crate) fn decrypted_name(&self) -> Option<String> {
        Some(turned(self.name.as_deref()?.strip_prefix('~')?))
    }
}

fn turned(text: &str) -> String {
    text.chars()
        .map(
            |letter| {
                if letter.is_ascii_lowercase() { char::from(b'a' + b'z' - letter as u8) } else { letter }
            },
        )
        .collect()
}
