//! Rules for relations, seen by both their ends.

use std::collections::HashSet;

use super::Context;
use super::model::{argument_span, first_strict_key, name_taken, unique_keys};
use super::names::foreign_key_name;
use crate::diagnostic::{Code, Diagnostic};
use crate::draft::{DraftType, FieldDraft, ModelDraft, RelationDraft, RelationShape};
use crate::model::{Arity, FieldId, ModelId, ReferentialAction, RelationMode};
use crate::span::Span;

pub(super) fn check(relation: &RelationDraft, ctx: &mut Context<'_, '_>) {
    let ends = Ends::new(relation, ctx);
    let before = ctx.found.len();
    match relation.kind {
        RelationShape::OneToOne | RelationShape::OneToMany => {
            cycles(relation, ctx);
            references_are_unique(&ends, ctx);
            as_many_references(&ends, ctx);
            arity(&ends, ctx);
            types(&ends, ctx);
            constraint_name(relation, &ends, ctx);
            set_null(&ends, ctx);
            if relation.kind == RelationShape::OneToOne {
                one_to_one(&ends, before, ctx);
            } else {
                one_to_many(&ends, ctx);
            }
        }
        RelationShape::ManyToMany => many_to_many(&ends, ctx),
        RelationShape::Embedded => {
            for (_, field) in ends.fields() {
                ctx.push(
                    Diagnostic::error(
                        Code::Relation,
                        field.ast.span(),
                        "two lists cannot hold each other's keys in PostgreSQL",
                    )
                    .help("leave out `fields` and `references` at both ends: a table is made for the pairs"),
                );
            }
        }
    }
}

/// Both ends of a relation.
struct Ends<'s, 'a> {
    /// The model with the foreign key.
    from: &'s ModelDraft<'a>,
    from_field: Option<&'s FieldDraft<'a>>,
    to: &'s ModelDraft<'a>,
    to_field: Option<&'s FieldDraft<'a>>,
}

impl<'s, 'a> Ends<'s, 'a> {
    fn new(relation: &RelationDraft, ctx: &Context<'s, 'a>) -> Ends<'s, 'a> {
        let from = ctx.draft.model(relation.from);
        let to = ctx.draft.model(relation.to);
        Ends {
            from,
            from_field: relation.from_field.map(|field| from.field(field)),
            to,
            to_field: relation.to_field.map(|field| to.field(field)),
        }
    }

    fn fields(&self) -> impl Iterator<Item = (&'s ModelDraft<'a>, &'s FieldDraft<'a>)> {
        let from = self.from_field.map(|field| (self.from, field));
        let to = self.to_field.map(|field| (self.to, field));
        from.into_iter().chain(to)
    }

    /// The columns of the foreign key and what they refer to, where there is an end with both.
    fn columns(&self) -> (&'s [FieldId], &'s [FieldId]) {
        self.from_field.map_or((&[], &[]), |field| {
            (listed(field.relation.fields.as_ref()), listed(field.relation.references.as_ref()))
        })
    }
}

fn listed(fields: Option<&Vec<FieldId>>) -> &[FieldId] {
    fields.map(Vec::as_slice).unwrap_or_default()
}

/// A foreign key needs something unique to refer to.
fn references_are_unique(ends: &Ends<'_, '_>, ctx: &mut Context<'_, '_>) {
    let (_, references) = ends.columns();
    let Some(field) = ends.from_field.filter(|_| !references.is_empty()) else {
        return;
    };
    let is_unique =
        unique_keys(ends.to).any(|key| same_set(&key.field_ids().collect::<Vec<_>>(), references));
    if is_unique {
        return;
    }
    let names = ends.to.names(references.iter().copied());
    let help = match names.as_slice() {
        [name] => format!("add `@unique` to `{name}` in `{}`, or refer to its `@id`", ends.to.name.text),
        names => format!("add `@@unique([{}])` to `{}`", names.join(", "), ends.to.name.text),
    };
    ctx.push(
        Diagnostic::error(
            Code::Relation,
            field.ast.span(),
            format!(
                "`{}` in `{}` is not unique, so that no relation can refer to it",
                names.join("`, `"),
                ends.to.name.text
            ),
        )
        .help(help),
    );
}

