//! Rows → catalog. No connection in here.

use std::collections::{BTreeSet, HashMap};

use super::default::default;
use super::rows::{self, Name, Rows};
use super::{Scope, types};
use crate::catalog::{
    Arity, Catalog, Column, ColumnDetails, Constraint, Deferral, Details, Enum, Extension, ForeignKey,
    Identity, Index, IndexAlgorithm, IndexColumn, IndexDetails, ObjectName, Other, OtherKind, PrimaryKey,
    ReferentialAction, Sequence, SortOrder, Table, TableDetails, View,
};
use crate::error::Error;

/// The history is left out.
const HISTORY: &str = "_prisma_migrations";

pub(super) fn catalog(rows: Rows, scope: &Scope) -> Result<Catalog, Error> {
    let naming = Naming { scope, enums: rows.enums.iter().map(|it| it.name.clone()).collect() };
    let mut details = Details { server_version: rows.server.version, ..Details::default() };
    details
        .enum_comments
        .extend(rows.enums.iter().filter_map(|it| Some((naming.object(&it.name), it.comment.clone()?))));

    let mut tables = tables(rows.relations, &naming, &mut details);
    columns(rows.columns, &naming, &mut tables, &mut details);
    indexes(rows.indexes, &naming, &mut tables, &mut details);
    constraints(rows.constraints, &naming, &mut tables, &mut details)?;
    details.sequences = rows
        .sequences
        .into_iter()
        .map(|it| Sequence {
            name: naming.object(&it.name),
            owner: it.owner.map(|(table, column)| (naming.object(&table), column)),
        })
        .collect();
    details.others = rows.others.into_iter().filter_map(|it| other(it, &naming)).collect();
    Ok(Catalog {
        default_schema: scope
            .schemas
            .first()
            .filter(|_| !scope.is_qualified)
            .cloned()
            .or(Some("public".to_owned())),
        schemas: rows.server.schemas,
        extensions: rows
            .extensions
            .into_iter()
            .map(|it| Extension { name: it.name, schema: Some(it.schema), version: Some(it.version) })
            .collect(),
        enums: rows
            .enums
            .into_iter()
            .map(|it| Enum { name: naming.object(&it.name), values: it.values })
            .collect(),
        tables: tables.list,
        details,
        client_defaults: BTreeSet::new(),
    })
}

/// Drops objects that belong to the table of the history.
fn other(row: rows::Other, naming: &Naming<'_>) -> Option<Other> {
    let kind = match row.kind.as_str() {
        "trigger" => OtherKind::Trigger,
        "policy" => OtherKind::Policy,
        "rule" => OtherKind::Rule,
        "statistics" => OtherKind::Statistics,
        "function" => OtherKind::Function,
        "domain" => OtherKind::Domain,
        "collation" => OtherKind::Collation,
        _ => OtherKind::Type,
    };
    if row.table.as_deref() == Some(HISTORY) {
        return None;
    }
    let table = row.table.map(|table| naming.object(&(row.schema.clone(), table)));
    Some(Other { kind, table, name: naming.object(&(row.schema, row.name)) })
}

/// Turns names of the database into those of the catalog.
struct Naming<'a> {
    scope: &'a Scope,
    enums: BTreeSet<Name>,
}

impl Naming<'_> {
    fn object(&self, (schema, name): &Name) -> ObjectName {
        ObjectName { schema: self.scope.is_qualified.then(|| schema.clone()), name: name.clone() }
    }

    fn enumeration(&self, name: &Name) -> Option<ObjectName> {
        self.enums.contains(name).then(|| self.object(name))
    }
}

/// Tables, and their positions by name.
struct Tables {
    list: Vec<Table>,
    places: HashMap<Name, Place>,
}

/// Where the columns of a relation are added.
#[derive(Clone, Copy)]
enum Place {
    Table(usize),
    View(usize),
}

impl Tables {
    fn get(&mut self, name: &Name) -> Option<&mut Table> {
        match self.places.get(name)? {
            Place::Table(place) => self.list.get_mut(*place),
            Place::View(_) => None,
        }
    }
}

