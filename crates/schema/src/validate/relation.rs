//! Rules for relations as a whole.

pub(super) mod cycle;
mod many_to_many;
mod missing;
mod one_to_many;
mod one_to_one;

use super::model::{argument_span, first_strict_key, name_taken, unique_keys};
use super::names::foreign_key_name;
use super::{Context, capability};
use crate::ast::FieldType;
use crate::config::capability::Capability;
use crate::diagnostic::Diagnostic;
use crate::draft::{DraftType, FieldDraft, ModelDraft, RelationDraft, RelationShape};
use crate::model::{Arity, FieldId, ModelId, ReferentialAction, RelationMode};
use crate::rule;

pub(super) fn check(relation: &RelationDraft, ctx: &mut Context<'_, '_>) {
    let ends = Ends::new(relation, ctx);
    let before = ctx.found.len();
    match relation.kind {
        RelationShape::OneToOne | RelationShape::OneToMany => {
            cycle::cycles(relation, ctx);
            references_are_unique(&ends, ctx);
            references_in_order(&ends, ctx);
            as_many_references(&ends, ctx);
            arity(&ends, ctx);
            types(&ends, ctx);
            constraint_name(relation, &ends, ctx);
            set_null(&ends, ctx);
            if relation.kind == RelationShape::OneToOne {
                one_to_one::one_to_one(&ends, before, ctx);
            } else {
                one_to_many::one_to_many(&ends, ctx);
            }
        }
        RelationShape::ManyToMany => many_to_many::many_to_many(&ends, ctx),
        RelationShape::Embedded => {
            for ((_, field), other) in ends.fields().zip(ends.to_field.into_iter().chain(ends.from_field)) {
                ctx.push(
                    rule::relation::MANY_TO_MANY_FIELDS
                        .at(field.ast.span(), "a many-to-many relation has no `fields` and `references` in PostgreSQL")
                        .label(other.name.span, OTHER_END)
                        .help(
                            "remove `fields` and `references` on both sides: an implicit join table is created",
                        ),
                );
            }
        }
    }
}

/// The label of the opposite field.
const OTHER_END: &str = "the opposite field";

/// Both ends of a relation.
struct Ends<'s, 'a> {
    /// The model with the foreign key.
    from_id: ModelId,
    from: &'s ModelDraft<'a>,
    from_field: Option<&'s FieldDraft<'a>>,
    to_id: ModelId,
    to: &'s ModelDraft<'a>,
    to_field: Option<&'s FieldDraft<'a>>,
}

impl<'s, 'a> Ends<'s, 'a> {
    fn new(relation: &RelationDraft, ctx: &Context<'s, 'a>) -> Ends<'s, 'a> {
        let from = ctx.draft.model(relation.from);
        let to = ctx.draft.model(relation.to);
        Ends {
            from_id: relation.from,
            to_id: relation.to,
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

    /// Returns the columns of the foreign key and the columns they refer to, if one side has both.
    fn columns(&self) -> (&'s [FieldId], &'s [FieldId]) {
        self.from_field.map_or((&[], &[]), |field| {
            (listed(field.relation.fields.as_ref()), listed(field.relation.references.as_ref()))
        })
    }
}

fn listed(fields: Option<&Vec<FieldId>>) -> &[FieldId] {
    fields.map(Vec::as_slice).unwrap_or_default()
}

/// Checks that the foreign key refers to a unique key.
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
        rule::relation::RELATION_REFERENCES_NOT_UNIQUE
            .at(
                field.ast.span(),
                format!(
                    "the foreign key of `{}` refers to `{}` of `{}`, which {} not unique",
                    field.name.text,
                    names.join("`, `"),
                    ends.to.name.text,
                    if names.len() == 1 { "is" } else { "are together" },
                ),
            )
            .label(ends.to.field(references[0]).name.span, "not unique")
            .help(help),
    );
}

/// Some databases require the order of the key's columns.
fn references_in_order(ends: &Ends<'_, '_>, ctx: &mut Context<'_, '_>) {
    let (_, references) = ends.columns();
    let Some(field) = ends.from_field.filter(|_| !ctx.can(Capability::ReferencesInAnyOrder)) else {
        return;
    };
    let keys = || unique_keys(ends.to).map(|key| key.field_ids().collect::<Vec<_>>());
    let Some(key) = keys().find(|key| same_set(key, references)) else { return };
    if keys().any(|key| key == references) {
        return;
    }
    let error = capability::needs_datasource(
        field.ast.span(),
        "not every database supports `references` in an order other than the key's",
    );
    ctx.push(error.help(format!(
        "write `references: [{}]` and reorder `fields` to match, or add a `datasource` block with `provider = \"postgresql\"`",
        ends.to.names(key).join(", ")
    )));
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
            rule::relation::RELATION_LENGTH
                .at(
                    attribute.span(),
                    format!(
                        "`fields` and `references` have different lengths: {} and {}",
                        fields.len(),
                        references.len()
                    ),
                )
                .help("list as many fields in `references` as in `fields`"),
        );
    }
}

