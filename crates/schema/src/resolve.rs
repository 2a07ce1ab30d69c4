//! Resolves the tree to the draft: names become ids, attributes become data.
//!
//! Errors within one name, type or attribute are found here; those that involve several are left to
//! [`validate`](crate::validate()).

pub(crate) mod attribute;
mod composite;
pub(crate) mod default;
mod key;
mod misnamed;
mod names;
mod relation;
mod shard_key;

use std::collections::{BTreeMap, HashMap};

use crate::ast;
use crate::diagnostic::Diagnostic;
use crate::draft::{
    Draft, DraftType, EnumDraft, EnumValueDraft, FieldDraft, KeyKind, ModelDraft, RelationArguments,
};
use crate::model::{Arity, EnumId, FieldId, ModelId, ScalarType};
use crate::rule;
use crate::span::Span;
use attribute::{AttributeSet, Visit};

pub(crate) use names::is_reserved;

/// Resolves a schema to a draft, and reports errors in names, types and attributes.
pub(crate) fn resolve<'a>(file: ast::File<'a>, found: &mut Vec<Diagnostic>) -> Draft<'a> {
    let tops = names::check(file, found);
    let mut draft = shell(file);
    resolve_types(&tops, &mut draft, found);
    for composite in &draft.composites {
        composite::check(*composite, &tops, &draft, found);
    }
    for model in draft.model_ids() {
        relation::resolve_fields(model, &mut draft, found);
    }
    for model in draft.model_ids() {
        resolve_model(model, &mut draft, found);
    }
    for schema_enum in &mut draft.enums {
        resolve_enum(schema_enum, found);
    }
    relation::infer(&mut draft);
    draft
}

/// What a top-level name refers to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Top {
    Model(ModelId),
    Enum(EnumId),
    Composite,
}

/// Builds the blocks and their fields, without resolving anything.
fn shell(file: ast::File<'_>) -> Draft<'_> {
    let mut draft = Draft::default();
    for item in file.items() {
        match item {
            ast::Item::Model(ast) => {
                let Some(name) = ast.name() else { continue };
                let keyword = ast.keyword().map_or("model", |keyword| keyword.text);
                if keyword == "type" {
                    draft.composites.push(ast);
                    continue;
                }
                draft.models.push(ModelDraft {
                    ast,
                    name,
                    is_view: keyword == "view",
                    fields: ast.fields().filter_map(field_shell).collect(),
                    map: None,
                    schema: None,
                    is_ignored: false,
                    primary_key: None,
                    indexes: Vec::new(),
                    shard_key: None,
                });
            }
            ast::Item::Enum(ast) => {
                let Some(name) = ast.name() else { continue };
                let values = ast
                    .values()
                    .filter_map(|value| Some(EnumValueDraft { ast: value, name: value.name()?, map: None }));
                draft.enums.push(EnumDraft { ast, name, values: values.collect(), map: None, schema: None });
            }
            ast::Item::Config(_) => {}
        }
    }
    draft
}

fn field_shell(ast: ast::Field<'_>) -> Option<FieldDraft<'_>> {
    let ty = ast.ty().filter(|_| ast.is_well_formed())?;
    Some(FieldDraft {
        ast,
        name: ast.name()?,
        arity: if ty.is_list() {
            Arity::List
        } else if ty.is_optional() {
            Arity::Optional
        } else {
            Arity::Required
        },
        ty: DraftType::Unknown,
        is_ignored: false,
        map: None,
        default: None,
        native_type: None,
        is_updated_at: false,
        relation: RelationArguments::default(),
    })
}

fn resolve_types(tops: &BTreeMap<&str, Top>, draft: &mut Draft<'_>, found: &mut Vec<Diagnostic>) {
    for model in &mut draft.models {
        for field in &mut model.fields {
            field.ty = resolve_type(field.ast, tops, found);
        }
    }
    for schema_enum in &draft.enums {
        if schema_enum.values.is_empty() {
            found.push(
                rule::name::ENUM_WITHOUT_VALUES
                    .at(schema_enum.ast.span(), format!("the enum `{}` has no values", schema_enum.name.text))
                    .help("add at least one value, each on its own line"),
            );
        }
    }
}

fn resolve_type(field: ast::Field<'_>, tops: &BTreeMap<&str, Top>, found: &mut Vec<Diagnostic>) -> DraftType {
    let Some(ty) = field.ty() else {
        return DraftType::Unknown;
    };
    if let Some(unsupported) = ty.unsupported() {
        return DraftType::Unsupported(unsupported.value());
    }
    let Some(name) = ty.name() else {
        return DraftType::Unknown;
    };
    if let Some(scalar) = ScalarType::from_name(name.text) {
        return DraftType::Scalar(scalar);
    }
    match tops.get(name.text) {
        Some(Top::Model(id)) => DraftType::Model(*id),
        Some(Top::Enum(id)) => DraftType::Enum(*id),
        Some(Top::Composite) => DraftType::Composite,
        None => {
            let known = tops.keys().copied();
            let candidates = ScalarType::ALL.iter().map(|scalar| scalar.name()).chain(known);
            let error = rule::name::TYPE_UNKNOWN.at(name.span, format!("there is no type `{}`", name.text));
            let near = crate::suggest::closest(name.text, candidates);
            found.push(match (near, foreign_name(name.text)) {
                (Some(near), _) => error.help(format!("did you mean `{near}`?")),
                (None, Some(own)) => error.help(format!("use `{own}`")),
                (None, None) => error.help(format!(
                    "define it with `model {0} {{ … }}` or `enum {0} {{ … }}`, or use a built-in type such as `String`",
                    name.text
                )),
            });
            DraftType::Unknown
        }
    }
}

/// Returns the type that corresponds to a type name of SQL or TypeScript.
fn foreign_name(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "text" | "varchar" | "char" => "String",
        "uuid" => "String @db.Uuid",
        "bool" => "Boolean",
        "integer" | "int4" | "serial" | "number" => "Int",
        "long" | "int8" | "bigserial" => "BigInt",
        "double" | "real" => "Float",
        "numeric" | "money" => "Decimal",
        "date" => "DateTime @db.Date",
        "timestamp" | "time" => "DateTime",
        "timestamptz" => "DateTime @db.Timestamptz",
        "jsonb" | "object" => "Json",
        "bytea" | "buffer" | "blob" => "Bytes",
        _ => return None,
    })
}