fn tables(relations: Vec<rows::Relation>, naming: &Naming<'_>, details: &mut Details) -> Tables {
    let mut tables = Tables { list: Vec::new(), places: HashMap::new() };
    for relation in relations {
        let name = naming.object(&relation.name);
        match relation.kind.as_str() {
            "r" | "p" if name.name == HISTORY => {}
            "r" | "p" => {
                let special = TableDetails {
                    is_partitioned: relation.kind == "p",
                    has_children: relation.kind == "r" && relation.has_children,
                    has_parents: relation.has_parents,
                    has_row_level_security: relation.has_row_level_security,
                    comment: relation.comment,
                    ..TableDetails::default()
                };
                if special != TableDetails::default() {
                    details.tables.insert(name.clone(), special);
                }
                tables.places.insert(relation.name, Place::Table(tables.list.len()));
                tables.list.push(Table {
                    name,
                    columns: Vec::new(),
                    primary_key: None,
                    indexes: Vec::new(),
                    foreign_keys: Vec::new(),
                });
            }
            "v" | "m" => {
                tables.places.insert(relation.name, Place::View(details.views.len()));
                details.views.push(View {
                    name,
                    columns: Vec::new(),
                    definition: relation.definition.unwrap_or_default(),
                    is_materialized: relation.kind == "m",
                    comment: relation.comment,
                });
            }
            _ => details.foreign_tables.push(name),
        }
    }
    tables
}

fn columns(rows: Vec<rows::Column>, naming: &Naming<'_>, tables: &mut Tables, details: &mut Details) {
    for row in rows {
        let Some(place) = tables.places.get(&row.table).copied() else { continue };
        let ty = types::column_type(&row, |column| naming.enumeration(&column.element));
        let arity = match (row.is_array, row.is_not_null) {
            (true, _) => Arity::List,
            (false, true) => Arity::Required,
            (false, false) => Arity::Optional,
        };
        let identity = match row.identity.as_str() {
            "a" => Some(Identity::Always),
            "d" => Some(Identity::ByDefault),
            _ => None,
        };
        let words = row.default.as_deref().and_then(|words| default(words, &ty, arity));
        let default = if identity.is_some() { Some(crate::catalog::Default::Sequence) } else { words };
        let column = Column { name: row.name.clone(), ty, arity, default };
        match place {
            Place::Table(place) => tables.list[place].columns.push(column),
            Place::View(place) => details.views[place].columns.push(column),
        }
        let special = ColumnDetails {
            formatted_type: row.formatted,
            type_name: row.type_name,
            domain: row.domain,
            is_not_null: row.is_not_null,
            default: row.default,
            is_generated: !row.generated.is_empty(),
            is_virtual: row.generated == "v",
            identity,
            collation: row.collation,
            comment: row.comment,
        };
        details.columns.insert((naming.object(&row.table), row.name), special);
    }
}

fn indexes(rows: Vec<rows::Index>, naming: &Naming<'_>, tables: &mut Tables, details: &mut Details) {
    for row in rows {
        let Some(table) = tables.get(&row.table) else { continue };
        let name = naming.object(&row.table);
        if row.is_exclusion {
            continue;
        }
        if row.is_partial {
            details.tables.entry(name).or_default().partial_indexes.push(row.name);
            continue;
        }
        let Some(columns) = row.columns.iter().cloned().collect::<Option<Vec<String>>>() else {
            details.tables.entry(name).or_default().expression_indexes.push(row.name);
            continue;
        };
        let algorithm = algorithm(&row.method);
        let is_ordered = algorithm == IndexAlgorithm::BTree;
        let option = |place: usize| row.options.get(place).copied().unwrap_or(0);
        if row.is_primary {
            table.primary_key = Some(PrimaryKey { name: row.name.clone(), columns });
        } else {
            let has_class = !matches!(algorithm, IndexAlgorithm::BTree | IndexAlgorithm::Hash);
            let column = |(place, name): (usize, String)| IndexColumn {
                name,
                sort: (is_ordered && option(place) & 1 != 0).then_some(SortOrder::Desc),
                operator_class: row
                    .operator_classes
                    .get(place)
                    .filter(|_| has_class && row.is_default_class.get(place) == Some(&false))
                    .cloned(),
            };
            table.indexes.push(Index {
                name: row.name.clone(),
                is_unique: row.is_unique,
                columns: columns.into_iter().enumerate().map(column).collect(),
                algorithm,
            });
        }
        // By default, nulls come first in descending columns, and last in ascending ones.
        let has_other_nulls =
            |place: usize| is_ordered && (option(place) & 1 != 0) != (option(place) & 2 != 0);
        let special = IndexDetails {
            is_constraint: row.is_constraint,
            deferral: Deferral { is_deferrable: row.is_deferrable, is_deferred: row.is_deferred },
            has_other_nulls: (0..row.columns.len()).map(has_other_nulls).collect(),
            operator_classes: row.operator_classes,
            included: row.included,
            nulls_not_distinct: row.nulls_not_distinct,
        };
        details.indexes.insert((name, row.name), special);
    }
}

