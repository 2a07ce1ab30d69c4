//! Rules for indexes and unique keys.
//!
//! Source: PostgreSQL 17 manual, chapter 64 (index methods and their operator classes), as supported by Prisma 6.19.

use super::model::{
    argument_span, automatic_name_clash, client_name_taken, clustered_unsupported, length_unsupported,
    name_length, name_taken,
};
use super::names::index_name;
use super::{Context, capability};
use crate::ast::{Argument, Expression, FieldType};
use crate::config::capability::Capability;
use crate::diagnostic::Diagnostic;
use crate::draft::{DraftType, FieldDraft, KeyDraft, KeyFieldDraft, KeyKind};
use crate::model::{Arity, IndexAlgorithm, ModelId, NativeType, OperatorClass, ScalarType};
use crate::native_type::{NAMES, parse_any, parts};
use crate::operator_class::{Class, fitting, has_default};
use crate::rule;
use crate::span::Span;
use crate::suggest::one_of;

/// Checks that the columns' types fit the index type.
pub(super) fn types(id: ModelId, ctx: &mut Context<'_, '_>) {
    if !ctx.can(Capability::IndexTypes) {
        return;
    }
    let model = ctx.draft.model(id);
    for index in &model.indexes {
        let fields = || index.field_ids().map(|field| model.field(field));
        if let Some(field) = fields().find(|field| native_type(field) == Some(NativeType::Xml)) {
            ctx.found.push(
                rule::index::INDEX_XML
                    .at(
                        field.ast.span(),
                        format!(
                            "the column `{}` cannot be indexed: XML values cannot be compared",
                            field.name.text
                        ),
                    )
                    .label(index.attribute.span(), "indexed here")
                    .help("remove it from the key or index, or use the type `Text`"),
            );
        }
        for key_field in &index.fields {
            operator(index, key_field, model.field(key_field.field), ctx);
        }
        if index.algorithm == Some(IndexAlgorithm::SpGist) && index.fields.len() != 1 {
            ctx.found.push(
                rule::index::INDEX_SPGIST_COLUMNS
                    .at(index.attribute.span(), "an `SpGist` index can only have one column")
                    .help("create a separate index for each column"),
            );
        }
    }
}

fn native_type(field: &FieldDraft<'_>) -> Option<NativeType> {
    // Whether it fits the field's type is checked elsewhere.
    let attribute = field.native_type?;
    let (_, name) = attribute.name()?.text.split_once('.')?;
    if !NAMES.contains(&name) {
        // As in Prisma, the field then counts as having no native type.
        let DraftType::Scalar(scalar) = field.ty else { return None };
        return Some(scalar.default_native_type());
    }
    let arguments: Vec<&str> =
        attribute.arguments().iter().filter_map(Argument::value).map(Expression::source).collect();
    parse_any(name, &arguments).map(|(native, _)| native)
}

/// Checks that there is an operator class for this column, explicit or by default.
fn operator(
    index: &KeyDraft<'_>,
    key_field: &KeyFieldDraft,
    field: &FieldDraft<'_>,
    ctx: &mut Context<'_, '_>,
) {
    let algorithm = index.algorithm.unwrap_or(IndexAlgorithm::BTree);
    let span = index.attribute.span();
    let name = match &key_field.operator_class {
        // Only the database knows whether it fits.
        Some(OperatorClass::Raw(_)) => return,
        Some(OperatorClass::Known(name)) => Some(name.as_str()),
        None => None,
    };
    let class = name.and_then(Class::find);
    if let (Some(name), Some(class)) = (name, class)
        && !class.supports(algorithm)
    {
        let fitting: Vec<&str> = class.algorithms().map(IndexAlgorithm::name).collect();
        ctx.push(
            rule::index::OPERATOR_CLASS_INDEX_TYPE
                .at(
                    span,
                    format!("an index of type `{}` cannot use the operator class `{name}`", algorithm.name()),
                )
                .help(format!("add `type: {}`, or remove `ops:`", fitting.join("` or `type: "))),
        );
        return;
    }
    if matches!(algorithm, IndexAlgorithm::BTree | IndexAlgorithm::Hash) {
        return;
    }
    let column = field.name.text;
    let native = native_type(field);
    let is_list = field.arity == Arity::List;
    let error = match (class, name, native) {
        (Some(class), Some(name), _) if class.is_for_lists() => {
            if is_list {
                return;
            }
            wrong_class(
                span,
                format!("the operator class `{name}` is for lists, but `{column}` is not a list"),
            )
        }
        (Some(class), Some(name), Some(native)) => {
            if class.is_for(native) {
                return;
            }
            wrong_class(
                span,
                format!(
                    "the operator class `{name}` does not support the type `{}` of `{column}`",
                    parts(native).0
                ),
            )
        }
        (Some(class), Some(name), None) => match class.scalar() {
            Some(scalar) if field.ty == DraftType::Scalar(scalar) => return,
            Some(scalar) => wrong_class(
                span,
                format!(
                    "the operator class `{name}` is for fields of type `{}`, but `{column}` is not one",
                    scalar.name()
                ),
            ),
            None => wrong_class(
                span,
                format!("the operator class `{name}` needs a native type, but `{column}` has none"),
            )
            .help(format!("add the native type of the operator class to `{column}`: `@db.…`")),
        },
        (_, _, Some(native)) => {
            let is_indexable = match algorithm {
                IndexAlgorithm::Gin => is_list || native == NativeType::JsonB,
                // `inet` has no default operator class for GiST.
                IndexAlgorithm::Gist => false,
                _ => has_default(native, algorithm),
            };
            if is_indexable {
                return;
            }
            let native = parts(native).0;
            rule::index::INDEX_TYPE_COLUMN.at(
                span,
                format!(
                    "an index of type `{}` cannot contain `{column}`, whose type is `{native}`, without an operator class",
                    algorithm.name()
                ),
            )
        }
        (_, _, None) => {
            if supports(algorithm, field) {
                return;
            }
            rule::index::INDEX_TYPE_COLUMN.at(
                span,
                format!(
                    "an index of type `{}` cannot contain `{column}` without an operator class",
                    algorithm.name()
                ),
            )
        }
    };
    ctx.push(with_alternatives(error, algorithm, field));
}

