//! Finds objects that depend on what a plan drops or changes, and that a schema file cannot express: views, functions,
//! policies, triggers, generated columns, constraints. The server would refuse the migration because of them, or drop them
//! silently.

use std::collections::BTreeMap;

use nicol_pg::quote_literal;
use nicol_pg::tokio_postgres::Client;

use crate::catalog::ObjectName;
use crate::catalog::sql::name_sql;
use crate::error::Error;
use crate::plan::Ordered;
use crate::plan::change::{Change, TableAction};
use crate::plan::hazard::{Fate, Finding, Hazard, HazardKind};

/// A table, column or enum of a plan, and what happens to it.
struct Touched<'a> {
    change: usize,
    object: &'a ObjectName,
    column: Option<&'a str>,
    fate: Fate,
    is_enum: bool,
}

/// Finds the objects that block a plan, and those that it drops silently.
pub(super) async fn find(client: &Client, ordered: &Ordered<'_>) -> Result<Vec<Finding>, Error> {
    let touched = touched(ordered);
    if touched.is_empty() {
        return Ok(Vec::new());
    }
    let rows = client.query(&query(ordered, &touched), &[]).await;
    let rows =
        rows.map_err(|source| Error::Database { doing: "cannot look up dependent objects", source })?;
    let mut found: BTreeMap<(i32, bool), Vec<String>> = BTreeMap::new();
    for row in &rows {
        found.entry((row.get(0), row.get(1))).or_default().push(row.get(2));
    }
    let finding = |((place, blocks), objects): ((i32, bool), Vec<String>)| {
        let touched = touched.get(usize::try_from(place).ok()?)?;
        let column = touched.column.map(str::to_owned);
        let kind = if blocks {
            HazardKind::Blocked { column, fate: touched.fate, objects }
        } else {
            HazardKind::TakeAlong { column, objects }
        };
        Some(Finding { hazard: Hazard::found(touched.object.clone(), touched.change, kind), count: None })
    };
    Ok(found.into_iter().filter_map(finding).collect())
}

fn touched<'a>(ordered: &'a Ordered<'_>) -> Vec<Touched<'a>> {
    let mut all = Vec::new();
    for (change, it) in ordered.changes().iter().enumerate() {
        let mut push =
            |object, column, fate, is_enum| all.push(Touched { change, object, column, fate, is_enum });
        match it {
            Change::DropTable(table) => push(&table.name, None, Fate::Dropped, false),
            Change::DropEnum(it) => push(&it.name, None, Fate::Dropped, true),
            Change::AlterEnum(it) if !it.removed.is_empty() => {
                push(&it.sides.previous.name, None, Fate::Recreated, true);
                for (table, column) in &it.columns {
                    push(&table.name, Some(column.name.as_str()), Fate::Retyped, false);
                }
            }
            Change::AlterTable(it) => {
                for action in &it.actions {
                    let (column, fate) = match action {
                        TableAction::DropColumn(column) => (&column.name, Fate::Dropped),
                        TableAction::RecreateColumn(sides) => (&sides.previous.name, Fate::Recreated),
                        TableAction::AlterColumn(change) if change.ty => {
                            (&change.sides.previous.name, Fate::Retyped)
                        }
                        _ => continue,
                    };
                    push(&it.sides.previous.name, Some(column.as_str()), fate, false);
                }
            }
            _ => {}
        }
    }
    all
}

/// Returns a query for position, whether it blocks, and the description of each dependent object.
fn query(ordered: &Ordered<'_>, touched: &[Touched<'_>]) -> String {
    let row = |(place, it): (usize, &Touched<'_>)| {
        let name = if it.is_enum { ordered.enum_before(it.object) } else { ordered.table_before(it.object) };
        let name = quote_literal(&name_sql(name));
        let column = it.column.map_or_else(
            || "null".to_owned(),
            |column| quote_literal(ordered.column_before(it.object, column)),
        );
        let fate = match it.fate {
            Fate::Dropped => "d",
            Fate::Recreated => "r",
            Fate::Retyped => "t",
        };
        format!("({place}::int4, {name}, {column}::text, '{fate}', {})", it.is_enum)
    };
    let rows: Vec<_> = touched.iter().enumerate().map(row).collect();
    QUERY.replace("{}", &rows.join(", "))
}

