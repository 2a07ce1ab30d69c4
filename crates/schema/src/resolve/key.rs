//! `@id`, `@unique`, their block forms, and indexes.

use super::attribute::{self, Visit};
use super::misnamed::{self, Misnamed};
use crate::ast::{Argument, Call, Expression};
use crate::diagnostic::Diagnostic;
use crate::draft::{FieldDraft, KeyDraft, KeyFieldDraft, KeyKind, ModelDraft};
use crate::model::{Arity, FieldId, IndexAlgorithm, OperatorClass, SortOrder};
use crate::operator_class;
use crate::rule;
use crate::span::Span;
use crate::suggest::closest;

/// `@id` on a field.
pub(super) fn field_id<'a>(
    model: &mut ModelDraft<'a>,
    field: FieldId,
    mut visit: Visit<'a>,
    found: &mut Vec<Diagnostic>,
) {
    if let Some(first) = &model.primary_key {
        found.push(
            rule::key::PRIMARY_KEY_TWICE
                .at(
                    model.ast.span(),
                    format!("the {} `{}` has more than one `@id`", model.keyword(), model.name.text),
                )
                .label(first.attribute.span(), "the first one")
                .label(visit.span(), "another one")
                .help("for a key of several fields write `@@id([a, b])`"),
        );
        // Its arguments are reported as left over, as in Prisma.
        visit.finish(found);
        return;
    }
    let map = visit.name("map", found);
    model.primary_key = Some(on_field(KeyKind::Primary, field, map, visit, found));
}

/// `@unique` on a field.
pub(super) fn field_unique<'a>(
    model: &mut ModelDraft<'a>,
    field: FieldId,
    mut visit: Visit<'a>,
    found: &mut Vec<Diagnostic>,
) {
    let map = visit.name("map", found);
    model.indexes.push(on_field(KeyKind::Unique, field, map, visit, found));
}

fn on_field<'a>(
    kind: KeyKind,
    field: FieldId,
    map: Option<String>,
    mut visit: Visit<'a>,
    found: &mut Vec<Diagnostic>,
) -> KeyDraft<'a> {
    let length = visit
        .optional("length")
        .and_then(|value| attribute::integer(value, found))
        .map(|length| u32::try_from(length).unwrap_or_default());
    let sort = visit.optional("sort").and_then(|value| attribute::constant(value, found)).and_then(|value| {
        let sort = sort_order(value);
        if sort.is_none() {
            found.push(unknown_sort(value, visit.span()));
        }
        sort
    });
    let is_clustered = clustered(&mut visit, found);
    let attribute = visit.attribute;
    visit.finish(found);
    KeyDraft {
        kind,
        attribute,
        on_field: Some(field),
        fields: vec![KeyFieldDraft { field, sort, length, operator_class: None }],
        name: None,
        map,
        algorithm: None,
        is_clustered,
    }
}

/// `@@id` on a model.
pub(super) fn model_id<'a>(model: &mut ModelDraft<'a>, visit: Visit<'a>, found: &mut Vec<Diagnostic>) {
    let mut visit = visit;
    if let Some(key) = block_id(model, &mut visit, found) {
        model.primary_key = Some(key);
    }
    visit.finish(found);
}

fn block_id<'a>(
    model: &ModelDraft<'a>,
    visit: &mut Visit<'a>,
    found: &mut Vec<Diagnostic>,
) -> Option<KeyDraft<'a>> {
    let value = visit.required("fields", found)?;
    let fields = match fields(model, value, visit, found)? {
        Ok(fields) => fields,
        Err(misnamed) => {
            found.extend(misnamed.unknown_error(&rule::key::KEY_UNKNOWN_FIELD, model, value.span()));
            found.extend(misnamed.column_error(&rule::key::KEY_ON_RELATION, model, visit.span()));
            return None;
        }
    };
    let optional: Vec<&FieldDraft<'_>> = fields
        .iter()
        .map(|field| model.field(field.field))
        .filter(|field| field.arity != Arity::Required)
        .collect();
    if let (Some(first), false) = (optional.first(), model.is_ignored) {
        found.push(
            rule::key::PRIMARY_KEY_OPTIONAL
                .at(
                    visit.span(),
                    format!(
                        "the field `{}` of the primary key cannot be {}",
                        first.name.text,
                        arity_name(first.arity)
                    ),
                )
                .label(first.name.span, "this field")
                .help("make it required, or use `@@unique` instead"),
        );
    }
    if let Some(first) = &model.primary_key {
        found.push(
            rule::key::PRIMARY_KEY_TWICE
                .at(
                    model.ast.span(),
                    format!("the {} `{}` has both `@id` and `@@id`", model.keyword(), model.name.text),
                )
                .label(first.attribute.span(), "the first one")
                .label(visit.span(), "the second one")
                .help("keep one of them"),
        );
    }
    let map = visit.name("map", found);
    let name = client_name(model, "@@id", visit, found);
    Some(KeyDraft {
        kind: KeyKind::Primary,
        attribute: visit.attribute,
        on_field: None,
        fields,
        name,
        map,
        algorithm: None,
        is_clustered: clustered(visit, found),
    })
}

