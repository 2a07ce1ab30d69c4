//! The same client on another PostgreSQL schema.

use nicol::{Error, Kind};

use crate::db::{Client, account, person, user};
use crate::support::{Database, new_account, new_person};

/// A database with its tables in `public` and in two more schemas.
async fn tenants(parameters: &str) -> (Database, Client, Client) {
    let test = Database::with(parameters).await;
    let copy = "
        do $$ declare copied text; tenant text; begin
            foreach tenant in array array['tenant_1', 'Tenant \"2\"'] loop
                execute format('create schema %I', tenant);
                for copied in select tablename from pg_tables where schemaname = 'public' loop
                    execute format('create table %I.%I (like public.%I including all)', tenant, copied, copied);
                end loop;
            end loop;
        end $$";
    test.server.connect().await.batch_execute(copy).await.unwrap();
    let (first, second) = (test.db.with_schema("tenant_1"), test.db.with_schema("Tenant \"2\""));
    (test, first, second)
}

async fn names(db: &Client) -> Result<String, Error> {
    let names = db.person().find_many().order_by(person::name.asc()).select((person::name,)).await?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}

#[tokio::test]
async fn a_client_of_another_schema_reads_and_writes_only_there() {
    for parameters in ["connection_limit=1", "connection_limit=1&pgbouncer=true"] {
        let (test, first, second) = tenants(parameters).await;
        let db = &test.db;
        // The same statements alternate on one connection.
        for round in ["a", "b"] {
            for (tenant, client) in [("0", db), ("1", &first), ("2", &second)] {
                client.person().create(new_person(&format!("{tenant}{round}"))).await.unwrap();
            }
        }
        assert_eq!(names(db).await.unwrap(), "0a0b");
        assert_eq!(names(&first).await.unwrap(), "1a1b");
        assert_eq!(names(&second).await.unwrap(), "2a2b");
        let nested = first.user().create(user::New { email: "u".into() });
        nested.with(user::accounts.create(vec![new_account("p", "1"), new_account("q", "1")])).await.unwrap();
        let found =
            first.user().find_unique(user::by_email("u")).include(user::accounts).or_not_found().await;
        assert_eq!(found.unwrap().accounts().len(), 2);
        assert_eq!((db.account().count().await.unwrap(), second.account().count().await.unwrap()), (0, 0));
        let taken = first.account().update_many().filter(account::provider.eq("q")).provider("p").await;
        let Kind::UniqueViolation { model, .. } = taken.unwrap_err().kind().clone() else {
            panic!("another error")
        };
        assert_eq!(model, None, "the copied constraint has another name");
        assert_eq!((db.schema(), first.schema(), second.schema()), ("public", "tenant_1", "Tenant \"2\""));
    }
}

#[tokio::test]
async fn the_schema_can_change_within_a_transaction() {
    let (test, first, _) = tenants("").await;
    let body = async |tx: Client| -> Result<(), Error> {
        tx.person().create(new_person("1")).await?;
        let other = tx.with_schema("Tenant \"2\"");
        other.person().create(new_person("2")).await?;
        other.transaction().run(async |tx| tx.person().create(new_person("3")).await).await?;
        assert_eq!((names(&tx).await?, names(&other).await?), ("1".to_owned(), "23".to_owned()));
        assert_eq!(names(&tx.with_schema("public")).await?, "");
        Err(Kind::TooLong.into())
    };
    first.transaction().run(body).await.unwrap_err();
    assert_eq!(names(&first).await.unwrap(), "");
    assert_eq!(names(&test.db).await.unwrap(), "");
}

#[tokio::test]
async fn a_schema_that_does_not_exist_or_has_no_possible_name_is_an_error() {
    let (test, ..) = tenants("").await;
    let missing = test.db.with_schema("missing").person().count().await.unwrap_err();
    assert_eq!((missing.kind(), missing.code()), (&Kind::MissingTable, "P2021"));
    test.statements();
    for name in ["", "a\0", &"a".repeat(64)] {
        let refused = test.db.with_schema(name);
        let error = refused.person().count().await.unwrap_err();
        assert_eq!(error.to_string(), "the name of a PostgreSQL schema has 1 to 63 bytes");
        let error = refused.transaction().run(async |tx| tx.person().count().await).await.unwrap_err();
        assert_eq!(error.code(), "P2009");
        assert_eq!(refused.batch((refused.person().count(),)).await.unwrap_err().code(), "P2009");
        assert_eq!(refused.person().find_many().stream().await.unwrap_err().code(), "P2009");
        let body = async |tx: Client| {
            let refused = tx.with_schema(name);
            assert_eq!(refused.person().count().await.unwrap_err().code(), "P2009");
            tx.person().count().await
        };
        assert_eq!(test.db.transaction().run(body).await.unwrap(), 0, "the transaction goes on");
    }
}
