//! Rules for a model as a whole, its primary key and its columns.

use std::collections::HashMap;

use super::names::primary_key_name;
use super::{Context, capability, default, native_type};
use crate::ast::{Argument, Attribute};
use crate::config::capability::Capability;
use crate::constraint::MAX_BYTES;
use crate::diagnostic::Diagnostic;
use crate::draft::{FieldDraft, KeyDraft, KeyKind, ModelDraft};
use crate::model::{Arity, ModelId};
use crate::rule;
use crate::span::Span;
use crate::suggest::{closest, one_of};

/// Reports `type` blocks, which are for document databases.
pub(super) fn composite_types(ctx: &mut Context<'_, '_>) {
    for composite in &ctx.draft.composites {
        ctx.push(
            rule::name::COMPOSITE_TYPE
                .at(composite.span(), "`type` blocks are not supported for PostgreSQL")
                .help("use a `model` and a relation, or a field of type `Json`"),
        );
    }
}

/// Checks that no two models of a schema have the same table.
pub(super) fn table_names(ctx: &mut Context<'_, '_>) {
    let mut taken: HashMap<(Option<&str>, &str), ModelId> = HashMap::new();
    for id in super::models_then_views(ctx.draft).into_iter().filter(|id| ctx.certain.has_model(*id)) {
        let model = ctx.draft.model(id);
        let schema = model.schema.as_ref().map(|(name, _)| name.as_str());
        let Some(other) = taken.insert((schema, model.database_name()), id) else {
            continue;
        };
        let other = ctx.draft.model(other);
        let at = if model.map.is_some() { model } else { other };
        let span = block_attribute(at, "map").map_or(at.name.span, Attribute::span);
        ctx.found.push(
            rule::key::TABLE_NAME_TAKEN
                .at(
                    span,
                    format!(
                        "the table `{}` belongs to both `{}` and `{}`",
                        model.database_name(),
                        other.name.text,
                        model.name.text
                    ),
                )
                .label(
                    if at.name.span == model.name.span { other } else { model }.name.span,
                    "has the same table",
                )
                .help("give one of them a different `@@map`"),
        );
    }
}

fn block_attribute<'a>(model: &ModelDraft<'a>, name: &str) -> Option<Attribute<'a>> {
    model.ast.attributes().find(|attribute| attribute.name().is_some_and(|own| own.text == name))
}

/// Checks that `@@schema` names a schema of the datasource, and that it is present if the datasource has schemas.
pub(super) fn schema(id: ModelId, ctx: &mut Context<'_, '_>) {
    let model = ctx.draft.model(id);
    check_schema(
        model.schema.as_ref(),
        &format!("{} `{}`", model.keyword(), model.name.text),
        model.ast.span(),
        ctx,
    );
}

/// Checks [`schema`]'s rule, for enums, too.
pub(super) fn check_schema(
    schema: Option<&(String, Span)>,
    what: &str,
    span: Span,
    ctx: &mut Context<'_, '_>,
) {
    if let Some((_, span)) = schema.filter(|_| !ctx.can(Capability::Schemas)) {
        ctx.push(capability::needs_datasource(*span, "not every database supports schemas"));
    }
    let Some(draft) = ctx.datasource() else { return };
    let schemas = &draft.datasource.schemas;
    let known = || one_of(schemas.iter().map(String::as_str));
    let error = match schema {
        Some((name, _)) if schemas.contains(name) => return,
        Some((name, span)) => {
            let error = rule::key::SCHEMA_UNKNOWN.at(*span, format!("the datasource has no schema `{name}`"));
            match closest(name, schemas.iter().map(String::as_str)) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None if schemas.is_empty() => {
                    error.help(format!("add `schemas = [\"{name}\"]` to the datasource"))
                }
                None => error.help(format!("add it to the datasource's `schemas`, which are {}", known())),
            }
        }
        None if draft.schemas_span.is_none() => return,
        None => rule::key::SCHEMA_MISSING
            .at(span, format!("the {what} has no `@@schema`"))
            .help(format!("add `@@schema` with one of the datasource's schemas: {}", known())),
    };
    ctx.push(match draft.schemas_span {
        Some(schemas) => error.label(schemas, "the schemas of the datasource"),
        None => error,
    });
}

