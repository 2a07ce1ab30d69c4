//! The schema as the page sees it.

use std::collections::HashMap;

use nicol_schema::model::{
    self, Arity, DefaultValue, FieldId, FieldKind, FieldType, IndexAlgorithm, Literal, ModelId, NativeType,
    ReferentialAction, RelationKind, ScalarType, Side,
};
use serde::Serialize;

/// The models and views that the client has, in the order of the schema.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Models {
    list: Vec<Model>,
    #[serde(skip)]
    by_name: HashMap<String, usize>,
}

/// A model or view.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Model {
    pub(crate) name: String,
    /// The name in the database.
    pub(crate) table: String,
    /// The schema of the database (`@@schema`).
    pub(crate) namespace: Option<String>,
    pub(crate) is_view: bool,
    pub(crate) documentation: Option<String>,
    pub(crate) fields: Vec<Field>,
    pub(crate) key: Option<Key>,
    /// Whether the client can create rows: no column of an unknown type needs a value.
    pub(crate) can_create: bool,
    /// The models whose rows are deleted together with a row of this one.
    pub(crate) cascades_to: Vec<String>,
}

/// The fields that identify a row.
#[derive(Debug, Serialize)]
pub(crate) struct Key {
    /// The name of a compound key in requests.
    #[serde(skip)]
    pub(crate) name: String,
    pub(crate) fields: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) documentation: Option<String>,
    #[serde(flatten)]
    pub(crate) kind: Kind,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Kind {
    Column(Column),
    Relation(Relation),
}

/// A column.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact that the page shows or asks for")]
pub(crate) struct Column {
    /// The name in the database.
    pub(crate) stored: String,
    #[serde(flatten)]
    pub(crate) ty: Type,
    pub(crate) native: Option<String>,
    #[serde(skip)]
    pub(crate) form: Form,
    pub(crate) list: bool,
    pub(crate) required: bool,
    /// The default value, as the schema has it.
    pub(crate) default: Option<String>,
    pub(crate) is_updated_at: bool,
    /// Whether an index begins with this column.
    pub(crate) is_indexed: bool,
    /// Whether rows can be sorted by it.
    pub(crate) sorts: bool,
    /// Whether a value of a row can be compared with it without loss, so that pages can begin behind a row.
    #[serde(skip)]
    pub(crate) is_exact: bool,
    /// The comparisons that filters have for it.
    pub(crate) operators: &'static [&'static str],
}

/// The type of a column.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", content = "values")]
pub(crate) enum Type {
    #[default]
    String,
    Boolean,
    Int,
    BigInt,
    Float,
    Decimal,
    DateTime,
    Json,
    Bytes,
    /// An enum with the names of its values.
    Enum(Vec<String>),
    /// The name of the type in the database.
    Unsupported(String),
}

/// How a `DateTime` is shown.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    #[default]
    Usual,
    /// Without the time.
    Date,
    /// Without the date.
    Time,
}

/// A relation to another model, or to the same.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Relation {
    /// The model at the other end.
    pub(crate) model: String,
    pub(crate) many: bool,
    /// The field at the other end.
    pub(crate) opposite: Option<String>,
    /// The fields of this model that the join compares, and those at the other end. Empty for many-to-many relations.
    pub(crate) fields: Vec<String>,
    pub(crate) references: Vec<String>,
    /// Whether the foreign key is here.
    pub(crate) is_owner: bool,
    pub(crate) is_many_to_many: bool,
}