/// Checks that a required relation has required columns.
fn arity(ends: &Ends<'_, '_>, ctx: &mut Context<'_, '_>) {
    let Some(field) = ends.from_field.filter(|field| field.arity == Arity::Required) else {
        return;
    };
    let (columns, _) = ends.columns();
    let optional =
        columns.iter().map(|column| ends.from.field(*column)).find(|column| column.arity == Arity::Optional);
    if let Some(column) = optional {
        ctx.found.push(
            rule::relation::RELATION_REQUIRED
                .at(
                    field.ast.span(),
                    format!(
                        "the relation `{}` is required, but its column `{}` is optional",
                        field.name.text, column.name.text
                    ),
                )
                .label(column.name.span, "this column is optional")
                .help(format!(
                    "write `{} {}?`, or make `{}` required",
                    field.name.text, ends.to.name.text, column.name.text
                )),
        );
    }
}

fn types(ends: &Ends<'_, '_>, ctx: &mut Context<'_, '_>) {
    let (columns, references) = ends.columns();
    let Some(field) = ends.from_field else { return };
    let references = match field.relation.references {
        Some(_) => references.to_vec(),
        // Without `references`, the first key is meant.
        None => first_strict_key(ends.to).map(|key| key.field_ids().collect()).unwrap_or_default(),
    };
    for (column, reference) in columns.iter().zip(&references) {
        let column = ends.from.field(*column);
        let reference = ends.to.field(*reference);
        if column.ty == reference.ty && column.ty != DraftType::Composite {
            continue;
        }
        let wanted = type_name(reference);
        ctx.found.push(
            rule::relation::RELATION_TYPES
                .at(
                    field.ast.span(),
                    format!(
                        "`{}` of `{}` has a different type than `{}` of `{}`, which it refers to",
                        column.name.text, ends.from.name.text, reference.name.text, ends.to.name.text
                    ),
                )
                .label(column.name.span, format!("this column is of type `{}`", type_name(column)))
                .label(reference.name.span, format!("the referenced column is of type `{wanted}`"))
                .help(format!("change the type of `{}` to `{wanted}`, or change both", column.name.text)),
        );
    }
}

fn type_name<'a>(field: &FieldDraft<'a>) -> &'a str {
    field.ast.ty().and_then(FieldType::name).map_or("", |name| name.text)
}

fn constraint_name(relation: &RelationDraft, ends: &Ends<'_, '_>, ctx: &mut Context<'_, '_>) {
    let Some(name) = foreign_key_name(relation, ctx.draft) else {
        return;
    };
    let Some(users) = ctx.names.taken_in_table(relation.from, &name) else {
        return;
    };
    let span = match ends.from_field {
        Some(field) => field
            .relation
            .attribute
            .and_then(|attribute| argument_span(attribute, "map"))
            .unwrap_or_else(|| field.ast.span()),
        None => ends.to.ast.span(),
    };
    // If both fields exist, missing arguments are reported for both.
    if ends.to_field.is_some()
        && ends.from_field.is_some_and(|field| field.relation.fields.is_none() && field.ast.span() == span)
    {
        return;
    }
    let has_columns = ends.from_field.is_some_and(|field| field.relation.fields.is_some());
    let error = if has_columns {
        name_taken(&name, span, users)
    } else {
        // Without columns, their automatic names are equal, but the names are not what needs fixing.
        rule::relation::RELATION_WITHOUT_FIELDS
            .at(span, format!("several relations of `{}` have no `fields`", ends.from.name.text))
            .help("write `@relation(fields: […], references: […])` on each; the formatter can add it")
    };
    ctx.push(error);
}

/// Checks that `SetNull` does not apply to required columns.
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
        let message = match required {
            Some(column) => {
                format!(
                    "`{argument}: SetNull` cannot set `{}` to null, because it is required",
                    column.name.text
                )
            }
            None => format!("`{argument}: SetNull` has no column to set to null"),
        };
        let finding = match ctx.relation_mode() {
            None => return,
            Some(RelationMode::Prisma) => {
                rule::referential_action::ACTION_SET_NULL_EMULATED.at(span, message)
            }
            Some(RelationMode::ForeignKeys) if !ctx.can(Capability::SetNullOnRequired) => {
                let what = match required {
                    Some(column) => format!("if `{}` is required", column.name.text),
                    None => "without columns".to_owned(),
                };
                let what = format!("not every database supports `{argument}: SetNull` {what}");
                capability::needs_datasource(span, &what)
            }
            // PostgreSQL accepts the definition, but the action fails when it is executed.
            Some(RelationMode::ForeignKeys) => rule::referential_action::ACTION_SET_NULL.at(span, message),
        };
        ctx.push(match required {
            Some(column) => finding.label(column.name.span, "this column is required").help(format!(
                "make `{}` and `{}` optional, or choose a different action",
                column.name.text, field.name.text
            )),
            None => finding.help("list the columns of the foreign key in `fields`"),
        });
    }
}

fn has_action(field: &FieldDraft<'_>) -> bool {
    field.relation.on_delete.is_some() || field.relation.on_update.is_some()
}

fn misplaced_action(ends: &Ends<'_, '_>, model: &ModelDraft<'_>, field: &FieldDraft<'_>) -> Diagnostic {
    let forward = ends.from_field.map_or("", |field| field.name.text);
    let error = rule::referential_action::ACTION_WRONG_END
        .at(
            field.ast.span(),
            format!(
                "`{}.{}` has `onDelete` or `onUpdate`, which belong on the side with the foreign key",
                model.name.text, field.name.text
            ),
        )
        .help(format!("move them to `{}.{forward}`", ends.from.name.text));
    match ends.from_field.filter(|forward| forward.name.span != field.name.span) {
        Some(forward) => error.label(forward.name.span, "the side with the foreign key"),
        None => error,
    }
}
