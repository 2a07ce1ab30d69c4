//! Reads the system catalogs, with one query for each kind of object.

use nicol_pg::tokio_postgres::types::Type;
use nicol_pg::tokio_postgres::{Client, Error, Row};

/// The rows of all queries. A name is `(schema, name)`.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) server: Server,
    pub(super) extensions: Vec<Extension>,
    pub(super) enums: Vec<Enum>,
    pub(super) relations: Vec<Relation>,
    pub(super) columns: Vec<Column>,
    pub(super) indexes: Vec<Index>,
    pub(super) constraints: Vec<Constraint>,
    pub(super) sequences: Vec<Sequence>,
    pub(super) others: Vec<Other>,
}

pub(super) type Name = (String, String);

#[derive(Debug)]
pub(super) struct Server {
    pub(super) version: i32,
    pub(super) schemas: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Extension {
    pub(super) name: String,
    pub(super) schema: String,
    pub(super) version: String,
}

#[derive(Debug)]
pub(super) struct Enum {
    pub(super) name: Name,
    pub(super) values: Vec<String>,
    pub(super) comment: Option<String>,
}

#[derive(Debug)]
pub(super) struct Relation {
    pub(super) name: Name,
    /// `pg_class.relkind`
    pub(super) kind: String,
    pub(super) has_children: bool,
    pub(super) has_parents: bool,
    pub(super) has_row_level_security: bool,
    pub(super) comment: Option<String>,
    pub(super) definition: Option<String>,
}

#[derive(Debug)]
pub(super) struct Column {
    pub(super) table: Name,
    pub(super) name: String,
    pub(super) is_not_null: bool,
    pub(super) is_array: bool,
    /// The type, or the element type of an array.
    pub(super) element: Name,
    /// `pg_type.typtype` of it.
    pub(super) element_kind: String,
    pub(super) modifier: i32,
    pub(super) formatted_element: String,
    pub(super) formatted: String,
    pub(super) type_name: String,
    pub(super) domain: Option<String>,
    pub(super) default: Option<String>,
    pub(super) identity: String,
    pub(super) generated: String,
    pub(super) comment: Option<String>,
    /// The collation as SQL, if it is not the default of the type.
    pub(super) collation: Option<String>,
}

#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "so is the row")]
pub(super) struct Index {
    pub(super) table: Name,
    pub(super) name: String,
    pub(super) is_unique: bool,
    pub(super) is_primary: bool,
    pub(super) is_partial: bool,
    pub(super) is_exclusion: bool,
    pub(super) method: String,
    /// The name of each key column; `None` for an expression.
    pub(super) columns: Vec<Option<String>>,
    pub(super) included: Vec<String>,
    pub(super) operator_classes: Vec<String>,
    pub(super) is_default_class: Vec<bool>,
    /// `pg_index.indoption`: bit 0 descending, bit 1 nulls first.
    pub(super) options: Vec<i16>,
    pub(super) nulls_not_distinct: bool,
    pub(super) is_constraint: bool,
    pub(super) is_deferrable: bool,
    pub(super) is_deferred: bool,
}

#[derive(Debug)]
pub(super) struct Constraint {
    pub(super) table: Name,
    pub(super) name: String,
    /// `pg_constraint.contype`
    pub(super) kind: String,
    pub(super) columns: Vec<String>,
    pub(super) referenced_table: Option<Name>,
    pub(super) referenced_columns: Vec<String>,
    pub(super) on_delete: String,
    pub(super) on_update: String,
    pub(super) is_deferrable: bool,
    pub(super) is_deferred: bool,
    pub(super) definition: Option<String>,
    pub(super) is_validated: bool,
}

/// An object that the schema language cannot express.
#[derive(Debug)]
pub(super) struct Other {
    pub(super) kind: String,
    pub(super) schema: String,
    /// The table that it belongs to, if any.
    pub(super) table: Option<String>,
    pub(super) name: String,
}

#[derive(Debug)]
pub(super) struct Sequence {
    pub(super) name: Name,
    pub(super) owner: Option<(Name, String)>,
}

/// Whether an object belongs to an extension; `{}` is the object, `{class}` its system catalog.
macro_rules! is_of_extension {
    ($class:literal, $oid:literal) => {
        concat!(
            "exists (select from pg_catalog.pg_depend e where e.classid = 'pg_catalog.",
            $class,
            "'::pg_catalog.regclass and e.objid = ",
            $oid,
            " and e.deptype = 'e')"
        )
    };
}

const SERVER: &str = "select pg_catalog.current_setting('server_version_num')::int4,
    (select coalesce(pg_catalog.array_agg(nspname::text order by nspname), '{}') from pg_catalog.pg_namespace)
    where $1::text[] is not null";

/// `initdb` uses OIDs below 16384.
const EXTENSIONS: &str = "select x.extname::text, n.nspname::text, x.extversion
    from pg_catalog.pg_extension x
    join pg_catalog.pg_namespace n on n.oid = x.extnamespace
    where $1::text[] is not null and x.oid >= 16384
    order by x.extname";

const ENUMS: &str = concat!(
    "select n.nspname::text, t.typname::text,
        array(select v.enumlabel::text from pg_catalog.pg_enum v where v.enumtypid = t.oid order by v.enumsortorder),
        pg_catalog.obj_description(t.oid, 'pg_type')
    from pg_catalog.pg_type t
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    where t.typtype = 'e' and n.nspname = any($1) and not ",
    is_of_extension!("pg_type", "t.oid"),
    " order by n.nspname, t.typname"
);

/// Tables, partitioned tables, views, materialized views and foreign tables. Partitions are left out.
macro_rules! is_relation {
    () => {
        concat!(
            "c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition and n.nspname = any($1) and not ",
            is_of_extension!("pg_class", "c.oid")
        )
    };
}

const RELATIONS: &str = concat!(
    "select n.nspname::text, c.relname::text, c.relkind::text, c.relhassubclass,
        exists (select from pg_catalog.pg_inherits h where h.inhrelid = c.oid), c.relrowsecurity,
        pg_catalog.obj_description(c.oid, 'pg_class'),
        case when c.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(c.oid) end
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where ",
    is_relation!(),
    " order by n.nspname, c.relname"
);

/// A domain is resolved one level deep, as in the information schema. System columns have negative numbers.
const COLUMNS: &str = concat!(
    "select n.nspname::text, c.relname::text, a.attname::text,
        a.attnotnull or (t.typtype = 'd' and t.typnotnull),
        b.typcategory = 'A' and b.typelem <> 0,
        en.nspname::text, e.typname::text, e.typtype::text,
        case when t.typtype = 'd' then t.typtypmod else a.atttypmod end,
        pg_catalog.format_type(e.oid, case when t.typtype = 'd' then t.typtypmod else a.atttypmod end),
        pg_catalog.format_type(a.atttypid, a.atttypmod),
        b.typname::text,
        case when t.typtype = 'd' then t.typname::text end,
        pg_catalog.pg_get_expr(d.adbin, d.adrelid),
        a.attidentity::text, a.attgenerated::text,
        pg_catalog.col_description(c.oid, a.attnum),
        (select case when ln.nspname = 'pg_catalog' then '' else pg_catalog.quote_ident(ln.nspname) || '.' end
                || pg_catalog.quote_ident(l.collname)
            from pg_catalog.pg_collation l join pg_catalog.pg_namespace ln on ln.oid = l.collnamespace
            where l.oid = a.attcollation and a.attcollation <> t.typcollation)
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_catalog.pg_type t on t.oid = a.atttypid
    join pg_catalog.pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
    join pg_catalog.pg_type e on e.oid = case when b.typcategory = 'A' and b.typelem <> 0 then b.typelem else b.oid end
    join pg_catalog.pg_namespace en on en.oid = e.typnamespace
    left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where ",
    is_relation!(),
    " order by n.nspname, c.relname, a.attnum"
);

/// PostgreSQL 15 added `indnullsnotdistinct`; reading it from the row as JSON works in all versions.
const INDEXES: &str = concat!(
    "select n.nspname::text, c.relname::text, ic.relname::text,
        i.indisunique, i.indisprimary, i.indpred is not null, i.indisexclusion, m.amname::text,
        array(select a.attname::text from pg_catalog.generate_series(0, i.indnkeyatts - 1) k
            left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[k] and i.indkey[k] <> 0
            order by k),
        array(select a.attname::text from pg_catalog.generate_series(i.indnkeyatts, i.indnatts - 1) k
            join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[k] order by k),
        array(select o.opcname::text from pg_catalog.generate_series(0, i.indnkeyatts - 1) k
            join pg_catalog.pg_opclass o on o.oid = i.indclass[k] order by k),
        array(select o.opcdefault from pg_catalog.generate_series(0, i.indnkeyatts - 1) k
            join pg_catalog.pg_opclass o on o.oid = i.indclass[k] order by k),
        array(select i.indoption[k] from pg_catalog.generate_series(0, i.indnkeyatts - 1) k order by k),
        coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false),
        k.oid is not null, coalesce(k.condeferrable, false), coalesce(k.condeferred, false)
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_class ic on ic.oid = i.indexrelid
    join pg_catalog.pg_am m on m.oid = ic.relam
    left join pg_catalog.pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
    where ",
    is_relation!(),
    " order by n.nspname, c.relname, ic.relname"
);

