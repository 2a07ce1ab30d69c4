//! Renaming in the schema, so that the database stays as it is.
//!
//! As in Prisma's language server, `@map` or `@@map` keeps the name in the database. Unlike there, the join tables of
//! many-to-many relations keep their names, too, and the result is compared with the original: a rename that would change
//! the database, or make the schema invalid, is refused.

use std::path::Path;

use gen_lsp_types::{Position, PrepareRenamePlaceholder, WorkspaceEdit};
use nicol_migrate::{from_model, plan};
use nicol_schema::ast::{Attribute, Field, FieldType, Item, Model, Name};
use nicol_schema::model::{FieldId, ModelId, RelationKind, ScalarType};
use nicol_schema::symbols::Symbol;
use nicol_schema::{DatasourceUrl, Schema, Span, is_reserved};

use crate::analysis::Analysis;
use crate::edit::Edits;

/// Returns the name at a position that can be renamed.
pub(crate) fn prepare(
    schema: &Analysis,
    path: &Path,
    position: Position,
) -> Option<PrepareRenamePlaceholder> {
    let occurrence = schema.occurrence_at(schema.offset(path, position)?)?;
    let is_defined = schema.occurrences_of(occurrence.symbol).iter().any(|it| it.is_definition);
    let (_, range) = schema.range(occurrence.name.span).filter(|_| is_defined)?;
    Some(PrepareRenamePlaceholder { range, placeholder: occurrence.name.text.to_owned() })
}

/// Returns the edit that renames what the position names; `None` if nothing can be renamed there.
///
/// # Errors
/// Why the name cannot be used.
pub(crate) fn rename(
    schema: &Analysis,
    path: &Path,
    position: Position,
    new: &str,
    versioned: bool,
) -> Result<Option<WorkspaceEdit>, String> {
    let occurrence = schema.offset(path, position).and_then(|offset| schema.occurrence_at(offset));
    let Some(occurrence) = occurrence else { return Ok(None) };
    let (symbol, old) = (occurrence.symbol, occurrence.name.text);
    let occurrences = schema.occurrences_of(symbol);
    if !occurrences.iter().any(|it| it.is_definition) {
        return Ok(None);
    }
    check_name(schema, symbol, old, new)?;
    let mut edits = Edits::default();
    for occurrence in &occurrences {
        edits.replace(occurrence.name.span, new);
    }
    if old != new {
        keep_database_name(schema, symbol, old, &mut edits);
        check_result(schema, &edits, new)?;
    }
    Ok(Some(edits.finish(schema, versioned)))
}

/// Checks what can be checked even if the schema has errors.
fn check_name(schema: &Analysis, symbol: Symbol<'_>, old: &str, new: &str) -> Result<(), String> {
    let mut chars = new.chars();
    let is_name = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name {
        return Err(format!(
            "`{new}` cannot be a name: it must begin with a letter, and contain letters, digits and `_`"
        ));
    }
    if matches!(symbol, Symbol::Block(_)) && (ScalarType::from_name(new).is_some() || is_reserved(new)) {
        return Err(format!("`{new}` is reserved"));
    }
    let renamed = match symbol {
        Symbol::Block(_) => Symbol::Block(new),
        Symbol::Field { block, .. } => Symbol::Field { block, field: new },
        Symbol::EnumValue { block, .. } => Symbol::EnumValue { block, value: new },
        Symbol::Datasource(_) => Symbol::Datasource(new),
        Symbol::Generator(_) => Symbol::Generator(new),
    };
    if old != new && schema.occurrences_of(renamed).iter().any(|it| it.is_definition) {
        return Err(format!("there is already a `{new}`"));
    }
    Ok(())
}

/// Adds the attributes that keep the names in the database.
fn keep_database_name(schema: &Analysis, symbol: Symbol<'_>, old: &str, edits: &mut Edits) {
    for item in schema.parse.tree.file().items() {
        match (item, symbol) {
            (Item::Model(model), Symbol::Block(name)) if is_named(model.name(), name) => {
                if model.keyword().is_some_and(|keyword| keyword.text != "type")
                    && !has(model.attributes(), "map")
                {
                    add_to_block(
                        schema,
                        item.span(),
                        model.attributes().count(),
                        &format!("@@map(\"{old}\")"),
                        edits,
                    );
                }
                keep_join_tables(schema, model, edits);
            }
            (Item::Enum(item), Symbol::Block(name))
                if is_named(item.name(), name) && !has(item.attributes(), "map") =>
            {
                add_to_block(
                    schema,
                    item.span(),
                    item.attributes().count(),
                    &format!("@@map(\"{old}\")"),
                    edits,
                );
            }
            (Item::Model(model), Symbol::Field { block, field }) if is_named(model.name(), block) => {
                let is_meant = |it: &Field<'_>| is_named(it.name(), field) && is_column(schema, *it);
                for field in model.fields().filter(is_meant).filter(|it| !has(it.attributes(), "map")) {
                    if let Some(ty) = field.ty() {
                        edits.insert(
                            end_of(schema, ty.span(), field.attributes()),
                            format!(" @map(\"{old}\")"),
                        );
                    }
                }
            }
            (Item::Enum(item), Symbol::EnumValue { block, value }) if is_named(item.name(), block) => {
                let values = item.values().filter(|it| is_named(it.name(), value));
                for value in values.filter(|it| !has(it.attributes(), "map")) {
                    let Some(name) = value.name() else { continue };
                    edits.insert(end_of(schema, name.span, value.attributes()), format!(" @map(\"{old}\")"));
                }
            }
            _ => {}
        }
    }
}