/// `@@index`, `@@unique` or `@@fulltext` on a model.
pub(super) fn model_index<'a>(
    model: &mut ModelDraft<'a>,
    kind: KeyKind,
    mut visit: Visit<'a>,
    found: &mut Vec<Diagnostic>,
) {
    let mut resolved = Vec::new();
    if let Some(value) = visit.required("fields", found) {
        match fields(model, value, &visit, found) {
            None => {}
            Some(Ok(fields)) => resolved = fields,
            Some(Err(misnamed)) => {
                found.extend(misnamed.unknown_error(&rule::key::KEY_UNKNOWN_FIELD, model, visit.span()));
                found.extend(misnamed.column_error(&rule::key::KEY_ON_RELATION, model, visit.span()));
            }
        }
    }
    let mut name = match kind {
        KeyKind::Fulltext => None,
        KeyKind::Unique => client_name(model, "@@unique", &mut visit, found),
        _ => visit.name("name", found),
    };
    let mut map = visit.name("map", found);
    let mut algorithm = None;
    if kind == KeyKind::Normal {
        // The name in the database was called `name` before it was called `map`.
        map = match (name.take(), map) {
            (Some(_), Some(_)) => {
                found.push(
                    rule::index::INDEX_NAME_AND_MAP
                        .at(visit.span(), "an index takes `map` or `name`, not both")
                        .help("keep `map`, the index's name in the database"),
                );
                None
            }
            (name, map) => name.or(map),
        };
        algorithm =
            visit.optional("type").and_then(|value| attribute::constant(value, found)).and_then(|value| {
                let algorithm = IndexAlgorithm::from_name(value);
                if algorithm.is_none() {
                    found.push(
                        rule::index::INDEX_TYPE_UNKNOWN
                            .at(visit.span(), format!("there is no index type `{value}`"))
                            .help(match closest(value, IndexAlgorithm::ALL.map(IndexAlgorithm::name)) {
                                Some(near) => format!("did you mean `{near}`?"),
                                None => {
                                    "write one of `BTree`, `Hash`, `Gin`, `Gist`, `SpGist`, `Brin`".to_owned()
                                }
                            }),
                    );
                }
                algorithm
            });
    }
    let is_clustered = match kind {
        KeyKind::Fulltext => None,
        _ => clustered(&mut visit, found),
    };
    let attribute = visit.attribute;
    visit.finish(found);
    model.indexes.push(KeyDraft {
        kind,
        attribute,
        on_field: None,
        fields: resolved,
        name,
        map,
        algorithm,
        is_clustered,
    });
}

/// Reports an optional or list field with `@id`.
pub(super) fn check_id_arity(model: &ModelDraft<'_>, found: &mut Vec<Diagnostic>) {
    let Some(key) = model.primary_key.as_ref().filter(|_| !model.is_ignored) else {
        return;
    };
    let Some(field) = key.on_field.map(|field| model.field(field)) else {
        return;
    };
    if field.arity != Arity::Required {
        found.push(
            rule::key::PRIMARY_KEY_OPTIONAL
                .at(
                    key.attribute.span(),
                    format!("the primary key `{}` cannot be {}", field.name.text, arity_name(field.arity)),
                )
                .help("remove the `?` or `[]`, or use `@unique` instead of `@id`"),
        );
    }
}

fn arity_name(arity: Arity) -> &'static str {
    match arity {
        Arity::Required => "required",
        Arity::Optional => "optional",
        Arity::List => "a list",
    }
}

impl IndexAlgorithm {
    pub(crate) const ALL: [IndexAlgorithm; 6] = [
        IndexAlgorithm::BTree,
        IndexAlgorithm::Hash,
        IndexAlgorithm::Gin,
        IndexAlgorithm::Gist,
        IndexAlgorithm::SpGist,
        IndexAlgorithm::Brin,
    ];

    /// Returns the algorithm with this name in the schema language.
    pub fn from_name(name: &str) -> Option<IndexAlgorithm> {
        IndexAlgorithm::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// Returns the name in the schema language.
    pub fn name(self) -> &'static str {
        match self {
            IndexAlgorithm::BTree => "BTree",
            IndexAlgorithm::Hash => "Hash",
            IndexAlgorithm::Gin => "Gin",
            IndexAlgorithm::Gist => "Gist",
            IndexAlgorithm::SpGist => "SpGist",
            IndexAlgorithm::Brin => "Brin",
        }
    }
}