/// Checks that each row can be identified by a key without null values.
pub(super) fn unique_criterion(id: ModelId, ctx: &mut Context<'_, '_>) {
    let model = ctx.draft.model(id);
    if model.is_ignored {
        return;
    }
    let mut loose = None;
    for key in unique_keys(model) {
        let weak = key.field_ids().map(|field| model.field(field)).find(|field| !is_strict(field));
        match weak {
            None => return,
            Some(field) => loose = Some((key, field)),
        }
    }
    let error = rule::key::MODEL_WITHOUT_KEY
        .at(model.ast.span(), format!("the model `{}` has no key without null values", model.name.text))
        .help("mark a required field with `@id` or `@unique`, or add `@@id([…])` or `@@unique([…])`");
    ctx.found.push(match loose {
        Some((key, field)) => error.label(
            key.attribute.span(),
            format!("does not count, because `{}` is optional or of an unsupported type", field.name.text),
        ),
        None => error,
    });
}

/// Returns the first key without null values.
pub(super) fn first_strict_key<'m, 'a>(model: &'m ModelDraft<'a>) -> Option<&'m KeyDraft<'a>> {
    unique_keys(model).find(|key| key.field_ids().all(|field| is_strict(model.field(field))))
}

/// Whether a column's values are never null and can be compared.
fn is_strict(field: &FieldDraft<'_>) -> bool {
    field.arity != Arity::Optional && !field.is_unsupported()
}

/// Returns the primary key and the unique keys of a model.
pub(super) fn unique_keys<'m, 'a>(model: &'m ModelDraft<'a>) -> impl Iterator<Item = &'m KeyDraft<'a>> {
    model.keys().filter(|key| matches!(key.kind, KeyKind::Primary | KeyKind::Unique))
}

pub(super) fn primary_key(id: ModelId, ctx: &mut Context<'_, '_>) {
    let model = ctx.draft.model(id);
    let Some(key) = &model.primary_key else { return };
    let name = primary_key_name(model, key);
    name_length(key.attribute, &name, ctx);
    if let Some(users) = ctx.names.taken(id, model, &name) {
        let span = argument_span(key.attribute, "map").unwrap_or_else(|| key.attribute.span());
        let error = name_taken(&name, span, users);
        ctx.push(error);
    }
    capability::primary_key_name(id, key, ctx);
    client_name_taken(id, key, ctx);
    let span = key.attribute.span();
    let attribute = key.attribute_name();
    if key.fields.is_empty() {
        ctx.push(
            rule::key::KEY_WITHOUT_FIELDS
                .at(span, format!("`{attribute}` lists no fields"))
                .help("list at least one field"),
        );
    }
    automatic_name_clash(id, key, ctx);
    if key.fields.iter().any(|field| field.length.is_some()) {
        ctx.push(length_unsupported(span));
    }
    if key.fields.iter().any(|field| field.sort.is_some()) {
        ctx.push(
            rule::key::PRIMARY_KEY_SORT
                .at(span, "a primary key has no sort order in PostgreSQL")
                .help("remove `sort:`"),
        );
    }
    if key.is_clustered.is_some() {
        ctx.push(clustered_unsupported(span));
    }
}

/// Reports shard keys, which are for a different database.
pub(super) fn shard_key(id: ModelId, ctx: &mut Context<'_, '_>) {
    if let Some(key) = &ctx.draft.model(id).shard_key {
        ctx.push(
            rule::key::SHARD_KEY
                .at(key.attribute.span(), "PostgreSQL has no shard keys")
                .help("remove the attribute"),
        );
    }
}

pub(super) fn length_unsupported(span: Span) -> Diagnostic {
    rule::index::INDEX_LENGTH
        .at(span, "PostgreSQL does not support `length:` in indexes")
        .help("remove `length:`")
}

pub(super) fn clustered_unsupported(span: Span) -> Diagnostic {
    rule::key::KEY_CLUSTERED.at(span, "PostgreSQL has no clustered keys").help("remove `clustered:`")
}

