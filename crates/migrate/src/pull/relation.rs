//! Foreign keys → relation fields.
//!
//! Source: Prisma 6.19, `prisma db pull`. A field is named after the table that it refers to. If two models have several
//! relations, or a column has that name, fields and relation are also named after the columns.

use std::collections::BTreeMap;

use nicol_schema::model::Side;

use super::attribute::quoted;
use super::current::Current;
use super::names::{NamedTable, Names, free, sanitized};
use crate::catalog::{Arity, Catalog, ForeignKey, ObjectName, ReferentialAction, Table};

/// A relation field.
#[derive(Debug, Clone)]
pub(super) struct RelationField {
    pub(super) name: String,
    /// Its type with `?` or `[]`.
    pub(super) ty: String,
    /// The arguments of `@relation`; empty without one.
    pub(super) arguments: Vec<String>,
    pub(super) is_ignored: bool,
}

/// The relation fields by table.
pub(super) struct Relations(BTreeMap<ObjectName, Vec<RelationField>>);

impl Relations {
    pub(super) fn new(names: &Names<'_>) -> Self {
        let mut relations = Self(BTreeMap::new());
        if !names.current.has_emulated_relations() {
            for table in &names.tables {
                relations.inline(names, table);
            }
            for table in &names.join_tables {
                relations.many_to_many(names, table);
            }
        }
        for table in &names.tables {
            relations.copied(names, table);
        }
        relations
    }

    /// Returns the relation fields of the model of a table.
    pub(super) fn of(&self, table: &ObjectName) -> &[RelationField] {
        self.0.get(table).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, table: &NamedTable<'_>, mut field: RelationField) {
        let fields = self.0.entry(table.table.name.clone()).or_default();
        let is_taken = |name: &str| {
            fields.iter().any(|it| it.name == name) || table.fields.iter().any(|it| it.text == name)
        };
        field.name = free(field.name, is_taken);
        fields.push(field);
    }

    fn inline(&mut self, names: &Names<'_>, table: &NamedTable<'_>) {
        for (place, key) in table.table.foreign_keys.iter().enumerate() {
            let is_same = |it: &ForeignKey| {
                it.columns == key.columns
                    && it.referenced_table == key.referenced_table
                    && it.referenced_columns == key.referenced_columns
            };
            // Only the current schema file can tell them apart.
            let is_known =
                |it| table.current.is_some_and(|model| names.current.has_relation_named(model, it));
            if table.table.foreign_keys[..place].iter().any(is_same) && !is_known(key) {
                continue;
            }
            let Some(target) = names.table(&key.referenced_table) else { continue };
            let (forward, back) = inline_fields(names, table, target, key);
            self.add(table, forward);
            self.add(target, back);
        }
    }

    fn many_to_many(&mut self, names: &Names<'_>, table: &Table) {
        let [first, second] = table.foreign_keys.as_slice() else { return };
        let (a, b) = if is_column(first, "a") { (first, second) } else { (second, first) };
        let (Some(a), Some(b)) = (names.table(&a.referenced_table), names.table(&b.referenced_table)) else {
            return;
        };
        let current = names.current.many_to_many(&table.name.name);
        let name = &table.name.name[1..];
        let is_self = a.table.name == b.table.name;
        let is_ambiguous = is_ambiguous(names, &a.table.name, &b.table.name);
        let is_default = !is_self && name == format!("{}To{}", a.name.text, b.name.text);
        let written = match current {
            Some(relation) => relation.name.clone(),
            None => (is_ambiguous || !is_default).then(|| name.to_owned()),
        };
        let field = |target: &NamedTable<'_>, side: Side, letter: &str| {
            let kept = current.and_then(|relation| names.current.end(relation, side));
            let of_table = if is_ambiguous { table.name.name.as_str() } else { "" };
            let of_side = if is_self { letter } else { "" };
            RelationField {
                name: kept.map_or_else(
                    || sanitized(&format!("{}{of_table}{of_side}", target.word)),
                    |field| field.name.clone(),
                ),
                ty: format!("{}[]", target.name.text),
                arguments: written.iter().map(|name| quoted(name)).collect(),
                is_ignored: false,
            }
        };
        let (forward, back) = (field(b, Side::From, "_A"), field(a, Side::To, "_B"));
        self.add(a, forward);
        self.add(b, back);
    }

    /// Adds fields that the database does not show: all of them if the client emulates relations, else those with a view at one
    /// end.
    fn copied(&mut self, names: &Names<'_>, table: &NamedTable<'_>) {
        let Some(model) = table.current else { return };
        for field in copied(names, model) {
            self.add(table, field);
        }
    }
}

