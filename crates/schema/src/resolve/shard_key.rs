//! `@shardKey` and `@@shardKey`. PostgreSQL does not support them, but errors in them are reported all the same.

use super::attribute::{self, Visit};
use super::misnamed::{self, Misnamed};
use crate::ast::Expression;
use crate::diagnostic::Diagnostic;
use crate::draft::{ModelDraft, ShardKeyDraft};
use crate::model::{Arity, FieldId};
use crate::rule;

/// `@shardKey` on a field.
pub(super) fn on_field<'a>(
    model: &mut ModelDraft<'a>,
    field: FieldId,
    visit: Visit<'a>,
    found: &mut Vec<Diagnostic>,
) {
    match &model.shard_key {
        Some(first) => found.push(
            rule::key::SHARD_KEY
                .at(
                    model.ast.span(),
                    format!("the {} `{}` has more than one `@shardKey`", model.keyword(), model.name.text),
                )
                .label(first.attribute.span(), "the first one")
                .label(visit.span(), "another one")
                .help("remove both: PostgreSQL has no shard keys"),
        ),
        None => {
            model.shard_key = Some(ShardKeyDraft { attribute: visit.attribute, on_field: Some(field) });
        }
    }
    visit.finish(found);
}

/// `@@shardKey` on a model.
pub(super) fn on_model<'a>(model: &mut ModelDraft<'a>, mut visit: Visit<'a>, found: &mut Vec<Diagnostic>) {
    let value = visit.required("fields", found);
    if value.is_some_and(|value| check_fields(model, value, &visit, found)) {
        if let Some(first) = &model.shard_key {
            found.push(
                rule::key::SHARD_KEY
                    .at(
                        model.ast.span(),
                        format!(
                            "the {} `{}` has both `@shardKey` and `@@shardKey`",
                            model.keyword(),
                            model.name.text
                        ),
                    )
                    .label(first.attribute.span(), "the first one")
                    .label(visit.span(), "the second one")
                    .help("remove both: PostgreSQL has no shard keys"),
            );
        }
        model.shard_key = Some(ShardKeyDraft { attribute: visit.attribute, on_field: None });
    }
    visit.finish(found);
}

/// Reports a shard key that is not required.
pub(super) fn check_arity(model: &ModelDraft<'_>, found: &mut Vec<Diagnostic>) {
    let Some(key) = &model.shard_key else { return };
    let is_loose = key.on_field.is_some_and(|field| model.field(field).arity != Arity::Required);
    if is_loose && !model.is_ignored {
        found.push(
            rule::key::SHARD_KEY
                .at(key.attribute.span(), "a shard key must be required")
                .help("remove `@shardKey`: PostgreSQL has no shard keys"),
        );
    }
}

/// Checks that these are columns, each listed once.
fn check_fields(
    model: &ModelDraft<'_>,
    value: Expression<'_>,
    visit: &Visit<'_>,
    found: &mut Vec<Diagnostic>,
) -> bool {
    let Some(names) = attribute::list(value, found, attribute::word) else {
        return false;
    };
    let mut fields = Vec::new();
    let mut misnamed = Misnamed::default();
    for name in names {
        match model.find(name.text) {
            None => misnamed.unknown.push(name),
            Some(field) if !model.field(field).is_scalar() => misnamed.others.push((name, field)),
            Some(field) if fields.contains(&field) => {
                found.push(misnamed::twice(name, visit));
                return false;
            }
            Some(field) => fields.push(field),
        }
    }
    found.extend(misnamed.unknown_error(&rule::key::KEY_UNKNOWN_FIELD, model, value.span()));
    found.extend(misnamed.column_error(&rule::key::KEY_ON_RELATION, model, visit.span()));
    let optional: Vec<FieldId> =
        fields.into_iter().filter(|field| model.field(*field).arity != Arity::Required).collect();
    if misnamed.is_empty() && !optional.is_empty() && !model.is_ignored {
        found.push(
            rule::key::SHARD_KEY
                .at(
                    visit.span(),
                    format!(
                        "the shard key lists `{}`, which is not required",
                        model.names(optional).join("`, `")
                    ),
                )
                .help("remove `@@shardKey`: PostgreSQL has no shard keys"),
        );
    }
    misnamed.is_empty()
}