impl Models {
    pub(crate) fn new(schema: &model::Schema) -> Self {
        let shown = schema.models().filter(|(_, model)| !model.is_ignored);
        let list: Vec<Model> = shown.map(|(id, model)| Model::new(schema, id, model)).collect();
        let by_name = list.iter().enumerate().map(|(index, model)| (model.name.clone(), index)).collect();
        Self { list, by_name }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Model> {
        self.by_name.get(name).map(|index| &self.list[*index])
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Model> {
        self.list.iter()
    }
}

impl Model {
    fn new(schema: &model::Schema, id: ModelId, model: &model::Model) -> Self {
        let name = |id: FieldId| model.field(id).name.clone();
        let known =
            |key: &&model::Key| key.fields.iter().all(|field| is_usable_in_key(model.field(field.field)));
        let key = model.primary_key.iter().chain(&model.uniques).find(known).map(|key| {
            let fields: Vec<String> = key.fields.iter().map(|field| name(field.field)).collect();
            Key { name: key.name.clone().unwrap_or_else(|| fields.join("_")), fields }
        });
        let fields = model.fields().filter(|(_, field)| !field.is_ignored);
        let fields = fields.filter_map(|(id, field)| {
            let kind = match &field.kind {
                FieldKind::Scalar(scalar) => Kind::Column(column(schema, model, id, field, scalar)),
                FieldKind::Relation(end) => Kind::Relation(relation(schema, model, field, *end)?),
            };
            Some(Field { name: field.name.clone(), documentation: field.documentation.clone(), kind })
        });
        let can_create = !model.scalars().any(|(_, field, scalar)| {
            let is_hidden = field.is_ignored || matches!(scalar.ty, FieldType::Unsupported(_));
            is_hidden && field.arity == Arity::Required && scalar.default.is_none()
        });
        Self {
            name: model.name.clone(),
            table: model.database_name().to_owned(),
            namespace: model.schema.clone(),
            is_view: model.is_view,
            documentation: model.documentation.clone(),
            fields: fields.collect(),
            key,
            can_create: can_create && !model.is_view,
            cascades_to: cascades(schema, id),
        }
    }

    /// Returns the columns that the engine reads, with the names of their fields.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.fields.iter().filter_map(|field| match &field.kind {
            Kind::Column(column) if !matches!(column.ty, Type::Unsupported(_)) => {
                Some((&*field.name, column))
            }
            _ => None,
        })
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns().find(|(field, _)| *field == name).map(|(_, column)| column)
    }

    pub(crate) fn relations(&self) -> impl Iterator<Item = (&str, &Relation)> {
        self.fields.iter().filter_map(|field| match &field.kind {
            Kind::Relation(relation) => Some((&*field.name, relation)),
            Kind::Column(_) => None,
        })
    }

    pub(crate) fn relation(&self, name: &str) -> Option<&Relation> {
        self.relations().find(|(field, _)| *field == name).map(|(_, relation)| relation)
    }

    /// Returns the fields that identify a row; none for a view without a key.
    pub(crate) fn key_fields(&self) -> &[String] {
        self.key.as_ref().map(|key| &*key.fields).unwrap_or_default()
    }
}

fn is_usable_in_key(field: &model::Field) -> bool {
    let FieldKind::Scalar(scalar) = &field.kind else { return false };
    let is_known = !matches!(scalar.ty, FieldType::Unsupported(_));
    field.arity == Arity::Required && is_known && !field.is_ignored
}

/// Returns the models whose rows refer to those of a model and are deleted with them.
fn cascades(schema: &model::Schema, id: ModelId) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for relation in &schema.relations {
        let actions = relation.actions(schema);
        let is_deleted = matches!(actions, Some((ReferentialAction::Cascade, _)));
        let name = &schema.model(relation.from).name;
        if relation.to == id && is_deleted && !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn column(
    schema: &model::Schema,
    model: &model::Model,
    id: FieldId,
    field: &model::Field,
    scalar: &model::Scalar,
) -> Column {
    let ty = match &scalar.ty {
        FieldType::Scalar(ScalarType::String) => Type::String,
        FieldType::Scalar(ScalarType::Boolean) => Type::Boolean,
        FieldType::Scalar(ScalarType::Int) => Type::Int,
        FieldType::Scalar(ScalarType::BigInt) => Type::BigInt,
        FieldType::Scalar(ScalarType::Float) => Type::Float,
        FieldType::Scalar(ScalarType::Decimal) => Type::Decimal,
        FieldType::Scalar(ScalarType::DateTime) => Type::DateTime,
        FieldType::Scalar(ScalarType::Json) => Type::Json,
        FieldType::Scalar(ScalarType::Bytes) => Type::Bytes,
        FieldType::Enum(id) => {
            Type::Enum(schema.enumeration(*id).values.iter().map(|value| value.name.clone()).collect())
        }
        FieldType::Unsupported(name) => Type::Unsupported(name.clone()),
    };
    let list = field.arity == Arity::List;
    let native = scalar.native_type;
    Column {
        stored: field.database_name().to_owned(),
        form: match native {
            Some(NativeType::Date) => Form::Date,
            Some(NativeType::Time(_) | NativeType::Timetz(_)) => Form::Time,
            _ => Form::Usual,
        },
        native: native.map(native_name),
        list,
        required: field.arity == Arity::Required,
        default: scalar.default.as_ref().map(|default| default_text(&default.value)),
        is_updated_at: scalar.is_updated_at,
        is_indexed: is_indexed(model, id),
        sorts: !list
            && !matches!(ty, Type::Json | Type::Unsupported(_))
            && !matches!(native, Some(NativeType::Xml)),
        is_exact: !list && is_exact(&ty, native),
        operators: operators(&ty, native, list),
        ty,
    }
}

fn native_name(native: NativeType) -> String {
    let (name, arguments) = nicol_schema::native_type_parts(native);
    match &*arguments {
        [] => name.to_owned(),
        some => {
            let some: Vec<String> = some.iter().map(u32::to_string).collect();
            format!("{name}({})", some.join(", "))
        }
    }
}

/// Whether a value of a row, as the engine answers it, finds the same place in the order of rows: times have milliseconds there, and
/// `char(n)` has spaces at its end.
fn is_exact(ty: &Type, native: Option<NativeType>) -> bool {
    match ty {
        Type::String => {
            matches!(native, None | Some(NativeType::Text | NativeType::VarChar(_) | NativeType::Uuid))
        }
        Type::Int | Type::BigInt => !matches!(native, Some(NativeType::Oid)),
        Type::Decimal => !matches!(native, Some(NativeType::Money)),
        Type::DateTime => matches!(
            native,
            None | Some(
                NativeType::Timestamp(Some(0..=3)) | NativeType::Timestamptz(Some(0..=3)) | NativeType::Date
            )
        ),
        _ => false,
    }
}

fn operators(ty: &Type, native: Option<NativeType>, list: bool) -> &'static [&'static str] {
    match ty {
        Type::Unsupported(_) => &[],
        Type::Json if list => &["equals"],
        _ if list => &["has", "isEmpty", "equals"],
        Type::String => match native {
            None
            | Some(NativeType::Text | NativeType::VarChar(_) | NativeType::Char(_) | NativeType::Citext) => {
                &[
                    "contains",
                    "equals",
                    "not",
                    "startsWith",
                    "endsWith",
                    "in",
                    "gt",
                    "gte",
                    "lt",
                    "lte",
                    "isNull",
                    "isNotNull",
                ]
            }
            Some(NativeType::Xml) => &["isNull", "isNotNull"],
            _ => &["equals", "not", "in", "isNull", "isNotNull"],
        },
        Type::Enum(_) => &["equals", "not", "in", "isNull", "isNotNull"],
        Type::Boolean | Type::Json | Type::Bytes => &["equals", "not", "isNull", "isNotNull"],
        _ => &["equals", "not", "gt", "gte", "lt", "lte", "in", "isNull", "isNotNull"],
    }
}

