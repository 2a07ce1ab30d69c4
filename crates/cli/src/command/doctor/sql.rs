//! The doctor's questions. Each returns one JSON value.

use nicol_pg::quote_literal;

/// [`Identity`](super::facts::Identity).
pub(super) const IDENTITY: &str = "
select to_json(t) from (select
    current_setting('server_version_num')::int as version_number,
    current_setting('server_version') as version,
    current_user as user,
    d.datname as database,
    d.oid::bigint as database_oid,
    pg_backend_pid() as pid,
    extract(epoch from pg_postmaster_start_time())::float8 as started,
    pg_is_in_recovery() as in_recovery,
    current_setting('transaction_read_only') = 'on' as read_only,
    case when pg_is_in_recovery() and pg_last_wal_receive_lsn() is distinct from pg_last_wal_replay_lsn()
        then extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::float8 end as lag,
    pg_encoding_to_char(d.encoding) as encoding,
    current_setting('TimeZone') as time_zone,
    age(d.datfrozenxid) as age,
    r.rolsuper as is_superuser,
    r.rolcreatedb or r.rolsuper as may_create_databases,
    r.rolsuper or pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees_all,
    r.rolconnlimit as role_limit,
    d.datconnlimit as database_limit
from pg_catalog.pg_database d, pg_catalog.pg_roles r
where d.datname = current_database() and r.rolname = current_user) t";

/// The system identifier, which a primary and its standbys share; null if the user may not know it.
pub(super) const SYSTEM: &str = "
select to_json(system_identifier::text) from pg_catalog.pg_control_system()";

/// Settings by name. Times are in the unit of `pg_settings`.
pub(super) const SETTINGS: &str = "
select json_object_agg(name, setting) from pg_catalog.pg_settings where name in (
    'autovacuum', 'autovacuum_freeze_max_age', 'fsync', 'full_page_writes',
    'idle_in_transaction_session_timeout', 'max_connections', 'password_encryption', 'reserved_connections',
    'ssl_min_protocol_version', 'statement_timeout', 'superuser_reserved_connections', 'synchronous_commit',
    'track_counts', 'wal_level')";

/// [`Sessions`](super::facts::Sessions). Only sessions of clients have a user and a database.
pub(super) const SESSIONS: &str = "
select to_json(t) from (select
    count(*) filter (where usename = current_user and datname = current_database()) as ours,
    count(*) filter (where usename <> current_user or datname <> current_database()) as others
from pg_catalog.pg_stat_activity
where pid <> pg_backend_pid() and usename is not null and datname is not null) t";

/// [`Activity`](super::facts::Activity) in the database. A transaction is long after 5 min, a wait for a lock after 3 s, a prepared
/// transaction after 1 h. A slot counts if it keeps more than 1 GiB, an archive if nothing was archived since
/// its last failure.
pub(super) const ACTIVITY: &str = "
with waits as (
    select pid, extract(epoch from clock_timestamp() - min(waitstart))::float8 as seconds
    from pg_catalog.pg_locks join pg_catalog.pg_stat_activity using (pid)
    where not granted and datname = current_database() and clock_timestamp() - waitstart > interval '3 s' group by pid)
select to_json(t) from (select
    (select coalesce(json_agg(json_build_object('pid', pid, 'user', usename, 'application', application_name,
            'state', state, 'seconds', extract(epoch from clock_timestamp() - xact_start)) order by xact_start), '[]')
        from pg_catalog.pg_stat_activity
        where backend_type = 'client backend' and datname = current_database() and clock_timestamp() - xact_start > interval '5 min') as long_transactions,
    (select count(*) from waits) as waiting,
    (select json_build_object('pid', a.pid, 'user', a.usename, 'application', a.application_name,
            'state', a.state, 'seconds', w.seconds)
        from waits w left join pg_catalog.pg_stat_activity a on a.pid = (pg_blocking_pids(w.pid))[1]
        where a.pid is not null order by w.seconds desc limit 1) as blocker,
    (select coalesce(json_agg(i.indexrelid::regclass::text order by 1), '[]') from pg_catalog.pg_index i
        where not i.indisvalid and not exists (
            select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = i.indexrelid)
        and not exists (select from pg_catalog.pg_class c where c.oid = i.indexrelid and c.relkind = 'I')) as invalid_indexes,
    (select coalesce(json_agg(json_build_object('id', gid, 'database', database,
            'seconds', extract(epoch from clock_timestamp() - prepared)) order by prepared), '[]')
        from pg_catalog.pg_prepared_xacts where clock_timestamp() - prepared > interval '1 h') as prepared_transactions,
    (select coalesce(json_agg(json_build_object('name', slot_name, 'bytes', kept) order by slot_name), '[]')
        from (select slot_name, pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
                else pg_current_wal_lsn() end, restart_lsn)::bigint as kept
            from pg_catalog.pg_replication_slots where not active) s where kept > 1073741824) as inactive_slots,
    (select json_build_object('count', failed_count, 'segment', last_failed_wal,
            'seconds', extract(epoch from clock_timestamp() - last_failed_time))
        from pg_catalog.pg_stat_archiver
        where last_failed_time > coalesce(last_archived_time, '-infinity')) as failing_archive
) t";

