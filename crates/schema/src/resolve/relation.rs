//! `@relation`, and which relation fields belong together.

use super::attribute::{self, AttributeSet, Visit};
use super::misnamed::Misnamed;
use crate::ast::Expression;
use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, DraftType, KeyKind, RelationDraft, RelationShape};
use crate::model::{Arity, FieldId, ModelId, ReferentialAction};
use crate::rule;
use crate::span::{Span, to_u32};

/// Resolves the attributes of a model's relation fields.
pub(super) fn resolve_fields(model: ModelId, draft: &mut Draft<'_>, found: &mut Vec<Diagnostic>) {
    for index in 0..draft.model(model).fields.len() {
        let field = FieldId(to_u32(index));
        if let DraftType::Model(other) = draft.field((model, field)).ty {
            resolve_field(model, field, other, draft, found);
        }
    }
}

fn resolve_field(
    model: ModelId,
    field: FieldId,
    other: ModelId,
    draft: &mut Draft<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let ast = draft.field((model, field)).ast;
    let mut set = AttributeSet::new(ast.attributes());
    if let Some(visit) = set.single("relation", found) {
        resolve_relation(model, field, other, visit, draft, found);
    }
    if let Some(visit) = set.single("ignore", found) {
        draft.models[model.index()].fields[field.index()].is_ignored = true;
        visit.finish(found);
    }
    let columns = draft.field((model, field)).relation.fields.clone().unwrap_or_default();
    let columns = draft.model(model).names(columns);
    let name = draft.field((model, field)).name.text;
    for (attribute, what) in [
        ("id", "be the primary key"),
        ("default", "have a default"),
        ("map", "have a column name"),
        ("unique", "be unique"),
    ] {
        if let Some(visit) = set.single(attribute, found) {
            let error = rule::attribute::ATTRIBUTE_ON_RELATION.at(
                visit.span(),
                format!("`{name}` is a relation and cannot {what}: it has no column of its own"),
            );
            found.push(match columns.as_slice() {
                [] => error.help(format!("move `@{attribute}` to the field that holds the foreign key")),
                [column] => error.help(format!("move `@{attribute}` to `{column}`")),
                columns if matches!(attribute, "id" | "unique") => {
                    error.help(format!("use `@@{attribute}([{}])`", columns.join(", ")))
                }
                columns => error.help(format!("move `@{attribute}` to one of `{}`", columns.join("`, `"))),
            });
            if attribute == "map" {
                let mut visit = visit;
                visit.required("name", found);
            }
        }
    }
    set.finish(&["relation", "ignore"], found);
}

fn resolve_relation<'a>(
    model: ModelId,
    field: FieldId,
    other: ModelId,
    mut visit: Visit<'a>,
    draft: &mut Draft<'a>,
    found: &mut Vec<Diagnostic>,
) {
    let fields = visit.optional("fields").map(|value| {
        // Prisma reports the list here, and the whole attribute below.
        columns(model, value, value.span(), visit.span(), draft, found)
    });
    let references = visit
        .optional("references")
        .map(|value| columns(other, value, visit.span(), visit.span(), draft, found));
    let mut name = visit.named_or_unnamed("name").and_then(|value| attribute::string(value, found));
    if name.as_deref() == Some("") {
        found.push(
            rule::relation::RELATION_NAME_EMPTY
                .at(visit.span(), "the name of the relation is empty")
                .help("set a name, or remove it"),
        );
        name = None;
    }
    let on_delete = action(&mut visit, "onDelete", found);
    let on_update = action(&mut visit, "onUpdate", found);
    let map = visit.name("map", found);
    let relation = &mut draft.models[model.index()].fields[field.index()].relation;
    relation.attribute = Some(visit.attribute);
    relation.fields = fields;
    relation.references = references;
    relation.name = name;
    relation.on_delete = on_delete;
    relation.on_update = on_update;
    relation.map = map;
    visit.finish(found);
}

/// Returns the columns that a list names; `None` if any name is invalid.
fn columns<'a>(
    model: ModelId,
    value: Expression<'a>,
    span: Span,
    attribute_span: Span,
    draft: &Draft<'a>,
    found: &mut Vec<Diagnostic>,
) -> Vec<FieldId> {
    let Some(names) = attribute::list(value, found, attribute::word) else {
        return Vec::new();
    };
    let model = draft.model(model);
    let mut columns = Vec::new();
    let mut misnamed = Misnamed::default();
    for name in names {
        match model.find(name.text) {
            None => misnamed.unknown.push(name),
            Some(field) if !model.field(field).is_scalar() => misnamed.others.push((name, field)),
            Some(field) if columns.contains(&field) => {
                found.push(
                    rule::relation::RELATION_FIELD_TWICE
                        .at(attribute_span, format!("the relation lists the field `{}` twice", name.text))
                        .label(name.span, "the second time")
                        .help("remove one of them: each column of the key refers to one column"),
                );
                return Vec::new();
            }
            Some(field) => columns.push(field),
        }
    }
    found.extend(misnamed.unknown_error(&rule::relation::RELATION_UNKNOWN_FIELD, model, span));
    found.extend(misnamed.column_error(&rule::relation::RELATION_FIELD_KIND, model, span));
    if misnamed.is_empty() { columns } else { Vec::new() }
}

