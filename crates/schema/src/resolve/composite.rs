//! `type` blocks. PostgreSQL has no use for them, but what is wrong within them is said all the same.

use std::collections::HashMap;

use super::attribute::{self, AttributeSet};
use super::{Draft, DraftType, Top, default, resolve_type};
use crate::ast::{Attribute, Expression, Field, FieldType, Model};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Arity;

pub(super) fn check(
    composite: Model<'_>,
    tops: &HashMap<&str, Top>,
    draft: &Draft<'_>,
    found: &mut Vec<Diagnostic>,
) {
    for attribute in composite.attributes() {
        let name = attribute.name().map_or("", |name| name.text);
        found.push(
            Diagnostic::error(Code::Misplaced, attribute.span(), format!("a `type` cannot have `@@{name}`"))
                .help("put it on the model that has a field of this type"),
        );
    }
    for field in composite.fields().filter(|field| field.is_well_formed()) {
        check_field(composite, field, tops, draft, found);
    }
}

fn check_field(
    composite: Model<'_>,
    field: Field<'_>,
    tops: &HashMap<&str, Top>,
    draft: &Draft<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let has = |wanted: &str| field.attributes().filter_map(Attribute::name).any(|name| name.text == wanted);
    for name in ["relation", "unique", "id"] {
        if has(name) {
            found.push(
                Diagnostic::error(
                    Code::Misplaced,
                    field.span(),
                    format!("a field of a `type` cannot have `@{name}`"),
                )
                .help("use a model instead of the type"),
            );
        }
    }
    let ty = resolve_type(field, tops, found);
    if let (DraftType::Model(_), Some(name)) = (&ty, field.ty().and_then(FieldType::name)) {
        let owner = composite.name().map_or("", |name| name.text);
        found.push(
            Diagnostic::error(
                Code::Unsupported,
                name.span,
                format!("the type `{owner}` refers to the model `{}`", name.text),
            )
            .help("relations can only be between models"),
        );
    }
    if matches!(ty, DraftType::Model(_) | DraftType::Unknown) {
        return;
    }
    let mut set = AttributeSet::new(field.attributes());
    if matches!(ty, DraftType::Scalar(_)) {
        set.native_type(found);
    }
    if let Some(mut visit) = set.single("map", found) {
        if let Some(value) = visit.required("name", found) {
            attribute::string(value, found);
        }
        visit.finish(found);
    }
    if let Some(mut visit) = set.single("default", found) {
        if let Some(value) = visit.required("value", found) {
            found.extend(default_problem(value, &ty, field, draft, visit.span()));
        }
        visit.finish(found);
    }
    set.finish(&["default", "map"], found);
}

fn default_problem(
    value: Expression<'_>,
    ty: &DraftType,
    field: Field<'_>,
    draft: &Draft<'_>,
    span: crate::span::Span,
) -> Option<Diagnostic> {
    if let Expression::Call(call) = value
        && matches!(call.name().text, "autoincrement" | "auto" | "dbgenerated")
    {
        return Some(
            Diagnostic::error(
                Code::Default,
                span,
                format!("a field of a `type` cannot have the default `{}()`", call.name().text),
            )
            .help("remove `@default`"),
        );
    }
    let arity = if field.ty().is_some_and(FieldType::is_list) { Arity::List } else { Arity::Required };
    default::problem(value, ty, arity, draft, false, span)
}