/// Returns the relation fields of a model or view that are kept from the current schema file.
pub(super) fn copied(names: &Names<'_>, model: &nicol_schema::model::Model) -> Vec<RelationField> {
    use nicol_schema::model::{Arity, RelationKind};

    let Some(schema) = names.current.schema() else { return Vec::new() };
    let mut fields = Vec::new();
    for (_, field, end) in model.relation_fields() {
        let other = schema.model(end.model);
        let has_view = model.is_view || other.is_view;
        let is_there = names.tables.iter().any(|it| it.name.text == other.name)
            || names.views.iter().any(|it| it.name.text == other.name);
        if !is_there || !(has_view || names.current.has_emulated_relations()) {
            continue;
        }
        let relation = schema.relation(end.relation);
        let mut arguments: Vec<_> = relation.name.iter().map(|name| quoted(name)).collect();
        if let RelationKind::OneToOne(key) | RelationKind::OneToMany(key) = &relation.kind
            && end.side == Side::From
        {
            let listed = |fields: Vec<&str>| format!("[{}]", fields.join(", "));
            let own = key.fields.iter().map(|id| model.field(*id).name.as_str()).collect();
            let others = key.references.iter().map(|id| other.field(*id).name.as_str()).collect();
            arguments.push(format!("fields: {}", listed(own)));
            arguments.push(format!("references: {}", listed(others)));
            arguments.extend(key.on_delete.map(|it| format!("onDelete: {it:?}")));
            arguments.extend(key.on_update.map(|it| format!("onUpdate: {it:?}")));
            arguments.extend(key.map.as_ref().map(|map| format!("map: {}", quoted(map))));
        }
        let mark = match field.arity {
            Arity::Required => "",
            Arity::Optional => "?",
            Arity::List => "[]",
        };
        fields.push(RelationField {
            name: field.name.clone(),
            ty: format!("{}{mark}", names.current.model_name(end.model)),
            arguments,
            is_ignored: field.is_ignored,
        });
    }
    fields
}

/// Returns the field with the foreign key, and its back-relation.
fn inline_fields(
    names: &Names<'_>,
    table: &NamedTable<'_>,
    target: &NamedTable<'_>,
    key: &ForeignKey,
) -> (RelationField, RelationField) {
    let current = table.current.and_then(|model| names.current.relation(model, key));
    let is_self = table.table.name == target.table.name;
    let other = if is_self { "other_" } else { "" };
    let (name, forward, back) = if is_ambiguous(names, &table.table.name, &target.table.name) {
        let columns: Vec<_> = key.columns.iter().map(|column| table.field(column)).collect();
        let name = format!("{}_{}To{}", table.word, columns.join("_"), target.word);
        let (forward, back) = (format!("{}_{name}", target.word), format!("{other}{}_{name}", table.word));
        (Some(name), forward, back)
    } else {
        let name = is_self.then(|| format!("{}To{}", table.word, target.word));
        (name, target.word.clone(), format!("{other}{}", table.word))
    };
    let kept = current.and_then(|relation| {
        let end = |side| Some(names.current.end(relation, side)?.name.clone());
        Some((relation.name.clone(), end(Side::From)?, end(Side::To)?))
    });
    let (name, forward, back) = kept.unwrap_or((name, forward, back));

    let is_required =
        |column: &String| table.table.column(column).is_some_and(|it| it.arity == Arity::Required);
    let any_required = key.columns.iter().any(is_required);
    let mark = if key.columns.iter().all(is_required) { "" } else { "?" };
    // A field that refers to an ignored model is ignored, too.
    let leads_out = |own: &NamedTable<'_>, other: &NamedTable<'_>, side: Side| {
        let kept = current.and_then(|relation| names.current.end(relation, side));
        !is_ignored(own) && is_ignored(other) || kept.is_some_and(|field| field.is_ignored)
    };
    let own_map = current.and_then(|relation| match &relation.kind {
        nicol_schema::model::RelationKind::OneToOne(key)
        | nicol_schema::model::RelationKind::OneToMany(key) => key.map.clone(),
        nicol_schema::model::RelationKind::ManyToMany => None,
    });

    let list = |fields: Vec<&str>| format!("[{}]", fields.join(", "));
    let mut arguments: Vec<_> = name.iter().map(|name| quoted(name)).collect();
    arguments.push(format!("fields: {}", list(key.columns.iter().map(|it| table.field(it)).collect())));
    arguments.push(format!(
        "references: {}",
        list(key.referenced_columns.iter().map(|it| target.field(it)).collect())
    ));
    let usual = if any_required { ReferentialAction::Restrict } else { ReferentialAction::SetNull };
    if key.on_delete != usual {
        arguments.push(format!("onDelete: {:?}", key.on_delete));
    }
    if key.on_update != ReferentialAction::Cascade {
        arguments.push(format!("onUpdate: {:?}", key.on_update));
    }
    let columns: Vec<_> = key.columns.iter().map(String::as_str).collect();
    let usual = nicol_schema::constraint::foreign_key(&table.table.name.name, &columns);
    if own_map.is_some() || key.name != usual {
        arguments.push(format!("map: {}", quoted(own_map.as_ref().unwrap_or(&key.name))));
    }
    let forward = RelationField {
        name: forward,
        ty: format!("{}{mark}", target.name.text),
        arguments,
        is_ignored: leads_out(table, target, Side::From),
    };
    let mark = if is_unique(table.table, key) { "?" } else { "[]" };
    let back = RelationField {
        name: back,
        ty: format!("{}{mark}", table.name.text),
        arguments: name.iter().map(|name| quoted(name)).collect(),
        is_ignored: leads_out(target, table, Side::To),
    };
    (forward, back)
}

