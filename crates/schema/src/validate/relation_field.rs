//! Rules for a single relation field.

use super::model::{argument_span, key_name_clash, name_length};
use super::{Context, capability};
use crate::ast::Attribute;
use crate::diagnostic::Diagnostic;
use crate::draft::{DraftType, FieldDraft, ModelDraft, default_relation_name};
use crate::model::{ModelId, ReferentialAction, RelationMode};
use crate::rule;

/// Returns false if it is unclear which fields belong together.
pub(super) fn check(id: ModelId, ctx: &mut Context<'_, '_>) -> bool {
    let model = ctx.draft.model(id);
    for field in &model.fields {
        let DraftType::Model(other) = field.ty else { continue };
        if let Some(error) = ambiguity(model, field, ctx.draft.model(other), other, id) {
            if !ctx.certain.is_thorough() {
                ctx.push(error);
                return false;
            }
            // The fields on both sides are ambiguous for the same reason.
            if ctx.certain.doubt_relations(id, other) {
                ctx.push(error);
            }
            continue;
        }
        key_name_clash(model, field.name.text, ctx);
        if ctx.certain.has_model(other) {
            ignored(model, field, ctx.draft.model(other), ctx);
        }
        actions(field, ctx);
        if let (Some(map), Some(attribute)) = (&field.relation.map, field.relation.attribute) {
            name_length(attribute, map, ctx);
            capability::foreign_key_name(attribute, ctx);
        }
        missing_index(model, field, ctx);
    }
    true
}

/// Reports several fields that refer to the same model under the same name. A missing name counts as the default
/// name.
fn ambiguity(
    model: &ModelDraft<'_>,
    field: &FieldDraft<'_>,
    other: &ModelDraft<'_>,
    other_id: ModelId,
    id: ModelId,
) -> Option<Diagnostic> {
    let automatic = default_relation_name(model, other);
    let name = |field: &FieldDraft<'_>| field.relation.name.clone().unwrap_or_else(|| automatic.clone());
    let alike: Vec<&FieldDraft<'_>> = model
        .fields
        .iter()
        .filter(|candidate| candidate.ty == DraftType::Model(other_id) && name(candidate) == name(field))
        .collect();
    let is_self = id == other_id;
    // The two fields of a self-relation have the same name.
    if alike.len() < 2 || (alike.len() == 2 && is_self && field.relation.name.is_some()) {
        return None;
    }
    let names: Vec<&str> = alike.iter().map(|field| field.name.text).collect();
    let names = names.join("`, `");
    let message = match &field.relation.name {
        Some(name) => {
            format!("the relation `{name}` has too many fields in `{}`: `{names}`", model.name.text)
        }
        None => {
            format!("it is ambiguous which relation to `{}` each of `{names}` belongs to", other.name.text)
        }
    };
    let mut error =
        rule::relation::RELATION_AMBIGUOUS.at(field.ast.span(), message).help(match (is_self, alike.len()) {
            (true, 2) => {
                "if they are the two sides of one relation, give both the same name: `@relation(\"Name\")`"
            }
            _ => "give each relation a name, the same on both sides: `@relation(\"Name\")`",
        });
    for other in alike.into_iter().filter(|other| other.name.span != field.name.span) {
        error = error.label(other.name.span, "refers to the same model");
    }
    Some(error)
}

/// Reports a relation to an ignored model.
fn ignored(
    model: &ModelDraft<'_>,
    field: &FieldDraft<'_>,
    other: &ModelDraft<'_>,
    ctx: &mut Context<'_, '_>,
) {
    if other.is_ignored && !field.is_ignored && !model.is_ignored {
        ctx.push(
            rule::relation::RELATION_TO_IGNORED
                .at(
                    field.ast.span(),
                    format!("`{}` refers to `{}`, which is ignored", field.name.text, other.name.text),
                )
                .label(other.name.span, "has `@@ignore`")
                .help("add `@ignore` to the field"),
        );
    }
}

/// Reports referential actions that the client cannot emulate.
fn actions(field: &FieldDraft<'_>, ctx: &mut Context<'_, '_>) {
    if ctx.relation_mode() != Some(RelationMode::Prisma) {
        return;
    }
    let relation = &field.relation;
    for (argument, action) in [("onDelete", relation.on_delete), ("onUpdate", relation.on_update)] {
        let Some((action, span)) = action else { continue };
        if !matches!(action, ReferentialAction::NoAction | ReferentialAction::SetDefault) {
            continue;
        }
        let span =
            relation.attribute.and_then(|attribute| argument_span(attribute, argument)).unwrap_or(span);
        ctx.push(
            rule::referential_action::ACTION_EMULATED
                .at(span, format!("`{}` is not supported with `relationMode = \"prisma\"`", action.name()))
                .help("use `Restrict`, `Cascade` or `SetNull`"),
        );
    }
}

/// Warns about a missing index, because without foreign keys none is created automatically.
fn missing_index(model: &ModelDraft<'_>, field: &FieldDraft<'_>, ctx: &mut Context<'_, '_>) {
    let Some(fields) = field.relation.fields.as_ref() else { return };
    if ctx.relation_mode() != Some(RelationMode::Prisma) {
        return;
    }
    let is_indexed = model.keys().any(|key| key.field_ids().take(fields.len()).eq(fields.iter().copied()));
    if !is_indexed {
        let span = field.relation.attribute.map_or(field.ast.span(), Attribute::span);
        ctx.push(
            rule::relation::RELATION_WITHOUT_INDEX
                .at(
                    span,
                    format!(
                        "no index starts with the fields of `{}`, so lookups will be slow",
                        field.name.text
                    ),
                )
                .help(format!("add `@@index([{}])`", model.names(fields.iter().copied()).join(", "))),
        );
    }
}