/// Foreign keys and constraints that the schema language cannot express, except those inherited by partitions.
const CONSTRAINTS: &str = concat!(
    "select n.nspname::text, c.relname::text, k.conname::text, k.contype::text,
        array(select a.attname::text from pg_catalog.unnest(k.conkey) with ordinality u(number, place)
            join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number order by u.place),
        rn.nspname::text, r.relname::text,
        array(select a.attname::text from pg_catalog.unnest(k.confkey) with ordinality u(number, place)
            join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number order by u.place),
        k.confdeltype::text, k.confupdtype::text, k.condeferrable, k.condeferred,
        case when k.contype <> 'f' then pg_catalog.pg_get_constraintdef(k.oid) end, k.convalidated
    from pg_catalog.pg_constraint k
    join pg_catalog.pg_class c on c.oid = k.conrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join pg_catalog.pg_class r on r.oid = k.confrelid
    left join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
    where k.contype in ('f', 'c', 'x') and k.conparentid = 0 and ",
    is_relation!(),
    " order by n.nspname, c.relname, k.conname"
);

const SEQUENCES: &str = concat!(
    "select n.nspname::text, c.relname::text, tn.nspname::text, t.relname::text, a.attname::text
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid
        and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjsubid > 0 and d.deptype in ('a', 'i')
    left join pg_catalog.pg_class t on t.oid = d.refobjid
    left join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
    left join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
    where c.relkind = 'S' and n.nspname = any($1) and not ",
    is_of_extension!("pg_class", "c.oid"),
    " order by n.nspname, c.relname"
);