fn action(
    visit: &mut Visit<'_>,
    argument: &'static str,
    found: &mut Vec<Diagnostic>,
) -> Option<(ReferentialAction, Span)> {
    let value = visit.optional(argument)?;
    let name = attribute::constant(value, found)?;
    if let Some(action) = ReferentialAction::from_name(name) {
        return Some((action, value.span()));
    }
    let names = ReferentialAction::ALL.iter().map(|action| action.name());
    let error = rule::referential_action::ACTION_UNKNOWN
        .at(value.span(), format!("there is no referential action `{name}`"));
    found.push(match crate::suggest::closest(name, names) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("write one of `Cascade`, `Restrict`, `NoAction`, `SetNull`, `SetDefault`"),
    });
    None
}

impl ReferentialAction {
    pub(crate) const ALL: [ReferentialAction; 5] = [
        ReferentialAction::Cascade,
        ReferentialAction::Restrict,
        ReferentialAction::NoAction,
        ReferentialAction::SetNull,
        ReferentialAction::SetDefault,
    ];

    /// Returns the name in the schema language.
    pub fn name(self) -> &'static str {
        match self {
            ReferentialAction::Cascade => "Cascade",
            ReferentialAction::Restrict => "Restrict",
            ReferentialAction::NoAction => "NoAction",
            ReferentialAction::SetNull => "SetNull",
            ReferentialAction::SetDefault => "SetDefault",
        }
    }

    fn from_name(name: &str) -> Option<ReferentialAction> {
        ReferentialAction::ALL.into_iter().find(|action| action.name() == name)
    }
}

/// Finds the relations: two fields belong together if each has the other's model as its type and both have the same
/// name or none.
pub(super) fn infer(draft: &mut Draft<'_>) {
    let mut relations = Vec::new();
    for model in draft.model_ids() {
        for (field, _) in draft.model(model).fields() {
            relations.extend(relation_from(model, field, draft));
        }
    }
    draft.relations = relations;
}

/// Returns the relation that starts at this field; `None` if it starts at the opposite field.
fn relation_from(model: ModelId, id: FieldId, draft: &Draft<'_>) -> Option<RelationDraft> {
    let field = draft.field((model, id));
    let DraftType::Model(other_model) = field.ty else {
        return None;
    };
    let other = draft.model(other_model).fields().find(|(other_id, other)| {
        other.ty == DraftType::Model(model)
            && (other_model, *other_id) != (model, id)
            && other.relation.name == field.relation.name
    });
    let model_name = draft.model(model).name.text;
    let other_model_name = draft.model(other_model).name.text;
    let comes_first = |other_field: &str| (model_name, field.name.text) <= (other_model_name, other_field);
    let kind = match (field.arity, &other) {
        (Arity::List, Some((_, opposite))) if opposite.arity == Arity::List => {
            if !comes_first(opposite.name.text) {
                return None;
            }
            if field.relation.fields.is_some() || opposite.relation.fields.is_some() {
                RelationShape::Embedded
            } else {
                RelationShape::ManyToMany
            }
        }
        (Arity::List, Some(_)) => return None,
        (Arity::List, None) => {
            return Some(RelationDraft {
                kind: RelationShape::OneToMany,
                from: other_model,
                from_field: None,
                to: model,
                to_field: Some(id),
            });
        }
        (_, Some((_, opposite))) if opposite.arity == Arity::List => RelationShape::OneToMany,
        (arity, Some((_, opposite))) => {
            let holds_key = match (arity, opposite.arity) {
                (Arity::Required, Arity::Optional) => true,
                (Arity::Optional, Arity::Required) => false,
                (Arity::Optional, _) if field.relation.fields.is_some() => true,
                (Arity::Optional, _) if opposite.relation.fields.is_some() => false,
                _ => comes_first(opposite.name.text),
            };
            if !holds_key {
                return None;
            }
            RelationShape::OneToOne
        }
        (_, None) => {
            let columns = field.relation.fields.as_deref();
            let model = draft.model(model);
            let is_unique = model
                .indexes
                .iter()
                .filter(|index| index.kind == KeyKind::Unique)
                .any(|key| columns.is_some_and(|columns| key.field_ids().eq(columns.iter().copied())));
            if is_unique { RelationShape::OneToOne } else { RelationShape::OneToMany }
        }
    };
    Some(RelationDraft {
        kind,
        from: model,
        from_field: Some(id),
        to: other_model,
        to_field: other.map(|(id, _)| id),
    })
}
