//! `type` blocks. PostgreSQL does not support them, but errors within them are reported all the same.

use std::collections::{BTreeMap, HashMap};

use super::attribute::{self, AttributeSet};
use super::{Top, default, resolve_type};
use crate::ast::{Attribute, Expression, Field, FieldType, Model};
use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, DraftType};
use crate::model::Arity;
use crate::rule;

pub(super) fn check(
    composite: Model<'_>,
    tops: &BTreeMap<&str, Top>,
    draft: &Draft<'_>,
    found: &mut Vec<Diagnostic>,
) {
    for attribute in composite.attributes() {
        let name = attribute.name().map_or("", |name| name.text);
        found.push(
            rule::name::COMPOSITE_TYPE_ATTRIBUTE
                .at(attribute.span(), format!("a `type` cannot have `@@{name}`"))
                .help("turn the type into a model: `type` blocks are not supported for PostgreSQL"),
        );
    }
    let mut mapped: HashMap<String, Option<String>> = HashMap::new();
    for field in composite.fields().filter(|field| field.is_well_formed()) {
        let map = check_field(composite, field, tops, draft, found);
        check_mapped_name(composite, field, map, &mut mapped, found);
    }
}

/// Checks that no two fields have the same name in the database. `mapped` holds the `@map` of the fields so far, by
/// name.
fn check_mapped_name(
    composite: Model<'_>,
    field: Field<'_>,
    map: Option<String>,
    mapped: &mut HashMap<String, Option<String>>,
    found: &mut Vec<Diagnostic>,
) {
    let Some(name) = field.name() else { return };
    if let Some(map) = &map {
        let is_mapped_twice = mapped.values().any(|other| other.as_ref() == Some(map));
        // The `@map` of later fields is not known yet.
        let is_a_name = composite.fields().filter_map(Field::name).any(|other| {
            other.text == map && other.text != name.text && !matches!(mapped.get(other.text), Some(Some(_)))
        });
        if is_mapped_twice || is_a_name {
            found.push(
                rule::name::COLUMN_NAME_TAKEN
                    .at(
                        field.span(),
                        format!("the name `{map}` of field `{}` is already used by another field", name.text),
                    )
                    .help("give one of them a different `@map`"),
            );
        }
    }
    mapped.insert(name.text.to_owned(), map);
}

fn check_field(
    composite: Model<'_>,
    field: Field<'_>,
    tops: &BTreeMap<&str, Top>,
    draft: &Draft<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<String> {
    let has = |wanted: &str| field.attributes().filter_map(Attribute::name).any(|name| name.text == wanted);
    for name in ["relation", "unique", "id"] {
        if has(name) {
            found.push(
                rule::name::COMPOSITE_TYPE_ATTRIBUTE
                    .at(field.span(), format!("a field of a `type` cannot have `@{name}`"))
                    .help("use a model instead of the type"),
            );
        }
    }
    let ty = resolve_type(field, tops, found);
    if let (DraftType::Model(_), Some(name)) = (&ty, field.ty().and_then(FieldType::name)) {
        let owner = composite.name().map_or("", |name| name.text);
        found.push(
            rule::name::COMPOSITE_TYPE_RELATION
                .at(name.span, format!("the type `{owner}` refers to the model `{}`", name.text))
                .help("turn the type into a model: only models can have relations"),
        );
    }
    if matches!(ty, DraftType::Model(_) | DraftType::Unknown) {
        return None;
    }
    let mut set = AttributeSet::new(field.attributes());
    if matches!(ty, DraftType::Scalar(_)) {
        set.native_type(found);
    }
    let mut map = None;
    if let Some(mut visit) = set.single("map", found) {
        map = visit.required("name", found).and_then(|value| attribute::string(value, found));
        visit.finish(found);
    }
    if let Some(mut visit) = set.single("default", found) {
        if let Some(value) = visit.required("value", found) {
            if visit.optional("map").is_some() {
                found.push(
                    rule::name::COMPOSITE_TYPE_DEFAULT
                        .at(visit.span(), "the default of a field of a `type` has no name")
                        .help("remove `map:`"),
                );
            }
            found.extend(default_problem(value, &ty, field, draft, visit.span()));
        }
        visit.finish(found);
    }
    set.finish(&["default", "map"], found);
    map
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
            rule::name::COMPOSITE_TYPE_DEFAULT
                .at(span, format!("a field of a `type` cannot have the default `{}()`", call.name().text))
                .help("remove `@default`"),
        );
    }
    if let Expression::Call(call) = value
        && !default::FUNCTIONS.contains(&call.name().text)
        && matches!(ty, DraftType::Scalar(_))
    {
        return Some(default::unknown_function(call));
    }
    if let Expression::Call(call) = value
        && call.name().text == "nanoid"
    {
        return Some(
            rule::name::COMPOSITE_TYPE_DEFAULT
                .at(span, "a field of a `type` cannot have the default `nanoid()`")
                .help("use `cuid()`, `uuid()` or `ulid()`"),
        );
    }
    let arity = if field.ty().is_some_and(FieldType::is_list) { Arity::List } else { Arity::Required };
    default::problem(value, ty, arity, draft, false, span)
}
