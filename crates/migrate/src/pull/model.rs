//! Writes models, views and enums.

use nicol_schema::model as psl;

use super::attribute::{self, call, current_scalar, quoted};
use super::names::{self, Name, NamedEnum, NamedTable, NamedView, Names};
use super::relation::{self, RelationField, Relations, has_usable_id};
use super::remark::{Comment, RemarkKind, Remarks};
use super::{Block, config};
use crate::catalog::{Arity, Column, ColumnDetails, ColumnType, IndexDetails, ObjectName, OtherKind};

/// Returns the models, in the order of the schema file and with new ones last.
pub(super) fn models(names: &Names<'_>, relations: &Relations, remarks: &mut Remarks) -> Vec<Block> {
    let place = |table: &NamedTable<'_>| table.current.map_or(usize::MAX, |it| names.current.position(it));
    let mut tables: Vec<_> = names.tables.iter().collect();
    tables.sort_by_key(|table| place(table));
    tables.into_iter().map(|table| model(names, table, relations.of(&table.table.name), remarks)).collect()
}

fn model(
    names: &Names<'_>,
    table: &NamedTable<'_>,
    relations: &[RelationField],
    remarks: &mut Remarks,
) -> Block {
    let own = &table.name.text;
    let comment = comment(names, table, remarks);
    let mut block = Lines::default();
    for (column, field) in table.table.columns.iter().zip(&table.fields) {
        let details = names.catalog.details.column(&table.table.name, &column.name);
        let mut attributes = Vec::new();
        attributes.extend(attribute::id_of_column(table, &column.name));
        attributes.extend(attribute::unique_of_column(table, &column.name));
        let keys = Keys { attributes };
        scalar(names, own, table.current, column, field, details, keys, &mut block, remarks);
    }
    for field in relations {
        block.relation(field);
    }
    let keys: Vec<_> =
        attribute::id_of_table(table).into_iter().chain(attribute::indexes(names, table)).collect();
    block.end(keys, &table.name, relation::is_ignored(table), schema_of(names, &table.table.name));
    let text = format!("model {own} {{\n{}}}\n", block.text);
    let text = if table.table.columns.is_empty() { commented_out(&text) } else { text };
    Block { file: table.current.and_then(|it| names.current.file_of(&it.name)), text: comment + &text }
}

/// Returns the comment of a model, and adds the remarks about its table.
fn comment(names: &Names<'_>, table: &NamedTable<'_>, remarks: &mut Remarks) -> String {
    let own = &table.name.text;
    let details = &names.catalog.details;
    let special = details.tables.get(&table.table.name).cloned().unwrap_or_default();
    let mut comment = Comment::new(table.current.and_then(|it| it.documentation.as_deref()));
    if table.name.is_reserved {
        comment
            .line(&format!("Called `{}` in the database, which is a reserved name.", table.table.name.name));
        remarks.add(RemarkKind::Reserved, own);
    }
    if table.name.is_duplicate {
        remarks.add(RemarkKind::Duplicate, own);
    }
    let is_new = table.current.is_none();
    let mut say = |kind: RemarkKind, of: Vec<String>, is_worth_a_comment: bool| {
        if of.is_empty() {
            return;
        }
        if is_worth_a_comment {
            comment.say(kind);
        }
        for it in of {
            remarks.add(kind, it);
        }
    };
    let itself = |holds: bool| holds.then(|| own.clone()).into_iter().collect::<Vec<_>>();
    let named = |names: &[String]| names.iter().map(|name| format!("{own}: {name}")).collect::<Vec<_>>();
    let constraints = |list: &[crate::catalog::Constraint]| {
        list.iter().map(|it| format!("{own}: {}", it.name)).collect::<Vec<_>>()
    };
    say(RemarkKind::Partitioned, itself(special.is_partitioned), is_new);
    say(RemarkKind::Inherited, itself(special.has_children), is_new);
    say(RemarkKind::Inherits, itself(special.has_parents), false);
    say(RemarkKind::Check, constraints(&special.checks), is_new);
    say(RemarkKind::Exclusion, constraints(&special.exclusions), is_new);
    say(RemarkKind::NotValid, named(&special.unvalidated), false);
    let has_columns = !table.table.columns.is_empty();
    say(RemarkKind::NoColumns, itself(!has_columns), true);
    let is_ignored = table.current.is_some_and(|model| model.is_ignored);
    let lacks_key = has_columns && !has_usable_id(table.table) && !is_ignored;
    say(RemarkKind::NoUniqueKey, itself(lacks_key), true);
    let mut commented = itself(special.comment.is_some());
    for column in &table.table.columns {
        let is_commented =
            details.column(&table.table.name, &column.name).is_some_and(|it| it.comment.is_some());
        commented.extend(is_commented.then(|| format!("{own}.{}", table.field(&column.name))));
    }
    say(RemarkKind::Comment, commented, is_new);
    let of_indexes = details.indexes.iter().filter(|((owner, _), _)| *owner == table.table.name);
    let late = of_indexes.clone().filter(|(_, it)| it.deferral.is_deferrable);
    let late = late.map(|((_, name), _)| name.clone()).chain(
        details
            .foreign_keys
            .iter()
            .filter(|((owner, _), it)| *owner == table.table.name && it.is_deferrable)
            .map(|((_, name), _)| name.clone()),
    );
    say(RemarkKind::Deferred, named(&late.collect::<Vec<_>>()), is_new);
    say(RemarkKind::RowLevelSecurity, itself(special.has_row_level_security), is_new);
    let of_kind = |is: fn(&IndexDetails) -> bool| {
        let indexes = of_indexes.clone().filter(|(_, it)| is(it)).map(|((_, name), _)| name.clone());
        named(&indexes.collect::<Vec<_>>())
    };
    say(RemarkKind::NullsNotDistinct, of_kind(|it| it.nulls_not_distinct), false);
    say(RemarkKind::Included, of_kind(|it| !it.included.is_empty()), false);
    let nulls = of_indexes.clone().filter(|(_, it)| it.has_other_nulls.contains(&true));
    let nulls: Vec<_> = nulls.map(|((_, name), _)| name.clone()).collect();
    say(RemarkKind::NullsOrder, named(&nulls), is_new);
    say(RemarkKind::ExpressionIndex, named(&special.expression_indexes), true);
    say(RemarkKind::PartialIndex, named(&special.partial_indexes), false);
    comment.into_text()
}

