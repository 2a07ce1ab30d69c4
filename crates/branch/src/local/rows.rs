//! Statements on the server of a local branch.

use nicol_pg::ConnectionUrl;
use nicol_pg::tokio_postgres::{Client, Error as ServerError};

use crate::error::Error;

/// Empties every table of the database, except those of extensions and the history of migrations, which describes the schema.
/// Triggers do not fire.
const EMPTY: &str = "
    set session_replication_role = replica;
    do $$
    declare
        tables text;
        view regclass;
    begin
        select string_agg(format('%s', c.oid::regclass), ', ') into tables
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and c.relname <> '_prisma_migrations'
            and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
            and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e');
        if tables is not null then
            execute 'truncate ' || tables || ' restart identity cascade';
        end if;
        for view in
            select c.oid::regclass from pg_class c where c.relkind = 'm' and c.relispopulated
        loop
            execute format('refresh materialized view %s with no data', view);
        end loop;
        perform lo_unlink(oid) from pg_largeobject_metadata;
    end $$";

/// Removes all rows from all databases of a server.
pub(super) async fn remove(url: &ConnectionUrl) -> Result<(), Error> {
    for name in nicol_local::databases(url).await? {
        on(&url.with_database(&name), async |client| client.batch_execute(EMPTY).await).await.ok_or(
            Error::Unsupported {
                what: "the rows of the branch could not be removed",
                help: "see the log of the server, or create the branch without --schema-only",
            },
        )?;
    }
    Ok(())
}

/// Returns the number of connections of applications to a server; `None` if it cannot be asked.
pub(super) async fn connections(url: &ConnectionUrl) -> Option<i64> {
    let sql = "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()";
    on(url, async |client| Ok(client.query_one(sql, &[]).await?.get(0))).await
}

async fn on<T>(url: &ConnectionUrl, work: impl AsyncFnOnce(&Client) -> Result<T, ServerError>) -> Option<T> {
    let (client, connection) = nicol_pg::connect(url).await.ok()?;
    let (result, _) = tokio::join!(
        async {
            let result = work(&client).await;
            drop(client);
            result
        },
        connection
    );
    result.ok()
}
