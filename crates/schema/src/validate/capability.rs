//! Features that only some databases have, in a schema that does not name its database.

use super::Context;
use super::model::argument_span;
use crate::ast::{Attribute, Expression};
use crate::config::capability::Capability;
use crate::diagnostic::Diagnostic;
use crate::draft::{DraftType, FieldDraft, KeyDraft};
use crate::model::{Arity, FieldId, IndexAlgorithm, ModelId, ScalarType};
use crate::rule;
use crate::span::Span;

/// Returns the error for all of them.
pub(super) fn needs_datasource(span: Span, what: &str) -> Diagnostic {
    rule::configuration::DATASOURCE_MISSING
        .at(span, format!("{what}, and the schema has no `datasource`"))
        .help("add a `datasource` block with `provider = \"postgresql\"`")
}

/// Checks the type of a column.
pub(super) fn column(field: &FieldDraft<'_>, ctx: &mut Context<'_, '_>) {
    let span = field.ast.span();
    if field.arity == Arity::List && !ctx.can(Capability::Lists) {
        ctx.push(needs_datasource(span, "not every database supports lists in columns"));
    } else if field.ty == DraftType::Scalar(ScalarType::Decimal) && !ctx.can(Capability::Decimals) {
        ctx.push(needs_datasource(span, "not every database supports the type `Decimal`"));
    }
}

/// Checks which columns of a model use `autoincrement()`.
pub(super) fn autoincrement(id: ModelId, ctx: &mut Context<'_, '_>) {
    let model = ctx.draft.model(id);
    if ctx.can(Capability::AutoincrementAnywhere) {
        return;
    }
    let counters: Vec<FieldId> =
        model.fields().filter(|(_, field)| is_counter(field)).map(|(id, _)| id).collect();
    if counters.len() > 1 {
        ctx.push(needs_datasource(
            model.ast.span(),
            "not every database supports several `autoincrement()` columns in a table",
        ));
    }
    for counter in counters {
        let is_id =
            model.primary_key.as_ref().is_some_and(|key| key.field_ids().eq(std::iter::once(counter)));
        if !is_id {
            ctx.push(needs_datasource(
                model.field(counter).ast.span(),
                "not every database supports `autoincrement()` on columns other than the `@id`",
            ));
        }
    }
}

fn is_counter(field: &FieldDraft<'_>) -> bool {
    let value = field.default.as_ref().map(|default| default.value);
    matches!(value, Some(Expression::Call(call)) if call.name().text == "autoincrement")
}

/// Checks the type of an index.
pub(super) fn index_type(index: &KeyDraft<'_>, ctx: &mut Context<'_, '_>) {
    if ctx.can(Capability::IndexTypes) {
        return;
    }
    let Some(algorithm) = index.algorithm.filter(|algorithm| *algorithm != IndexAlgorithm::BTree) else {
        return;
    };
    let span = argument_span(index.attribute, "type").unwrap_or_else(|| index.attribute.span());
    let what = format!("not every database supports indexes of type `{}`", algorithm.name());
    ctx.push(needs_datasource(span, &what));
}

/// Checks the name of a primary key.
pub(super) fn primary_key_name(id: ModelId, key: &KeyDraft<'_>, ctx: &mut Context<'_, '_>) {
    if key.map.is_some() && !ctx.can(Capability::NamedPrimaryKeys) {
        let error = needs_datasource(
            ctx.draft.model(id).ast.span(),
            "not every database supports named primary keys",
        );
        ctx.push(error.label(key.attribute.span(), "named here"));
    }
}

/// Checks the name of a foreign key.
pub(super) fn foreign_key_name(attribute: Attribute<'_>, ctx: &mut Context<'_, '_>) {
    if !ctx.can(Capability::NamedForeignKeys) {
        ctx.push(needs_datasource(attribute.span(), "not every database supports named foreign keys"));
    }
}
