//! One-to-one relations.

use super::super::has_errors;
use super::missing::{key_example, lacking, missing_end};
use super::{Ends, OTHER_END, has_action, listed, misplaced_action};
use crate::draft::{FieldDraft, ModelDraft};
use crate::model::{Arity, FieldId};
use crate::rule::{self, Rule};
use crate::validate::Context;
use crate::validate::model::unique_keys;

pub(super) fn one_to_one(ends: &Ends<'_, '_>, before: usize, ctx: &mut Context<'_, '_>) {
    let Some(forward) = ends.from_field else { return };
    let Some(back) = ends.to_field else {
        ctx.push(missing_end(ends.from_id, ends.from, forward, ends.to));
        one_to_one_is_unique(ends, forward, ctx);
        return;
    };
    let both = |rule: &'static Rule, message: &str, help: &str, ctx: &mut Context<'_, '_>| {
        for ((model, field), other) in ends.fields().zip([back, forward]) {
            let message = format!("`{}.{}` {message}", model.name.text, field.name.text);
            ctx.push(rule.at(field.ast.span(), message).label(other.name.span, OTHER_END).help(help));
        }
    };
    let (forward_fields, forward_references) =
        (listed(forward.relation.fields.as_ref()), listed(forward.relation.references.as_ref()));
    let (back_fields, back_references) =
        (listed(back.relation.fields.as_ref()), listed(back.relation.references.as_ref()));
    let lacks = lacking(
        forward_fields.is_empty() && back_fields.is_empty(),
        forward_references.is_empty() && back_references.is_empty(),
    );
    if let Some(lacks) = lacks {
        let message = format!("and its opposite field form a relation that {lacks}");
        both(&rule::relation::RELATION_WITHOUT_FIELDS, &message, &key_example(ends, forward), ctx);
    }
    let are_both_there = |here: &[FieldId], there: &[FieldId]| !here.is_empty() && !there.is_empty();
    if are_both_there(forward_fields, back_fields) || are_both_there(forward_references, back_references) {
        both(
            &rule::relation::RELATION_BOTH_ENDS,
            "and its opposite field both name columns, but a relation has one foreign key",
            "keep `fields` and `references` on the side whose table holds the key, and remove them on the other",
            ctx,
        );
    }
    one_to_one_actions(ends, forward, back, ctx);
    one_to_one_is_unique(ends, forward, ctx);
    // Further findings would only repeat the earlier ones; Prisma assigns all earlier errors to this relation.
    let before = if ctx.certain.is_thorough() { before } else { 0 };
    if has_errors(&ctx.found[before..]) {
        return;
    }
    let mixed = "has only one of `fields` and `references`, and its opposite field has the other";
    let together = "put both on the side whose table holds the foreign key";
    if !forward_fields.is_empty() && !back_references.is_empty() {
        both(&rule::relation::RELATION_APART, mixed, together, ctx);
    }
    if !forward_references.is_empty() && !back_fields.is_empty() {
        ctx.push(
            rule::relation::RELATION_APART
                .at(forward.ast.span(), format!("`{}.{}` {mixed}", ends.from.name.text, forward.name.text))
                .label(back.name.span, OTHER_END)
                .help(together),
        );
    }
    if has_errors(&ctx.found[before..]) {
        return;
    }
    if back.arity == Arity::Required {
        ctx.push(
            rule::relation::RELATION_BACK_REQUIRED
                .at(
                    back.ast.span(),
                    format!(
                        "`{}` cannot be required: the database cannot guarantee that there is a `{}`",
                        back.name.text, ends.from.name.text
                    ),
                )
                .label(forward.name.span, "the foreign key is on this side")
                .help(format!("make it optional: `{} {}?`", back.name.text, ends.from.name.text)),
        );
        return;
    }
    let back_has_arguments = back.relation.fields.is_some() || back.relation.references.is_some();
    if forward.arity == Arity::Required && back_has_arguments {
        ctx.push(
            rule::relation::RELATION_WRONG_END
                .at(
                    back.ast.span(),
                    format!(
                        "the foreign key belongs on the required side of the relation, `{}.{}`",
                        ends.from.name.text, forward.name.text
                    ),
                )
                .label(forward.name.span, OTHER_END)
                .help("move `fields` and `references` there, and list columns of that model"),
        );
    }
}

fn one_to_one_actions(
    ends: &Ends<'_, '_>,
    forward: &FieldDraft<'_>,
    back: &FieldDraft<'_>,
    ctx: &mut Context<'_, '_>,
) {
    if !has_action(back) {
        return;
    }
    let wrong: Vec<(&ModelDraft<'_>, &FieldDraft<'_>)> =
        if has_action(forward) { ends.fields().collect() } else { vec![(ends.to, back)] };
    for (model, field) in wrong {
        ctx.push(misplaced_action(ends, model, field));
    }
}

/// Checks that several rows cannot refer to the same row.
fn one_to_one_is_unique(ends: &Ends<'_, '_>, forward: &FieldDraft<'_>, ctx: &mut Context<'_, '_>) {
    let Some(fields) = forward.relation.fields.as_deref() else {
        return;
    };
    let is_unique = unique_keys(ends.from).any(|key| key.field_ids().eq(fields.iter().copied()));
    if is_unique {
        return;
    }
    let names = ends.from.names(fields.iter().copied());
    let column = fields.first().map_or(forward.name.span, |column| ends.from.field(*column).name.span);
    let help = match names.as_slice() {
        [name] => format!("add `@unique` to `{name}`, or make the opposite field a list"),
        names => format!("add `@@unique([{}])`, or make the opposite field a list", names.join(", ")),
    };
    ctx.push(
        rule::relation::RELATION_ONE_TO_ONE_NOT_UNIQUE
            .at(
                forward.ast.span(),
                format!("the foreign key of the one-to-one relation `{}` is not unique", forward.name.text),
            )
            .label(column, "this column can contain the same value twice")
            .help(help),
    );
}
