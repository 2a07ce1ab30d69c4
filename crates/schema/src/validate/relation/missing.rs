//! Missing parts of a relation: the opposite field or the foreign key.

use super::Ends;
use crate::ast::FieldType;
use crate::diagnostic::Diagnostic;
use crate::draft::{DraftType, FieldDraft, ModelDraft};
use crate::inflect::plural;
use crate::model::{Arity, ModelId};
use crate::rule;
use crate::validate::model::first_strict_key;

pub(super) fn missing_end(
    id: ModelId,
    model: &ModelDraft<'_>,
    field: &FieldDraft<'_>,
    other: &ModelDraft<'_>,
) -> Diagnostic {
    let name = lower_first(model.name.text);
    let relation_name = field.relation.name.as_ref().map(|name| format!("\"{name}\""));
    let end = if field.arity == Arity::List {
        // The missing field is the one with the foreign key.
        let arguments = relation_name.into_iter().chain(["fields: […], references: […]".to_owned()]);
        let arguments: Vec<String> = arguments.collect();
        format!("{name} {} @relation({})", model.name.text, arguments.join(", "))
    } else {
        let relation = relation_name.map_or_else(String::new, |name| format!(" @relation({name})"));
        format!("{} {}[]{relation}", plural(&name), model.name.text)
    };
    let error = rule::relation::RELATION_MISSING_OPPOSITE.at(
        field.ast.span(),
        format!("the relation `{}` has no opposite field in `{}`", field.name.text, other.name.text),
    );
    // An existing field with a different name was probably meant.
    let stray = other.fields.iter().find(|candidate| {
        candidate.ty == DraftType::Model(id)
            && candidate.relation.name != field.relation.name
            && !model
                .fields
                .iter()
                .any(|own| own.ty == field.ty && own.relation.name == candidate.relation.name)
    });
    match (stray, &field.relation.name) {
        (Some(stray), Some(name)) => error
            .label(stray.name.span, "this field belongs to a relation with a different name")
            .help(format!("if it is the opposite field, give it the same name: `@relation(\"{name}\")`")),
        (Some(stray), None) => error
            .label(stray.name.span, "this field belongs to a named relation")
            .help("if it is the opposite field, give both the same name, or none"),
        (None, _) => error
            .label(other.name.span, "a field is missing here")
            .help(format!("add a field to `{}`: `{end}`; the formatter can add it", other.name.text)),
    }
}

fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// Returns what the side with the foreign key is missing, if anything.
pub(super) fn lacking(fields: bool, references: bool) -> Option<&'static str> {
    match (fields, references) {
        (true, true) => Some("has neither `fields` nor `references`"),
        (true, false) => Some("has no `fields`"),
        (false, true) => Some("has no `references`"),
        (false, false) => None,
    }
}

/// Returns how the foreign key of a field could be written.
pub(super) fn key_example(ends: &Ends<'_, '_>, field: &FieldDraft<'_>) -> String {
    let Some(key) = first_strict_key(ends.to) else {
        return "write `@relation(fields: […], references: […])`".to_owned();
    };
    let mut columns = Vec::new();
    let mut missing = Vec::new();
    for reference in key.field_ids().map(|reference| ends.to.field(reference)) {
        let mut chars = reference.name.text.chars();
        let upper: String = chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect();
        let camel_case = format!("{}{upper}", field.name.text);
        let snake_case = format!("{}_{}", field.name.text, reference.name.text);
        let own = ends.from.find(&camel_case).or_else(|| ends.from.find(&snake_case));
        if let Some(own) = own.map(|own| ends.from.field(own)).filter(|own| own.is_scalar()) {
            columns.push(own.name.text.to_owned());
        } else {
            let ty = reference.ast.ty().and_then(FieldType::name).map_or("", |name| name.text);
            let mark = if field.arity == Arity::Optional { "?" } else { "" };
            missing.push(format!("`{camel_case} {ty}{mark}`"));
            columns.push(camel_case);
        }
    }
    let references = ends.to.names(key.field_ids()).join(", ");
    let attribute = format!("`@relation(fields: [{}], references: [{references}])`", columns.join(", "));
    let name = format!("{}.{}", ends.from.name.text, field.name.text);
    if missing.is_empty() {
        format!("write {attribute} on `{name}`")
    } else {
        format!("write {attribute} on `{name}`, and add {}", missing.join(" and "))
    }
}
