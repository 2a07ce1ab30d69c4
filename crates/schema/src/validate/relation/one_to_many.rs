//! One-to-many relations.

use super::missing::{key_example, lacking, missing_end};
use super::{Ends, OTHER_END, has_action, listed, misplaced_action};
use crate::rule;
use crate::validate::Context;

pub(super) fn one_to_many(ends: &Ends<'_, '_>, ctx: &mut Context<'_, '_>) {
    let (forward, back) = match (ends.from_field, ends.to_field) {
        (Some(forward), Some(back)) => (forward, back),
        (Some(forward), None) => {
            ctx.push(missing_end(ends.from_id, ends.from, forward, ends.to));
            return;
        }
        (None, Some(back)) => {
            ctx.push(missing_end(ends.to_id, ends.to, back, ends.from));
            return;
        }
        (None, None) => return,
    };
    let relation = &forward.relation;
    let lacks =
        lacking(listed(relation.fields.as_ref()).is_empty(), listed(relation.references.as_ref()).is_empty());
    if let Some(lacks) = lacks {
        ctx.push(
            rule::relation::RELATION_WITHOUT_FIELDS
                .at(forward.ast.span(), format!("the relation `{}` {lacks}", forward.name.text))
                .label(back.name.span, OTHER_END)
                .help(key_example(ends, forward)),
        );
    }
    let back_has_arguments = [&back.relation.fields, &back.relation.references]
        .into_iter()
        .any(|fields| !listed(fields.as_ref()).is_empty());
    if back_has_arguments {
        ctx.push(
            rule::relation::RELATION_WRONG_END
                .at(back.ast.span(), format!("the list `{}` cannot hold the foreign key", back.name.text))
                .label(forward.name.span, OTHER_END)
                .help(format!(
                    "move `fields` and `references` to `{}.{}`",
                    ends.from.name.text, forward.name.text
                )),
        );
    }
    if has_action(back) {
        ctx.push(misplaced_action(ends, ends.to, back));
    }
}