/// Whether an index or a key begins with the column.
fn is_indexed(model: &model::Model, id: FieldId) -> bool {
    let ordered = |index: &&model::Index| {
        matches!(index.algorithm, None | Some(IndexAlgorithm::BTree | IndexAlgorithm::Hash))
    };
    let keys = model.primary_key.iter().chain(&model.uniques).map(|key| &key.fields);
    let mut indexes = keys.chain(model.indexes.iter().filter(ordered).map(|index| &index.fields));
    indexes.any(|fields| fields.first().is_some_and(|first| first.field == id))
}

fn default_text(default: &DefaultValue) -> String {
    let literal = |literal: &Literal| match literal {
        Literal::String(text) | Literal::Number(text) | Literal::EnumValue(text) => text.clone(),
        Literal::Boolean(value) => value.to_string(),
    };
    match default {
        DefaultValue::Literal(value) => literal(value),
        DefaultValue::List(values) => {
            format!("[{}]", values.iter().map(literal).collect::<Vec<_>>().join(", "))
        }
        DefaultValue::Autoincrement => "autoincrement()".to_owned(),
        DefaultValue::Now => "now()".to_owned(),
        DefaultValue::Cuid(1) => "cuid()".to_owned(),
        DefaultValue::Cuid(version) => format!("cuid({version})"),
        DefaultValue::Uuid(4) => "uuid()".to_owned(),
        DefaultValue::Uuid(version) => format!("uuid({version})"),
        DefaultValue::Ulid => "ulid()".to_owned(),
        DefaultValue::Nanoid(_) => "nanoid()".to_owned(),
        DefaultValue::DbGenerated(_) => "dbgenerated()".to_owned(),
    }
}

/// Describes a relation; `None` if the other end is not shown.
fn relation(
    schema: &model::Schema,
    model: &model::Model,
    field: &model::Field,
    end: model::RelationEnd,
) -> Option<Relation> {
    let relation = schema.relation(end.relation);
    let target = schema.model(end.model);
    if target.is_ignored {
        return None;
    }
    let opposite = match end.side {
        Side::From => relation.to_field,
        Side::To => relation.from_field,
    };
    let names = |model: &model::Model, ids: &[FieldId]| -> Vec<String> {
        ids.iter().map(|id| model.field(*id).name.clone()).collect()
    };
    let (fields, references) = match (&relation.kind, end.side) {
        (RelationKind::OneToOne(key) | RelationKind::OneToMany(key), Side::From) => {
            (names(model, &key.fields), names(target, &key.references))
        }
        (RelationKind::OneToOne(key) | RelationKind::OneToMany(key), Side::To) => {
            (names(model, &key.references), names(target, &key.fields))
        }
        (RelationKind::ManyToMany, _) => (Vec::new(), Vec::new()),
    };
    let is_many_to_many = matches!(relation.kind, RelationKind::ManyToMany);
    Some(Relation {
        model: target.name.clone(),
        many: field.arity == Arity::List,
        opposite: opposite.map(|id| target.field(id)).filter(|it| !it.is_ignored).map(|it| it.name.clone()),
        fields,
        references,
        is_owner: end.side == Side::From && !is_many_to_many,
        is_many_to_many,
    })
}