fn same_set(left: &[FieldId], right: &[FieldId]) -> bool {
    let mut left = left.to_vec();
    let mut right = right.to_vec();
    left.sort_unstable();
    right.sort_unstable();
    left == right
}

fn as_many_references(ends: &Ends<'_, '_>, ctx: &mut Context<'_, '_>) {
    let Some(field) = ends.from_field else { return };
    let relation = &field.relation;
    if let (Some(fields), Some(references), Some(attribute)) =
        (&relation.fields, &relation.references, relation.attribute)
        && fields.len() != references.len()
    {
        ctx.push(
            Diagnostic::error(
                Code::Relation,
                attribute.span(),
                format!("{} `fields` refer to {} `references`", fields.len(), references.len()),
            )
            .help("name as many of the one as of the other"),
        );
    }
}

/// What may be missing cannot be required.
fn arity(ends: &Ends<'_, '_>, ctx: &mut Context<'_, '_>) {
    let Some(field) = ends.from_field.filter(|field| field.arity == Arity::Required) else {
        return;
    };
    let (columns, _) = ends.columns();
    let optional =
        columns.iter().map(|column| ends.from.field(*column)).find(|column| column.arity == Arity::Optional);
    if let Some(column) = optional {
        ctx.found.push(
            Diagnostic::error(
                Code::Relation,
                field.ast.span(),
                format!(
                    "the relation `{}` is required, but its column `{}` is optional",
                    field.name.text, column.name.text
                ),
            )
            .label(column.name.span, "optional")
            .help(format!("make both required or both optional: `{}?`", ends.to.name.text)),
        );
    }
}

fn types(ends: &Ends<'_, '_>, ctx: &mut Context<'_, '_>) {
    let (columns, references) = ends.columns();
    let Some(field) = ends.from_field else { return };
    let references = match field.relation.references {
        Some(_) => references.to_vec(),
        // Where none are written, the first key is meant.
        None => first_strict_key(ends.to).map(|key| key.field_ids().collect()).unwrap_or_default(),
    };
    for (column, reference) in columns.iter().zip(&references) {
        let column = ends.from.field(*column);
        let reference = ends.to.field(*reference);
        if column.ty == reference.ty && column.ty != DraftType::Composite {
            continue;
        }
        ctx.found.push(
            Diagnostic::error(
                Code::Relation,
                field.ast.span(),
                format!(
                    "`{}` of `{}` has another type than `{}` of `{}`, which it refers to",
                    column.name.text, ends.from.name.text, reference.name.text, ends.to.name.text
                ),
            )
            .label(column.name.span, "this field")
            .label(reference.name.span, "refers to this one")
            .help("give both the same type"),
        );
    }
}

fn constraint_name(relation: &RelationDraft, ends: &Ends<'_, '_>, ctx: &mut Context<'_, '_>) {
    let Some(name) = foreign_key_name(relation, ctx.draft) else {
        return;
    };
    if !ctx.names.is_taken_in_table(relation.from, &name) {
        return;
    }
    let span = match ends.from_field {
        Some(field) => field
            .relation
            .attribute
            .and_then(|attribute| argument_span(attribute, "map"))
            .unwrap_or_else(|| field.ast.span()),
        None => ends.to.ast.span(),
    };
    let has_columns = ends.from_field.is_some_and(|field| field.relation.fields.is_some());
    ctx.push(if has_columns {
        name_taken(&name, span)
    } else {
        // Without columns their automatic names are the same, but that is not what has to be changed.
        Diagnostic::error(
            Code::Relation,
            span,
            format!("several relations of `{}` have no `fields`", ends.from.name.text),
        )
        .help("write `@relation(fields: […], references: […])` on each; the formatter can do it for you")
    });
}