/// Adds alternatives to the error.
fn with_alternatives(error: Diagnostic, algorithm: IndexAlgorithm, field: &FieldDraft<'_>) -> Diagnostic {
    let native = native_type(field);
    let error = match field.ast.ty().and_then(FieldType::name) {
        Some(ty) => error.label(ty.span, "the type of the column"),
        None => error,
    };
    let scalar = match field.ty {
        DraftType::Scalar(scalar) => Some(scalar),
        _ => None,
    };
    let classes: Vec<&str> = fitting(algorithm, native, scalar).collect();
    let others = [IndexAlgorithm::Gin, IndexAlgorithm::Gist, IndexAlgorithm::SpGist, IndexAlgorithm::Brin]
        .into_iter()
        .filter(|other| native.is_none() && *other != algorithm && supports(*other, field))
        .map(IndexAlgorithm::name);
    if error.help.is_some() {
        error
    } else if classes.is_empty() {
        let others = one_of(others.chain(["BTree"]));
        error.help(format!(
            "use a different index type: {others}; or a database operator class: `ops: raw(\"…\")`"
        ))
    } else {
        error.help(format!("set an operator class for this column with `ops:`: {}", one_of(classes)))
    }
}

fn wrong_class(span: Span, message: String) -> Diagnostic {
    rule::index::OPERATOR_CLASS_COLUMN.at(span, message)
}

/// Whether an index of this type can contain a column without a native type.
fn supports(algorithm: IndexAlgorithm, field: &FieldDraft<'_>) -> bool {
    let DraftType::Scalar(scalar) = field.ty else {
        let is_array = algorithm == IndexAlgorithm::Gin && field.arity == Arity::List;
        return field.is_unsupported() || is_array;
    };
    match algorithm {
        IndexAlgorithm::BTree | IndexAlgorithm::Hash => true,
        IndexAlgorithm::Gist | IndexAlgorithm::SpGist => scalar == ScalarType::String,
        IndexAlgorithm::Gin => scalar == ScalarType::Json || field.arity == Arity::List,
        IndexAlgorithm::Brin => !matches!(scalar, ScalarType::Json | ScalarType::Boolean),
    }
}

/// Checks names and features that PostgreSQL's indexes do not have.
pub(super) fn check(id: ModelId, ctx: &mut Context<'_, '_>) {
    let model = ctx.draft.model(id);
    for index in &model.indexes {
        let span = index.attribute.span();
        let name = index_name(model, index);
        if index.fields.is_empty() {
            ctx.push(
                rule::key::KEY_WITHOUT_FIELDS
                    .at(span, format!("`{}` lists no fields", index.attribute_name()))
                    .help("list at least one field"),
            );
        }
        if let Some(users) = ctx.names.taken_in_schema(model, &name) {
            let at = argument_span(index.attribute, "map")
                .or_else(|| argument_span(index.attribute, "name"))
                .unwrap_or(span);
            let error = name_taken(&name, at, users);
            ctx.push(error);
        }
        if index.is_unique() {
            automatic_name_clash(id, index, ctx);
        }
        client_name_taken(id, index, ctx);
        if index.fields.iter().any(|field| field.length.is_some()) {
            ctx.push(length_unsupported(span));
        }
        capability::index_type(index, ctx);
        if index.algorithm == Some(IndexAlgorithm::Hash)
            && ctx.can(Capability::IndexTypes)
            && index.fields.iter().any(|field| field.sort.is_some())
        {
            ctx.push(
                rule::index::INDEX_HASH_SORT
                    .at(span, "an index of type `Hash` has no sort order")
                    .help("remove `sort:`, or use `BTree`"),
            );
        }
        if index.kind == KeyKind::Fulltext {
            ctx.push(rule::index::FULLTEXT_INDEX.at(span, "`@@fulltext` is for MySQL").help(
                "use `@@index([…], type: Gin)` on a `tsvector` column, or create the index in a migration",
            ));
        }
        if let Some(map) = &index.map {
            name_length(index.attribute, map, ctx);
        }
        if index.is_clustered.is_some() {
            ctx.push(clustered_unsupported(span));
        }
        let has_classes = index.fields.iter().any(|field| field.operator_class.is_some());
        if index.kind != KeyKind::Normal && has_classes {
            ctx.push(
                rule::index::OPERATOR_CLASS_PLACE
                    .at(span, "operator classes are only allowed in `@@index`")
                    .help("remove `ops:`"),
            );
        }
    }
}