/// Names the many-to-many relations of a model as they are called now, because the join tables are named after them.
fn keep_join_tables(schema: &Analysis, model: Model<'_>, edits: &mut Edits) {
    let (Some(valid), Some(name)) = (schema.schema(), model.name()) else { return };
    for relation in &valid.relations {
        let is_involved = [relation.from, relation.to].iter().any(|id| valid.model(*id).name == name.text);
        if !is_involved || relation.name.is_some() || !matches!(relation.kind, RelationKind::ManyToMany) {
            continue;
        }
        let ends = [(relation.from, relation.from_field), (relation.to, relation.to_field)];
        for (id, field) in ends.into_iter().filter_map(|(id, field)| Some((id, field?))) {
            if let Some(field) = field_of(schema, valid, id, field) {
                name_relation(schema, field, &relation.effective_name, edits);
            }
        }
    }
}

fn name_relation(schema: &Analysis, field: Field<'_>, name: &str, edits: &mut Edits) {
    let attribute = field.attributes().find(|it| it.name().is_some_and(|name| name.text == "relation"));
    let first = attribute.and_then(|it| it.arguments().iter().next());
    match (attribute, first, field.ty()) {
        (Some(_), Some(first), _) => edits.insert(first.span().start, format!("\"{name}\", ")),
        (None, _, Some(ty)) => {
            edits.insert(end_of(schema, ty.span(), field.attributes()), format!(" @relation(\"{name}\")"));
        }
        _ => {}
    }
}

/// Returns the text of a validated field.
pub(crate) fn field_of<'a>(
    schema: &'a Analysis,
    valid: &Schema,
    model: ModelId,
    field: FieldId,
) -> Option<Field<'a>> {
    let span = valid.model(model).field(field).span;
    schema.parse.tree.file().items().find_map(|item| match item {
        Item::Model(model) => model.fields().find(|field| field.name().is_some_and(|name| name.span == span)),
        _ => None,
    })
}

/// Whether a field is a column rather than a relation: its type is not a model.
pub(crate) fn is_column(schema: &Analysis, field: Field<'_>) -> bool {
    let Some(ty) = field.ty().and_then(FieldType::name) else { return true };
    let is_model = |item: Item<'_>| matches!(item, Item::Model(model) if is_named(model.name(), ty.text));
    !schema.parse.tree.file().items().any(is_model)
}

pub(crate) fn is_named(name: Option<Name<'_>>, text: &str) -> bool {
    name.is_some_and(|name| name.text == text)
}

pub(crate) fn has<'a>(mut attributes: impl Iterator<Item = Attribute<'a>>, name: &str) -> bool {
    attributes.any(|it| is_named(it.name(), name))
}

/// Returns where the next attribute of a field or value goes: after its last one, or after `before`.
pub(crate) fn end_of<'a>(
    schema: &Analysis,
    before: Span,
    attributes: impl Iterator<Item = Attribute<'a>>,
) -> u32 {
    let last = attributes.last().map_or(before, Attribute::span);
    let text = last.of(schema.parse.tree.text()).trim_end();
    last.start + u32::try_from(text.len()).unwrap_or_default()
}

/// Adds a line at the end of a block, after an empty line if it is the first attribute.
pub(crate) fn add_to_block(schema: &Analysis, block: Span, attributes: usize, line: &str, edits: &mut Edits) {
    let text = schema.parse.tree.text();
    let Some(brace) = block.of(text).rfind('}') else { return };
    let before = &block.of(text)[..brace];
    let brace = block.start + u32::try_from(brace).unwrap_or_default();
    let empty = if attributes == 0 && !before.trim_end().ends_with('{') { "\n" } else { "" };
    let own_line = if before.trim_end_matches([' ', '\t']).ends_with('\n') { "" } else { "\n" };
    edits.insert(brace, format!("{own_line}{empty}  {line}\n"));
}

/// Checks that the renamed schema is valid and describes the same database.
fn check_result(schema: &Analysis, edits: &Edits, new: &str) -> Result<(), String> {
    let Some(before) = schema.schema() else { return Ok(()) };
    let sources = edits.apply(schema);
    let validated = nicol_schema::validate_files_with(&sources, DatasourceUrl::Optional);
    let Some(after) = &validated.schema else {
        let reason = validated.diagnostics.iter().find(|it| it.is_error()).map_or("", |it| &it.message);
        return Err(format!("`{new}` cannot be the name: {reason}"));
    };
    let (old_catalog, new_catalog) = (from_model(before), from_model(after));
    let is_same = plan(&old_catalog, &new_catalog).is_empty() && sides(before) == sides(after);
    if !is_same {
        return Err(format!(
            "renaming to `{new}` would change the database: the columns of a join table follow the alphabetical order of \
             the models or fields"
        ));
    }
    Ok(())
}

/// Returns, for each many-to-many relation of a model with itself, whether its first field in the text has column `A`.
fn sides(schema: &Schema) -> Vec<bool> {
    let relations =
        schema.relations.iter().filter(|it| it.from == it.to && matches!(it.kind, RelationKind::ManyToMany));
    relations.map(|it| it.from_field.map(FieldId::index) < it.to_field.map(FieldId::index)).collect()
}