/// The rights in each schema: [`SchemaRights`](super::facts::SchemaRights). What belongs to an extension does not count,
/// nor does the table of migrations, which the application need not read.
pub(super) fn rights(schemas: &[String]) -> String {
    let names: Vec<_> = schemas.iter().map(|schema| quote_literal(schema)).collect();
    let names = names.join(", ");
    let few = |condition: &str| {
        format!(
            "(select coalesce(json_agg(relname), '[]') from (select relname from tables t where t.schema = s.name and {condition} order by 1 limit 3) few)"
        )
    };
    let count =
        |condition: &str| format!("(select count(*) from tables t where t.schema = s.name and {condition})");
    let (foreign, unreadable, unwritable) = (
        "not is_owned",
        "relname <> '_prisma_migrations' and not is_readable",
        "relname <> '_prisma_migrations' and relkind in ('r', 'p') and is_readable and not is_writable",
    );
    format!(
        "with tables as (
            select n.nspname as schema, c.relname, c.relkind, pg_get_userbyid(c.relowner) as owner,
                pg_has_role(c.relowner, 'usage') as is_owned,
                has_table_privilege(c.oid, 'select') as is_readable,
                has_table_privilege(c.oid, 'insert') and has_table_privilege(c.oid, 'update')
                    and has_table_privilege(c.oid, 'delete') as is_writable
            from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where n.nspname in ({names}) and c.relkind in ('r', 'p', 'v', 'm')
            and not exists (select from pg_catalog.pg_depend d
                where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'))
        select coalesce(json_agg(t), '[]') from (select
            s.name as schema,
            n.oid is not null as exists,
            coalesce(has_schema_privilege(n.oid, 'usage'), false) as usage,
            coalesce(has_schema_privilege(n.oid, 'create'), false) as create,
            exists (select from pg_catalog.aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
                where n.oid is not null and a.grantee = 0 and a.privilege_type = 'CREATE') as public_create,
            {} as foreign, {} as foreign_names,
            (select min(owner) from tables t where t.schema = s.name and {foreign}) as foreign_owner,
            {} as unreadable, {} as unreadable_names, {} as unwritable, {} as unwritable_names
        from unnest(array[{names}]::text[]) s(name) left join pg_catalog.pg_namespace n on n.nspname = s.name) t",
        count(foreign),
        few(foreign),
        count(unreadable),
        few(unreadable),
        count(unwritable),
        few(unwritable),
    )
}

/// The extensions that are named, and those that are installed in another version than the server has:
/// [`Extension`](super::facts::Extension).
pub(super) fn extensions(named: &[String]) -> String {
    let named: Vec<_> = named.iter().map(|name| quote_literal(name)).collect();
    format!(
        "select coalesce(json_agg(t), '[]') from (
            select n.name, e.extversion as installed, a.default_version as available
            from (select unnest(array[{}]::text[]) union select extname from pg_catalog.pg_extension) n(name)
            left join pg_catalog.pg_extension e on e.extname = n.name
            left join pg_catalog.pg_available_extensions a on a.name = n.name
            order by 1) t",
        named.join(", ")
    )
}

/// The collations whose version has changed: that of the database (from PostgreSQL 15), and those of indexes.
pub(super) fn collations(version: u32) -> String {
    let database = if version >= 150_000 {
        "select null as name, datcollversion as recorded, pg_database_collation_actual_version(oid) as actual
            from pg_catalog.pg_database where datname = current_database()
        union all "
    } else {
        ""
    };
    format!(
        "select coalesce(json_agg(t), '[]') from ({database}
            select quote_ident(n.nspname) || '.' || quote_ident(c.collname), c.collversion, pg_collation_actual_version(c.oid)
            from pg_catalog.pg_collation c join pg_catalog.pg_namespace n on n.oid = c.collnamespace
            where c.collversion is not null
            and c.oid in (select unnest(i.indcollation::oid[]) from pg_catalog.pg_index i)
        ) t(name, recorded, actual) where recorded <> actual"
    )
}
