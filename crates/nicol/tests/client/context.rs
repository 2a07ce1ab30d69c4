//! Settings for the queries of a client, and row-level security by them.

use nicol::{Error, Kind, params};
use testkit::Proxy;

use crate::db::{Client, account, person, user};
use crate::support::{Database, new_account, new_person};

#[derive(Debug, nicol::FromRow)]
struct Setting {
    value: Option<String>,
}

async fn setting(db: &Client, name: &str) -> Result<String, Error> {
    let sql = "select current_setting($1, true) as value";
    let rows = db.query_as::<Setting>(sql, params![name]).read_only().await?;
    Ok(rows.into_iter().next().and_then(|row| row.value).unwrap_or_default())
}

const INSERT: &str = "insert into people (id, email, phone_number, updated_at) values ($1, $1, '', now())";

#[tokio::test]
async fn every_query_runs_with_the_settings_and_leaves_none_behind() {
    for parameters in ["", "&pgbouncer=true", "&statement_cache_size=1"] {
        let test = Database::with(&format!("connection_limit=1{parameters}")).await;
        let db = &test.db;
        let ann = db.with_context("app.user", "ann").with_context("app.n", 7).with_context("app.n", 8);
        assert_eq!(setting(&ann, "app.user").await.unwrap(), "ann");
        assert_eq!(setting(&ann, "app.n").await.unwrap(), "8");
        let nothing_is_left = async || assert_eq!(setting(db, "app.user").await.unwrap(), "");
        nothing_is_left().await;
        // Values are bound, so there is nothing to escape.
        let odd = "'); drop table people; --\"\\é";
        assert_eq!(setting(&db.with_context("app.user", odd), "app.user").await.unwrap(), odd);

        let own = "alter table people alter column name set default current_setting('app.user', true)";
        test.server.connect().await.batch_execute(own).await.unwrap();
        ann.execute(INSERT, params!["1"]).await.unwrap();
        let body = async |tx: Client| {
            tx.execute(INSERT, params!["2"]).await?;
            tx.transaction().run(async |tx| tx.execute(INSERT, params!["3"]).await).await?;
            Ok(())
        };
        ann.transaction().run(body).await.unwrap();
        let names = db.person().find_many().order_by(person::id.asc()).select((person::name,));
        assert_eq!(names.await.unwrap(), ["ann", "ann", "ann"].map(|name| (name.to_owned(),)));
        let batch = ann.batch((ann.person().count(), ann.person().create(new_person("x")))).await.unwrap();
        assert_eq!((batch.0, &*batch.1.name), (3, "x"));
        let accounts = vec![new_account("p", "1"), new_account("p", "2")];
        ann.user()
            .create(user::New { email: "u".into() })
            .with(user::accounts.create(accounts))
            .await
            .unwrap();
        nothing_is_left().await;

        let mut rows = ann.person().find_many().stream().await.unwrap();
        let mut read = 0;
        while let Some(row) = rows.next().await {
            row.unwrap();
            read += 1;
        }
        assert!(rows.next().await.is_none());
        assert_eq!(read, 4);
        nothing_is_left().await;
        drop(rows);
        drop(ann.person().find_many().stream().await.unwrap());
        nothing_is_left().await;

        // Errors of the server, of the client and of the transaction.
        assert_eq!(ann.person().create(new_person("x")).await.unwrap_err().code(), "P2002");
        nothing_is_left().await;
        assert_eq!(ann.person().delete(person::by_id("none")).await.unwrap_err().code(), "P2025");
        nothing_is_left().await;
        assert_eq!(
            ann.execute("select 1 / $1::int", params![0]).await.unwrap_err().sqlstate(),
            Some("22012")
        );
        nothing_is_left().await;
        let rolled_back = ann.transaction().run(async |tx| {
            tx.execute(INSERT, params!["4"]).await?;
            Err::<(), _>(Kind::TooLong.into())
        });
        rolled_back.await.unwrap_err();
        nothing_is_left().await;
        assert_eq!(db.person().count().await.unwrap(), 4);
    }
}

#[tokio::test]
async fn a_context_that_cannot_be_set_fails_each_query() {
    let test = Database::with("connection_limit=1").await;
    let db = &test.db;
    for name in ["", "a b", "1.a", "a.", "a;b", "ä.b", "a'.b"] {
        let error = db.with_context(name, "x").person().count().await.unwrap_err();
        assert_eq!(error.code(), "P2009", "{name}");
        assert!(error.to_string().starts_with("the name of a setting is invalid"), "{error}");
    }
    let refused = db.with_context("statement_timeout", "nonsense");
    let error = refused.person().count().await.unwrap_err();
    assert_eq!((error.code(), error.sqlstate()), ("P2010", Some("22023")));
    let body = async |tx: Client| tx.person().count().await;
    assert_eq!(refused.transaction().run(body).await.unwrap_err().sqlstate(), Some("22023"));
    assert_eq!(refused.person().find_many().stream().await.unwrap_err().sqlstate(), Some("22023"));
    assert_eq!(db.person().count().await.unwrap(), 0);
    let body = async |tx: Client| {
        let error = tx.with_context("app.user", 1).person().count().await.unwrap_err();
        assert!(error.to_string().starts_with("the context of an open transaction cannot change"), "{error}");
        tx.person().count().await
    };
    assert_eq!(db.transaction().run(body).await.unwrap(), 0);
    // A setting of PostgreSQL works, too.
    let slow = db.with_context("statement_timeout", "50ms");
    let error = slow.execute("select pg_sleep(60)", params![]).await.unwrap_err();
    assert_eq!((error.kind(), error.sqlstate()), (&Kind::Timeout, Some("57014")));
    assert_eq!(setting(db, "statement_timeout").await.unwrap(), "0");
}

