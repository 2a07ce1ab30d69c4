//! Many-to-many relations with an implicit join table.

use super::Ends;
use crate::diagnostic::Diagnostic;
use crate::draft::{DraftType, ModelDraft};
use crate::rule;
use crate::span::Span;
use crate::validate::Context;

pub(super) fn many_to_many(ends: &Ends<'_, '_>, ctx: &mut Context<'_, '_>) {
    if ends.from.is_view || ends.to.is_view {
        for (_, field) in ends.fields() {
            ctx.push(
                rule::view::VIEW_MANY_TO_MANY
                    .at(field.ast.span(), "a view cannot be part of a many-to-many relation")
                    .help("write a model for the join table, with two relations"),
            );
        }
    }
    for (model, field) in ends.fields() {
        let DraftType::Model(other) = field.ty else { continue };
        let other = ctx.draft.model(other);
        let span = field.ast.span();
        // A view has no `@id`; that has been reported.
        if !has_single_id(other) && !other.is_view {
            ctx.found.push(
                rule::relation::MANY_TO_MANY_WITHOUT_ID
                    .at(
                        span,
                        format!(
                            "the join table of `{}.{}` cannot refer to `{}`, which has no `@id`",
                            model.name.text, field.name.text, other.name.text
                        ),
                    )
                    .label(other.name.span, "has no single-field primary key")
                    .help("add an `@id`, or write a model for the join table"),
            );
        }
        if field.relation.references.is_some() {
            ctx.found.push(
                rule::relation::MANY_TO_MANY_REFERENCES
                    .at(span, "a many-to-many relation always refers to the primary keys")
                    .help("remove `references`; if one side should be single, remove its `[]`"),
            );
        }
        for (_, action_span) in field.relation.on_delete.iter().chain(&field.relation.on_update) {
            ctx.found.push(many_to_many_action(*action_span));
        }
    }
}

fn many_to_many_action(span: Span) -> Diagnostic {
    rule::referential_action::ACTION_MANY_TO_MANY
        .at(span, "a many-to-many relation has no referential actions")
        .help("write a model for the join table, with two relations")
}

fn has_single_id(model: &ModelDraft<'_>) -> bool {
    model.primary_key.as_ref().is_some_and(|key| key.fields.len() == 1)
}