/// Returns the views, in the same order.
pub(super) fn views(names: &Names<'_>, remarks: &mut Remarks) -> Vec<Block> {
    let place = |view: &NamedView<'_>| view.current.map_or(usize::MAX, |it| names.current.position(it));
    let mut views: Vec<_> = names.views.iter().collect();
    views.sort_by_key(|view| place(view));
    views.into_iter().map(|it| view(names, it, remarks)).collect()
}

fn view(names: &Names<'_>, view: &NamedView<'_>, remarks: &mut Remarks) -> Block {
    let own = &view.name.text;
    let mut comment = Comment::new(view.current.and_then(|it| it.documentation.as_deref()));
    if view.name.is_reserved {
        comment.line(&format!("Called `{}` in the database, which is a reserved name.", view.view.name.name));
        remarks.add(RemarkKind::Reserved, own);
    }
    if view.view.comment.is_some() {
        remarks.add(RemarkKind::Comment, own);
        if view.current.is_none() {
            comment.say(RemarkKind::Comment);
        }
    }
    let mut block = Lines::default();
    for (column, field) in view.view.columns.iter().zip(&view.fields) {
        let details = names.catalog.details.column(&view.view.name, &column.name);
        let current = current_scalar(view.current, &column.name);
        // Columns of a view are always nullable in the database, but not in the schema file.
        let mut column = column.clone();
        if let Some((kept, _)) = current
            && column.arity == Arity::Optional
        {
            column.arity = match kept.arity {
                psl::Arity::Required => Arity::Required,
                psl::Arity::Optional => Arity::Optional,
                psl::Arity::List => Arity::List,
            };
        }
        let keys = view.current.map_or_else(Keys::default, |model| Keys::written(model, &field.text));
        scalar(names, own, view.current, &column, field, details, keys, &mut block, remarks);
    }
    let mut keys = Vec::new();
    let mut is_ignored = false;
    if let Some(model) = view.current {
        for field in relation::copied(names, model) {
            block.relation(&field);
        }
        is_ignored = model.is_ignored;
        let whole = model.primary_key.iter().map(|key| ("@@id", key));
        let whole = whole.chain(model.uniques.iter().map(|key| ("@@unique", key)));
        keys.extend(
            whole.filter(|(_, key)| !key.on_field).map(|(name, key)| call(name, &key_arguments(model, key))),
        );
    }
    block.end(keys, &view.name, is_ignored, schema_of(names, &view.view.name));
    Block {
        file: view.current.and_then(|it| names.current.file_of(&it.name)),
        text: format!("{}view {own} {{\n{}}}\n", comment.into_text(), block.text),
    }
}

