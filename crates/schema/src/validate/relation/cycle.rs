//! Cycles of referential actions.

use std::collections::{HashMap, HashSet};

use crate::draft::{Draft, RelationDraft, RelationShape};
use crate::model::{Arity, FieldId, ModelId, ReferentialAction, RelationMode};
use crate::rule;
use crate::validate::Context;

/// Checks that the actions that the client emulates do not form a cycle.
pub(super) fn cycles(relation: &RelationDraft, ctx: &mut Context<'_, '_>) {
    let Some(field) = relation.from_field.filter(|_| relation.to_field.is_some()) else {
        return;
    };
    if ctx.relation_mode() != Some(RelationMode::Prisma) {
        return;
    }
    let mut visited: HashSet<(ModelId, Option<FieldId>)> = HashSet::new();
    let mut next = vec![relation];
    while let Some(step) = next.pop() {
        if !visited.insert((step.from, step.from_field)) || !modifies(step, ctx) {
            continue;
        }
        if step.to == step.from || step.to == relation.from {
            let model = ctx.draft.model(relation.from);
            let last = ctx.draft.field((step.from, step.from_field.unwrap_or(field)));
            ctx.push(
                rule::referential_action::ACTION_CYCLE
                    .at(
                        model.field(field).ast.span(),
                        format!(
                            "the referential actions form a cycle from `{}` through `{}`",
                            model.name.text,
                            model.field(field).name.text
                        ),
                    )
                    .label(last.name.span, "this relation closes the cycle")
                    .help("set `onDelete: Restrict, onUpdate: Restrict` on one relation of the cycle"),
            );
            return;
        }
        let onward = ctx.outgoing.0.get(&step.to).into_iter().flatten().copied();
        next.extend(onward.filter(|candidate| ctx.certain.has_relation(candidate)));
    }
}

/// The relations with a foreign key, by the model that holds it, for following a chain of actions.
pub(crate) struct Outgoing<'s>(HashMap<ModelId, Vec<&'s RelationDraft>>);

impl<'s> Outgoing<'s> {
    pub(in crate::validate) fn new(draft: &'s Draft<'_>) -> Outgoing<'s> {
        let mut outgoing: HashMap<ModelId, Vec<&RelationDraft>> = HashMap::new();
        for relation in &draft.relations {
            let has_key = matches!(relation.kind, RelationShape::OneToOne | RelationShape::OneToMany);
            if has_key && relation.from_field.is_some() && relation.to_field.is_some() {
                outgoing.entry(relation.from).or_default().push(relation);
            }
        }
        Outgoing(outgoing)
    }
}

/// Whether deleting or updating a row changes the rows that refer to it.
fn modifies(relation: &RelationDraft, ctx: &Context<'_, '_>) -> bool {
    let Some(field) = relation.from_field.map(|field| ctx.draft.field((relation.from, field))) else {
        return false;
    };
    let is_active = |action| !matches!(action, ReferentialAction::NoAction | ReferentialAction::Restrict);
    let on_delete = field.relation.on_delete.map_or_else(
        || {
            let model = ctx.draft.model(relation.from);
            let is_required = match &field.relation.fields {
                Some(columns) => columns.iter().any(|column| model.field(*column).arity == Arity::Required),
                None => field.arity == Arity::Required,
            };
            if is_required { ReferentialAction::Restrict } else { ReferentialAction::SetNull }
        },
        |(action, _)| action,
    );
    let on_update = field.relation.on_update.map_or(ReferentialAction::Cascade, |(action, _)| action);
    is_active(on_delete) || is_active(on_update)
}