/// Returns `name:`, which becomes part of the client and must be an identifier.
fn client_name(
    model: &ModelDraft<'_>,
    what: &str,
    visit: &mut Visit<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<String> {
    let name = visit.name("name", found)?;
    if !name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()) {
        found.push(
            rule::key::KEY_NAME_MALFORMED
                .at(
                    visit.span(),
                    format!(
                        "the name `{name}` of `{what}` in `{}` cannot be used in the client",
                        model.name.text
                    ),
                )
                .help("use letters, digits and `_`; use `map:` for the name in the database"),
        );
    }
    Some(name)
}

fn clustered(visit: &mut Visit<'_>, found: &mut Vec<Diagnostic>) -> Option<bool> {
    visit.optional("clustered").and_then(|value| attribute::boolean(value, found))
}

type Resolved<'a> = Result<Vec<KeyFieldDraft>, Misnamed<'a>>;

/// Returns the fields of a key; `None` if an error has been reported.
fn fields<'a>(
    model: &ModelDraft<'a>,
    value: Expression<'a>,
    visit: &Visit<'a>,
    found: &mut Vec<Diagnostic>,
) -> Option<Resolved<'a>> {
    let items = attribute::list(value, found, |value, found| match value {
        Expression::Constant(name) => Some((name, None, None, None)),
        Expression::Call(call) => {
            let (sort, length, operator_class) = field_arguments(call, found);
            Some((call.name(), sort, length, operator_class))
        }
        _ => attribute::mismatch(value, "the name of a field", found),
    })?;
    let mut fields: Vec<KeyFieldDraft> = Vec::new();
    let mut misnamed = Misnamed::default();
    for (name, sort, length, operator_class) in items {
        match model.find(name.text) {
            None => misnamed.unknown.push(name),
            Some(field) if !model.field(field).is_scalar() => misnamed.others.push((name, field)),
            Some(field) if fields.iter().any(|earlier| earlier.field == field) => {
                found.push(misnamed::twice(name, visit));
                return None;
            }
            Some(field) => fields.push(KeyFieldDraft { field, sort, length, operator_class }),
        }
    }
    if misnamed.is_empty() { Some(Ok(fields)) } else { Some(Err(misnamed)) }
}

fn sort_order(name: &str) -> Option<SortOrder> {
    match name {
        "Asc" => Some(SortOrder::Asc),
        "Desc" => Some(SortOrder::Desc),
        _ => None,
    }
}

fn unknown_sort(name: &str, span: Span) -> Diagnostic {
    let error = rule::index::SORT_UNKNOWN.at(span, format!("there is no sort order `{name}`"));
    match name.to_ascii_lowercase().as_str() {
        "asc" | "ascending" => error.help("did you mean `Asc`?"),
        "desc" | "descending" => error.help("did you mean `Desc`?"),
        _ => error.help("write `Asc` or `Desc`"),
    }
}

/// Resolves `field(sort: …, length: …, ops: …)`.
fn field_arguments(
    call: Call<'_>,
    found: &mut Vec<Diagnostic>,
) -> (Option<SortOrder>, Option<u32>, Option<OperatorClass>) {
    let argument = |name: &str| -> Option<Argument<'_>> {
        call.arguments().iter().find(|argument| argument.name().is_some_and(|own| own.text == name))
    };
    let sort = argument("sort").and_then(|argument| {
        let name = attribute::constant(argument.value()?, found)?;
        let sort = sort_order(name);
        if sort.is_none() {
            found.push(unknown_sort(name, argument.span()));
        }
        sort
    });
    let length = argument("length")
        .and_then(|argument| attribute::integer(argument.value()?, found))
        .and_then(|length| u32::try_from(length).ok());
    let operator_class = argument("ops").and_then(|argument| operator(argument, found));
    (sort, length, operator_class)
}

fn operator(argument: Argument<'_>, found: &mut Vec<Diagnostic>) -> Option<OperatorClass> {
    let value = argument.value()?;
    let error = match value {
        Expression::Constant(name) => {
            if operator_class::is_known(name.text) {
                return Some(OperatorClass::Known(name.text.to_owned()));
            }
            let error = rule::index::OPERATOR_CLASS_UNKNOWN
                .at(name.span, format!("there is no operator class `{}`", name.text));
            match closest(name.text, operator_class::names()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help("for any other operator class, write `raw(\"…\")`"),
            }
        }
        Expression::Call(call) => {
            let arguments: Vec<Argument<'_>> = call.arguments().iter().collect();
            if let ("raw", [argument]) = (call.name().text, arguments.as_slice())
                && let Some(Expression::String(string)) = argument.value()
            {
                return Some(OperatorClass::Raw(string.value()));
            }
            rule::index::OPERATOR_CLASS_FORM
                .at(call.span(), "`raw` takes one string")
                .help("write `raw(\"…\")`")
        }
        _ => rule::index::OPERATOR_CLASS_FORM
            .at(argument.span(), format!("expected an operator class, found {}", value.kind_name()))
            .help(match value {
                Expression::String(_) => format!("write `raw({})`", value.source()),
                _ => "write its name without quotes, or `raw(\"…\")`".to_owned(),
            }),
    };
    found.push(error);
    None
}
