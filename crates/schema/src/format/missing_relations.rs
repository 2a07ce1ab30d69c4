//! Adds the missing parts of relations: the opposite field, `@relation(fields: …, references: …)`, the columns of the
//! foreign key.
//!
//! Source: Prisma 6.19, `prisma format`.

use crate::ast::{Attribute, FieldType};
use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, DraftType, FieldDraft, KeyKind, ModelDraft, RelationDraft, RelationShape};
use crate::inflect::{camel_case, plural};
use crate::model::Arity;
use crate::resolve::resolve;
use crate::span::{Span, to_u32};
use crate::tree::Tree;

/// Returns the insertions that complete all relations, sorted by position; none if the schema has errors.
pub(super) fn insertions(tree: &Tree, syntax_errors: &[Diagnostic]) -> Vec<Insertion> {
    let mut found = Vec::new();
    let draft = resolve(tree.file(), &mut found);
    if !syntax_errors.is_empty() || found.iter().any(Diagnostic::is_error) {
        return Vec::new();
    }
    let mut insertions = Vec::new();
    let relations: Vec<Inline<'_, '_>> =
        draft.relations.iter().filter_map(|relation| Inline::new(relation, &draft)).collect();
    for relation in &relations {
        relation.missing_ends(&mut insertions);
        relation.missing_columns(tree.text(), &mut insertions);
    }
    for relation in &relations {
        relation.missing_attribute(tree.text(), &mut insertions);
    }
    for relation in &relations {
        relation.missing_arguments(&mut insertions);
    }
    insertions.sort_by_key(|insertion| insertion.at);
    insertions
}

pub(super) struct Insertion {
    pub(super) at: u32,
    pub(super) text: String,
}

/// Returns the text of `file` with the insertions applied, which must be sorted by position.
pub(super) fn insert<'i>(text: &str, file: Span, insertions: impl Iterator<Item = &'i Insertion>) -> String {
    let mut out = String::with_capacity(2 * file.range().len());
    let mut done = file.start as usize;
    for insertion in insertions {
        let at = insertion.at as usize;
        out.push_str(&text[done..at]);
        out.push_str(&insertion.text);
        done = at;
    }
    out.push_str(&text[done..file.end as usize]);
    out
}

/// A relation with a foreign key.
struct Inline<'s, 'a> {
    is_one_to_one: bool,
    from: &'s ModelDraft<'a>,
    from_field: Option<&'s FieldDraft<'a>>,
    to: &'s ModelDraft<'a>,
    has_to_field: bool,
}

/// A column that a foreign key needs.
struct Column<'s, 'a> {
    name: String,
    arity: Arity,
    ty: &'s DraftType,
    /// The column that it refers to.
    model_of: &'s FieldDraft<'a>,
}

impl<'s, 'a> Inline<'s, 'a> {
    fn new(relation: &RelationDraft, draft: &'s Draft<'a>) -> Option<Inline<'s, 'a>> {
        let is_one_to_one = match relation.kind {
            RelationShape::OneToOne => true,
            RelationShape::OneToMany => false,
            RelationShape::ManyToMany | RelationShape::Embedded => return None,
        };
        let from = draft.model(relation.from);
        Some(Inline {
            is_one_to_one,
            from,
            from_field: relation.from_field.map(|field| from.field(field)),
            to: draft.model(relation.to),
            has_to_field: relation.to_field.is_some(),
        })
    }

    fn missing_ends(&self, insertions: &mut Vec<Insertion>) {
        if !self.has_to_field {
            let model = self.from.name.text;
            let name = camel_case(model);
            let ignore = if self.from.is_ignored { "@ignore" } else { "" };
            let field = if self.is_one_to_one {
                format!("{name} {model}? {ignore}\n")
            } else {
                format!("{} {model}[] {ignore}\n", plural(&name))
            };
            insertions.push(at_end_of(self.to, field));
        }
        if self.from_field.is_none() {
            let model = self.to.name.text;
            let is_optional = self.columns().iter().any(|column| column.arity == Arity::Optional);
            let mark = if is_optional { "?" } else { "" };
            let field = format!("{} {model}{mark} @relation({})\n", camel_case(model), self.arguments());
            insertions.push(at_end_of(self.from, field));
        }
    }