impl ScalarType {
    pub(crate) const ALL: [ScalarType; 9] = [
        ScalarType::String,
        ScalarType::Boolean,
        ScalarType::Int,
        ScalarType::BigInt,
        ScalarType::Float,
        ScalarType::Decimal,
        ScalarType::DateTime,
        ScalarType::Json,
        ScalarType::Bytes,
    ];

    /// Returns the name in the schema language.
    pub fn name(self) -> &'static str {
        match self {
            ScalarType::String => "String",
            ScalarType::Boolean => "Boolean",
            ScalarType::Int => "Int",
            ScalarType::BigInt => "BigInt",
            ScalarType::Float => "Float",
            ScalarType::Decimal => "Decimal",
            ScalarType::DateTime => "DateTime",
            ScalarType::Json => "Json",
            ScalarType::Bytes => "Bytes",
        }
    }

    /// Returns the type with this name.
    pub fn from_name(name: &str) -> Option<ScalarType> {
        ScalarType::ALL.into_iter().find(|scalar| scalar.name() == name)
    }
}

/// Resolves the attributes of a model and of its columns.
fn resolve_model(id: ModelId, draft: &mut Draft<'_>, found: &mut Vec<Diagnostic>) {
    for index in 0..draft.models[id.index()].fields.len() {
        if draft.models[id.index()].fields[index].is_scalar() {
            resolve_column(id, FieldId(crate::span::to_u32(index)), draft, found);
        }
    }
    check_mapped_names(&draft.models[id.index()], found);
    let model = &mut draft.models[id.index()];
    let mut set = AttributeSet::new(model.ast.attributes());
    if let Some(visit) = set.single("ignore", found) {
        for field in model.fields.iter().filter(|field| field.is_scalar() && field.is_ignored) {
            found.push(
                rule::attribute::IGNORE_TWICE
                    .at(
                        field.ast.span(),
                        format!("`{}` is already ignored with the whole model", field.name.text),
                    )
                    .help("remove `@ignore` from the field or `@@ignore` from the model"),
            );
        }
        model.is_ignored = true;
        visit.finish(found);
    }
    if let Some(visit) = set.single("id", found) {
        key::model_id(model, visit, found);
    }
    if let Some(visit) = set.single("map", found) {
        model.map = map_argument(visit, found);
    }
    if let Some(visit) = set.single("schema", found) {
        model.schema = schema_argument(visit, found);
    }
    for visit in set.repeated("index", found) {
        key::model_index(model, KeyKind::Normal, visit, found);
    }
    for visit in set.repeated("unique", found) {
        key::model_index(model, KeyKind::Unique, visit, found);
    }
    for visit in set.repeated("fulltext", found) {
        key::model_index(model, KeyKind::Fulltext, visit, found);
    }
    if let Some(visit) = set.single("shardKey", found) {
        shard_key::on_model(model, visit, found);
    }
    key::check_id_arity(model, found);
    shard_key::check_arity(model, found);
    set.finish(&["id", "unique", "index", "map", "schema", "ignore"], found);
}