/// Objects that a schema file cannot express. The rule of a view and the row type of a table are left out.
const OTHERS: &str = concat!(
    "select 'trigger', n.nspname::text, c.relname::text, g.tgname::text
    from pg_catalog.pg_trigger g
    join pg_catalog.pg_class c on c.oid = g.tgrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where not g.tgisinternal and ",
    is_relation!(),
    " union all
    select 'policy', n.nspname::text, c.relname::text, p.polname::text
    from pg_catalog.pg_policy p
    join pg_catalog.pg_class c on c.oid = p.polrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where ",
    is_relation!(),
    " union all
    select 'rule', n.nspname::text, c.relname::text, r.rulename::text
    from pg_catalog.pg_rewrite r
    join pg_catalog.pg_class c on c.oid = r.ev_class
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where r.rulename <> '_RETURN' and ",
    is_relation!(),
    " union all
    select 'statistics', n.nspname::text, c.relname::text, s.stxname::text
    from pg_catalog.pg_statistic_ext s
    join pg_catalog.pg_class c on c.oid = s.stxrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where ",
    is_relation!(),
    " union all
    select 'function', n.nspname::text, null, p.proname::text
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspname = any($1) and not ",
    is_of_extension!("pg_proc", "p.oid"),
    // The constructors of a range type belong to it.
    " and not exists (select from pg_catalog.pg_depend i
            where i.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and i.objid = p.oid and i.deptype = 'i')
    union all
    select case t.typtype when 'd' then 'domain' else 'type' end, n.nspname::text, null, t.typname::text
    from pg_catalog.pg_type t
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    left join pg_catalog.pg_class c on c.oid = t.typrelid
    where (t.typtype in ('d', 'r') or t.typtype = 'c' and c.relkind = 'c') and n.nspname = any($1) and not ",
    is_of_extension!("pg_type", "t.oid"),
    " union all
    select 'collation', n.nspname::text, null, o.collname::text
    from pg_catalog.pg_collation o join pg_catalog.pg_namespace n on n.oid = o.collnamespace
    where n.nspname = any($1) and not ",
    is_of_extension!("pg_collation", "o.oid"),
    " order by 1, 2, 3, 4"
);