    fn missing_columns(&self, text: &str, insertions: &mut Vec<Insertion>) {
        if self.has_fields() {
            return;
        }
        for column in self.columns() {
            let is_there =
                self.from.fields.iter().any(|field| field.is_scalar() && field.name.text == column.name);
            if is_there {
                continue;
            }
            let DraftType::Scalar(scalar) = column.ty else {
                return;
            };
            let native = column.model_of.native_type.map_or("", |attribute| attribute.span().of(text));
            let mark = match column.arity {
                Arity::Required => "",
                Arity::Optional => "?",
                Arity::List => "[]",
            };
            let field = format!("{} {}{mark} {native}\n", column.name, scalar.name());
            insertions.push(at_end_of(self.from, field));
        }
    }

    fn missing_attribute(&self, text: &str, insertions: &mut Vec<Insertion>) {
        let Some(field) = self.from_field.filter(|field| field.relation.attribute.is_none()) else {
            return;
        };
        let Some(ty) = field.ast.ty().and_then(FieldType::name) else {
            return;
        };
        let after = &text[ty.span.end as usize..];
        let marks = after.find(|c| !matches!(c, '[' | ']' | '?' | '!')).unwrap_or_default();
        insertions.push(Insertion {
            at: ty.span.end + to_u32(marks),
            text: format!(" @relation({})", self.arguments()),
        });
    }

    fn missing_arguments(&self, insertions: &mut Vec<Insertion>) {
        let Some(field) = self.from_field else { return };
        let Some(attribute) = field.relation.attribute else { return };
        let mut missing = Vec::new();
        if field.relation.fields.is_none() {
            missing.push(self.fields_argument());
        }
        if field.relation.references.is_none() {
            missing.push(self.references_argument());
        }
        if missing.is_empty() {
            return;
        }
        let missing = missing.join(", ");
        let end = Attribute::span(attribute).end;
        let has_arguments = attribute.arguments().iter().any(|argument| argument.value().is_some());
        insertions.push(if has_arguments {
            Insertion { at: end - 1, text: format!(", {missing}") }
        } else {
            Insertion { at: end, text: format!("({missing})") }
        });
    }

    fn has_fields(&self) -> bool {
        self.from_field.is_some_and(|field| field.relation.fields.is_some())
    }

    fn arguments(&self) -> String {
        format!("{}, {}", self.fields_argument(), self.references_argument())
    }

    fn fields_argument(&self) -> String {
        let names: Vec<String> = self.columns().into_iter().map(|column| column.name).collect();
        format!("fields: [{}]", names.join(", "))
    }

    fn references_argument(&self) -> String {
        let written = self.from_field.and_then(|field| field.relation.references.clone());
        let names = match written {
            Some(fields) => self.to.names(fields),
            None => self.first_strict_key().iter().map(|field| field.name.text).collect(),
        };
        format!("references: [{}]", names.join(", "))
    }

    /// Returns the existing or missing columns of the foreign key.
    fn columns(&self) -> Vec<Column<'s, 'a>> {
        let prefix = with_first(self.to.name.text, str::to_lowercase);
        self.first_key()
            .into_iter()
            .map(|field| {
                let name = format!("{prefix}{}", with_first(field.name.text, str::to_uppercase));
                let existing = self
                    .from
                    .fields
                    .iter()
                    .find(|existing| existing.is_scalar() && existing.name.text == name);
                Column {
                    name,
                    arity: match existing {
                        Some(existing) => existing.arity,
                        None => self.from_field.map_or(Arity::Optional, |field| field.arity),
                    },
                    ty: existing.map_or(&field.ty, |existing| &existing.ty),
                    model_of: field,
                }
            })
            .collect()
    }

    /// Returns the first key of the referenced model.
    fn first_key(&self) -> Vec<&'s FieldDraft<'a>> {
        self.keys().next().unwrap_or_default()
    }

    /// Returns the first of its keys without null values.
    fn first_strict_key(&self) -> Vec<&'s FieldDraft<'a>> {
        self.keys()
            .find(|fields| {
                fields.iter().all(|field| field.arity != Arity::Optional && !field.is_unsupported())
            })
            .unwrap_or_default()
    }

    fn keys(&self) -> impl Iterator<Item = Vec<&'s FieldDraft<'a>>> {
        let model = self.to;
        model
            .keys()
            .filter(|key| matches!(key.kind, KeyKind::Primary | KeyKind::Unique))
            .map(move |key| key.field_ids().map(|field| model.field(field)).collect())
    }
}

/// Inserts before the closing brace of a model.
fn at_end_of(model: &ModelDraft<'_>, text: String) -> Insertion {
    Insertion { at: model.ast.span().end - 1, text }
}

fn with_first(name: &str, change: impl Fn(&str) -> String) -> String {
    let end = name.chars().next().map_or(0, char::len_utf8);
    format!("{}{}", change(&name[..end]), &name[end..])
}
