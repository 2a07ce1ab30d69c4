//! Errors in the names of a list of fields.

use super::attribute::Visit;
use crate::ast::{Argument, Attribute, Expression, Name};
use crate::diagnostic::Diagnostic;
use crate::draft::{DraftType, FieldDraft, ModelDraft};
use crate::model::FieldId;
use crate::rule::{self, Rule};
use crate::span::Span;
use crate::suggest::{closest, one_of};

/// Returns the error for a field that is listed twice.
pub(super) fn twice(name: Name<'_>, visit: &Visit<'_>) -> Diagnostic {
    rule::key::KEY_FIELD_TWICE
        .at(visit.span(), format!("`{}` lists the field `{}` twice", visit.title(), name.text))
        .label(name.span, "the second time")
        .help("remove one of them")
}

/// The names in a list of fields that are not columns of the model.
#[derive(Debug, Default)]
pub(super) struct Misnamed<'a> {
    /// Names without a field.
    pub(super) unknown: Vec<Name<'a>>,
    /// Fields that are relations, or whose type is unknown.
    pub(super) others: Vec<(Name<'a>, FieldId)>,
}

impl Misnamed<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.unknown.is_empty() && self.others.is_empty()
    }

    /// Returns the error for fields that do not exist; `None` if all do.
    pub(super) fn unknown_error(
        &self,
        rule: &'static Rule,
        model: &ModelDraft<'_>,
        span: Span,
    ) -> Option<Diagnostic> {
        let names: Vec<&str> = self.unknown.iter().map(|name| name.text).collect();
        let first = names.first()?;
        let mut error = rule.at(
            span,
            format!("the {} `{}` has no field `{}`", model.keyword(), model.name.text, names.join("`, `")),
        );
        for name in self.unknown.iter().filter(|name| name.span != span) {
            error = error.label(name.span, "no such field");
        }
        let columns = || model.fields.iter().filter(|field| field.is_scalar());
        let mapped = columns().find(|field| column_name(field).as_deref() == Some(first));
        if let Some(field) = mapped {
            let help = format!("`{first}` is a column name: use its field, `{}`", field.name.text);
            return Some(error.label(field.name.span, "this field").help(help));
        }
        let near: Vec<&str> =
            names.iter().filter_map(|name| closest(name, columns().map(|field| field.name.text))).collect();
        Some(if near.is_empty() {
            let possible = one_of(columns().map(|field| field.name.text));
            error.help(format!("add the field, or use one of the existing fields: {possible}"))
        } else {
            error.help(format!("did you mean `{}`?", near.join("`, `")))
        })
    }

    /// Returns the error for fields that are not columns; `None` if all are.
    pub(super) fn column_error(
        &self,
        rule: &'static Rule,
        model: &ModelDraft<'_>,
        span: Span,
    ) -> Option<Diagnostic> {
        let fields = || self.others.iter().map(|(_, field)| model.field(*field));
        if let Some(open) = fields().find(|field| field.ty == DraftType::Unknown) {
            let error = rule
                .at(span, format!("the type of `{}` is unknown, so it cannot be used here", open.name.text));
            return Some(error.label(open.name.span, "this field").help("fix its type first"));
        }
        let names: Vec<&str> = fields().map(|field| field.name.text).collect();
        let (_, first) = self.others.first()?;
        let columns: Vec<&str> = fields()
            .filter_map(|field| field.relation.fields.clone())
            .flat_map(|fields| model.names(fields))
            .collect();
        let error = rule
            .at(
                span,
                format!("`{}` of `{}` is a relation, not a column", names.join("`, `"), model.name.text),
            )
            .label(model.field(*first).name.span, "has no column of its own");
        Some(if columns.is_empty() {
            error.help("use the columns that hold the values; if there are none yet, add them")
        } else {
            error.help(format!("use the columns of its foreign key: `{}`", columns.join("`, `")))
        })
    }
}

/// Returns the name that `@map` sets; relations are resolved before the attributes of columns.
fn column_name(field: &FieldDraft<'_>) -> Option<String> {
    let map =
        field.ast.attributes().find(|attribute| attribute.name().is_some_and(|name| name.text == "map"));
    let value = map.map(Attribute::arguments)?.iter().next().and_then(Argument::value)?;
    match value {
        Expression::String(string) => Some(string.value()),
        _ => None,
    }
}
