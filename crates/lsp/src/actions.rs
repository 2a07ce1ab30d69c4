//! Code actions: fixes of findings, and an index for a foreign key.

use std::path::Path;

use gen_lsp_types::{CodeAction, CodeActionKind, CodeActionResponse, Range};
use nicol_schema::ast::{Argument, Expression, Field, FieldType, Item, Model};
use nicol_schema::{Diagnostic, Span, missing_relation_parts, suggest};

use crate::analysis::Analysis;
use crate::diagnostics::shown;
use crate::edit::Edits;
use crate::rename::{add_to_block, end_of, has, is_named};

/// What an action is called, and what it changes.
type Fix = (String, Edits);

/// Returns the actions for a range: fixes of the findings in it, and what can be added to a relation. With `only`, those of
/// other kinds are left out.
pub(crate) fn actions(
    schema: &Analysis,
    path: &Path,
    range: Range,
    only: Option<&[CodeActionKind]>,
    versioned: bool,
) -> Vec<CodeActionResponse> {
    let ends = [range.start, range.end].map(|place| schema.offset(path, place));
    let [Some(start), Some(end)] = ends else { return Vec::new() };
    let touches = |span: Span| span.start <= end && start <= span.end;
    // `quickfix` is also wanted by those who ask for everything.
    let wants = |name: &str| {
        only.is_none_or(|only| only.iter().any(|kind| name.starts_with(&String::from(kind.clone()))))
    };
    let mut found = Vec::new();
    let validated = schema.validated();
    let findings = validated.diagnostics.iter().chain(&validated.further);
    for finding in findings.filter(|it| wants("quickfix") && touches(it.span)) {
        for (at, (title, edits)) in fixes(schema, finding).into_iter().enumerate() {
            found.push(CodeAction {
                title,
                kind: Some(CodeActionKind::QuickFix),
                diagnostics: shown(schema, finding).map(|it| vec![it]),
                is_preferred: Some(at == 0),
                edit: Some(edits.finish(schema, versioned)),
                ..CodeAction::default()
            });
        }
    }
    let has_warning =
        validated.diagnostics.iter().any(|it| it.code() == "relation-without-index" && touches(it.span));
    if wants("refactor.rewrite")
        && !has_warning
        && let Some((title, edits)) =
            field_at(schema, start).and_then(|(model, field)| index(schema, model, field))
    {
        found.push(CodeAction {
            title,
            kind: Some(CodeActionKind::RefactorRewrite),
            edit: Some(edits.finish(schema, versioned)),
            ..CodeAction::default()
        });
    }
    found.into_iter().map(Into::into).collect()
}

/// Returns the fixes of a finding, best first.
fn fixes(schema: &Analysis, finding: &Diagnostic) -> Vec<Fix> {
    let mut found: Vec<Fix> = spelling(schema, finding).into_iter().collect();
    let place = field_at(schema, finding.span.start);
    let fix = match (finding.code(), place) {
        ("type-unknown", _) => {
            found.extend(create_type(schema, finding));
            None
        }
        ("relation-missing-opposite", _) => complete_relations(schema),
        ("relation-without-fields", place) => {
            found.extend(complete_relations(schema));
            place.and_then(|(_, field)| make_list(field))
        }
        ("relation-back-required" | "relation-required", Some((_, field))) => make_optional(field),
        ("relation-one-to-one-not-unique", Some((model, field))) => {
            make_unique(schema, model, &listed(field, "fields"))
        }
        ("relation-references-not-unique", Some((_, field))) => {
            let other = field.ty().and_then(FieldType::name).and_then(|ty| model_named(schema, ty.text));
            other.and_then(|other| make_unique(schema, other, &listed(field, "references")))
        }
        ("relation-without-index", Some((model, field))) => index(schema, model, field),
        ("model-without-key", _) => add_key(schema, finding),
        ("relation-mode-old-name", _) => replace(schema, finding, "referentialIntegrity", "relationMode"),
        ("preview-feature-renamed", _) => {
            replace(schema, finding, "fullTextSearch", "fullTextSearchPostgres")
        }
        _ => None,
    };
    found.extend(fix);
    found
}