fn key_arguments(model: &psl::Model, key: &psl::Key) -> Vec<String> {
    let fields: Vec<_> = key.fields.iter().map(|it| model.field(it.field).name.as_str()).collect();
    let mut arguments = if key.on_field { Vec::new() } else { vec![format!("[{}]", fields.join(", "))] };
    arguments.extend(key.name.as_ref().map(|name| format!("name: {}", quoted(name))));
    arguments.extend(key.map.as_ref().map(|map| format!("map: {}", quoted(map))));
    arguments
}

/// Returns the enums, in the same order.
pub(super) fn enums(names: &Names<'_>, remarks: &mut Remarks) -> Vec<Block> {
    let place = |it: &NamedEnum<'_>| it.current.map_or(usize::MAX, |it| names.current.enum_position(it));
    let mut enums: Vec<_> = names.enums.iter().collect();
    enums.sort_by_key(|it| place(it));
    enums.into_iter().map(|it| enumeration(names, it, remarks)).collect()
}

fn enumeration(names: &Names<'_>, it: &NamedEnum<'_>, remarks: &mut Remarks) -> Block {
    let own = &it.name.text;
    let mut comment = Comment::new(it.current.and_then(|it| it.documentation.as_deref()));
    if it.name.is_reserved {
        comment.line(&format!(
            "Called `{}` in the database, which is a reserved name.",
            it.enumeration.name.name
        ));
        remarks.add(RemarkKind::Reserved, own);
    }
    if it.name.is_duplicate {
        remarks.add(RemarkKind::Duplicate, own);
    }
    if names.catalog.details.enum_comments.contains_key(&it.enumeration.name) {
        remarks.add(RemarkKind::Comment, own);
        if it.current.is_none() {
            comment.say(RemarkKind::Comment);
        }
    }
    let mut block = Lines::default();
    for (value, name) in it.enumeration.values.iter().zip(&it.values) {
        let current = it.current.and_then(|it| it.values.iter().find(|it| it.database_name() == value));
        let documentation = Comment::new(current.and_then(|it| it.documentation.as_deref()));
        let map = name.map.as_ref().map(|map| format!(" @map({})", quoted(map))).unwrap_or_default();
        if current.is_none() && !value.is_empty() && names::sanitized(value).is_empty() {
            remarks.add(RemarkKind::UnnamedValue, format!("{own}: {value}"));
        }
        block.line(&documentation, &format!("{}{map}", name.text));
    }
    block.end(Vec::new(), &it.name, false, schema_of(names, &it.enumeration.name));
    Block {
        file: it.current.and_then(|it| names.current.file_of(&it.name)),
        text: format!("{}enum {own} {{\n{}}}\n", comment.into_text(), block.text),
    }
}

fn some_or<'n>(name: &'n str, other: &'n str) -> &'n str {
    if name.is_empty() { other } else { name }
}

/// Adds remarks about objects other than models and enums.
pub(super) fn others(names: &Names<'_>, remarks: &mut Remarks) {
    let details = &names.catalog.details;
    for view in &details.views {
        if view.is_materialized {
            remarks.add(RemarkKind::MaterializedView, view.name.to_string());
        } else if !names.views.iter().any(|it| it.view.name == view.name) {
            remarks.add(RemarkKind::View, view.name.to_string());
        }
    }
    for table in &details.foreign_tables {
        remarks.add(RemarkKind::ForeignTable, table.to_string());
    }
    for sequence in details.sequences.iter().filter(|it| it.owner.is_none()) {
        remarks.add(RemarkKind::Sequence, sequence.name.to_string());
    }
    for other in &details.others {
        let kind = match other.kind {
            OtherKind::Trigger => RemarkKind::Trigger,
            OtherKind::Policy => RemarkKind::Policy,
            OtherKind::Rule => RemarkKind::Rule,
            OtherKind::Statistics => RemarkKind::Statistics,
            OtherKind::Function => RemarkKind::Function,
            OtherKind::Domain => RemarkKind::Domain,
            OtherKind::Type => RemarkKind::Type,
            OtherKind::Collation => RemarkKind::CollationObject,
        };
        let name = match &other.table {
            Some(table) => format!("{table}: {}", other.name.name),
            None => other.name.to_string(),
        };
        remarks.add(kind, name);
    }
    for extension in &names.catalog.extensions {
        if !config::names_extension(names.current, extension) {
            remarks.add(RemarkKind::Extension, &*extension.name);
        }
    }
}

/// Returns a name for a comment of one line.
fn one_line(name: &str) -> String {
    name.replace(['\n', '\r'], " ")
}

/// The attributes `@id` and `@unique` of a field.
#[derive(Default)]
struct Keys {
    attributes: Vec<String>,
}