/// Returns the index method. One of an extension counts as B-tree, as in Prisma.
fn algorithm(method: &str) -> IndexAlgorithm {
    match method {
        "hash" => IndexAlgorithm::Hash,
        "gist" => IndexAlgorithm::Gist,
        "gin" => IndexAlgorithm::Gin,
        "spgist" => IndexAlgorithm::SpGist,
        "brin" => IndexAlgorithm::Brin,
        _ => IndexAlgorithm::BTree,
    }
}

fn constraints(
    rows: Vec<rows::Constraint>,
    naming: &Naming<'_>,
    tables: &mut Tables,
    details: &mut Details,
) -> Result<(), Error> {
    for row in rows {
        if tables.get(&row.table).is_none() {
            continue;
        }
        let table = naming.object(&row.table);
        if row.kind == "f" {
            foreign_key(row, table, naming, tables, details)?;
            continue;
        }
        let special = details.tables.entry(table).or_default();
        if !row.is_validated {
            special.unvalidated.push(row.name.clone());
        }
        let list = if row.kind == "c" { &mut special.checks } else { &mut special.exclusions };
        list.push(Constraint { name: row.name, definition: row.definition.unwrap_or_default() });
    }
    Ok(())
}

fn foreign_key(
    row: rows::Constraint,
    name: ObjectName,
    naming: &Naming<'_>,
    tables: &mut Tables,
    details: &mut Details,
) -> Result<(), Error> {
    let Some(referenced) = row.referenced_table else { return Ok(()) };
    if !naming.scope.schemas.contains(&referenced.0) {
        return Err(Error::CrossSchemaReference {
            table: format!("{}.{}", row.table.0, row.table.1),
            foreign_key: row.name,
            referenced: format!("{}.{}", referenced.0, referenced.1),
            schema: referenced.0,
        });
    }
    if tables.get(&referenced).is_none() {
        return Ok(());
    }
    if !row.is_validated {
        details.tables.entry(name.clone()).or_default().unvalidated.push(row.name.clone());
    }
    let deferral = Deferral { is_deferrable: row.is_deferrable, is_deferred: row.is_deferred };
    if deferral.is_deferrable {
        details.foreign_keys.insert((name, row.name.clone()), deferral);
    }
    let key = ForeignKey {
        name: row.name,
        columns: row.columns,
        referenced_table: naming.object(&referenced),
        referenced_columns: row.referenced_columns,
        on_delete: action(&row.on_delete),
        on_update: action(&row.on_update),
    };
    if let Some(table) = tables.get(&row.table) {
        table.foreign_keys.push(key);
    }
    Ok(())
}

/// Source: PostgreSQL manual, `pg_constraint`, `confdeltype`.
fn action(code: &str) -> ReferentialAction {
    match code {
        "r" => ReferentialAction::Restrict,
        "c" => ReferentialAction::Cascade,
        "n" => ReferentialAction::SetNull,
        "d" => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    }
}