/// Replaces the misspelled word in a finding by the suggested one.
fn spelling(schema: &Analysis, finding: &Diagnostic) -> Option<Fix> {
    let right = finding.suggestion()?;
    let text = finding.span.of(schema.parse.tree.text());
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    let wrong = suggest::closest(right, words)?;
    replace(schema, finding, wrong, right).map(|(_, edits)| (format!("Change `{wrong}` to `{right}`"), edits))
}

/// Replaces the first occurrence of a word in a finding.
fn replace(schema: &Analysis, finding: &Diagnostic, old: &str, new: &str) -> Option<Fix> {
    let at = finding.span.start + to_u32(finding.span.of(schema.parse.tree.text()).find(old)?);
    let mut edits = Edits::default();
    edits.replace(Span::new(at, at + to_u32(old.len())), new);
    Some((format!("Change `{old}` to `{new}`"), edits))
}

/// Adds a block for an unknown type at the end of the file.
fn create_type(schema: &Analysis, finding: &Diagnostic) -> Vec<Fix> {
    let text = schema.parse.tree.text();
    let name = finding.span.of(text).trim_end_matches(['?', '[', ']', '!']);
    let Some(file) = schema.sources.files().take_while(|file| file.span.start <= finding.span.start).last()
    else {
        return Vec::new();
    };
    let before = if file.text.ends_with('\n') { "\n" } else { "\n\n" };
    let blocks = [("model", "  id Int @id @default(autoincrement())\n"), ("enum", "  VALUE\n")];
    let fix = |(keyword, body): (&str, &str)| {
        let mut edits = Edits::default();
        edits.insert(file.span.end, format!("{before}{keyword} {name} {{\n{body}}}\n"));
        (format!("Create {keyword} `{name}`"), edits)
    };
    blocks.map(fix).into()
}

/// Adds what the formatter adds to all relations of the schema.
fn complete_relations(schema: &Analysis) -> Option<Fix> {
    let mut edits = Edits::default();
    for (at, text) in missing_relation_parts(&schema.parse) {
        if text.ends_with('\n') {
            let field = text.trim();
            let before = &schema.parse.tree.text()[..at as usize];
            let own_line = if before.trim_end_matches([' ', '\t']).ends_with('\n') { "" } else { "\n" };
            edits.insert(at, format!("{own_line}  {field}\n"));
        } else {
            edits.insert(at, text);
        }
    }
    (edits != Edits::default()).then(|| ("Add the missing parts of relations".to_owned(), edits))
}

fn make_optional(field: Field<'_>) -> Option<Fix> {
    let ty = field.ty().filter(|ty| !ty.is_optional() && !ty.is_list())?;
    let mut edits = Edits::default();
    edits.insert(ty.name()?.span.end, "?");
    Some((format!("Make `{}` optional", field.name()?.text), edits))
}

fn make_list(field: Field<'_>) -> Option<Fix> {
    let ty = field.ty().filter(|ty| !ty.is_optional() && !ty.is_list())?;
    let mut edits = Edits::default();
    edits.insert(ty.name()?.span.end, "[]");
    Some((format!("Make `{}` a list", field.name()?.text), edits))
}

fn make_unique(schema: &Analysis, model: Model<'_>, fields: &[&str]) -> Option<Fix> {
    let mut edits = Edits::default();
    let (first, rest) = fields.split_first()?;
    if rest.is_empty() {
        let field = model.fields().find(|it| is_named(it.name(), first))?;
        edits.insert(end_of(schema, field.ty()?.span(), field.attributes()), " @unique");
    } else {
        let line = format!("@@unique([{}])", fields.join(", "));
        add_to_block(schema, model.span(), model.attributes().count(), &line, &mut edits);
    }
    Some((format!("Make `{}` of `{}` unique", fields.join("`, `"), model.name()?.text), edits))
}