impl Keys {
    /// Returns those of a field of a view, which only the schema file contains.
    fn written(model: &psl::Model, field: &str) -> Self {
        let is_on =
            |key: &&psl::Key| key.on_field && key.fields.iter().any(|it| model.field(it.field).name == field);
        let id = model.primary_key.iter().filter(is_on).map(|key| call("@id", &key_arguments(model, key)));
        let uniques =
            model.uniques.iter().filter(is_on).map(|key| call("@unique", &key_arguments(model, key)));
        Self { attributes: id.chain(uniques).collect() }
    }
}

#[allow(clippy::too_many_arguments, reason = "tables and views share it")]
fn scalar(
    names: &Names<'_>,
    owner: &str,
    current: Option<&psl::Model>,
    column: &Column,
    name: &Name,
    details: Option<&ColumnDetails>,
    keys: Keys,
    block: &mut Lines,
    remarks: &mut Remarks,
) {
    let current = current_scalar(current, &column.name);
    let (ty, native) = attribute::field_type(names, column, details);
    let mark = match column.arity {
        Arity::Required => "",
        Arity::Optional => "?",
        Arity::List => "[]",
    };
    let mut attributes = keys.attributes;
    let default = attribute::default(names, column, details, current.map(|(_, scalar)| scalar));
    attributes.extend(default.map(|it| format!("@default({it})")));
    if current.is_some_and(|(_, scalar)| scalar.is_updated_at) {
        attributes.push("@updatedAt".to_owned());
    }
    attributes.extend(name.map.as_ref().map(|map| format!("@map({})", quoted(map))));
    attributes.extend(native);
    if current.is_some_and(|(field, _)| field.is_ignored) {
        attributes.push("@ignore".to_owned());
    }
    if matches!(column.ty, ColumnType::Raw(_)) {
        remarks.add(RemarkKind::UnsupportedType, format!("{owner}.{}", name.text));
    }
    if let Some(details) = details {
        let is_list = column.arity == Arity::List;
        for (kind, holds) in [
            (RemarkKind::Generated, details.is_generated),
            (RemarkKind::Identity, details.identity.is_some()),
            (RemarkKind::Collation, details.collation.is_some()),
            (RemarkKind::RequiredList, is_list && details.is_not_null),
            (RemarkKind::DomainColumn, details.domain.is_some()),
        ] {
            if holds {
                remarks.add(kind, format!("{owner}.{}", some_or(&name.text, &column.name)));
            }
        }
    }
    let comment = Comment::new(current.and_then(|(field, _)| field.documentation.as_deref()));
    let attributes = attributes.iter().map(|it| format!(" {it}")).collect::<Vec<_>>().concat();
    if name.text.is_empty() {
        remarks.add(RemarkKind::UnnamedField, format!("{owner}: {}", column.name));
        // Not `///`, which would belong to the next field.
        let why =
            "// The column name contains no letter: name the field, and keep the column name in `@map`.";
        block.line(&Comment::default(), why);
        block.line(&Comment::default(), &format!("// {} {ty}{mark}{attributes}", one_line(&column.name)));
    } else {
        block.line(&comment, &format!("{} {ty}{mark}{attributes}", name.text));
    }
}

/// The lines of a block.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn line(&mut self, comment: &Comment, line: &str) {
        for line in comment.lines().chain([line]) {
            self.text.push_str("  ");
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    fn relation(&mut self, field: &RelationField) {
        let mut line = format!("{} {}", field.name, field.ty);
        if !field.arguments.is_empty() {
            line.push(' ');
            line.push_str(&call("@relation", &field.arguments));
        }
        if field.is_ignored {
            line.push_str(" @ignore");
        }
        self.line(&Comment::default(), &line);
    }

    fn end(&mut self, keys: Vec<String>, name: &Name, is_ignored: bool, schema: Option<&str>) {
        let mut attributes = keys;
        attributes.extend(name.map.as_ref().map(|map| format!("@@map({})", quoted(map))));
        attributes.extend(is_ignored.then(|| "@@ignore".to_owned()));
        attributes.extend(schema.map(|schema| format!("@@schema({})", quoted(schema))));
        for attribute in attributes {
            self.line(&Comment::default(), &attribute);
        }
    }
}

fn schema_of<'n>(names: &'n Names<'_>, name: &'n ObjectName) -> Option<&'n str> {
    names.current.has_schemas().then_some(name.schema.as_deref()).flatten()
}

fn commented_out(text: &str) -> String {
    text.lines().map(|line| format!("// {line}").trim_end().to_owned() + "\n").collect()
}