/// A required column cannot become empty.
fn set_null(ends: &Ends<'_, '_>, ctx: &mut Context<'_, '_>) {
    let Some(field) = ends.from_field else { return };
    let required = listed(field.relation.fields.as_ref())
        .iter()
        .map(|column| ends.from.field(*column))
        .find(|column| column.arity == Arity::Required);
    if required.is_none() && field.relation.fields.is_some() {
        return;
    }
    for (argument, action) in [("onDelete", field.relation.on_delete), ("onUpdate", field.relation.on_update)]
    {
        if action.is_none_or(|(action, _)| action != ReferentialAction::SetNull) {
            continue;
        }
        let span = field.ast.span();
        let column = required.map_or(field.name.text, |column| column.name.text);
        let message = format!("`{argument}: SetNull` cannot empty `{column}`, which is required");
        let finding = match ctx.relation_mode() {
            None => return,
            Some(RelationMode::Prisma) => Diagnostic::error(Code::ReferentialAction, span, message),
            // PostgreSQL takes the definition, and fails when it comes to it.
            Some(RelationMode::ForeignKeys) => Diagnostic::warning(Code::ReferentialAction, span, message),
        };
        ctx.push(finding.help(format!("choose another action, or make `{column}` optional")));
    }
}

fn missing_end(model: &ModelDraft<'_>, field: &FieldDraft<'_>, other: &ModelDraft<'_>) -> Diagnostic {
    let name = lower_first(model.name.text);
    let relation_name = field.relation.name.as_ref().map(|name| format!("\"{name}\""));
    let end = if field.arity == Arity::List {
        // The end that is missing is the one with the foreign key.
        let arguments = relation_name.into_iter().chain(["fields: […], references: […]".to_owned()]);
        let arguments: Vec<String> = arguments.collect();
        format!("{name} {} @relation({})", model.name.text, arguments.join(", "))
    } else {
        let relation = relation_name.map_or_else(String::new, |name| format!(" @relation({name})"));
        format!("{name} {}[]{relation}", model.name.text)
    };
    Diagnostic::error(
        Code::Relation,
        field.ast.span(),
        format!("the relation `{}` has no other end in `{}`", field.name.text, other.name.text),
    )
    .label(other.name.span, "a field is missing here")
    .help(format!("add it, as in `{end}`; the formatter can write it for you"))
}

fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn one_to_one(ends: &Ends<'_, '_>, before: usize, ctx: &mut Context<'_, '_>) {
    let Some(forward) = ends.from_field else { return };
    let Some(back) = ends.to_field else {
        ctx.push(missing_end(ends.from, forward, ends.to));
        one_to_one_is_unique(ends, forward, ctx);
        return;
    };
    let both = |message: &str, help: &str, ctx: &mut Context<'_, '_>| {
        for (model, field) in ends.fields() {
            ctx.push(
                Diagnostic::error(
                    Code::Relation,
                    field.ast.span(),
                    format!("`{}.{}` {message}", model.name.text, field.name.text),
                )
                .help(help),
            );
        }
    };
    let (forward_fields, forward_references) =
        (listed(forward.relation.fields.as_ref()), listed(forward.relation.references.as_ref()));
    let (back_fields, back_references) =
        (listed(back.relation.fields.as_ref()), listed(back.relation.references.as_ref()));
    let form = "on one of the two ends write `@relation(fields: […], references: […])`";
    for (name, here, there) in
        [("fields", forward_fields, back_fields), ("references", forward_references, back_references)]
    {
        match (here.is_empty(), there.is_empty()) {
            (true, true) => both(&format!("and its other end both lack `{name}`"), form, ctx),
            (false, false) => {
                both(&format!("and its other end both have `{name}`"), "keep it at one end", ctx);
            }
            _ => {}
        }
    }
    one_to_one_actions(ends, forward, back, ctx);
    one_to_one_is_unique(ends, forward, ctx);
    // What follows would only repeat what has been said; Prisma takes all that has been said for this relation's.
    let before = if ctx.certain.is_thorough() { before } else { 0 };
    if super::has_errors(&ctx.found[before..]) {
        return;
    }
    let mixed = "has one of `fields` and `references`, its other end the other";
    let together = "put both at the same end";
    if !forward_fields.is_empty() && !back_references.is_empty() {
        both(mixed, together, ctx);
    }
    if !forward_references.is_empty() && !back_fields.is_empty() {
        ctx.push(
            Diagnostic::error(
                Code::Relation,
                forward.ast.span(),
                format!("`{}.{}` {mixed}", ends.from.name.text, forward.name.text),
            )
            .help(together),
        );
    }
    if super::has_errors(&ctx.found[before..]) {
        return;
    }
    if back.arity == Arity::Required {
        ctx.push(
            Diagnostic::error(
                Code::Relation,
                back.ast.span(),
                format!("nothing in the database can make sure that `{}` is there", back.name.text),
            )
            .help(format!("make it optional: `{}?`", ends.from.name.text)),
        );
        return;
    }
    let back_has_arguments = back.relation.fields.is_some() || back.relation.references.is_some();
    if forward.arity == Arity::Required && back_has_arguments {
        ctx.push(
            Diagnostic::error(
                Code::Relation,
                back.ast.span(),
                format!(
                    "the foreign key belongs to the required end, `{}.{}`",
                    ends.from.name.text, forward.name.text
                ),
            )
            .help("move `fields` and `references` there"),
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

fn has_action(field: &FieldDraft<'_>) -> bool {
    field.relation.on_delete.is_some() || field.relation.on_update.is_some()
}

fn misplaced_action(ends: &Ends<'_, '_>, model: &ModelDraft<'_>, field: &FieldDraft<'_>) -> Diagnostic {
    let forward = ends.from_field.map_or("", |field| field.name.text);
    Diagnostic::error(
        Code::ReferentialAction,
        field.ast.span(),
        format!(
            "`{}.{}` has `onDelete` or `onUpdate` at the wrong end, or at both",
            model.name.text, field.name.text
        ),
    )
    .help(format!("they belong to the end with the foreign key, `{}.{forward}`", ends.from.name.text))
}

/// Else there could be several for one.
fn one_to_one_is_unique(ends: &Ends<'_, '_>, forward: &FieldDraft<'_>, ctx: &mut Context<'_, '_>) {
    let Some(fields) = forward.relation.fields.as_deref() else {
        return;
    };
    let is_unique = unique_keys(ends.from).any(|key| key.field_ids().eq(fields.iter().copied()));
    if is_unique {
        return;
    }
    let names = ends.from.names(fields.iter().copied());
    let help = match names.as_slice() {
        [name] => format!("add `@unique` to `{name}`, or make the other end a list"),
        names => format!("add `@@unique([{}])`, or make the other end a list", names.join(", ")),
    };
    ctx.push(
        Diagnostic::error(
            Code::Relation,
            forward.ast.span(),
            format!("the one-to-one relation `{}` needs a unique foreign key", forward.name.text),
        )
        .help(help),
    );
}

fn one_to_many(ends: &Ends<'_, '_>, ctx: &mut Context<'_, '_>) {
    let (forward, back) = match (ends.from_field, ends.to_field) {
        (Some(forward), Some(back)) => (forward, back),
        (Some(forward), None) => {
            ctx.push(missing_end(ends.from, forward, ends.to));
            return;
        }
        (None, Some(back)) => {
            ctx.push(missing_end(ends.to, back, ends.from));
            return;
        }
        (None, None) => return,
    };
    for (name, fields) in [("fields", &forward.relation.fields), ("references", &forward.relation.references)]
    {
        if listed(fields.as_ref()).is_empty() {
            ctx.push(
                Diagnostic::error(
                    Code::Relation,
                    forward.ast.span(),
                    format!("the relation `{}` has no `{name}`", forward.name.text),
                )
                .help("write `@relation(fields: […], references: […])`, first the columns here, then those they refer to"),
            );
        }
    }
    let back_has_arguments = [&back.relation.fields, &back.relation.references]
        .into_iter()
        .any(|fields| !listed(fields.as_ref()).is_empty());
    if back_has_arguments {
        ctx.push(
            Diagnostic::error(
                Code::Relation,
                back.ast.span(),
                format!("the list `{}` cannot hold the foreign key", back.name.text),
            )
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

fn many_to_many(ends: &Ends<'_, '_>, ctx: &mut Context<'_, '_>) {
    if ends.from.is_view || ends.to.is_view {
        for (_, field) in ends.fields() {
            ctx.push(
                Diagnostic::error(
                    Code::View,
                    field.ast.span(),
                    "a view cannot be part of a many-to-many relation",
                )
                .help("use a model for the pairs"),
            );
        }
    }
    for (model, field) in ends.fields() {
        let DraftType::Model(other) = field.ty else { continue };
        let other = ctx.draft.model(other);
        let span = field.ast.span();
        match single_id(other) {
            None => ctx.found.push(
                Diagnostic::error(
                    Code::Relation,
                    span,
                    format!(
                        "`{}.{}` refers to `{}`, which has no `@id`",
                        model.name.text, field.name.text, other.name.text
                    ),
                )
                .label(other.name.span, "has no primary key of one field")
                .help("add an `@id` there, or use a model for the pairs"),
            ),
            Some(id) => {
                let refers_elsewhere =
                    field.relation.references.as_ref().is_some_and(|references| *references != [id]);
                if refers_elsewhere {
                    ctx.found.push(
                        Diagnostic::error(
                            Code::Relation,
                            span,
                            "a many-to-many relation always refers to the primary keys",
                        )
                        .help("remove `references`"),
                    );
                }
            }
        }
        if field.relation.references.is_some() {
            ctx.found.push(
                Diagnostic::error(Code::Relation, span, "a many-to-many relation has no `references`")
                    .help("remove `references`, or make one end a single value"),
            );
        }
        for (_, action_span) in field.relation.on_delete.iter().chain(&field.relation.on_update) {
            ctx.found.push(many_to_many_action(*action_span));
        }
    }
}

fn many_to_many_action(span: Span) -> Diagnostic {
    Diagnostic::error(Code::ReferentialAction, span, "a many-to-many relation has no referential actions")
        .help("use a model for the pairs, with two relations of its own")
}

fn single_id(model: &ModelDraft<'_>) -> Option<FieldId> {
    let key = model.primary_key.as_ref()?;
    match key.fields.as_slice() {
        [field] => Some(field.field),
        _ => None,
    }
}

/// Where the client stands in for the database, a chain of actions must not come back to where it began.
fn cycles(relation: &RelationDraft, ctx: &mut Context<'_, '_>) {
    let Some(field) = relation.from_field.filter(|_| relation.to_field.is_some()) else {
        return;
    };
    if ctx.relation_mode() != Some(RelationMode::Prisma) {
        return;
    }
    let mut visited: HashSet<(ModelId, Option<FieldId>)> = HashSet::new();
    let mut next = vec![relation];
    while let Some(step) = next.pop() {
        visited.insert((step.from, step.from_field));
        if !modifies(step, ctx) {
            continue;
        }
        if step.to == step.from || step.to == relation.from {
            let model = ctx.draft.model(relation.from);
            ctx.push(
                Diagnostic::error(
                    Code::ReferentialAction,
                    model.field(field).ast.span(),
                    format!(
                        "the actions of `{}` come back to `{}`",
                        model.field(field).name.text,
                        model.name.text
                    ),
                )
                .help("set `onDelete` and `onUpdate` to `Restrict` somewhere in the circle"),
            );
            return;
        }
        next.extend(ctx.draft.relations.iter().filter(|candidate| {
            ctx.certain.has_relation(candidate)
                && candidate.from == step.to
                && matches!(candidate.kind, RelationShape::OneToOne | RelationShape::OneToMany)
                && candidate.from_field.is_some()
                && candidate.to_field.is_some()
                && !visited.contains(&(candidate.from, candidate.from_field))
        }));
    }
}

/// Does deleting or changing a row change the rows that refer to it.
fn modifies(relation: &RelationDraft, ctx: &Context<'_, '_>) -> bool {
    let Some(field) = relation.from_field.map(|field| ctx.draft.field((relation.from, field))) else {
        return false;
    };
    let is_active = |action| !matches!(action, ReferentialAction::NoAction | ReferentialAction::Restrict);
    let on_delete = field.relation.on_delete.map_or_else(
        || {
            let columns = listed(field.relation.fields.as_ref());
            let model = ctx.draft.model(relation.from);
            let is_required = columns.iter().any(|column| model.field(*column).arity == Arity::Required);
            if is_required { ReferentialAction::Restrict } else { ReferentialAction::SetNull }
        },
        |(action, _)| action,
    );
    let on_update = field.relation.on_update.map_or(ReferentialAction::Cascade, |(action, _)| action);
    is_active(on_delete) || is_active(on_update)
}