#[tokio::test]
async fn a_context_costs_no_round_trip() {
    let test = Database::new().await;
    let proxy = Proxy::start(&test.server.direct_url()).await;
    let db = Client::connect(&format!("{}&connection_limit=1", proxy.url_text())).await.unwrap();
    let ann = db.with_context("app.user", "ann").with_context("app.tenant", 3);
    let mut least = [usize::MAX; 5];
    // The first time, statements are prepared. The server may answer while the proxy still passes on.
    for _ in 0..8 {
        proxy.round_trips();
        let mut note = |index: usize| least[index] = least[index].min(proxy.round_trips());
        db.person().count().await.unwrap();
        note(0);
        ann.person().count().await.unwrap();
        note(1);
        ann.person().delete_many().await.unwrap();
        note(2);
        let delete = ann.person().delete(person::by_id("none")).await;
        assert_eq!(delete.unwrap_err().code(), "P2025");
        note(3);
        ann.transaction().run(async |tx| tx.person().count().await).await.unwrap();
        note(4);
    }
    assert_eq!(least, [1, 1, 1, 2, 2]);
}

/// Two tenants on one table: each sees and writes only its own rows.
#[tokio::test]
async fn row_level_security_shows_each_tenant_its_own_rows() {
    let test = Database::new().await;
    let role = format!("app_{}", std::process::id());
    let admin = test.server.connect().await;
    let policy = format!(
        "create role {role} login password 'secret'; grant usage on schema public to {role}; \
         grant select, insert, update, delete on all tables in schema public to {role}; \
         alter table users enable row level security; \
         create policy tenant on users using (name = nullif(current_setting('app.tenant', true), ''))"
    );
    admin.batch_execute(&policy).await.unwrap();
    let url = test.server.url().clone().with_user(&role, Some("secret")).to_url_with_password();
    for parameters in ["", "&pgbouncer=true"] {
        let separator = if url.contains('?') { '&' } else { '?' };
        let db = Client::connect(&format!("{url}{separator}connection_limit=1{parameters}")).await.unwrap();
        let (red, blue) = (db.with_context("app.tenant", "red"), db.with_context("app.tenant", "blue"));
        let new = |email: &str| user::New { email: email.into() };
        let a = red
            .user()
            .create(new("a"))
            .name("red")
            .with(user::accounts.create(vec![new_account("p", "a")]))
            .await
            .unwrap();
        blue.user().create(new("b")).name("blue").await.unwrap();

        let emails = async |db: &Client| db.user().find_many().select((user::email,)).await.unwrap();
        assert_eq!(emails(&red).await, [("a".to_owned(),)]);
        assert_eq!(emails(&blue).await, [("b".to_owned(),)]);
        assert!(emails(&db).await.is_empty(), "without a tenant, nothing is visible");
        let owned = blue.account().find_many().filter(account::user.is(user::email.eq("a")));
        assert_eq!(owned.await.unwrap(), []);
        assert_eq!(blue.user().find_unique(user::by_id(&a.id)).await.unwrap(), None);
        assert_eq!(blue.user().update(user::by_id(&a.id)).email("z").await.unwrap_err().code(), "P2025");
        assert_eq!(blue.user().delete_many().filter(user::email.eq("a")).await.unwrap(), 0);

        let error = blue.user().create(new("c")).name("red").await.unwrap_err();
        assert_eq!(error.sqlstate(), Some("42501"));
        let body = async |tx: Client| {
            assert_eq!(emails(&tx).await, [("b".to_owned(),)]);
            tx.user().create(new("c")).name("red").await
        };
        assert_eq!(blue.transaction().run(body).await.unwrap_err().sqlstate(), Some("42501"));
        assert_eq!(db.user().create(new("c")).name("red").await.unwrap_err().sqlstate(), Some("42501"));
        assert_eq!((emails(&red).await.len(), emails(&blue).await.len()), (1, 1));
        red.user().delete_many().await.unwrap();
        blue.user().delete_many().await.unwrap();
        db.close();
    }
    admin.batch_execute(&format!("drop owned by {role}; drop role {role}")).await.unwrap();
}

#[tokio::test]
async fn a_query_of_a_client_with_other_settings_is_not_part_of_a_batch() {
    let Database { db, .. } = &Database::new().await;
    let (one, two) = (db.with_context("app.tenant", 1), db.with_context("app.tenant", 2));
    let tenant = |of: &Client| of.query_as::<String>("select current_setting('app.tenant', true)", params![]);
    let refused = |error: Error| assert!(matches!(error.kind(), Kind::Unsupported { .. }), "{error}");
    refused(one.batch((tenant(&one), tenant(&two))).await.unwrap_err());
    refused(one.batch((one.person().count(), two.person().update_many().name("x"))).await.unwrap_err());
    refused(one.batch(vec![tenant(&one).boxed(), tenant(&two).boxed()]).await.unwrap_err());
    refused(db.batch((db.person().count(), two.person().count())).await.unwrap_err());
    refused(one.batch((one.person().count(), db.person().count())).await.unwrap_err());
    refused(one.transaction().run(async |tx| tx.batch((two.person().count(),)).await).await.unwrap_err());
    // The same settings again are no others.
    let again = db.with_context("app.tenant", 1);
    let (a, b) = one.batch((tenant(&one), tenant(&again))).await.unwrap();
    assert_eq!((&*a[0], &*b[0]), ("1", "1"));
    let inner = one.transaction().run(async |tx| tx.batch((tenant(&tx),)).await).await.unwrap();
    assert_eq!(inner.0, ["1"]);
    assert_eq!(two.batch((tenant(&two),)).await.unwrap().0, ["2"]);
}