/// A view depends through its rule. A generated column depends through its default and blocks; before PostgreSQL 15 it depends
/// itself and is dropped, too. Objects of a dropped table are dropped with it. Foreign keys and plain indexes are part of the plan.
///
/// Source: PostgreSQL manual, `pg_depend`; `ATExecAlterColumnType` for what keeps a type from changing.
const QUERY: &str = "
    with given (place, name, attribute, fate, is_enum) as (values {}),
    things as (
        select g.place, g.fate, 'pg_catalog.pg_class'::regclass::oid as class, c.oid, coalesce(a.attnum, 0) as number
        from given g
        join pg_catalog.pg_class c on not g.is_enum and c.oid = pg_catalog.to_regclass(g.name)
        left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = g.attribute and not a.attisdropped
        where g.attribute is null or a.attnum is not null
        union all
        select g.place, g.fate, 'pg_catalog.pg_type'::regclass::oid, t.oid, 0
        from given g join pg_catalog.pg_type t on g.is_enum and t.oid = pg_catalog.to_regtype(g.name)
        union all
        -- The type of a table's rows.
        select g.place, g.fate, 'pg_catalog.pg_type'::regclass::oid, c.reltype, 0
        from given g join pg_catalog.pg_class c on not g.is_enum and c.oid = pg_catalog.to_regclass(g.name)
        where g.attribute is null
    ),
    columns as (select oid, number, fate from things where number > 0),
    dependents as (
        select t.place, t.fate, t.class as of_class, t.oid as relation, t.number, d.deptype,
            case when r.oid is not null then 'pg_catalog.pg_class'::regclass::oid
                when f.oid is not null then 'pg_catalog.pg_class'::regclass::oid else d.classid end as class,
            coalesce(r.ev_class, f.adrelid, d.objid) as oid,
            case when f.oid is not null then f.adnum when r.oid is not null then 0 else d.objsubid end as part
        from things t
        join pg_catalog.pg_depend d on d.refclassid = t.class and d.refobjid = t.oid
            and (t.number = 0 or d.refobjsubid = t.number)
        left join pg_catalog.pg_rewrite r on d.classid = 'pg_catalog.pg_rewrite'::regclass and r.oid = d.objid
        left join pg_catalog.pg_attrdef f on d.classid = 'pg_catalog.pg_attrdef'::regclass and f.oid = d.objid
        where d.deptype in ('n', 'a')
    ),
    named as (
        select d.*,
            (d.class = 'pg_catalog.pg_class'::regclass and exists (
                select from pg_catalog.pg_class v where v.oid = d.oid and v.relkind in ('v', 'm')))
            or d.class = 'pg_catalog.pg_class'::regclass and d.part > 0 and (
                -- A column of the type that the plan does not move.
                d.of_class = 'pg_catalog.pg_type'::regclass and not exists (
                    select from columns c where c.oid = d.oid and c.number = d.part)
                    -- One that a table has from its parent changes with it.
                    and not exists (
                        select from pg_catalog.pg_attribute a
                        where a.attrelid = d.oid and a.attnum = d.part and a.attinhcount > 0)
                    and not exists (select from things w where w.oid = d.oid and w.number = 0)
                -- A column generated from it, which does not go as well.
                or d.of_class = 'pg_catalog.pg_class'::regclass and (d.oid, d.part) <> (d.relation, d.number) and exists (
                    select from pg_catalog.pg_attribute a
                    where a.attrelid = d.oid and a.attnum = d.part and a.attgenerated <> '')
                    and not (d.deptype = 'a' and d.fate in ('d', 'r'))
                    and not exists (select from columns c where c.oid = d.oid and c.number = d.part and c.fate in ('d', 'r')))
            -- What compares with the type by name, which the new type is not.
            or d.of_class = 'pg_catalog.pg_type'::regclass and d.fate = 'r' and (
                exists (select from pg_catalog.pg_constraint k join columns c on c.oid = k.conrelid and c.fate = 't'
                    where d.class = 'pg_catalog.pg_constraint'::regclass and k.oid = d.oid)
                or exists (select from pg_catalog.pg_index i join columns c on c.oid = i.indrelid and c.fate = 't'
                    where d.class = 'pg_catalog.pg_class'::regclass and i.indexrelid = d.oid))
            or d.deptype = 'n' and d.class in ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_type'::regclass,
                'pg_catalog.pg_policy'::regclass, 'pg_catalog.pg_trigger'::regclass,
                'pg_catalog.pg_publication_rel'::regclass) as blocks
        from dependents d
        where not (d.number = 0 and d.class = 'pg_catalog.pg_class'::regclass and d.oid = d.relation)
            -- What belongs to a table that goes.
            and not exists (select from pg_catalog.pg_policy p join things w on w.number = 0 and w.oid = p.polrelid
                where d.class = 'pg_catalog.pg_policy'::regclass and p.oid = d.oid)
            and not exists (select from pg_catalog.pg_trigger p join things w on w.number = 0 and w.oid = p.tgrelid
                where d.class = 'pg_catalog.pg_trigger'::regclass and p.oid = d.oid)
    ),
    taken as (
        select d.*,
            d.part > 0 or (select count(distinct o.refobjsubid) from pg_catalog.pg_depend o
                where o.classid = d.class and o.objid = d.oid and o.refobjid = d.relation and o.refobjsubid > 0) > 1 as is_shared
        from named d
        where not d.blocks and d.number > 0 and d.fate in ('d', 'r') and d.deptype = 'a' and (
            -- A generated column, before PostgreSQL 15.
            d.part > 0 and (d.oid, d.part) <> (d.relation, d.number) and not exists (
                select from columns c where c.oid = d.oid and c.number = d.part and c.fate in ('d', 'r'))
            or d.part = 0 and (exists (select from pg_catalog.pg_constraint k where d.class = 'pg_catalog.pg_constraint'::regclass
                and k.oid = d.oid and k.contype in ('c', 'x'))
            or exists (select from pg_catalog.pg_index i where d.class = 'pg_catalog.pg_class'::regclass
                and i.indexrelid = d.oid and (i.indpred is not null or i.indexprs is not null))
            or d.class = 'pg_catalog.pg_statistic_ext'::regclass))
    )
    select place, true, pg_catalog.pg_describe_object(class, oid, part) from named where blocks
    union
    select t.place, true, 'partition key of ' || pg_catalog.pg_describe_object(t.class, t.oid, 0)
    from things t join pg_catalog.pg_partitioned_table p on p.partrelid = t.oid
    where t.number > 0 and t.number = any (p.partattrs::int2[])
    union
    select place, false, pg_catalog.pg_describe_object(class, oid, part) from taken where fate = 'r' or is_shared
    order by 1, 2, 3";