/// Returns the error for a name that another key, index or constraint has, too; `users` are the spans of all.
pub(super) fn name_taken(name: &str, span: Span, users: &[Span]) -> Diagnostic {
    let error = rule::key::CONSTRAINT_NAME_TAKEN
        .at(
            span,
            format!("the name `{name}` is already used in the database by another key, index or constraint"),
        )
        .help("give one of them a different name with `map:`");
    let other = users.iter().find(|user| user.end <= span.start || span.end <= user.start);
    match other {
        Some(other) => error.label(*other, "has the same name"),
        None => error,
    }
}

/// Checks that PostgreSQL would not truncate the name; otherwise the schema would never match the database.
pub(super) fn name_length(attribute: Attribute<'_>, name: &str, ctx: &mut Context<'_, '_>) {
    if name.len() > MAX_BYTES && ctx.can(Capability::ConstraintNames) {
        ctx.push(
            rule::key::DATABASE_NAME_TOO_LONG
                .at(
                    attribute.span(),
                    format!(
                        "the name `{name}` has {} bytes, but PostgreSQL allows only {MAX_BYTES}",
                        name.len()
                    ),
                )
                .help("choose a shorter name"),
        );
    }
}

/// Checks that no two keys have the same `name:`, which is a name in the client.
pub(super) fn client_name_taken(id: ModelId, key: &KeyDraft<'_>, ctx: &mut Context<'_, '_>) {
    let Some(name) = &key.name else { return };
    let mut others =
        ctx.draft.model(id).keys().filter(|other| {
            other.name.as_ref() == Some(name) && other.attribute.span() != key.attribute.span()
        });
    if let Some(other) = others.next() {
        let span = argument_span(key.attribute, "name").unwrap_or_else(|| key.attribute.span());
        ctx.push(
            rule::key::KEY_NAME_TWICE
                .at(span, format!("two keys of the model have the name `{name}`"))
                .label(other.attribute.span(), "the other key")
                .help("give one of them a different `name:`"),
        );
    }
}

/// Checks that no field has the name `a_b`, which the client uses for a compound key.
pub(super) fn automatic_name_clash(id: ModelId, key: &KeyDraft<'_>, ctx: &mut Context<'_, '_>) {
    if key.fields.len() < 2 {
        return;
    }
    let model = ctx.draft.model(id);
    let name = model.names(key.field_ids()).join("_");
    let clash = model.fields.iter().find(|field| field.is_scalar() && field.name.text == name);
    if let Some(field) = clash {
        ctx.found.push(
            rule::key::KEY_NAME_IS_FIELD
                .at(
                    key.attribute.span(),
                    format!("the name `{name}` of this key is also the name of a field"),
                )
                .label(field.name.span, "this field")
                .help(format!(
                    "rename the field; use `@map(\"{}\")` to keep the column's name",
                    field.database_name()
                )),
        );
    }
}

/// Returns the span of an argument, including its name.
pub(super) fn argument_span(attribute: Attribute<'_>, name: &str) -> Option<Span> {
    attribute
        .arguments()
        .iter()
        .find(|argument| argument.name().is_some_and(|own| own.text == name))
        .map(Argument::span)
}

/// Checks each column on its own.
pub(super) fn columns(id: ModelId, ctx: &mut Context<'_, '_>) {
    let model = ctx.draft.model(id);
    for field in model.fields.iter().filter(|field| field.is_scalar()) {
        if !ctx.certain.has_column(field) {
            continue;
        }
        if ctx.certain.has_model(id) {
            key_name_clash(model, field.name.text, ctx);
        }
        capability::column(field, ctx);
        native_type::check(field, ctx);
        default::check(field, ctx);
        native_type::unsupported(field, ctx);
    }
}

/// Checks that a key's `name:` is not the name of a field.
pub(super) fn key_name_clash(model: &ModelDraft<'_>, field: &str, ctx: &mut Context<'_, '_>) {
    for key in model.keys().filter(|key| key.name.as_deref() == Some(field)) {
        ctx.push(
            rule::key::KEY_NAME_IS_FIELD
                .at(
                    model.ast.span(),
                    format!(
                        "`{}` has the name `{field}`, which is also the name of a field",
                        key.attribute_name()
                    ),
                )
                .label(key.attribute.span(), "this key")
                .help("choose a different `name:`"),
        );
    }
}