/// Whether two tables have several relations, or a column already has the name of the field.
fn is_ambiguous(names: &Names<'_>, one: &ObjectName, two: &ObjectName) -> bool {
    let meets = |a: &ObjectName, b: &ObjectName| (a, b) == (one, two) || (a, b) == (two, one);
    let mut inline: Vec<(&NamedTable<'_>, &ForeignKey)> = Vec::new();
    for name in [one, two] {
        let Some(table) = names.table(name) else { continue };
        for key in &table.table.foreign_keys {
            let is_known = inline
                .iter()
                .any(|(other, it)| other.table.name == table.table.name && it.columns == key.columns);
            if meets(&table.table.name, &key.referenced_table) && !is_known {
                inline.push((table, key));
            }
        }
    }
    let joined = names.join_tables.iter().filter(|table| match table.foreign_keys.as_slice() {
        [a, b] => meets(&a.referenced_table, &b.referenced_table),
        _ => false,
    });
    inline.len() + joined.count() > 1
        || inline.iter().any(|(table, key)| {
            let word = names.table(&key.referenced_table).map(|target| target.word.as_str());
            key.columns.iter().any(|column| Some(table.field(column)) == word)
        })
}

/// Whether a unique key makes the foreign key unique.
fn is_unique(table: &Table, key: &ForeignKey) -> bool {
    unique_keys(table).any(|columns| columns.iter().all(|it| key.columns.iter().any(|own| own == it)))
}

/// Returns the columns of the primary key and of unique indexes.
fn unique_keys(table: &Table) -> impl Iterator<Item = Vec<&str>> {
    let primary = table.primary_key.iter().map(|it| it.columns.iter().map(String::as_str).collect());
    let uniques = table.indexes.iter().filter(|it| it.is_unique);
    primary.chain(uniques.map(|it| it.columns.iter().map(|column| column.name.as_str()).collect()))
}

/// Whether the table has a unique, required key that the client can use.
pub(super) fn has_usable_id(table: &Table) -> bool {
    let is_usable = |column: &str| {
        table.column(column).is_some_and(|column| {
            column.arity == Arity::Required && !matches!(column.ty, crate::catalog::ColumnType::Raw(_))
        })
    };
    unique_keys(table).any(|columns| columns.into_iter().all(is_usable))
}

/// Whether the client ignores the model.
pub(super) fn is_ignored(table: &NamedTable<'_>) -> bool {
    table.current.is_some_and(|model| model.is_ignored)
        || !has_usable_id(table.table) && !table.table.columns.is_empty()
}

/// Whether this is the table of an implicit many-to-many relation: `_Name` with the columns `A` and `B`, unique together, an
/// index on `B`, and foreign keys to the primary keys of two tables. `A` refers to the first one in alphabetical order.
pub(super) fn is_join_table(table: &Table, catalog: &Catalog, current: &Current<'_>) -> bool {
    if current.has_emulated_relations() {
        return current.many_to_many(&table.name.name).is_some();
    }
    let [first, second] = table.foreign_keys.as_slice() else { return false };
    let (a, b) = if is_column(first, "a") { (first, second) } else { (second, first) };
    let called = |key: &ForeignKey| {
        let own = current.model(&key.referenced_table, false);
        own.map_or(key.referenced_table.name.clone(), |model| model.name.clone())
    };
    let has_plain_id = |key: &ForeignKey| {
        catalog
            .table(&key.referenced_table)
            .and_then(|table| table.primary_key.as_ref())
            .is_some_and(|id| id.columns.len() == 1 && id.columns == key.referenced_columns)
    };
    let is_both = |columns: Vec<&String>| matches!(columns.as_slice(), [a, b] if a.eq_ignore_ascii_case("a") && b.eq_ignore_ascii_case("b"));
    let is_unique = table.primary_key.as_ref().is_some_and(|it| is_both(it.columns.iter().collect()))
        || table
            .indexes
            .iter()
            .any(|it| it.is_unique && is_both(it.columns.iter().map(|column| &column.name).collect()));
    let has_index = table.indexes.iter().any(|index| {
        !index.is_unique
            && matches!(index.columns.as_slice(), [column] if column.name.eq_ignore_ascii_case("b"))
    });
    table.name.name.starts_with('_')
        && is_column(a, "a")
        && is_column(b, "b")
        && is_unique
        && has_index
        && called(a) <= called(b)
        && has_plain_id(a)
        && has_plain_id(b)
}

fn is_column(key: &ForeignKey, name: &str) -> bool {
    matches!(key.columns.as_slice(), [column] if column.eq_ignore_ascii_case(name))
}