/// Adds an index for a foreign key that has none.
fn index(schema: &Analysis, model: Model<'_>, field: Field<'_>) -> Option<Fix> {
    let fields = listed(field, "fields");
    let is_view = model.keyword().is_none_or(|keyword| keyword.text != "model");
    let starts_with = |names: &[&str]| names.starts_with(&fields);
    let of_block = model.attributes().any(|it| {
        let is_index = it.name().is_some_and(|name| ["id", "unique", "index"].contains(&name.text));
        let lists = it.arguments();
        let mut lists = lists.iter().filter(|it| it.name().is_none_or(|name| name.text == "fields"));
        is_index && lists.any(|it| starts_with(&names(it.value())))
    });
    let of_field = fields.len() == 1
        && model.fields().any(|it| {
            is_named(it.name(), fields[0]) && (has(it.attributes(), "id") || has(it.attributes(), "unique"))
        });
    if fields.is_empty() || is_view || of_block || of_field {
        return None;
    }
    let mut edits = Edits::default();
    let line = format!("@@index([{}])", fields.join(", "));
    add_to_block(schema, model.span(), model.attributes().count(), &line, &mut edits);
    Some((format!("Add an index on `{}`", fields.join("`, `")), edits))
}

/// Marks the field `id` of a model without a key, or adds it.
fn add_key(schema: &Analysis, finding: &Diagnostic) -> Option<Fix> {
    let model = schema.parse.tree.file().items().find_map(|item| match item {
        Item::Model(model) if model.span().start == finding.span.start => Some(model),
        _ => None,
    })?;
    let mut edits = Edits::default();
    if let Some(field) = model.fields().find(|it| is_named(it.name(), "id")) {
        let ty = field.ty().filter(|ty| !ty.is_list() && !ty.is_optional())?;
        edits.insert(end_of(schema, ty.span(), field.attributes()), " @id");
        return Some(("Mark `id` with `@id`".to_owned(), edits));
    }
    let brace = model.span().of(schema.parse.tree.text()).find('{')?;
    edits.insert(model.span().start + to_u32(brace) + 1, "\n  id Int @id @default(autoincrement())");
    Some((format!("Add `id` to `{}`", model.name()?.text), edits))
}

/// Returns the model and the field at a byte.
fn field_at(schema: &Analysis, offset: u32) -> Option<(Model<'_>, Field<'_>)> {
    let contains = |span: Span| span.start <= offset && offset <= span.end;
    schema.parse.tree.file().items().find_map(|item| match item {
        // A field extends to the end of its line, so its end is the start of the next one's line.
        Item::Model(model) => Some((model, model.fields().filter(|it| contains(it.span())).last()?)),
        _ => None,
    })
}

fn model_named<'a>(schema: &'a Analysis, name: &str) -> Option<Model<'a>> {
    schema.parse.tree.file().items().find_map(|item| match item {
        Item::Model(model) if is_named(model.name(), name) => Some(model),
        _ => None,
    })
}

/// Returns the names in an argument of the field's `@relation`.
fn listed<'a>(field: Field<'a>, argument: &str) -> Vec<&'a str> {
    let relation = field.attributes().find(|it| is_named(it.name(), "relation"));
    let arguments = relation.into_iter().flat_map(|it| it.arguments().iter());
    let value = arguments.filter(|it| is_named(it.name(), argument)).find_map(Argument::value);
    names(value)
}

/// Returns the names in a list, without the arguments of each.
fn names(value: Option<Expression<'_>>) -> Vec<&str> {
    let Some(Expression::Array(array)) = value else { return Vec::new() };
    let names = array.iter().filter_map(|it| match it {
        Expression::Constant(name) => Some(name.text),
        Expression::Call(call) => Some(call.name().text),
        _ => None,
    });
    names.collect()
}

/// Texts with larger offsets are rejected by `nicol-schema`.
fn to_u32(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