/// Sends all queries before the first answer arrives. They are not prepared, which would take another round trip and does not
/// work through some poolers.
pub(super) async fn fetch(client: &Client, schemas: &[String]) -> Result<Rows, Error> {
    let ask =
        |sql: &'static str| async move { client.query_typed(sql, &[(&schemas, Type::TEXT_ARRAY)]).await };
    let (server, extensions, enums, relations, columns, indexes, constraints, sequences, others) = tokio::try_join!(
        ask(SERVER),
        ask(EXTENSIONS),
        ask(ENUMS),
        ask(RELATIONS),
        ask(COLUMNS),
        ask(INDEXES),
        ask(CONSTRAINTS),
        ask(SEQUENCES),
        ask(OTHERS),
    )?;
    let server = read(&server, |row| Ok(Server { version: row.next()?, schemas: row.next()? }))?.pop();
    Ok(Rows {
        server: server.unwrap_or(Server { version: 0, schemas: Vec::new() }),
        extensions: read(&extensions, |row| {
            Ok(Extension { name: row.next()?, schema: row.next()?, version: row.next()? })
        })?,
        enums: read(&enums, |row| Ok(Enum { name: row.name()?, values: row.next()?, comment: row.next()? }))?,
        relations: read(&relations, relation)?,
        columns: read(&columns, column)?,
        indexes: read(&indexes, index)?,
        constraints: read(&constraints, constraint)?,
        sequences: read(&sequences, sequence)?,
        others: read(&others, |row| {
            Ok(Other { kind: row.next()?, schema: row.next()?, table: row.next()?, name: row.next()? })
        })?,
    })
}

/// The cells of a row, read from left to right in the order of the query.
struct Cells<'a> {
    row: &'a Row,
    position: usize,
}

impl<'a> Cells<'a> {
    fn next<T: nicol_pg::tokio_postgres::types::FromSql<'a>>(&mut self) -> Result<T, Error> {
        self.position += 1;
        self.row.try_get(self.position - 1)
    }

    fn name(&mut self) -> Result<Name, Error> {
        Ok((self.next()?, self.next()?))
    }

    fn optional_name(&mut self) -> Result<Option<Name>, Error> {
        let (schema, name): (Option<String>, Option<String>) = (self.next()?, self.next()?);
        Ok(schema.zip(name))
    }
}

fn read<'a, T>(
    rows: &'a [Row],
    reader: impl Fn(&mut Cells<'a>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    rows.iter().map(|row| reader(&mut Cells { row, position: 0 })).collect()
}

fn relation(row: &mut Cells<'_>) -> Result<Relation, Error> {
    Ok(Relation {
        name: row.name()?,
        kind: row.next()?,
        has_children: row.next()?,
        has_parents: row.next()?,
        has_row_level_security: row.next()?,
        comment: row.next()?,
        definition: row.next()?,
    })
}

fn column(row: &mut Cells<'_>) -> Result<Column, Error> {
    Ok(Column {
        table: row.name()?,
        name: row.next()?,
        is_not_null: row.next()?,
        is_array: row.next()?,
        element: row.name()?,
        element_kind: row.next()?,
        modifier: row.next()?,
        formatted_element: row.next()?,
        formatted: row.next()?,
        type_name: row.next()?,
        domain: row.next()?,
        default: row.next()?,
        identity: row.next()?,
        generated: row.next()?,
        comment: row.next()?,
        collation: row.next()?,
    })
}

fn index(row: &mut Cells<'_>) -> Result<Index, Error> {
    Ok(Index {
        table: row.name()?,
        name: row.next()?,
        is_unique: row.next()?,
        is_primary: row.next()?,
        is_partial: row.next()?,
        is_exclusion: row.next()?,
        method: row.next()?,
        columns: row.next()?,
        included: row.next()?,
        operator_classes: row.next()?,
        is_default_class: row.next()?,
        options: row.next()?,
        nulls_not_distinct: row.next()?,
        is_constraint: row.next()?,
        is_deferrable: row.next()?,
        is_deferred: row.next()?,
    })
}

fn constraint(row: &mut Cells<'_>) -> Result<Constraint, Error> {
    Ok(Constraint {
        table: row.name()?,
        name: row.next()?,
        kind: row.next()?,
        columns: row.next()?,
        referenced_table: row.optional_name()?,
        referenced_columns: row.next()?,
        on_delete: row.next()?,
        on_update: row.next()?,
        is_deferrable: row.next()?,
        is_deferred: row.next()?,
        definition: row.next()?,
        is_validated: row.next()?,
    })
}

fn sequence(row: &mut Cells<'_>) -> Result<Sequence, Error> {
    Ok(Sequence { name: row.name()?, owner: row.optional_name()?.zip(row.next()?) })
}