fn resolve_column(model: ModelId, id: FieldId, draft: &mut Draft<'_>, found: &mut Vec<Diagnostic>) {
    let (ast, ty, arity) = {
        let field = draft.field((model, id));
        (field.ast, field.ty.clone(), field.arity)
    };
    let mut set = AttributeSet::new(ast.attributes());
    if let Some(visit) = set.single("map", found) {
        draft.models[model.index()].fields[id.index()].map = map_argument(visit, found);
    }
    if let Some(visit) = set.single("ignore", found) {
        if matches!(ty, DraftType::Unsupported(_)) {
            found.push(
                rule::attribute::IGNORE_UNSUPPORTED
                    .at(visit.span(), "a field of an unsupported type is already ignored")
                    .help("remove `@ignore`"),
            );
        } else {
            draft.models[model.index()].fields[id.index()].is_ignored = true;
        }
        visit.finish(found);
    }
    if let Some(visit) = set.single("relation", found) {
        found.push(
            rule::attribute::RELATION_ON_COLUMN
                .at(visit.span(), "`@relation` needs a field whose type is a model")
                .help("move it to the field whose type is the other model"),
        );
        visit.finish(found);
    }
    if let Some(visit) = set.single("id", found) {
        key::field_id(&mut draft.models[model.index()], id, visit, found);
    }
    if let Some(visit) = set.single("updatedAt", found) {
        if ty != DraftType::Scalar(ScalarType::DateTime) {
            found.push(
                rule::attribute::UPDATED_AT_TYPE
                    .at(visit.span(), "`@updatedAt` needs a field of type `DateTime`")
                    .help("change the type or remove the attribute"),
            );
        }
        if arity == Arity::List {
            found.push(
                rule::attribute::UPDATED_AT_LIST
                    .at(visit.span(), "`@updatedAt` cannot be on a list")
                    .help("remove `[]` or the attribute"),
            );
        }
        draft.models[model.index()].fields[id.index()].is_updated_at = true;
        visit.finish(found);
    }
    if let Some(visit) = set.single("default", found) {
        let default = default::resolve((model, id), draft, visit, found);
        draft.models[model.index()].fields[id.index()].default = default;
    }
    if matches!(ty, DraftType::Scalar(_)) {
        draft.models[model.index()].fields[id.index()].native_type = set.native_type(found);
    }
    if let Some(visit) = set.single("unique", found) {
        key::field_unique(&mut draft.models[model.index()], id, visit, found);
    }
    if let Some(visit) = set.single("shardKey", found) {
        shard_key::on_field(&mut draft.models[model.index()], id, visit, found);
    }
    set.finish(&["id", "unique", "default", "updatedAt", "map", "ignore", "relation"], found);
}

/// Checks that no two columns have the same name in the database.
fn check_mapped_names(model: &ModelDraft<'_>, found: &mut Vec<Diagnostic>) {
    let mut error = |field: &FieldDraft<'_>, other: &FieldDraft<'_>| {
        found.push(
            rule::name::COLUMN_NAME_TAKEN
                .at(
                    field.ast.span(),
                    format!(
                        "the column name `{}` of field `{}` is already used by field `{}`",
                        field.database_name(),
                        field.name.text,
                        other.name.text
                    ),
                )
                .label(other.name.span, "the other field")
                .help("give one of them a different `@map`"),
        );
    };
    let mut mapped: HashMap<&str, &FieldDraft<'_>> = HashMap::new();
    for (id, field) in model.fields() {
        let Some(map) = field.map.as_deref().filter(|_| field.is_scalar()) else {
            continue;
        };
        if let Some(other) = mapped.insert(map, field) {
            error(field, other);
        }
        if let Some(other) = model.find(map).filter(|other| *other != id) {
            let other = model.field(other);
            // Fields are checked in order; the `@map` of later fields is not known yet.
            let mapped_away =
                other.name.span < field.name.span && other.map.as_deref().is_some_and(|other| other != map);
            if other.is_scalar() && !mapped_away {
                error(field, other);
            }
        }
    }
}

fn resolve_enum(schema_enum: &mut EnumDraft<'_>, found: &mut Vec<Diagnostic>) {
    for value in &mut schema_enum.values {
        let mut set = AttributeSet::new(value.ast.attributes());
        if let Some(visit) = set.single("map", found) {
            value.map = map_argument(visit, found);
        }
        set.finish(&["map"], found);
    }
    let mut set = AttributeSet::new(schema_enum.ast.attributes());
    if let Some(visit) = set.single("map", found) {
        schema_enum.map = map_argument(visit, found);
    }
    if let Some(visit) = set.single("schema", found) {
        schema_enum.schema = schema_argument(visit, found);
    }
    set.finish(&["map", "schema"], found);
}

fn map_argument(mut visit: Visit<'_>, found: &mut Vec<Diagnostic>) -> Option<String> {
    let map = visit.required("name", found).and_then(|value| attribute::string(value, found));
    visit.finish(found);
    map
}

fn schema_argument(mut visit: Visit<'_>, found: &mut Vec<Diagnostic>) -> Option<(String, Span)> {
    let value = visit.required("map", found);
    visit.finish(found);
    let value = value?;
    Some((attribute::string(value, found)?, value.span()))
}
